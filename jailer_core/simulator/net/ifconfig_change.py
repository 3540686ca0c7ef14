"""The arguments of ifconfig(8) that change an interface.

Recorded in 03, 04, 07, 08 and 09.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address, ip_network

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimInterface
from jailer_core.simulator.net import network
from jailer_core.simulator.net.network import NetworkError


@dataclass(slots=True)
class Change:
    """One run over the arguments after an interface; an address waits for its mask and its sign."""

    machine: Machine
    stack: int
    name: str
    words: list[str]
    address: str = ""
    prefix: int | None = None
    sign: str = ""
    vlan: int = 0

    @property
    def one(self) -> SimInterface:
        """The interface itself. NetworkError."""
        return network.get(self.machine.state, self.stack, self.name)

    def take(self) -> str:
        """The next word. NetworkError when there is none."""
        if not self.words:
            raise NetworkError("missing argument")  # not recorded
        return self.words.pop(0)


def apply(machine: Machine, stack: int, name: str, words: list[str]) -> None:
    """Apply the arguments after an interface's name, from the left. NetworkError."""
    change = Change(machine, stack, name, list(words))
    while change.words:
        word = change.take()
        action = _WORDS.get(word)
        if action is not None:
            action(change)
        elif not change.address:
            _read_address(change, word)
        else:
            raise NetworkError(f"{word}: bad value")  # not recorded
    if change.address:
        _apply_address(change)


def _read_address(change: Change, word: str) -> None:
    bare, _, prefix = word.partition("/")
    try:
        change.address = str(ip_address(bare))
        change.prefix = int(prefix) if prefix else None
    except ValueError:
        raise NetworkError(f"{word}: bad value") from None  # not recorded


def _apply_address(change: Change) -> None:
    state, interface = change.machine.state, change.one
    if change.sign == "-alias":
        network.remove_address(state, interface, change.address)
        return
    six = ":" in change.address
    prefix = change.prefix if change.prefix is not None else (64 if six else 8)
    if not six and not change.sign:
        old = next((own for own in interface.addresses if ":" not in own.address), None)
        if old is not None and old.address != change.address:
            network.remove_address(state, interface, old.address)
    network.add_address(state, interface, change.address, prefix)
    network.bring_up(state, interface)


def _netmask(change: Change) -> None:
    text = change.take()
    value = int(text, 16) if text.startswith("0x") else int(IPv4Address(text))
    change.prefix = ip_network(f"0.0.0.0/{IPv4Address(value)}").prefixlen


def _prefixlen(change: Change) -> None:
    change.prefix = int(change.take())


def _sign(word: str) -> Callable[[Change], None]:
    def act(change: Change) -> None:
        change.sign = word

    return act


def _nothing(change: Change) -> None:
    """A word that changes nothing that anyone can see here."""


def _skip(change: Change) -> None:
    change.take()


def _up(change: Change) -> None:
    network.bring_up(change.machine.state, change.one)


def _down(change: Change) -> None:
    change.one.up = False


def _describe(change: Change) -> None:
    change.one.description = change.take()


def _no_description(change: Change) -> None:
    change.one.description = ""


def _ether(change: Change) -> None:
    change.one.mac = change.take().lower()


def _mtu(change: Change) -> None:
    change.one.mtu = int(change.take())


def _vlan(change: Change) -> None:
    """`vlan 5 vlandev em0`, in either order (ifconfig(8); not recorded)."""
    change.vlan = int(change.take())
    if change.one.parent:
        network.tag(change.machine.state, change.one, change.vlan, change.one.parent)


def _vlandev(change: Change) -> None:
    interface = change.one
    parent = change.take()
    if not change.vlan and change.words[:1] == ["vlan"]:
        change.words.pop(0)
        change.vlan = int(change.take())
    network.tag(change.machine.state, interface, change.vlan or interface.vlan, parent)


def _enable_ipv6(change: Change) -> None:
    if change.one.kind in ("ether", "epair", "vlan"):
        network.enable_ipv6(change.one)


def _destroy(change: Change) -> None:
    network.destroy(change.machine.state, change.one)


def _addm(change: Change) -> None:
    """Add a member to the head of a bridge's list (recording 04)."""
    state, name = change.machine.state, change.take()
    member = network.find(state, change.stack, name)
    if member is None:
        raise NetworkError(f"BRDGADD {name}: No such file or directory")  # not recorded
    if member.addresses and not _may_have_address(change):
        raise NetworkError(f"BRDGADD {name}: Invalid argument")  # not recorded
    if any(name in other.members for other in network.of_stack(state, change.stack)):
        raise NetworkError(f"BRDGADD {name}: Device busy")  # not recorded
    change.one.members.insert(0, name)
    network.set_promiscuous(state, member, on=True)


def _may_have_address(change: Change) -> bool:
    """Since FreeBSD 15 only with net.link.bridge.member_ifaddrs; not recorded."""
    return change.machine.state.sysctl.get("net.link.bridge.member_ifaddrs", "0") == "1"


def _deletem(change: Change) -> None:
    state, name = change.machine.state, change.take()
    if name not in change.one.members:
        raise NetworkError(f"BRDGDEL {name}: No such file or directory")  # not recorded
    change.one.members.remove(name)
    network.set_promiscuous(state, network.get(state, change.stack, name), on=False)


def _vnet(change: Change) -> None:
    network.move(change.machine.state, change.one, _vnet_jail(change))


def _vnet_back(change: Change) -> None:
    state = change.machine.state
    lent = network.get(state, _vnet_jail(change), change.name)
    network.move(state, lent, change.stack)


def _vnet_jail(change: Change) -> int:
    name = change.take()
    jail = change.machine.jail_named(name)
    if jail is None:
        raise NetworkError(f'jail "{name}" not found')  # not recorded
    return network.stack_of(change.machine.state, jail.jid)


_WORDS: dict[str, Callable[[Change], None]] = {
    "inet": _nothing,
    "inet6": _nothing,
    "netmask": _netmask,
    "prefixlen": _prefixlen,
    "broadcast": _skip,
    "alias": _sign("alias"),
    "add": _sign("alias"),
    "-alias": _sign("-alias"),
    "delete": _sign("-alias"),
    "remove": _sign("-alias"),
    "up": _up,
    "down": _down,
    "descr": _describe,
    "description": _describe,
    "-descr": _no_description,
    "-description": _no_description,
    "ether": _ether,
    "link": _ether,
    "lladdr": _ether,
    "mtu": _mtu,
    "vlan": _vlan,
    "vlandev": _vlandev,
    "-ifdisabled": _enable_ipv6,
    "auto_linklocal": _nothing,
    "destroy": _destroy,
    "unplumb": _destroy,
    "addm": _addm,
    "deletem": _deletem,
    "vnet": _vnet,
    "-vnet": _vnet_back,
}
