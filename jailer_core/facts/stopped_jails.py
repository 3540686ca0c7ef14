"""Facts read from the files of a stopped jail: its release, its addresses.

Nothing in it is run, and no link in it is followed: what lies there may lead out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from jailer_core.errors import FileFailed, ParseError
from jailer_core.facts.configs import ConfigReading
from jailer_core.facts.layout import image_version
from jailer_core.facts.probes import side_by_side
from jailer_core.facts.userlands import FILE, version
from jailer_core.host import Host
from jailer_core.model import Address, Dataset
from jailer_core.model.rc_files import OF_NETWORK
from jailer_core.parse.ifconfig import address
from jailer_core.parse.jls import KernelJail
from jailer_core.parse.rcfile import settings

REST = 300.0
"""Seconds until a jail is looked into again."""
_INET = re.compile(r"\binet6?\s+(.*?)(?=\binet6?\b|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class StoppedJail:
    """Into which root directory, and for which interfaces; `release` when nothing else tells it."""

    root: str
    release: bool = False
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoppedJailFacts:
    """What was found: `addresses` and `gateway` None where rc.conf does not plainly say it."""

    release: str = ""
    addresses: tuple[Address, ...] | None = None
    gateway: str | None = None


def looks(
    configured: ConfigReading, kernel: Sequence[KernelJail], datasets: Sequence[Dataset]
) -> list[StoppedJail]:
    """Stopped jails with facts that only their own files hold."""
    mounted = {dataset.mountpoint: dataset for dataset in datasets if dataset.mounted}
    running = {jail.name for jail in kernel}
    names = []
    for config in configured.by_name.values():
        root = config.root
        if config.name in running or root in ("", "/"):
            continue
        told = bool(config.first("osrelease") or image_version(mounted.get(root)))
        cards = config.params.get("vnet.interface", ()) if config.has("vnet") else ()
        if cards or not told:
            names.append(StoppedJail(root, not told, cards))
    return names


class StoppedJails:
    """Looks into stopped jails, and remembers what was there."""

    def __init__(self) -> None:
        self._known: dict[StoppedJail, tuple[float, StoppedJailFacts]] = {}

    async def read(self, host: Host, looks: Iterable[StoppedJail]) -> dict[str, StoppedJailFacts]:
        """What was found, by root directory."""
        stopped_jails = tuple(looks)
        now = host.uptime()
        self._known = {look: self._known[look] for look in stopped_jails if look in self._known}
        due = [
            look
            for look in stopped_jails
            if look not in self._known or now - self._known[look][0] >= REST
        ]
        await side_by_side(partial(self._look, host, look, now) for look in due)
        return {look.root: self._known[look][1] for look in stopped_jails}

    async def _look(self, host: Host, look: StoppedJail, now: float) -> None:
        release = ""
        if look.release:
            release = version(await _text(host, look.root, FILE))
        addresses, gateway = None, None
        if look.interfaces:
            addresses, gateway = network(await _rc(host, look.root), look.interfaces)
        self._known[look] = (now, StoppedJailFacts(release, addresses, gateway))


async def _rc(host: Host, root: str) -> str:
    """What rc of the jail reads about its network, in that order: the last setting counts."""
    places = {f"{root.rstrip('/')}{path}": path.removeprefix("/") for path in OF_NETWORK}
    stamps = await host.stat(list(places))
    return "\n".join(
        [await _text(host, root, name) for path, name in places.items() if path in stamps]
    )


async def _text(host: Host, root: str, name: str) -> str:
    root = root.rstrip("/")
    try:
        return await host.read(f"{root}/{name}", beneath=root, limit=65536)
    except FileFailed:
        return ""


def network(
    text: str, interfaces: tuple[str, ...]
) -> tuple[tuple[Address, ...] | None, str | None]:
    """Addresses and gateway that a jail's rc.conf gives these interfaces (recordings 04, 48).

    None where it says nothing, asks DHCP for them, or needs a shell to be read.
    """
    known = settings(text) or {}
    addresses: list[Address] = []
    for interface in interfaces:
        mine = re.compile(rf"ifconfig_{re.escape(interface)}(_ipv6|_alias\d+|_aliases)?")
        for value in [value for name, value in known.items() if mine.fullmatch(name)]:
            try:
                addresses += [address(words.split(), interface) for words in _INET.findall(value)]
            except ParseError:
                return None, None
    router = known.get("defaultrouter", "NO")
    return tuple(addresses) or None, None if router.upper() == "NO" else router
