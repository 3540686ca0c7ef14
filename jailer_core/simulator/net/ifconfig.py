"""ifconfig(8): what it shows is in `ifshow`, what it changes in `ifchange`.

Recorded in 01, 03, 04, 07, 08 and 09.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.state import SimInterface, State
from jailer_core.simulator.net import ifconfig_change, ifconfig_show, network
from jailer_core.simulator.net.ifconfig_show import GROUPS, View
from jailer_core.simulator.net.network import NetworkError


@dataclass(slots=True)
class Options:
    """What comes before the interface on the command line."""

    all: bool = False
    names: bool = False
    group: str = ""
    jail: str = ""
    format: str = ""
    rest: list[str] = field(default_factory=list)


def _options(args: tuple[str, ...]) -> Options:
    options = Options(rest=list(args))
    while options.rest and options.rest[0].startswith("-") and options.rest[0] != "-":
        word = options.rest.pop(0)
        if word in ("-g", "-j", "-f") and options.rest:
            setattr(
                options, {"-g": "group", "-j": "jail", "-f": "format"}[word], options.rest.pop(0)
            )
        elif set(word[1:]) <= set("alLuvdm"):
            options.all |= "a" in word
            options.names |= "l" in word
        else:
            raise NetworkError(f"illegal option -- {word[1:2]}")  # not recorded
    return options


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


_ETHER = ("ether", "bridge", "epair", "vlan", "tap")
"""Kinds that `-l ether` lists (recording 13)."""


def _act(machine: Machine, call: Call, options: Options) -> str:
    state = machine.state
    stack = network.stack_of(state, call.jid)
    if options.group:
        return _group(state, stack, options.group)
    if options.names:
        ether = options.rest == ["ether"]
        shown = network.of_stack(state, stack)
        names = [card.name for card in shown if not ether or card.kind in _ETHER]
        return " ".join(names) + "\n"
    if options.all or not options.rest:
        view = _view(machine, call, options.format)
        shown = network.of_stack(state, stack)
        return "".join(ifconfig_show.describe(state, interface, view) for interface in shown)
    return _interface(machine, call, options)


def _interface(machine: Machine, call: Call, options: Options) -> str:
    state = machine.state
    stack = network.stack_of(state, call.jid)
    name, *words = options.rest
    if words[:1] in (["create"], ["plumb"]):
        return _create(machine, call, name, words[1:])
    if words[:1] != ["-vnet"]:
        interface = network.get(state, stack, name)
        if not words or words in (["inet"], ["inet6"], ["ether"]):
            return ifconfig_show.describe(state, interface, _view(machine, call, options.format))
        if words == ["addr"]:
            return _learned(state, interface)
    _permitted(call, "ioctl (SIOCSIFFLAGS)")  # not recorded
    ifconfig_change.apply(machine, stack, name, words)
    return ""


def _permitted(call: Call, what: str) -> None:
    if not call.root:
        raise NetworkError(f"{what}: Operation not permitted")


def _group(state: State, stack: int, group: str) -> str:
    members = [
        interface
        for interface in network.of_stack(state, stack)
        if GROUPS.get(interface.kind) == group
    ]
    return "".join(f"{interface.name}\n" for interface in members)


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
        ifconfig_change.apply(machine, stack, name, words)
    return "" if name == wanted else f"{name}\n"


def _learned(state: State, bridge: SimInterface) -> str:
    """The hardware addresses that a bridge has learnt, by member."""
    lines = []
    for name in bridge.members:
        other = network.peer(state, network.get(state, bridge.jid, name))
        if other is not None and other.up and other.addresses:
            lines.append(f"{other.mac} Vlan0 {name} 1191 flags=0<>\n")
    return "".join(lines)
