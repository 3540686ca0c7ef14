"""What only the files inside a stopped jail tell: its release, its addresses.

Nothing in it is run, and no link in it is followed: what lies there may lead out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from jailer_core.errors import FileFailed, ParseError
from jailer_core.host import Host
from jailer_core.inventory.configs import Configured
from jailer_core.inventory.places import image_version
from jailer_core.inventory.probes import LIMIT, side_by_side
from jailer_core.model import Address, Dataset
from jailer_core.parse.ifconfig import address
from jailer_core.parse.jls import KernelJail
from jailer_core.parse.rcfile import settings
from jailer_core.rcplaces import OF_NETWORK

REST = 300.0
"""Seconds until a jail is looked into again."""
_INET = re.compile(r"\binet6?\s+(.*?)(?=\binet6?\b|\Z)", re.DOTALL)
_VERSION = 'USERLAND_VERSION="'


@dataclass(frozen=True, slots=True)
class Look:
    """Into which root directory, and for which interfaces; `release` when nothing else tells it."""

    root: str
    release: bool = False
    interfaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Inside:
    """What was found: `addresses` and `gateway` None where rc.conf does not plainly say it."""

    release: str = ""
    addresses: tuple[Address, ...] | None = None
    gateway: str | None = None


def looks(
    configured: Configured, kernel: Sequence[KernelJail], datasets: Sequence[Dataset]
) -> list[Look]:
    """Stopped jails of which something is told by their own files only."""
    mounted = {one.mountpoint: one for one in datasets if one.mounted}
    running = {one.name for one in kernel}
    found = []
    for one in configured.by_name.values():
        root = one.root
        if one.name in running or root in ("", "/"):
            continue
        told = bool(one.first("osrelease") or image_version(mounted.get(root)))
        cards = one.params.get("vnet.interface", ()) if one.has("vnet") else ()
        if cards or not told:
            found.append(Look(root, not told, cards))
    return found


class Insides:
    """Looks into stopped jails, and remembers what was there."""

    def __init__(self) -> None:
        self._known: dict[Look, tuple[float, Inside]] = {}

    async def read(self, host: Host, looks: Iterable[Look]) -> dict[str, Inside]:
        """What was found, by root directory."""
        wanted = tuple(looks)
        now = host.uptime()
        self._known = {look: self._known[look] for look in wanted if look in self._known}
        due = [
            look for look in wanted if look not in self._known or now - self._known[look][0] >= REST
        ]
        await side_by_side(LIMIT, (partial(self._look, host, look, now) for look in due))
        return {look.root: self._known[look][1] for look in wanted}

    async def _look(self, host: Host, look: Look, now: float) -> None:
        release = ""
        if look.release:
            text = await _text(host, look.root, "bin/freebsd-version")
            release = text.partition(_VERSION)[2].partition('"')[0][:64]
        addresses, gateway = None, None
        if look.interfaces:
            addresses, gateway = network(await _rc(host, look.root), look.interfaces)
        self._known[look] = (now, Inside(release, addresses, gateway))


async def _rc(host: Host, root: str) -> str:
    """What rc of the jail reads about its network, in that order: the last setting counts."""
    places = {f"{root.rstrip('/')}{path}": path.removeprefix("/") for path in OF_NETWORK}
    there = await host.stat(list(places))
    return "\n".join(
        [await _text(host, root, name) for path, name in places.items() if path in there]
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
    found: list[Address] = []
    for interface in interfaces:
        mine = re.compile(rf"ifconfig_{re.escape(interface)}(_ipv6|_alias\d+|_aliases)?")
        for value in [value for name, value in known.items() if mine.fullmatch(name)]:
            try:
                found += [address(words.split(), interface) for words in _INET.findall(value)]
            except ParseError:
                return None, None
    router = known.get("defaultrouter", "NO")
    return tuple(found) or None, None if router.upper() == "NO" else router
