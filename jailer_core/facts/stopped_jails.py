"""Facts read from the files of jails, which a stopped jail has too.

Addresses and gateway of a VNET jail, as set by its own rc.conf at its start.

For lists: asking its network stack takes two processes a jail. Only where the file surely tells
all: rc set up the network, nothing but fixed addresses is set, and no other file has a say.
Everything else is left to ifconfig and netstat.

The releases of jails and images, read from bin/freebsd-version without running it.

A running jail's kernel parameter osrelease is the host's release unless it was set.

Facts read from the files of a stopped jail: its release, its addresses.

Nothing in it is run, and no link in it is followed: what lies there may lead out of it.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from jailer_core.errors import FileFailed, HostError, ParseError
from jailer_core.facts.config_texts import FileCache
from jailer_core.facts.configs import ConfigReading
from jailer_core.facts.layout import image_version
from jailer_core.facts.probes import side_by_side
from jailer_core.host import Host
from jailer_core.model import Address, Dataset, JailConfig
from jailer_core.model.host import OF_NETWORK
from jailer_core.parse.network_tables import address
from jailer_core.parse.process_tables import KernelJail
from jailer_core.parse.rcconf import settings

_START = ("/bin/sh /etc/rc",)
_HOOKS = ("exec.created", "exec.poststart", "command")
_BY_HAND = ("ifconfig", "jexec", "route", "dhclient")
_PREFIXES = (
    *("ifconfig_", "ipv4_addrs_", "ipv6_", "vlans_", "wlans_", "create_args_", "dhclient"),
    *("static_routes", "route_", "defaultroute", "gateway_", "rtsold", "ppp", "netif"),
    *("cloned_interfaces", "network_interfaces", "autobridge", "gif", "wireguard"),
)
"""Beginnings of rc.conf variables that have a say in addresses or routes."""
_LOCAL, _SERVICES = "rc.conf.local", "rc.conf.d"
"""A file and a directory that have the last word over rc.conf (recording 15)."""


@dataclass(frozen=True, slots=True)
class OwnRc:
    """Where a running jail's rc.conf is, and which interfaces it has."""

    root: str
    interfaces: tuple[str, ...]


StaticNetwork = tuple[tuple[Address, ...], str]
"""Addresses and gateway."""


def own_rcs(configured: ConfigReading, kernel: Iterable[KernelJail]) -> dict[int, OwnRc]:
    """Running VNET jails whose network is set up by their own rc alone, by jid."""
    own: dict[int, OwnRc] = {}
    for jail in kernel:
        config = configured.by_name.get(jail.name)
        if not jail.vnet or jail.parent or config is None or config.first("path") != jail.path:
            continue
        cards = config.params.get("vnet.interface", ())
        if cards and jail.path not in ("", "/") and _by_rc(config):
            own[jail.jid] = OwnRc(jail.path, cards)
    return own


def _by_rc(config: JailConfig) -> bool:
    hooks = [text for name in _HOOKS for text in config.params.get(name, ())]
    by_hand = any(word in text for text in hooks for word in _BY_HAND)
    return config.params.get("exec.start") == _START and not by_hand


async def static_network(host: Host, own: OwnRc) -> StaticNetwork | None:
    """The network that its rc.conf sets; None unless that is certainly complete."""
    etc = f"{own.root.rstrip('/')}/etc"
    try:
        names = await host.listdir(etc, beneath=own.root)
        services = await host.listdir(f"{etc}/{_SERVICES}", beneath=own.root)
        if _LOCAL in names or services:
            return None
        text = await host.read(f"{etc}/rc.conf", beneath=own.root, limit=65536)
    except HostError:
        return None
    values = settings(text)
    return None if values is None else read_static(values, own.interfaces)


def read_static(values: Mapping[str, str], interfaces: Iterable[str]) -> StaticNetwork | None:
    """The network of plain rc.conf settings: `ifconfig_CARD`, `…_ipv6`, `defaultrouter`."""
    lines = {
        f"ifconfig_{card}{suffix}": (card, family)
        for card in interfaces
        for suffix, family in (("", "inet"), ("_ipv6", "inet6"))
    }
    names = {name for name in values if name.startswith(_PREFIXES)}
    if not names <= lines.keys() | {"defaultrouter"}:
        return None
    try:
        gateway = str(ipaddress.ip_address(values.get("defaultrouter", "")))
        addresses = [
            _fixed(values[name], card, family)
            for name, (card, family) in lines.items()
            if name in values
        ]
    except (ValueError, ParseError):
        return None
    return tuple(sorted(addresses, key=lambda address: address.family)), gateway


def _fixed(value: str, card: str, family: str) -> Address:
    """`inet 10.0.0.2/24`, `inet 10.0.0.2 netmask 255.255.255.0`. Raises ValueError, ParseError."""
    words = value.split()
    netmask = len(words) == 4 and words[2] in ("netmask", "prefixlen")
    if words[:1] != [family] or not (len(words) == 2 or netmask):
        raise ValueError(value)
    own = address(words[1:], card)
    if own.prefix is None or own.address.startswith("fe80:"):
        raise ValueError(value)
    return own


FILE = "bin/freebsd-version"
_VERSION = re.compile(r'^USERLAND_VERSION="([0-9A-Za-z.-]{1,64})"', re.MULTILINE)
"""Recorded: 17-jails-more, `read /bin/freebsd-version`."""


def version(text: str) -> str:
    """The release that freebsd-version prints for -u, "" when it is not plainly in its text."""
    match = _VERSION.search(text)
    return match[1] if match is not None else ""


class Userlands:
    """Reads userlands, again only after a file changed. Links are not followed."""

    def __init__(self) -> None:
        self._files = FileCache(version, limit=65536)
        self.latest: dict[str, str] = {}
        """What was read last."""

    async def read(self, host: Host, roots: Iterable[str]) -> dict[str, str]:
        """The release by root directory; where it cannot be read there is none.

        While nothing changes, the result is the same object.
        """
        paths = {f"{root.rstrip('/')}/{FILE}": root for root in roots if root not in ("", "/")}
        releases = await self._files.read(host, paths, beneath=paths)
        values = {paths[path]: release for path, release in releases.items() if release}
        if values != self.latest:
            self.latest = values
        return self.latest


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
    """Stopped jails about which only their own files have information."""
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
    """Looks into stopped jails, and remembers what it found."""

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
