"""Problems of interfaces, addresses and gateways.

Problems of interfaces: without a jail, down, or sharing a hardware address.

Problems of addresses and gateways: used twice, or outside the network.

Diagnose the network: pure rules over an inventory, each saying what to do next.

A rule says nothing where what it would need is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from jailer_core.model import OWN_STACK, Interface, Inventory, Jail, JailState, Network
from jailer_core.text import command_line, sanitize
from jailer_core.topology import epairs
from jailer_core.topology.epairs import EpairPeer, peer
from jailer_core.topology.nodes import Kind, down, kind_of
from jailer_core.topology.observed import (
    HOST,
    IP,
    Diagnostic,
    Net,
    Observed,
    listed,
    net,
    number,
    of_jail,
    seen,
)


def alone(at: Observed) -> Iterator[Diagnostic]:
    """An epair without a running jail: a start with the same number would fail."""
    members = {name for interface in at.cards.values() for name in interface.members}
    for name, interface in at.cards.items():
        if kind_of(interface) is not Kind.EPAIR:
            continue
        end, other = at.ends.get(name), peer(name)
        if other in at.cards and ((name in members and other in members) or name > other):
            continue  # a cable between two bridges; the second end of one that was told already
        both = (name, other) if other in at.cards else (name,)
        if end is not None and end.jail.state is JailState.STOPPED:
            users = epairs.users(at.inventory, name)
            if users:
                continue  # it waits for its jail
            yield Diagnostic(
                (*both, of_jail(end.jail.name)),
                f"{sanitize(name)} is left over: its jail {sanitize(end.jail.name)} is not running",
                _left(end.jail, name, known=users is not None),
            )
        elif end is None and (other in at.cards or _all_known(at)):
            users = epairs.users(at.inventory, name)
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
    if jail.config is not None and name.rstrip("ab") in epairs.created(jail.config):
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
    """A bridge, a member or an end inside a jail that is down."""
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


# --- addresses -------------------------------------------------------------------------------


def same_addresses(at: Observed) -> Iterator[Diagnostic]:
    """One address of two jails, or of a jail with its own stack and of the host.

    FreeBSD starts both without an error (docs/freebsd-facts.md, Starting and stopping).
    Loopback addresses are everybody's.
    """
    owners: dict[IP, list[Jail]] = {}
    for jail in at.jails:
        if jail.network in (Network.INHERIT, Network.NONE):
            continue
        for text in dict.fromkeys(address.address for address in jail.addresses or ()):
            address = number(text)
            if address is not None and not address.is_loopback and not address.is_link_local:
                owners.setdefault(address, []).append(jail)
    hosts = _of_host(at)
    for address, jails in owners.items():
        names = [sanitize(jail.name) for jail in jails]
        subjects = tuple(of_jail(jail.name) for jail in jails)
        if len(jails) > 1:
            yield Diagnostic(
                subjects, f"{listed(names)} have the same address, {address}", _so(jails)
            )
        for jail in jails:
            if jail.network in OWN_STACK and address in hosts:
                yield Diagnostic(
                    (of_jail(jail.name), hosts[address]),
                    f"{sanitize(jail.name)} has the address {address} of the host's "
                    f"{sanitize(hosts[address])}",
                    "Give the jail another one: neither can be reached reliably.",
                )


def _so(jails: Sequence[Jail]) -> str:
    running = [jail for jail in jails if jail.running]
    if len(running) < 2:
        return "Give one of them another before both are running."
    if all(jail.network is Network.SHARED for jail in running):
        return "Give one of them another: stopping one removes the address of the other."
    return "Give one of them another: neither can be reached reliably."


def _of_host(at: Observed) -> dict[IP, str]:
    """The host's addresses by interface."""
    owners: dict[IP, str] = {}
    for interface in at.cards.values():
        for own in interface.addresses:
            address = number(own.address)
            if address is not None:
                owners[address] = interface.name
    return owners


# --- default routes -----------------------------------------------------------------------------


def outside(at: Observed) -> Iterator[Diagnostic]:
    """A gateway outside all networks of its jail."""
    for jail in at.jails:
        if jail.network not in OWN_STACK or jail.addresses is None:
            continue
        for gateway in _gateways(at, jail):
            fitting = _nets(jail, gateway.version)
            if fitting and not any(gateway in net for net in fitting):
                yield Diagnostic(
                    (of_jail(jail.name),),
                    f"{sanitize(jail.name)} has the gateway {gateway}, which is not in its "
                    f"network {fitting[0]}",
                    "Set a gateway in that network, or a prefix that includes both.",
                )


def _nets(jail: Jail, version: int) -> list[Net]:
    """The nets of one family that a jail is in."""
    nets = [net(address) for address in jail.addresses or ()]
    return [net for net in nets if net is not None and net.version == version]


def _gateways(at: Observed, jail: Jail) -> list[IP]:
    """The default gateways of a jail: of its routes, else as it is configured."""
    texts = [route.gateway for route in at.routes(jail.jid) if route.destination == "default"]
    ips = [number(text) for text in texts or [jail.gateway or ""]]
    return [ip for ip in ips if ip is not None and not ip.is_link_local]


def unanswered(at: Observed) -> Iterator[Diagnostic]:
    """A gateway that does not exist, on a bridge without an uplink."""
    hosts = _of_host(at)
    for bridge in (at.cards[name] for name in sorted(at.closed)):
        jails = [at.ends[name].jail for name in bridge.members if name in at.ends]
        if len(jails) < len(bridge.members) or any(jail.addresses is None for jail in jails):
            continue  # someone on it may have that address
        ips = {number(address.address) for jail in at.jails for address in jail.addresses or ()}
        for jail in jails:
            for gateway in _gateways(at, jail) if jail.running else ():
                near = any(gateway in net for net in _nets(jail, gateway.version))
                if near and gateway not in hosts and gateway not in ips:
                    yield Diagnostic(
                        (of_jail(jail.name), bridge.name),
                        f"{gateway}, the gateway of {sanitize(jail.name)} on "
                        f"{sanitize(bridge.name)}, does not exist",
                        f"Give {sanitize(bridge.name)} that address.",
                    )


__all__ = ["RULES", "Diagnostic", "exposed", "not_forwarded", "wrong"]


def not_forwarded(at: Observed) -> Iterator[Diagnostic]:
    """NAT without forwarding."""
    connections = at.inventory.connections
    if connections is None or connections.translated is None:
        return
    for family, on, check in (
        (4, connections.forwarding, "forward"),
        (6, connections.forwarding6, "forward6"),
    ):
        if family in connections.translated and on is False:
            yield Diagnostic(
                (HOST,),
                f"NAT of IPv{family} is on, but the host does not forward IPv{family}",
                # forwarding of IPv6 alone could cost the host a route that it learned
                f"Enable it, now and at boot: init fix {check}",
            )


def exposed(at: Observed) -> Iterator[Diagnostic]:
    """Jails that see the host's devices."""
    known = at.inventory.connections or at.inventory.setup
    for name in (known.exposed if known is not None else None) or ():
        yield Diagnostic(
            (of_jail(name),),
            f"{sanitize(name)} sees the host's devices: its /dev shows mem and disks",
            "Give it a devfs ruleset that hides them (init fix), then restart it.",
        )


RULES = (
    *(exposed, same_addresses, not_forwarded, outside),
    *(unanswered, downs, same_macs, alone),
)
"""The most serious first."""


def wrong(
    inventory: Inventory, known: Mapping[str, EpairPeer] | None = None
) -> tuple[Diagnostic, ...]:
    """All problems, the most serious first; `known` are the ends if the caller has them."""
    at = seen(inventory, known)
    if inventory.interfaces is None:
        return tuple(exposed(at))
    return tuple(dict.fromkeys(trouble for rule in RULES for trouble in rule(at)))
