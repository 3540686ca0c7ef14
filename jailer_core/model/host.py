"""The host itself: facts, load, variables of rc.conf, and what its commands cost.

The host itself: facts, where jails live, how it is set up.

The current load of a host: counters and amounts for graphs. None is unknown.

The files of rc's variables, on the host and likewise below the root of a jail.

rc.conf, then rc.conf.local, then for each service rc.conf.d/SERVICE in two places. Of a variable
the last file counts (recording 15).

The cost of commands: a ring buffer of the last ones, and totals.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jailer_core.model.jails import FileStamp
from jailer_core.model.network import Traffic


@dataclass(frozen=True, slots=True)
class HostFacts:
    """The host itself. `user` is the numeric id; `memory_free` None when unknown."""

    hostname: str = ""
    release: str = ""
    arch: str = ""
    cpus: int | None = None
    memory: int | None = None
    memory_free: int | None = None
    load: tuple[float, float, float] | None = None
    boot_time: int | None = None
    racct: bool | None = None
    vimage: bool | None = None
    uid: int | None = None
    jailed: bool = False

    @property
    def root(self) -> bool:
        """Whether changes are possible at all."""
        return self.uid == 0


@dataclass(frozen=True, slots=True)
class Layout:
    """Where jails are kept on this host: rc.conf's `jailer_dir`, or found by its mount point.

    `dataset` is "" before the set-up. `state` is our own directory: in the dataset
    `POOL/jails/.jailer-tui` when that exists, else /var/db/jailer-tui.
    """

    dataset: str = ""
    mountpoint: str = "/usr/local/jails"
    state: str = "/var/db/jailer-tui"

    @property
    def trash(self) -> str:
        """Dataset of destroyed jails."""
        return f"{self.dataset}/.trash" if self.dataset else ""

    @property
    def own(self) -> str:
        """Dataset of journal and kept files."""
        return f"{self.dataset}/.jailer-tui" if self.dataset else ""

    @property
    def images(self) -> str:
        """Dataset that holds the base images."""
        return f"{self.dataset}/image" if self.dataset else ""


@dataclass(frozen=True, slots=True)
class CommandResult:
    """The output of a command that a request needs (plan.Needs.asks)."""

    status: int
    stdout: str
    stderr: str


@dataclass(frozen=True, slots=True)
class SetupFacts:
    """How the host is set up, as only the set-up and its checks need it (Needs.doctor).

    `modules` tells of a few kernel modules whether they are there. `rulesets` are devfs's, by
    number. `routes` are the destinations of the host's IPv4 routes (`default`, `10.0.2.0/24`),
    `way_out` the interface of the default one ("" for none); `way_out6` and `forwarding6` are
    those of IPv6, `learned6` tells whether that route came by a router advertisement, `keeps6`
    whether a host that passes packets on goes on to learn it (None where the kernel cannot).
    `pf` tells whether the packet filter is on, `pf_rules` what is loaded, `pf_error` what is
    wrong with pf.conf ("" nothing). `pkg` and `dhcpd`: whether there are packages at all,
    whether the server runs. `exposed` are running jails whose /dev shows the host's devices.
    `room` is free bytes by directory. `pyzfs` is why no library does ZFS's work here, "" where
    one does (host/optional.py). `stamps` are of those files and directories that exist; the
    files' texts are in `Inventory.kept`.
    """

    modules: Mapping[str, bool] = field(default_factory=dict)
    rulesets: Mapping[int, tuple[str, ...]] | None = None
    routes: tuple[str, ...] | None = None
    way_out: str | None = None
    forwarding: bool | None = None
    forwarding6: bool | None = None
    way_out6: str | None = None
    learned6: bool = False
    keeps6: bool | None = None
    pf: bool | None = None
    pf_rules: tuple[str, ...] | None = None
    pf_error: str = ""
    pkg: bool | None = None
    dhcpd: bool | None = None
    exposed: tuple[str, ...] = ()
    pyzfs: str | None = None
    room: Mapping[str, int] = field(default_factory=dict)
    stamps: Mapping[str, FileStamp] = field(default_factory=dict)


_VIRTUAL = re.compile(
    r"(lo|epair|bridge|tap|tun|vlan|lagg|gif|gre|wg|vxlan|pflog|pfsync|enc|stf)\d"
)


@dataclass(frozen=True, slots=True)
class DiskUse:
    """What a pool reads and writes, in bytes a second."""

    read: int
    written: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """One reading. `busy` and `ticks` count since boot; sizes are bytes.

    `used` is memory in use without what is free, `arc` the part of it that ZFS caches in.
    """

    taken: float
    busy: int | None = None
    ticks: int | None = None
    memory: int | None = None
    used: int | None = None
    arc: int | None = None
    traffic: Mapping[str, Traffic] | None = None
    disks: Mapping[str, DiskUse] | None = None

    @property
    def cards(self) -> Mapping[str, Traffic] | None:
        """Counters of the interfaces that lead out: traffic within the host counts once."""
        if self.traffic is None:
            return None
        return {
            name: counters
            for name, counters in self.traffic.items()
            if not _VIRTUAL.match(name) and "." not in name
        }


def cpu_percent(before: Vitals, after: Vitals) -> float | None:
    """How busy all cores were between two readings, 0 to 100."""
    if before.ticks is None or before.busy is None or after.ticks is None or after.busy is None:
        return None
    passed = after.ticks - before.ticks
    if passed <= 0 or after.busy < before.busy:
        return None
    return min(100.0, 100.0 * (after.busy - before.busy) / passed)


FILES = ("/etc/rc.conf", "/etc/rc.conf.local")
HOMES = ("/etc/rc.conf.d", "/usr/local/etc/rc.conf.d")
_INTERFACES = "cloned_interfaces|ifconfig_|vlans_|create_args_"
_ROUTES = "(ipv6_)?(defaultrouter|gateway_enable|static_routes|route_)"
SERVICES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in (
        *(("network", f"{_INTERFACES}|{_ROUTES}"), ("netif", _INTERFACES), ("routing", _ROUTES)),
        *((name, f"{name}_") for name in ("jail", "pf", "dhcpd", "bastille", "zfs", "cron")),
        *(("ipfw", "firewall_|ipfw_"), ("rtsold", "rtsold_")),
    )
}
"""Variables that are read here, by the service that reads them, in the order in which rc does.

# not recorded: that netif and routing read rc.conf.d/network before their own (rc.d/netif)
"""
NETWORK = ("network", "netif", "routing")
"""The services that set up interfaces and routes."""
PLACES = {f"{home}/{name}": name for name in SERVICES for home in HOMES}
OF_NETWORK = (*FILES, *(path for path, service in PLACES.items() if service in NETWORK))
"""All files that say how interfaces and routes are set up, in the order in which rc reads them."""


KEPT = 1000


@dataclass(slots=True)
class CommandCost:
    """One command, or the commands of a pipe: `status` None when it did not end on its own."""

    when: float
    commands: tuple[tuple[str, ...], ...]
    seconds: float = 0.0
    status: int | None = None
    over: bool = False


@dataclass(slots=True)
class Meter:
    """The last commands, the newest last; `processes` and `seconds` are totals."""

    last: deque[CommandCost] = field(default_factory=lambda: deque(maxlen=KEPT))
    processes: int = 0
    seconds: float = 0.0

    def begin(self, when: float, commands: Sequence[Sequence[str]]) -> CommandCost:
        """A command was started."""
        spent = CommandCost(when, tuple(map(tuple, commands)))
        self.last.append(spent)
        self.processes += len(commands)
        return spent

    def end(self, spent: CommandCost, seconds: float, status: int | None) -> None:
        """It ended after that many seconds."""
        spent.seconds, spent.status, spent.over = seconds, status, True
        self.seconds += spent.seconds
