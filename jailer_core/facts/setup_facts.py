"""Facts about the set-up of the host: read for `Needs.doctor`, never on the refresh path.

Commands: `kldstat -q -m NAME` (01), `devfs rule showsets` and `devfs rule -s N show` (01, 04),
`netstat -rn --libxo=json` (01), `sysctl -n` (06), `pfctl -s info|nat|rules` and `pfctl -nf` (06),
`pkg -N` (01), `service dhcpd onestatus` (12, of cron), `df -k` (01).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from jailer_core.errors import first_line
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.firewall_rules import main_rules
from jailer_core.facts.on_demand import Look, OnDemandFacts
from jailer_core.facts.probes import side_by_side
from jailer_core.host import Host, optional as library
from jailer_core.model import Jail, Layout, SetupFacts
from jailer_core.model.network import BEFORE
from jailer_core.parse import jail_settings, mount_tables, network_tables, pf
from jailer_core.parse.base import Parsed, wrong
from jailer_core.text import sanitize

T = TypeVar("T")

MODULES = ("zfs", "if_bridge", "if_epair", "pf")
FILES = (
    *("/etc/rc.d/jail", "/etc/devfs.rules", "/etc/pf.conf", "/boot/loader.conf"),
    "/usr/local/etc/dhcpd.conf",
)
"""Files of the admin that a set-up may change, and rc.d/jail, which `jailer` patched."""
PLACES = (
    *("/etc/jail.conf.d", "/var/log/jail", "/usr/local/etc", "/usr/local/etc/rc.d/dhcpd"),
    *("/usr/local", "/usr/local/sbin/dhcpd", "/usr/local/disk0.img"),
    BEFORE,
)
ROOM = "/usr/local"
DEVICE = "/dev/mem"
"""A device that no jail should see; every host has it."""


async def examine(
    host: Host, jails: Sequence[Jail], where: Layout, extras: OnDemandFacts
) -> SetupFacts:
    """Check everything; what cannot be determined is None, and a problem in `extras`."""
    look = _Look(host, extras)
    jobs: list[Callable[[], Awaitable[None]]] = [
        *(partial(look.module, name) for name in MODULES),
        *(partial(extras.file, host, path) for path in FILES),
        *(look.rulesets, look.routes, look.forwarding, look.forwarding6, look.filter),
        *(look.packages, look.room, look.library),
        partial(look.devices, jails),
        partial(look.places, where),
    ]
    await side_by_side(jobs)
    return SetupFacts(**look.found)


async def exposed(host: Host, jails: Sequence[Jail]) -> tuple[str, ...]:
    """Jails that run with the host's devices on their /dev.

    jls does not tell (docs/freebsd-facts.md, Reading).
    """
    inside = {
        f"{jail.path.rstrip('/')}{DEVICE}": jail.name
        for jail in jails
        if jail.running and jail.path.rstrip("/")
    }
    stamps = await stamps_of(host, list(inside)) if inside else {}
    return tuple(sorted(inside[path] for path in stamps))


class _Look(Look):
    """One examination; `found` are the fields of SetupFacts."""

    def __init__(self, host: Host, extras: OnDemandFacts) -> None:
        super().__init__(host, extras)
        self.modules: dict[str, bool] = {}
        self.found: dict[str, Any] = {"modules": self.modules}

    async def _entire(self, parse: Callable[[str], Parsed[T]], *argv: str) -> T | None:
        """What a command prints; None too when only a part of it could be read."""
        result = await self.run(*argv)
        parsed = None if result is None else self.parsed(parse, result)
        return None if parsed is None or parsed.unread else parsed.value

    async def _yes(self, *argv: str) -> bool | None:
        """The answer in a command's exit status; with an error message it is unknown, not no."""
        result = await self.run(*argv)
        if result is not None and not result.ok and result.stderr.strip():
            self.problem(argv[0], first_line(result.stderr))
            return None
        return None if result is None else result.ok

    async def module(self, name: str) -> None:
        """Whether the kernel has it, loaded or built in."""
        answer = await self._yes("kldstat", "-q", "-m", name)
        if answer is not None:
            self.modules[name] = answer

    async def rulesets(self) -> None:
        """All of devfs's rule sets."""
        numbers = await self._entire(jail_settings.rulesets, "devfs", "rule", "showsets")
        if numbers is None:
            return
        sets: dict[int, tuple[str, ...]] = {}
        for number in numbers:
            argv = ("devfs", "rule", "-s", str(number), "show")
            shown = await self._entire(jail_settings.ruleset_rules, *argv)
            if shown is None:
                return
            sets[number] = tuple(rule for _, rule in shown)
        self.found["rulesets"] = sets

    async def routes(self) -> None:
        """Where the host's IPv4 packets go."""
        route_list = await self.read(network_tables.routes, "netstat", "-rn", "--libxo=json")
        if route_list is not None:
            four = [route for route in route_list if route.family == 4]
            self.found["routes"] = tuple(route.destination for route in four)
            ways = [route.interface for route in four if route.destination == "default"]
            self.found["way_out"] = ways[0] if ways else ""
            defaults = [route for route in route_list if route.destination == "default"]
            six = [route for route in defaults if route.family == 6]
            self.found["way_out6"] = six[0].interface if six else ""
            # not recorded: a route that was learned does not bear the S of a static one
            self.found["learned6"] = bool(six) and "S" not in six[0].flags

    async def forwarding(self) -> None:
        """Whether the host passes packets on."""
        self.found["forwarding"] = await self.read(
            _switch, "sysctl", "-n", "net.inet.ip.forwarding"
        )

    async def forwarding6(self) -> None:
        """The same for IPv6; a kernel without either is no problem."""
        for name, sysctl in (("forwarding6", "forwarding"), ("keeps6", "rfc6204w3")):
            result = await self.run("sysctl", "-n", f"net.inet6.ip6.{sysctl}")
            if result is not None and result.ok:
                self.found[name] = {"0": False, "1": True}.get(result.stdout.strip())

    async def filter(self) -> None:
        """The packet filter; without its module there is no /dev/pf, and it is off."""
        info = await self.run("pfctl", "-s", "info")
        if info is not None and not info.ok and "No such file" in info.stderr:
            self.found |= {"pf": False, "pf_rules": ()}
            return
        running = None if info is None else self.parsed(pf.running, info)
        self.found["pf"] = None if running is None else running.value
        self.found["pf_rules"], self.found["pf_error"] = await main_rules(self)

    async def packages(self) -> None:
        """Whether pkg was ever used here, and whether dhcpd runs."""
        result = await self.run("pkg", "-N")
        if result is not None:
            self.found["pkg"] = result.ok
        if not await stamps_of(self.host, ["/usr/local/etc/rc.d/dhcpd"]):
            self.found["dhcpd"] = False
            return
        self.found["dhcpd"] = await self._yes("service", "dhcpd", "onestatus")

    async def room(self) -> None:
        """Free bytes where the file of a pool would be."""
        rooms = await self.read(mount_tables.available, "df", "-k", ROOM)
        if rooms:
            self.found["room"] = {ROOM: rooms[0]}

    async def library(self) -> None:
        """Why libzfs_core is not used; not asked on hosts that cannot have it."""
        library_bound = library.libzfs_of(self.host)
        if library_bound is not None:
            self.found["pyzfs"] = sanitize(await library_bound.why_not())

    async def devices(self, jails: Sequence[Jail]) -> None:
        """Jails that run with the host's devices on their /dev."""
        self.found["exposed"] = await exposed(self.host, jails)

    async def places(self, where: Layout) -> None:
        """What exists of the files and directories that matter."""
        paths = [*FILES, *PLACES, where.mountpoint, f"{where.mountpoint}/image"]
        self.found["stamps"] = await stamps_of(self.host, paths)


def _switch(text: str) -> Parsed[bool]:
    """A sysctl that is 0 or 1."""
    value = text.strip()
    return Parsed(value == "1") if value in ("0", "1") else wrong("sysctl", "neither 0 nor 1", text)
