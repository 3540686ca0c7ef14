"""Problems of interfaces: without a jail, down, or sharing a hardware address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jailer_core.model import OWN_STACK, Interface, Jail, JailState
from jailer_core.text import command_line, sanitize
from jailer_core.topology import epair_users
from jailer_core.topology.epair_peers import peer
from jailer_core.topology.nodes import Kind, down, kind_of
from jailer_core.topology.observed import Diagnostic, Observed, listed, of_jail


def alone(at: Observed) -> Iterator[Diagnostic]:
    """An epair of the host without a jail that runs: a start on the same number would fail."""
    members = {name for interface in at.cards.values() for name in interface.members}
    for name, interface in at.cards.items():
        if kind_of(interface) is not Kind.EPAIR:
            continue
        end, other = at.ends.get(name), peer(name)
        if other in at.cards and ((name in members and other in members) or name > other):
            continue  # a cable between two bridges; the second end of one that was told already
        both = (name, other) if other in at.cards else (name,)
        if end is not None and end.jail.state is JailState.STOPPED:
            users = epair_users.users(at.inventory, name)
            if users:
                continue  # it waits for its jail
            yield Diagnostic(
                (*both, of_jail(end.jail.name)),
                f"{sanitize(name)} is left over: its jail {sanitize(end.jail.name)} is not running",
                _left(end.jail, name, known=users is not None),
            )
        elif end is None and (other in at.cards or _all_known(at)):
            users = epair_users.users(at.inventory, name)
            running = [jail for jail in at.jails if jail.running and jail.name in (users or ())]
            if users and not running:
                continue
            yield Diagnostic(
                both, f"{sanitize(name)} has no jail at its other end", _alone(name, users, running)
            )


def _left(jail: Jail, name: str, *, known: bool) -> str:
    """What to do about a pair whose jail does not run: destroying needs proof."""
    if not known:
        return _UNKNOWN
    destroy = command_line(("ifconfig", name, "destroy"))
    if jail.config is not None and name.rstrip("ab") in epair_users.created(jail.config):
        return f"It would make a start of {sanitize(jail.name)} fail: {destroy}"
    return f"If nothing else needs it: {destroy}"


def _alone(name: str, users: Sequence[str] | None, running: Sequence[Jail]) -> str:
    if users is None:
        return _UNKNOWN
    if running:
        return f"{sanitize(running[0].name)} should have it, but does not: restart it."
    return f"If nothing needs it: {command_line(('ifconfig', name, 'destroy'))}"


_UNKNOWN = "rc.conf or some configurations could not be read completely: something may need it."


def _all_known(at: Observed) -> bool:
    """Whether every jail with a stack of its own showed what it has."""
    running = [jail for jail in at.inventory.jails if jail.state is not JailState.STOPPED]
    return at.inventory.connections is not None and all(
        at.inside(jail) is not None for jail in running if jail.network in OWN_STACK
    )


def downs(at: Observed) -> Iterator[Diagnostic]:
    """A bridge or member, or the end inside a jail, through which nothing passes."""
    for bridge in at.cards.values():
        if not bridge.is_bridge:
            continue
        if bridge.members and down(bridge):
            yield Diagnostic(
                (bridge.name,),
                f"{sanitize(bridge.name)} is down: its members do not reach each other",
                command_line(("ifconfig", bridge.name, "up")),
            )
        for name in bridge.members:
            interface = at.cards.get(name)
            why = down(interface) if interface is not None else ""
            if interface is not None and why and not (interface.up and _idle(interface)):
                end = at.ends.get(name)
                whom = f": nothing reaches {sanitize(end.jail.name)}" if end is not None else ""
                state = "down" if why == "down" else f"without a link ({why})"
                up = command_line(("ifconfig", name, "up"))
                yield Diagnostic(
                    (name,),
                    f"{sanitize(name)} in {sanitize(bridge.name)} is {state}{whom}",
                    up if why == "down" else "Check its cable.",
                )
    for name, end in at.ends.items():
        if end.inside is not None and not end.inside.up:
            jail = sanitize(end.jail.name)
            yield Diagnostic(
                (name, of_jail(end.jail.name)),
                f"{sanitize(end.inside.name)} is down inside {jail}",
                command_line(("jexec", end.jail.name, "ifconfig", end.inside.name, "up")),
            )


def _idle(interface: Interface) -> bool:
    """A virtual machine's end has no carrier while the machine is off: nothing is wrong then."""
    return bool({"tap", "tun", "vmnet"} & {*interface.groups}) or interface.name.startswith(
        ("tap", "vmnet")
    )


def same_macs(at: Observed) -> Iterator[Diagnostic]:
    """Two interfaces with one hardware address where both are heard.

    FreeBSD makes those of epairs out of 16 bits (docs/jail-managers.md): on a host with some
    hundred of them two are likely to meet. A VLAN has its card's, a lagg its ports', a bridge
    may have its member's.
    """
    ends: dict[tuple[str, str], dict[str, str]] = {}
    for mac, segment, subject, where in (*_macs_of_host(at), *_macs_inside(at)):
        ends.setdefault((mac, segment), {})[where] = subject
    laggs = {interface.mac.lower() for interface in at.cards.values() if "lagg" in interface.groups}
    for (mac, _), owners in ends.items():
        if len(owners) > 1 and mac not in laggs:
            subjects = dict.fromkeys(owners.values())
            more = (name for name, end in at.ends.items() if of_jail(end.jail.name) in subjects)
            yield Diagnostic(
                tuple(dict.fromkeys((*subjects, *more))),
                f"{listed(list(owners))} have the same hardware address, {mac}",
                "Change one of them: `ifconfig IF ether …` where it is created.",
            )


def _macs_of_host(at: Observed) -> Iterator[tuple[str, str, str, str]]:
    """(address, segment, subject, where)."""
    for interface in at.cards.values():
        shares = (
            kind_of(interface) is Kind.VLAN or interface.is_bridge or "lagg" in interface.groups
        )
        if interface.mac.strip("0:") and not shares:
            segment = _segment(at, interface.name)
            yield interface.mac.lower(), segment, interface.name, sanitize(interface.name)


def _macs_inside(at: Observed) -> Iterator[tuple[str, str, str, str]]:
    hosts = {(end.jail.name, end.inside.name): name for name, end in at.ends.items() if end.inside}
    for jail in at.jails:
        for interface in at.inside(jail) or ():
            if (
                interface.mac.strip("0:")
                and kind_of(interface) is not Kind.VLAN
                and not interface.is_bridge
            ):
                segment = _segment(at, hosts.get((jail.name, interface.name), ""))
                where = f"{sanitize(interface.name)} in {sanitize(jail.name)}"
                yield interface.mac.lower(), segment, of_jail(jail.name), where


def _segment(at: Observed, name: str) -> str:
    """What hears what an interface sends: a bridge of jails alone, or everything outside ("")."""
    interface = at.cards.get(name)
    if interface is None or kind_of(interface) is not Kind.EPAIR:
        return ""
    bridge = at.bridge_of.get(name, "")
    return "" if bridge and bridge not in at.closed else bridge or name
