"""Which jail is at the other end of an epair of the host.

Told by what the jail shows inside, by its configuration, or by the description that the original
(`vnet-NAME`) and Bastille (`vnet host interface for Bastille jail NAME`) give it, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Interface, Inventory, Jail, JailConfig, JailState
from jailer_core.topology.nodes import Kind, kind_of

_PEER = re.compile(r"(epair\d+|e\d+)([ab])(_.*)?")
"""`epair3a`, and `e0a_NAME` as FreeBSD's jib(8) and Bastille call them."""
_ADDM = re.compile(r"\bifconfig\s+(\S+)\s+addm\s+(\S+)")
_STARTS = ("exec.prestart", "exec.created", "exec.start", "exec.poststart")


@dataclass(frozen=True, slots=True)
class End:
    """The jail at the other end. `inside` is what it shows there, None when it does not.

    `found` tells how it is known: inside, configuration or description.
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
    """What tells of the other ends: `settled` are jails that show all they have by its name."""

    shown: Mapping[str, tuple[Jail, Interface]]
    renamed: Mapping[str, tuple[Interface, ...]]
    settled: frozenset[str]
    configured: Mapping[str, Jail]
    by_name: Mapping[str, Jail]


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
    configured: dict[str, Jail] = {}
    for jail in jails:
        for name in lent(jail.config):
            configured.setdefault(name, jail)
            configured.setdefault(peer(name), jail)
        for _, member in joins(jail.config):
            configured.setdefault(member, jail)
    shown: dict[str, tuple[Jail, Interface]] = {}
    renamed: dict[str, tuple[Interface, ...]] = {}
    settled: set[str] = set()
    for jail in jails:
        own = _epairs(inventory, jail)
        if own is None:
            continue
        names = {one.name for one in own}
        shown |= {one.name: (jail, one) for one in own if peer(one.name) not in names}
        others = tuple(one for one in own if not peer(one.name))
        if others:
            renamed[jail.name] = others
        else:
            settled.add(jail.name)
    by_name = {jail.name: jail for jail in reversed(jails)}
    return _Evidence(shown, renamed, frozenset(settled), configured, by_name)


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
    jail, found = known.configured.get(one.name), "configuration"
    if jail is None:
        jail, found = known.by_name.get(described(one.description)), "description"
    if jail is None or jail.name in known.settled:
        return None
    # renamed inside: then there is nothing but the jail itself to go by
    inside = known.renamed.get(jail.name, ())
    return End(jail, inside[0] if len(inside) == 1 else None, found)


def described(description: str) -> str:
    """The jail's name in a description, "" for none."""
    word = description.rpartition(" ")[2]
    return word.removeprefix("vnet-").removeprefix("vnet_")


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
