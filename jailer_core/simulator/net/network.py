"""Interfaces, addresses and routes of the host and of VNET jails, as the kernel handles them.

An interface is kept under its name when the host has it, under NAME@JID when a VNET jail has it
(every VNET jail has an lo0). The order of `state.interfaces` is the order of attachment, which is
the order that ifconfig lists (recording 09: an interface made again comes last).
"""

from __future__ import annotations

import re
from ipaddress import IPv4Interface, ip_interface

from jailer_core.simulator.kernel import messages
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimAddress, SimInterface, SimRoute, State

LINK = "link"
"""`scope` of a link-local address."""


class NetworkError(Exception):
    """What the kernel refuses, in the words of ifconfig(8) and route(8)."""


def key(name: str, jid: int) -> str:
    """Where an interface is in `state.interfaces`."""
    return f"{name}@{jid}" if jid else name


def stack_of(state: State, jid: int) -> int:
    """The VNET jail whose network stack a jail uses; 0 for the host's own."""
    while jid:
        jail = state.jails.get(jid)
        if jail is None:
            return 0
        if jail.vnet:
            return jid
        jid = jail.parent
    return 0


def of_stack(state: State, jid: int) -> list[SimInterface]:
    """The interfaces of a network stack, as attached."""
    return [interface for interface in state.interfaces.values() if interface.jid == jid]


def find(state: State, jid: int, name: str) -> SimInterface | None:
    """An interface of a network stack by name."""
    return state.interfaces.get(key(name, jid))


def get(state: State, jid: int, name: str) -> SimInterface:
    """An interface of a network stack by name; NetworkError when there is none."""
    interface = find(state, jid, name)
    if interface is None:
        raise NetworkError(f"interface {name} does not exist")
    return interface


def free_index(state: State) -> int:
    """The lowest free index: that is how the kernel gives them out (recording 04)."""
    taken = {interface.index for interface in state.interfaces.values()}
    return next(number for number in range(1, len(taken) + 2) if number not in taken)


# --- making and destroying -------------------------------------------------------------------


def add(state: State, name: str, kind: str, jid: int = 0, *, up: bool = False) -> SimInterface:
    """Attach a new interface to a stack."""
    mac = "" if kind in ("loop", "tun", "gif", "pflog") else state.mac(name)
    mtu = {"loop": 16384, "gif": 1280, "pflog": 33152}.get(kind, 1500)
    made = SimInterface(name, kind, free_index(state), mac, mtu, up, jid=jid, home=jid)
    state.interfaces[key(name, jid)] = made
    return made


def clone(state: State, jid: int, wanted: str) -> str:
    """Make a cloned interface from `epair`, `epair3`, `bridge`, `lo1`, `em0.5`; returns its name.

    A unit stays taken while its interface is lent to a jail (recording 04, line 42).
    """
    below = re.fullmatch(r"([a-z]+\d+)\.(\d+)", wanted)
    if below is not None and find(state, jid, below[1]) and not find(state, jid, wanted):
        tag(state, add(state, wanted, "vlan", jid), int(below[2]), below[1])
        return wanted
    match = re.fullmatch(r"(epair|bridge|vlan|lo|tap|tun|gif)(\d*)", wanted)
    if match is None:
        raise NetworkError(f"SIOCIFCREATE2 ({wanted}): Invalid argument")  # not recorded
    kind, unit = match.groups()
    ends = ("a", "b") if kind == "epair" else ("",)
    made_here = {interface.name for interface in state.interfaces.values() if interface.home == jid}
    if not unit:
        unit = next(
            str(n) for n in range(len(made_here) + 1) if f"{kind}{n}{ends[0]}" not in made_here
        )
    name = f"{kind}{unit}"
    if any(name + end in made_here for end in ends):
        raise NetworkError(f"interface {name} already exists")
    for end in ends:
        add(state, name + end, "loop" if kind == "lo" else kind, jid)
    if kind == "epair":
        for end in ends:
            messages.kernel(state, f"{name}{end}: link state changed to UP")
    return name + ends[0]


def tag(state: State, interface: SimInterface, number: int, parent: str) -> None:
    """Make a VLAN of an interface: it has the hardware address of the card below (recording 13)."""
    card = get(state, interface.jid, parent)
    if interface.kind != "vlan" or not 0 < number < 4095:
        raise NetworkError("SIOCSETVLAN: Invalid argument")  # not recorded
    interface.vlan, interface.parent, interface.mac = number, parent, card.mac


def peer(state: State, one: SimInterface) -> SimInterface | None:
    """The other end of an epair, wherever it is."""
    if one.kind != "epair":
        return None
    other = one.name[:-1] + ("b" if one.name.endswith("a") else "a")
    return next(
        (two for two in state.interfaces.values() if two.name == other and two.home == one.home),
        None,
    )


def destroy(state: State, one: SimInterface) -> None:
    """Destroy a cloned interface; either end takes the whole epair with it."""
    if one.kind == "ether" or one.name == "lo0":
        raise NetworkError("SIOCIFDESTROY: Invalid argument")  # not recorded
    for interface in (one, peer(state, one)):
        if interface is not None:
            detach(state, interface)


def detach(state: State, interface: SimInterface) -> None:
    """Take an interface out of its stack: addresses, routes and bridge membership go."""
    del state.interfaces[key(interface.name, interface.jid)]
    interface.addresses.clear()
    interface.promiscuous = False
    state.routes[:] = [
        route
        for route in state.routes
        if (route.jid, route.interface) != (interface.jid, interface.name)
    ]
    for other in of_stack(state, interface.jid):
        if interface.name in other.members:
            other.members.remove(interface.name)
    for name in interface.members:
        member = find(state, interface.jid, name)
        if member is not None:
            set_promiscuous(state, member, on=False)
    interface.members.clear()


def move(state: State, interface: SimInterface, jid: int) -> None:
    """Give an interface to another stack."""
    if key(interface.name, jid) in state.interfaces:
        raise NetworkError(f"SIOCSIFVNET ({interface.name}): File exists")  # not recorded
    detach(state, interface)
    interface.jid = jid
    state.interfaces[key(interface.name, jid)] = interface


# --- jails -----------------------------------------------------------------------------------


def vnet_created(machine: Machine, jid: int) -> None:
    """A VNET jail begins with a loopback interface that is down."""
    add(machine.state, "lo0", "loop", jid)


def vnet_ended(machine: Machine, jid: int) -> None:
    """A VNET jail ended: what it was lent goes home (recording 09), what it made goes."""
    state = machine.state
    for interface in of_stack(state, jid):
        if key(interface.name, interface.jid) not in state.interfaces:
            continue
        if interface.home != jid:
            move(state, interface, interface.home)
            continue
        other = peer(state, interface)
        detach(state, interface)
        if other is not None:
            detach(state, other)
    state.routes[:] = [route for route in state.routes if route.jid != jid]


# --- addresses -------------------------------------------------------------------------------


def link_local(one: SimInterface) -> SimAddress:
    """The link-local address: fe80::1 on a loopback, else made from the hardware address."""
    if one.kind == "loop":
        return SimAddress("fe80::1", 64, scope=LINK)
    octets = [int(part, 16) for part in one.mac.split(":")]
    octets[0] ^= 2
    words = [*octets[:3], 0xFF, 0xFE, *octets[3:]]
    tail = ":".join(f"{words[i] << 8 | words[i + 1]:x}" for i in range(0, 8, 2))
    return SimAddress(str(ip_interface(f"fe80::{tail}").ip), 64, scope=LINK)


def add_address(state: State, one: SimInterface, text: str, prefix: int) -> None:
    """Give an interface an address; the same address again only changes its prefix.

    The first address of IPv6 brings the link-local one with it (recording 03).
    """
    made = ip_interface(f"{text}/{prefix}")
    address = str(made.ip)
    broadcast = ""
    if isinstance(made, IPv4Interface) and one.kind != "loop":
        broadcast = str(made.network.broadcast_address)
    addresses = [old for old in one.addresses if old.address == address]
    if addresses:
        addresses[0].prefix, addresses[0].broadcast = prefix, broadcast
        return
    one.addresses.append(SimAddress(compressed(text), prefix, broadcast))
    if made.version == 6 and one.kind in ("ether", "epair", "vlan"):
        enable_ipv6(one)


def compressed(text: str) -> str:
    """An address in its shortest form, as FreeBSD prints it (recording 04: fd00:0:0:1::12)."""
    return str(ip_interface(text).ip)


def enable_ipv6(one: SimInterface) -> None:
    """Clear IFDISABLED: the link-local address appears."""
    if not has_link_local(one):
        one.addresses.append(link_local(one))


def has_link_local(one: SimInterface) -> bool:
    """Whether IPv6 is enabled on an interface."""
    return any(address.scope == LINK for address in one.addresses)


def remove_address(state: State, one: SimInterface, text: str) -> None:
    """Take an address away, with the static routes that only it could reach."""
    wanted = compressed(text)
    for old in one.addresses:
        if old.address == wanted and not old.scope:
            one.addresses.remove(old)
            state.routes[:] = [
                route
                for route in state.routes
                if (route.jid, route.interface) != (one.jid, one.name)
                or reaches(one, route.gateway)
            ]
            return
    raise NetworkError("ioctl (SIOCDIFADDR): Can't assign requested address")  # not recorded


def set_promiscuous(state: State, interface: SimInterface, *, on: bool) -> None:
    """A member of a bridge hears everything, and so does the card below a VLAN (recording 13)."""
    if interface.promiscuous != on:
        messages.kernel(
            state, f"{interface.name}: promiscuous mode {'enabled' if on else 'disabled'}"
        )
    interface.promiscuous = on
    below = state.interfaces.get(interface.parent) if interface.kind == "vlan" else None
    others = [other for other in state.interfaces.values() if interface.name in other.members]
    if below is not None and (on or not others):  # off: not recorded
        set_promiscuous(state, below, on=on)


def bring_up(state: State, interface: SimInterface) -> None:
    """UP; a loopback gets its addresses of IPv6 then."""
    if interface.kind == "loop" and not interface.up:
        messages.kernel(state, f"{interface.name}: link state changed to UP")
    interface.up = True
    if interface.kind == "loop" and not has_link_local(interface):
        interface.addresses.append(SimAddress("::1", 128))
        interface.addresses.append(link_local(interface))


# --- routes ----------------------------------------------------------------------------------


def reaches(one: SimInterface, address: str) -> bool:
    """Whether an address lies in a network that the interface is connected to."""
    target = ip_interface(address).ip
    return any(
        target in ip_interface(f"{own.address}/{own.prefix}").network
        for own in one.addresses
        if not own.scope and (":" in own.address) == (target.version == 6)
    )


def interface_to(state: State, jid: int, address: str) -> SimInterface | None:
    """The interface of a stack that is connected to an address."""
    return next(
        (
            interface
            for interface in of_stack(state, jid)
            if interface.up and reaches(interface, address)
        ),
        None,
    )


def default_route(state: State, jid: int, *, six: bool = False) -> SimRoute | None:
    """The default route of a stack."""
    return next(
        (
            route
            for route in state.routes
            if route.jid == jid and route.destination == "default" and (":" in route.gateway) == six
        ),
        None,
    )


def add_route(state: State, jid: int, destination: str, gateway: str) -> None:
    """Add a static route; NetworkError with route(8)'s word for it."""
    six = ":" in gateway
    if any(
        route.jid == jid and route.destination == destination and (":" in route.gateway) == six
        for route in state.routes
    ):
        raise NetworkError("route already in table")
    through = interface_to(state, jid, gateway)
    if through is None:
        raise NetworkError("Network is unreachable")  # not recorded
    state.routes.append(SimRoute(jid, destination, gateway, through.name))


def lan(state: State, one: SimInterface) -> list[SimInterface]:
    """Every interface that hears what this one sends: its bridge, the members, their other ends."""
    seen: list[SimInterface] = []
    todo = [one]
    while todo:
        here = todo.pop(0)
        if any(here is old for old in seen) or not here.up:
            continue
        seen.append(here)
        other = peer(state, here)
        around = of_stack(state, here.jid)
        todo += [other] if other is not None else []
        todo += [two for two in around if two.name in here.members or here.name in two.members]
    return seen
