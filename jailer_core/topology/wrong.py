"""What is wrong with the network: pure rules over an inventory, each telling what to do next.

A rule says nothing where what it would need is not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from jailer_core.model import Interface, Inventory, Jail, JailState, Network
from jailer_core.model_network import Route
from jailer_core.text import visible
from jailer_core.topology.ends import End, ends, peer
from jailer_core.topology.nodes import Kind, down, kind_of
from jailer_core.topology.numbers import IP, Net, net, number

HOST = "host"
OWN = (Network.EPAIR, Network.VNET)
"""Jails with a network stack of their own."""
_LOCAL = "fe80:"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is wrong; `subjects` are interfaces of the host, `jail:NAME` or HOST."""

    subjects: tuple[str, ...]
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Seen:
    """The inventory with what every rule looks up."""

    inventory: Inventory
    ends: Mapping[str, End]
    cards: Mapping[str, Interface] = field(default_factory=dict)

    @property
    def jails(self) -> tuple[Jail, ...]:
        """Those that are not on their way out."""
        return tuple(one for one in self.inventory.jails if one.state is not JailState.DYING)

    def inside(self, jail: Jail) -> tuple[Interface, ...] | None:
        """The interfaces of a running VNET jail, None while not known."""
        seen = self.inventory.connections
        stack = seen.stacks.get(jail.jid) if seen is not None and jail.jid is not None else None
        return stack.interfaces if stack is not None else None

    def routes(self, jid: int | None) -> tuple[Route, ...]:
        """The routes of a stack, none while not known."""
        seen = self.inventory.connections
        stack = seen.stacks.get(jid) if seen is not None and jid is not None else None
        return (stack.routes if stack is not None else None) or ()


def seen(inventory: Inventory, known: Mapping[str, End] | None = None) -> Seen:
    """The tables, made once."""
    cards = {one.name: one for one in inventory.interfaces or ()}
    return Seen(inventory, ends(inventory) if known is None else known, cards)


def of_jail(name: str) -> str:
    """How `subjects` name a jail."""
    return f"jail:{name}"


# --- interfaces ------------------------------------------------------------------------------


def alone(at: Seen) -> Iterator[Trouble]:
    """An epair of the host without a jail that runs: a start on the same number would fail."""
    members = {name for one in at.cards.values() for name in one.members}
    for name, one in at.cards.items():
        if kind_of(one) is not Kind.EPAIR:
            continue
        end, other = at.ends.get(name), peer(name)
        if other in at.cards and ((name in members and other in members) or name > other):
            continue  # a cable between two bridges; the second end of one that was told already
        both = (name, other) if other in at.cards else (name,)
        if end is not None and end.jail.state is JailState.STOPPED:
            jail = visible(end.jail.name)
            yield Trouble(
                (*both, of_jail(end.jail.name)),
                f"{name} is left over: its jail {jail} does not run",
                f"A start of {jail} would fail on it: ifconfig {name} destroy",
            )
        elif end is None and (other in at.cards or _all_known(at)):
            yield Trouble(
                both,
                f"{name} has no jail at its other end",
                f"If nothing needs it: ifconfig {name} destroy",
            )


def _all_known(at: Seen) -> bool:
    """Whether every jail with a stack of its own showed what it has."""
    running = [one for one in at.inventory.jails if one.state is not JailState.STOPPED]
    return at.inventory.connections is not None and all(
        at.inside(one) is not None for one in running if one.network in OWN
    )


def downs(at: Seen) -> Iterator[Trouble]:
    """A bridge or member, or the end inside a jail, through which nothing passes."""
    for bridge in at.cards.values():
        if not bridge.is_bridge:
            continue
        if bridge.members and down(bridge):
            yield Trouble(
                (bridge.name,),
                f"{bridge.name} is down: its members do not reach each other",
                f"ifconfig {bridge.name} up",
            )
        for name in bridge.members:
            one = at.cards.get(name)
            why = down(one) if one is not None else ""
            if one is not None and why and not (one.up and _idle(one)):
                end = at.ends.get(name)
                whom = f": nothing reaches {visible(end.jail.name)}" if end is not None else ""
                hint = f"ifconfig {name} up" if why == "down" else "Look at its cable."
                yield Trouble((name,), f"{name} in {bridge.name} is {_said(why)}{whom}", hint)
    for name, end in at.ends.items():
        if end.inside is not None and not end.inside.up:
            jail = visible(end.jail.name)
            yield Trouble(
                (name, of_jail(end.jail.name)),
                f"{visible(end.inside.name)} is down inside {jail}",
                f"jexec {jail} ifconfig {visible(end.inside.name)} up",
            )


def _idle(one: Interface) -> bool:
    """A virtual machine's end has no carrier while the machine is off: nothing is wrong then."""
    return bool({"tap", "tun", "vmnet"} & {*one.groups}) or one.name.startswith(("tap", "vmnet"))


def _said(why: str) -> str:
    return "down" if why == "down" else f"without a link ({why})"


def same_macs(at: Seen) -> Iterator[Trouble]:
    """Two interfaces with one hardware address: switches and bridges mix them up.

    A VLAN has its card's, a lagg its ports', a bridge may have its member's.
    """
    found: dict[str, list[tuple[str, str]]] = {}
    for one in at.cards.values():
        shares = kind_of(one) is Kind.VLAN or one.is_bridge or "lagg" in one.groups
        if one.mac.strip("0:") and not shares:
            found.setdefault(one.mac.lower(), []).append((one.name, visible(one.name)))
    for jail in at.jails:
        for one in at.inside(jail) or ():
            if one.mac.strip("0:") and kind_of(one) is not Kind.VLAN and not one.is_bridge:
                where = f"{visible(one.name)} in {visible(jail.name)}"
                found.setdefault(one.mac.lower(), []).append((of_jail(jail.name), where))
    laggs = {one.mac.lower() for one in at.cards.values() if "lagg" in one.groups}
    for mac, owners in found.items():
        if len(owners) > 1 and mac not in laggs:
            subjects = dict.fromkeys(subject for subject, _ in owners)
            yield Trouble(
                (*subjects, *(name for name in at.ends if _end_of(at, name) in subjects)),
                f"{_listed([where for _, where in owners])} have one hardware address, {mac}",
                "Give one of them another: `ifconfig IF ether …` where it is made.",
            )


def _end_of(at: Seen, name: str) -> str:
    return of_jail(at.ends[name].jail.name)


def _listed(words: Sequence[str]) -> str:
    """`a and b`, `a, b and 3 more`."""
    if len(words) > 3:
        return f"{', '.join(words[:2])} and {len(words) - 2} more"
    return ", ".join(words[:-1]) + f" and {words[-1]}"


# --- addresses -------------------------------------------------------------------------------


def same_addresses(at: Seen) -> Iterator[Trouble]:
    """One address of two jails, or of a jail with its own stack and of the host.

    FreeBSD starts both without an error (freebsd.md). Loopback addresses are everybody's.
    """
    found: dict[IP, list[Jail]] = {}
    for jail in at.jails:
        if jail.network in (Network.INHERIT, Network.NONE):
            continue
        for text in dict.fromkeys(one.address for one in jail.addresses or ()):
            address = number(text)
            if address is not None and not address.is_loopback and not address.is_link_local:
                found.setdefault(address, []).append(jail)
    hosts = _of_host(at)
    for address, jails in found.items():
        names = [visible(one.name) for one in jails]
        subjects = tuple(of_jail(one.name) for one in jails)
        if len(jails) > 1:
            yield Trouble(subjects, f"{_listed(names)} have one address, {address}", _so(jails))
        for jail in jails:
            if jail.network in OWN and address in hosts:
                yield Trouble(
                    (of_jail(jail.name), hosts[address]),
                    f"{visible(jail.name)} has the address {address} of the host's "
                    f"{hosts[address]}",
                    "Give the jail another one: neither can be reached for sure.",
                )


def _so(jails: Sequence[Jail]) -> str:
    running = [one for one in jails if one.running]
    if len(running) < 2:
        return "Give one of them another before they run together."
    if all(one.network is Network.SHARED for one in running):
        return "Give one of them another: stopping one takes it away under the other."
    return "Give one of them another: neither can be reached for sure."


def _of_host(at: Seen) -> dict[IP, str]:
    """The host's addresses by interface."""
    found: dict[IP, str] = {}
    for one in at.cards.values():
        for own in one.addresses:
            address = number(own.address)
            if address is not None:
                found[address] = one.name
    return found


# --- the way out -----------------------------------------------------------------------------


def outside(at: Seen) -> Iterator[Trouble]:
    """A gateway that is in no net of whoever is to use it."""
    for jail in at.jails:
        if jail.network not in OWN or jail.addresses is None:
            continue
        for gateway in _gateways(at, jail):
            fitting = _nets(jail, gateway.version)
            if fitting and not any(gateway in one for one in fitting):
                yield Trouble(
                    (of_jail(jail.name),),
                    f"{visible(jail.name)} has the gateway {gateway}, which is not in its net "
                    f"{fitting[0]}",
                    "Set a gateway in that net, or the prefix that holds both.",
                )


def _nets(jail: Jail, version: int) -> list[Net]:
    """The nets of one family that a jail is in."""
    found = [net(one) for one in jail.addresses or ()]
    return [one for one in found if one is not None and one.version == version]


def _gateways(at: Seen, jail: Jail) -> list[IP]:
    """The default gateways of a jail: of its routes, else as it is configured."""
    texts = [one.gateway for one in at.routes(jail.jid) if one.destination == "default"]
    found = [number(one) for one in texts or [jail.gateway or ""]]
    return [one for one in found if one is not None and not one.is_link_local]


def unanswered(at: Seen) -> Iterator[Trouble]:
    """A gateway that nobody has, on a bridge that leads nowhere else."""
    hosts = _of_host(at)
    for bridge in at.cards.values():
        members = [at.cards[name] for name in bridge.members if name in at.cards]
        here = [at.ends[one.name].jail for one in members if one.name in at.ends]
        if not bridge.is_bridge or any(kind_of(one) is not Kind.EPAIR for one in members):
            continue
        known = {number(one.address) for jail in here for one in jail.addresses or ()}
        for jail in here:
            for gateway in _gateways(at, jail) if jail.running else ():
                near = any(gateway in one for one in _nets(jail, gateway.version))
                if near and gateway not in hosts and gateway not in known:
                    yield Trouble(
                        (of_jail(jail.name), bridge.name),
                        f"nobody has {gateway}, the gateway of {visible(jail.name)} on "
                        f"{bridge.name}",
                        f"Give {bridge.name} that address.",
                    )


def not_forwarded(at: Seen) -> Iterator[Trouble]:
    """Addresses are translated, but packets are not passed on."""
    known = at.inventory.connections
    if known is None or known.translated is None:
        return
    for family, on, name in (
        (4, known.forwarding, "net.inet.ip.forwarding"),
        (6, known.forwarding6, "net.inet6.ip6.forwarding"),
    ):
        if family in known.translated and on is False:
            yield Trouble(
                (HOST,),
                f"NAT of IPv{family} is on, but the host does not pass IPv{family} on",
                f"sysctl {name}=1, and gateway_enable in rc.conf"
                if family == 4
                else f"sysctl {name}=1, and ipv6_gateway_enable in rc.conf",
            )


def exposed(at: Seen) -> Iterator[Trouble]:
    """Jails that see the host's devices."""
    known, doctor = at.inventory.connections, at.inventory.doctor
    names = known.exposed if known is not None else doctor.exposed if doctor is not None else ()
    for name in names or ():
        yield Trouble(
            (of_jail(name),),
            f"{visible(name)} sees the host's devices: its /dev shows mem and disks",
            "Give it a devfs ruleset that hides them (the set-up does: init fix), then restart it.",
        )


RULES = (
    *(exposed, same_addresses, not_forwarded, outside),
    *(unanswered, downs, same_macs, alone),
)
"""The gravest first."""


def wrong(inventory: Inventory, known: Mapping[str, End] | None = None) -> tuple[Trouble, ...]:
    """All that is wrong, the gravest first; `known` are the ends when the caller has them."""
    at = seen(inventory, known)
    if inventory.interfaces is None:
        return tuple(exposed(at))
    return tuple(dict.fromkeys(trouble for rule in RULES for trouble in rule(at)))
