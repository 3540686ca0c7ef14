"""Which jail is at the other end of an epair of the host.

Told by what the jail shows inside, by its configuration, or by the description that the original
(`vnet-NAME`) and Bastille (`vnet host interface for Bastille jail NAME`) give it, in this order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
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


def ends(inventory: Inventory) -> dict[str, End]:
    """The jails by the name of the host's end."""
    shown = dict(_shown(inventory))
    jails = sorted(inventory.jails, key=lambda one: one.state is not JailState.RUNNING)
    configured: dict[str, Jail] = {}
    for jail in jails:
        for name in lent(jail.config):
            configured.setdefault(name, jail)
            configured.setdefault(peer(name), jail)
        for _, member in joins(jail.config):
            configured.setdefault(member, jail)
    by_name = {jail.name: jail for jail in reversed(jails)}
    found: dict[str, End] = {}
    for one in inventory.interfaces or ():
        if kind_of(one) is Kind.EPAIR:
            end = _end(one, shown, configured, by_name)
            if end is not None:
                found[one.name] = end
    return found


def _end(
    one: Interface,
    shown: Mapping[str, tuple[Jail, Interface]],
    configured: Mapping[str, Jail],
    by_name: Mapping[str, Jail],
) -> End | None:
    other = peer(one.name)
    if other in shown:
        return End(*shown[other], "inside")
    jail = configured.get(one.name)
    found = "configuration"
    if jail is None:
        jail, found = by_name.get(described(one.description)), "description"
    if jail is None:
        return None
    rest = [inside for owner, inside in shown.values() if owner is jail and not peer(inside.name)]
    # renamed inside: then there is nothing but the jail itself to go by
    return End(jail, rest[0] if len(rest) == 1 else None, found)


def _shown(inventory: Inventory) -> Iterator[tuple[str, tuple[Jail, Interface]]]:
    """Epairs that jails show inside; what a jail made for itself has both its ends there."""
    seen = inventory.connections
    for jail in inventory.jails:
        stack = seen.stacks.get(jail.jid) if seen is not None and jail.jid is not None else None
        own = [
            one
            for one in (stack.interfaces if stack is not None else None) or ()
            if kind_of(one) is Kind.EPAIR
        ]
        names = {one.name for one in own}
        for one in own:
            if peer(one.name) not in names:
                yield one.name, (jail, one)


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
