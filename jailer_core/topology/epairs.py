"""Epairs of the host: who is at the other end, and who needs them.

Find the jail at the other end of an epair of the host.

Told by what the jail shows inside, by its configuration, by the jid in iocage's names, or by the
description that its manager gives it (docs/jail-managers.md; jailer's is in recording 04),
in this order.

Find what needs an epair of the host: rc.conf, or a jail that does not create it itself.

A pair that rc.conf makes at boot (`cloned_interfaces="epair0"`) is there once: a jail that takes
`epair0b` by vnet.interface cannot start without it. So a pair counts as left over only where
nothing names it but the hooks that create it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from jailer_core.model import Interface, Inventory, Jail, JailConfig, JailState
from jailer_core.topology.nodes import Kind, kind_of, stack

_PEER = re.compile(r"(epair\d+|e\d*|s)([ab])(_.*)?")
"""`epair3a`; `e0a_NAME` of jib(8) and Bastille; `ea_NAME` and `sa_NAME` of AppJail."""
_OF_JID = re.compile(r"vnet\d+\.(\d+)")
"""iocage's `vnet0.29`: the jail with that jid."""
_DESCRIBED = (
    re.compile(r"vnet[-_](?P<name>\S+)"),
    re.compile(r".* host interface for Bastille jail (?P<name>\S+)"),
    re.compile(r"associated with jail: (?P<name>\S+) as nic: (?P<nic>\S+)"),
    re.compile(r"(?P<name>\S+)-eth\d+"),
    re.compile(r"(?P<name>\S+)"),
)
"""jailer's, Bastille's, iocage's, CBSD's and pot's; none but the first is recorded."""
_ADDM = re.compile(r"\bifconfig\s+(\S+)\s+addm\s+(\S+)")
_STARTS = ("exec.prestart", "exec.created", "exec.start", "exec.poststart")


@dataclass(frozen=True, slots=True)
class EpairPeer:
    """The jail at the other end. `inside` is what it shows there, None when it does not.

    `found` tells how it is known: inside, configuration, name or description.
    """

    jail: Jail
    inside: Interface | None
    found: str


def peer(name: str) -> str:
    """The other end of an epair, judged by its name, or ""."""
    match = _PEER.fullmatch(name)
    if match is None:
        return ""
    return f"{match[1]}{'b' if match[2] == 'a' else 'a'}{match[3] or ''}"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What tells of the other ends.

    `shown` are epairs by the name that jails show, `loose` by jail those whose name does not lead
    to one of the host; a jail is missing in it while what it shows is unknown.
    """

    shown: Mapping[str, tuple[Jail, Interface]]
    loose: Mapping[str, tuple[Interface, ...]]
    configured: Mapping[str, Jail]
    by_name: Mapping[str, Jail]
    by_jid: Mapping[int, Jail]


def ends(inventory: Inventory) -> dict[str, EpairPeer]:
    """The jail ends by the name of the host's end."""
    known = _evidence(inventory)
    epair_peers: dict[str, EpairPeer] = {}
    for interface in inventory.interfaces or ():
        if kind_of(interface) is Kind.EPAIR:
            end = _end(interface, known)
            if end is not None:
                epair_peers[interface.name] = end
    return epair_peers


def _evidence(inventory: Inventory) -> _Evidence:
    jails = sorted(inventory.jails, key=lambda jail: jail.state is not JailState.RUNNING)
    shown: dict[str, tuple[Jail, Interface]] = {}
    loose: dict[str, tuple[Interface, ...]] = {}
    hosts = {interface.name for interface in inventory.interfaces or ()}
    for jail in jails:
        own = _epairs(inventory, jail)
        if own is not None:
            # what a jail made for itself has both its ends inside
            own = tuple(
                interface
                for interface in own
                if peer(interface.name) not in {two.name for two in own}
            )
            shown |= {interface.name: (jail, interface) for interface in own}
            loose[jail.name] = tuple(
                interface for interface in own if peer(interface.name) not in hosts
            )
    by_name = {jail.name: jail for jail in reversed(jails)}
    by_jid = {jail.jid: jail for jail in jails if jail.jid is not None}
    return _Evidence(shown, loose, _configured(jails), by_name, by_jid)


def _configured(jails: Sequence[Jail]) -> dict[str, Jail]:
    """Jails by the interfaces that their files name, those that run first."""
    by_mac: dict[str, Jail] = {}
    for jail in jails:
        for name in lent(jail.config):
            by_mac.setdefault(name, jail)
            by_mac.setdefault(peer(name), jail)
        for _, member in joins(jail.config):
            by_mac.setdefault(member, jail)
    return by_mac


def _epairs(inventory: Inventory, jail: Jail) -> tuple[Interface, ...] | None:
    """Epairs that a jail shows inside, None while not known."""
    interfaces = stack(inventory, jail.jid).interfaces
    if interfaces is None:
        return None
    return tuple(interface for interface in interfaces if kind_of(interface) is Kind.EPAIR)


def _end(interface: Interface, known: _Evidence) -> EpairPeer | None:
    other = peer(interface.name)
    if other in known.shown:
        return EpairPeer(*known.shown[other], "inside")
    name, nic = described(interface.description)
    jail, evidence = known.configured.get(interface.name), "configuration"
    if jail is None and (match := _OF_JID.fullmatch(interface.name)):
        jail, evidence = known.by_jid.get(int(match[1])), "name"
    if jail is None:
        iocage = "ioc-" + name.replace(".", "_")
        jail, evidence = known.by_name.get(name) or known.by_name.get(iocage), "description"
    if jail is None:
        return None
    loose = known.loose.get(jail.name)
    if loose is None:
        return EpairPeer(jail, None, evidence)
    # an end whose own name tells the other's can only have been renamed inside
    loose = tuple(two for two in loose if not (other and peer(two.name)))
    named = [two for two in loose if two.name == nic]
    if not loose:
        return None  # the jail shows all that it has, and this is not among it
    inside = named[0] if named else loose[0] if len(loose) == 1 else None
    return EpairPeer(jail, inside, evidence)


def described(description: str) -> tuple[str, str]:
    """The jail's name in a description, and its interface if given; "" for none."""
    for pattern in _DESCRIBED:
        match = pattern.fullmatch(description)
        if match is not None:
            return match["name"], match.groupdict().get("nic") or ""
    return "", ""


def lent(config: JailConfig | None) -> tuple[str, ...]:
    """Interfaces that a jail's configuration moves into it."""
    values = config.params.get("vnet.interface", ()) if config is not None else ()
    return tuple(name for value in values for name in value.replace(",", " ").split())


def joins(config: JailConfig | None) -> tuple[tuple[str, str], ...]:
    """(bridge, member) as the commands of a configuration join them (recording 07 line 11)."""
    if config is None:
        return ()
    lines = (line for name in _STARTS for line in config.params.get(name, ()))
    return tuple((match[1], match[2]) for line in lines for match in _ADDM.finditer(line))


RC = "rc.conf"
_CREATE = re.compile(r"(?:^|[\s;&|('\"])(?:/sbin/)?ifconfig\s+(\w+\d)\s+create\b")
_HOOKS = ("exec.prepare", "exec.prestart")


def created(config: JailConfig) -> tuple[str, ...]:
    """Interfaces that the hooks of a configuration create by name."""
    lines = (line for hook in _HOOKS for line in config.params.get(hook, ()))
    return tuple(dict.fromkeys(name for line in lines for name in _CREATE.findall(line)))


def users(inventory: Inventory, name: str) -> tuple[str, ...] | None:
    """Who needs the pair of that end: names of jails, and RC. None: that is not known.

    A jail that creates the pair itself does not need the one that is there.
    """
    pair = name.rstrip("ab")
    if inventory.rc is None or any(not config.params for config in _configs(inventory)):
        return None
    ends = re.compile(rf"(?<![\w.]){re.escape(pair)}[ab]?(?![\w.])")
    names = [
        config.name
        for config in _configs(inventory)
        if pair not in created(config)
        and any(ends.search(value) for values in config.params.values() for value in values)
    ]
    settings = (f"{key.removeprefix('ifconfig_')} {value}" for key, value in inventory.rc.items())
    if any(ends.search(setting) for setting in settings):
        names.append(RC)
    return tuple(dict.fromkeys(names))


def _configs(inventory: Inventory) -> Iterator[JailConfig]:
    yield from inventory.configs
    known = {id(config) for config in inventory.configs}
    for jail in inventory.jails:
        if jail.config is not None and id(jail.config) not in known:
            yield jail.config
