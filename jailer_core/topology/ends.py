"""Which jail is at the other end of an epair of the host.

Told by what the jail shows inside, by its configuration, by the jid in iocage's names, or by the
description that its manager gives it (notes/jail-managers.md; the original's is in recording 04),
in this order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jailer_core.model import Interface, Inventory, Jail, JailConfig, JailState
from jailer_core.topology.nodes import Kind, kind_of

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
"""The original's, Bastille's, iocage's, CBSD's and pot's; none but the first is recorded."""
_ADDM = re.compile(r"\bifconfig\s+(\S+)\s+addm\s+(\S+)")
_STARTS = ("exec.prestart", "exec.created", "exec.start", "exec.poststart")


@dataclass(frozen=True, slots=True)
class End:
    """The jail at the other end. `inside` is what it shows there, None when it does not.

    `found` tells how it is known: inside, configuration, name or description.
    """

    jail: Jail
    inside: Interface | None
    found: str


def peer(name: str) -> str:
    """The other end of an epair by its name, "" when the name does not tell."""
    found = _PEER.fullmatch(name)
    if found is None:
        return ""
    return f"{found[1]}{'b' if found[2] == 'a' else 'a'}{found[3] or ''}"


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What tells of the other ends.

    `shown` are epairs by the name that jails show, `loose` by jail those whose name does not lead
    to one of the host; a jail is missing in it while nobody knows what it shows.
    """

    shown: Mapping[str, tuple[Jail, Interface]]
    loose: Mapping[str, tuple[Interface, ...]]
    configured: Mapping[str, Jail]
    by_name: Mapping[str, Jail]
    by_jid: Mapping[int, Jail]


def ends(inventory: Inventory) -> dict[str, End]:
    """The jails by the name of the host's end."""
    known = _evidence(inventory)
    found: dict[str, End] = {}
    for one in inventory.interfaces or ():
        if kind_of(one) is Kind.EPAIR:
            end = _end(one, known)
            if end is not None:
                found[one.name] = end
    return found


def _evidence(inventory: Inventory) -> _Evidence:
    jails = sorted(inventory.jails, key=lambda one: one.state is not JailState.RUNNING)
    shown: dict[str, tuple[Jail, Interface]] = {}
    loose: dict[str, tuple[Interface, ...]] = {}
    hosts = {one.name for one in inventory.interfaces or ()}
    for jail in jails:
        own = _epairs(inventory, jail)
        if own is not None:
            # what a jail made for itself has both its ends inside
            own = tuple(one for one in own if peer(one.name) not in {two.name for two in own})
            shown |= {one.name: (jail, one) for one in own}
            loose[jail.name] = tuple(one for one in own if peer(one.name) not in hosts)
    by_name = {jail.name: jail for jail in reversed(jails)}
    by_jid = {jail.jid: jail for jail in jails if jail.jid is not None}
    return _Evidence(shown, loose, _configured(jails), by_name, by_jid)


def _configured(jails: Sequence[Jail]) -> dict[str, Jail]:
    """Jails by the interfaces that their files name, those that run first."""
    found: dict[str, Jail] = {}
    for jail in jails:
        for name in lent(jail.config):
            found.setdefault(name, jail)
            found.setdefault(peer(name), jail)
        for _, member in joins(jail.config):
            found.setdefault(member, jail)
    return found


def _epairs(inventory: Inventory, jail: Jail) -> tuple[Interface, ...] | None:
    """Epairs that a jail shows inside, None while not known."""
    seen = inventory.connections
    stack = seen.stacks.get(jail.jid) if seen is not None and jail.jid is not None else None
    if stack is None or stack.interfaces is None:
        return None
    return tuple(one for one in stack.interfaces if kind_of(one) is Kind.EPAIR)


def _end(one: Interface, known: _Evidence) -> End | None:
    other = peer(one.name)
    if other in known.shown:
        return End(*known.shown[other], "inside")
    name, nic = described(one.description)
    jail, found = known.configured.get(one.name), "configuration"
    if jail is None:
        jail, found = _by_jid(one.name, known), "name"
    if jail is None:
        jail, found = known.by_name.get(name) or known.by_name.get(_iocage(name)), "description"
    if jail is None:
        return None
    loose = known.loose.get(jail.name)
    if loose is None:
        return End(jail, None, found)
    # an end whose own name tells the other's can only have been renamed inside
    loose = tuple(two for two in loose if not (other and peer(two.name)))
    named = [two for two in loose if two.name == nic]
    if not loose:
        return None  # the jail shows all that it has, and this is not among it
    inside = named[0] if named else loose[0] if len(loose) == 1 else None
    return End(jail, inside, found)


def _by_jid(name: str, known: _Evidence) -> Jail | None:
    found = _OF_JID.fullmatch(name)
    return known.by_jid.get(int(found[1])) if found is not None else None


def _iocage(name: str) -> str:
    return "ioc-" + name.replace(".", "_")


def described(description: str) -> tuple[str, str]:
    """The jail's name in a description, and its interface when that is told; "" for none."""
    for pattern in _DESCRIBED:
        found = pattern.fullmatch(description)
        if found is not None:
            return found["name"], found.groupdict().get("nic") or ""
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
    return tuple((found[1], found[2]) for line in lines for found in _ADDM.finditer(line))
