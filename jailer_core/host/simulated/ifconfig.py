"""ifconfig(8): reading in `ifshow`, changing here (recordings 01, 03, 04, 07, 08, 09)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address, ip_address, ip_network

from jailer_core.host.simulated import ifshow, network
from jailer_core.host.simulated.ifshow import GROUPS, View
from jailer_core.host.simulated.kernel import Call, Machine, Running, Say, command, fail
from jailer_core.host.simulated.network import NetworkError
from jailer_core.host.simulated.state import SimInterface, State


@dataclass(slots=True)
class Options:
    """What stands before the interface on the command line."""

    all: bool = False
    names: bool = False
    group: str = ""
    jail: str = ""
    format: str = ""
    rest: list[str] = field(default_factory=list)


def _options(args: tuple[str, ...]) -> Options:
    found = Options(rest=list(args))
    while found.rest and found.rest[0].startswith("-") and found.rest[0] != "-":
        word = found.rest.pop(0)
        if word in ("-g", "-j", "-f") and found.rest:
            setattr(found, {"-g": "group", "-j": "jail", "-f": "format"}[word], found.rest.pop(0))
        elif set(word[1:]) <= set("alLuvdm"):
            found.all |= "a" in word
            found.names |= "l" in word
        else:
            raise NetworkError(f"illegal option -- {word[1:2]}")  # not recorded
    return found


@command("ifconfig")
def ifconfig(machine: Machine, call: Call) -> Running:
    try:
        options = _options(call.args)
        if options.jail:
            jail = machine.jail_named(options.jail)
            if jail is None:
                raise NetworkError("jail not found: No such file or directory")  # noqa: TRY301
            if not call.root:
                # not recorded
                raise NetworkError("cannot attach to jail: Operation not permitted")  # noqa: TRY301
            call = replace(call, jid=jail.jid)
        text = _act(machine, call, options)
    except NetworkError as error:
        return (yield from fail("ifconfig", str(error)))
    if text:
        yield Say(text)
    return 0


def _act(machine: Machine, call: Call, options: Options) -> str:
    state = machine.state
    stack = network.stack_of(state, call.jid)
    if options.group:
        return _group(state, stack, options.group)
    if options.names:
        return " ".join(one.name for one in network.of_stack(state, stack)) + "\n"
    if options.all or not options.rest:
        view = _view(machine, call, options.format)
        shown = network.of_stack(state, stack)
        return "".join(ifshow.describe(state, one, view) for one in shown)
    return _interface(machine, call, options)


def _interface(machine: Machine, call: Call, options: Options) -> str:
    state = machine.state
    stack = network.stack_of(state, call.jid)
    name, *words = options.rest
    if words[:1] in (["create"], ["plumb"]):
        return _create(machine, call, name, words[1:])
    if words[:1] != ["-vnet"]:
        one = network.get(state, stack, name)
        if not words or words in (["inet"], ["inet6"], ["ether"]):
            return ifshow.describe(state, one, _view(machine, call, options.format))
        if words == ["addr"]:
            return _learned(state, one)
    _permitted(call, "ioctl (SIOCSIFFLAGS)")  # not recorded
    _change(machine, stack, name, words)
    return ""


def _permitted(call: Call, what: str) -> None:
    if not call.root:
        raise NetworkError(f"{what}: Operation not permitted")


def _group(state: State, stack: int, group: str) -> str:
    members = [one for one in network.of_stack(state, stack) if GROUPS.get(one.kind) == group]
    return "".join(f"{one.name}\n" for one in members)


def _view(machine: Machine, call: Call, text: str) -> View:
    jail = machine.state.jails.get(call.jid)
    known = dict(part.partition(":")[::2] for part in text.split(",") if part)
    looker = None if jail is None or network.stack_of(machine.state, call.jid) == call.jid else jail
    return View(known.get("inet", "hex"), known.get("inet6", "plain"), looker)


def _create(machine: Machine, call: Call, wanted: str, words: list[str]) -> str:
    kind = wanted.rstrip("0123456789")
    _permitted(call, f"SIOCIFCREATE2 ({kind if kind == wanted else wanted})")
    state = machine.state
    stack = network.stack_of(state, call.jid)
    name = network.clone(state, stack, wanted)
    if words:
        _change(machine, stack, name, words)
    return "" if name == wanted else f"{name}\n"


def _learned(state: State, bridge: SimInterface) -> str:
    """The hardware addresses that a bridge has learnt, by member."""
    lines = []
    for name in bridge.members:
        other = network.peer(state, network.get(state, bridge.jid, name))
        if other is not None and other.up and other.addresses:
            lines.append(f"{other.mac} Vlan0 {name} 1191 flags=0<>\n")
    return "".join(lines)


# --- changing --------------------------------------------------------------------------------


@dataclass(slots=True)
class _Change:
    """One run over the words behind an interface; an address waits for its mask and its sign."""

    machine: Machine
    stack: int
    name: str
    words: list[str]
    address: str = ""
    prefix: int | None = None
    sign: str = ""

    @property
    def one(self) -> SimInterface:
        return network.get(self.machine.state, self.stack, self.name)

    def take(self) -> str:
        if not self.words:
            raise NetworkError("missing argument")  # not recorded
        return self.words.pop(0)


def _change(machine: Machine, stack: int, name: str, words: list[str]) -> None:
    change = _Change(machine, stack, name, list(words))
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


def _read_address(change: _Change, word: str) -> None:
    bare, _, prefix = word.partition("/")
    try:
        change.address = str(ip_address(bare))
        change.prefix = int(prefix) if prefix else None
    except ValueError:
        raise NetworkError(f"{word}: bad value") from None  # not recorded


def _apply_address(change: _Change) -> None:
    state, one = change.machine.state, change.one
    if change.sign == "-alias":
        network.remove_address(state, one, change.address)
        return
    six = ":" in change.address
    prefix = change.prefix if change.prefix is not None else (64 if six else 8)
    if not six and not change.sign:
        old = next((own for own in one.addresses if ":" not in own.address), None)
        if old is not None and old.address != change.address:
            network.remove_address(state, one, old.address)
    network.add_address(state, one, change.address, prefix)
    network.bring_up(state, one)


def _netmask(change: _Change) -> None:
    text = change.take()
    value = int(text, 16) if text.startswith("0x") else int(IPv4Address(text))
    change.prefix = ip_network(f"0.0.0.0/{IPv4Address(value)}").prefixlen


def _prefixlen(change: _Change) -> None:
    change.prefix = int(change.take())


def _sign(word: str) -> Callable[[_Change], None]:
    def act(change: _Change) -> None:
        change.sign = word

    return act


def _nothing(change: _Change) -> None:
    """A word that changes nothing that anyone can see here."""


def _skip(change: _Change) -> None:
    change.take()


def _up(change: _Change) -> None:
    network.bring_up(change.machine.state, change.one)


def _down(change: _Change) -> None:
    change.one.up = False


def _describe(change: _Change) -> None:
    change.one.description = change.take()


def _no_description(change: _Change) -> None:
    change.one.description = ""


def _ether(change: _Change) -> None:
    change.one.mac = change.take().lower()


def _mtu(change: _Change) -> None:
    change.one.mtu = int(change.take())


def _enable_ipv6(change: _Change) -> None:
    if change.one.kind in ("ether", "epair"):
        network.enable_ipv6(change.one)


def _destroy(change: _Change) -> None:
    network.destroy(change.machine.state, change.one)


def _addm(change: _Change) -> None:
    """Add a member to the head of a bridge's list (recording 04)."""
    state, name = change.machine.state, change.take()
    member = network.find(state, change.stack, name)
    if member is None:
        raise NetworkError(f"BRDGADD {name}: No such file or directory")  # not recorded
    if any(name in other.members for other in network.of_stack(state, change.stack)):
        raise NetworkError(f"BRDGADD {name}: Device busy")  # not recorded
    change.one.members.insert(0, name)
    network.set_promiscuous(state, member, on=True)


def _deletem(change: _Change) -> None:
    state, name = change.machine.state, change.take()
    if name not in change.one.members:
        raise NetworkError(f"BRDGDEL {name}: No such file or directory")  # not recorded
    change.one.members.remove(name)
    network.set_promiscuous(state, network.get(state, change.stack, name), on=False)


def _vnet(change: _Change) -> None:
    network.move(change.machine.state, change.one, _vnet_jail(change))


def _vnet_back(change: _Change) -> None:
    state = change.machine.state
    lent = network.get(state, _vnet_jail(change), change.name)
    network.move(state, lent, change.stack)


def _vnet_jail(change: _Change) -> int:
    name = change.take()
    jail = change.machine.jail_named(name)
    if jail is None:
        raise NetworkError(f'jail "{name}" not found')  # not recorded
    return network.stack_of(change.machine.state, jail.jid)


_WORDS: dict[str, Callable[[_Change], None]] = {
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
    "-ifdisabled": _enable_ipv6,
    "auto_linklocal": _nothing,
    "destroy": _destroy,
    "unplumb": _destroy,
    "addm": _addm,
    "deletem": _deletem,
    "vnet": _vnet,
    "-vnet": _vnet_back,
}
