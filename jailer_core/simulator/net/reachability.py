"""route(8), arp(8), ping(8): what a stack can reach (recordings 01 and 04)."""

from __future__ import annotations

import json
from dataclasses import replace
from ipaddress import ip_address, ip_network

from jailer_core.simulator.jails import parameters
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait, command, fail
from jailer_core.simulator.kernel.state import SimInterface, State
from jailer_core.simulator.net import network
from jailer_core.simulator.net.network import NetworkError
from jailer_core.simulator.rc import rcconf

ANYWHERE = {False: str(ip_address(0)), True: "::"}
"""How route(8) shows the default destination, of IPv4 and of IPv6."""


@command("route")
def route(machine: Machine, call: Call) -> Running:
    words = [word for word in call.args if word not in ("-n", "-q", "-inet", "-4")]
    if words[:1] == ["-j"]:
        jail = machine.jail_named("".join(words[1:2]))
        if jail is None:
            # not recorded
            return (yield from fail("route", f"jail not found: {''.join(words[1:2])}"))
        call, words = replace(call, jid=jail.jid), words[2:]
    six = "-inet6" in words or "-6" in words
    words = [word for word in words if not word.startswith("-")]
    stack = network.stack_of(machine.state, call.jid)
    if words[:1] == ["get"]:
        return (yield from _get(machine.state, stack, "".join(words[1:2]), six=six))
    if words[:1] in (["add"], ["delete"], ["del"]) and len(words) > 1:
        return (yield from _change(machine, call, stack, words))
    return (yield from fail("route", "usage: route [-j jail] [-46dnqtv] command [args]"))


def _get(state: State, stack: int, target: str, *, six: bool) -> Running:
    default = network.default_route(state, stack, six=six)
    near = None
    if target != "default":
        near = network.interface_to(state, stack, target)
    if default is None and near is None:
        return (yield from fail("route", "route has not been found"))  # not recorded
    through = near.name if near is not None else default.interface if default else ""
    interface = network.find(state, stack, through)
    whole = ANYWHERE[six] if target == "default" else target
    lines = [f"   route to: {whole}", f"destination: {whole}"]
    if near is None and default is not None:
        lines = [f"   route to: {whole}", f"destination: {ANYWHERE[six]}"]
        lines += [f"       mask: {ANYWHERE[six]}", f"    gateway: {default.gateway}"]
    flags = "UP,GATEWAY,DONE,STATIC" if near is None else "UP,HOST,DONE"
    lines += ["        fib: 0", f"  interface: {through}", f"      flags: <{flags}>"]
    head = " recvpipe  sendpipe  ssthresh  rtt,msec    mtu        weight    expire"
    mtu = interface.mtu if interface is not None else 1500
    yield Say("\n".join([*lines, head, f"{0:8d}{0:10d}{0:10d}{0:10d}{mtu:10d}{1:10d}{0:10d} \n"]))
    return 0


def _change(machine: Machine, call: Call, stack: int, words: list[str]) -> Running:
    if not call.root:
        # not recorded
        return (yield from fail("route", "must be root to alter routing table"))
    state = machine.state
    action, destination, gateway = words[0], words[1], "".join(words[2:3])
    kind = "net" if destination == "default" or "/" in destination else "host"
    if action != "add":
        held = [
            route
            for route in state.routes
            if (route.jid, route.destination) == (stack, destination)
        ]
        if not held:
            yield Say("route: message indicates error: No such process\n", error=True)
            return 1
        state.routes.remove(held[0])
        yield Say(f"delete {kind} {destination}\n")  # not recorded
        return 0
    try:
        network.add_route(state, stack, destination, gateway)
    except NetworkError as error:
        reason = "File exists" if "already" in str(error) else str(error)
        yield Say(f"route: message indicates error: {reason}\n", error=True)
        yield Say(f"add {kind} {destination}: gateway {gateway} fib 0: {error}\n")
        return 1
    yield Say(f"add {kind} {destination}: gateway {gateway}\n")
    return 0


# --- neighbours ------------------------------------------------------------------------------


def slirp(address: str) -> str:
    """The hardware address that the network outside has for one of its own addresses."""
    return "52:55:" + ":".join(f"{octet:02x}" for octet in ip_address(address).packed)


def neighbours(machine: Machine, one: SimInterface) -> list[tuple[str, str]]:
    """Addresses of IPv4 and of hardware that an interface's stack has heard of."""
    if one.kind == "ether":
        return [(text, slirp(text)) for text in _outside(machine) if network.reaches(one, text)]
    found = []
    for near in network.lan(machine.state, one):
        if near.jid != one.jid:
            found += [
                (own.address, near.mac)
                for own in near.addresses
                if ":" not in own.address and network.reaches(one, own.address)
            ]
    return found


def _outside(machine: Machine) -> list[str]:
    gateways = [route.gateway for route in machine.state.routes if ":" not in route.gateway]
    text = rcconf.read_text(machine, "/etc/resolv.conf") or ""
    servers = [line.split()[1] for line in text.splitlines() if line.startswith("nameserver ")]
    return list(dict.fromkeys(gateways[:1] + [server for server in servers if ":" not in server]))


@command("arp")
def arp(machine: Machine, call: Call) -> Running:
    stack = network.stack_of(machine.state, call.jid)
    entries = []
    for interface in network.of_stack(machine.state, stack):
        if interface.kind == "loop":
            continue
        own = [old.address for old in interface.addresses if ":" not in old.address]
        kind = "bridge" if interface.kind == "bridge" else "ethernet"
        mine = [_entry(address, interface.mac, interface.name, kind) for address in own]
        near = [
            _entry(address, mac, interface.name, kind, 1200)
            for address, mac in neighbours(machine, interface)
        ]
        entries += near + mine if kind == "bridge" else mine + near
    if "--libxo=json" in call.args:
        shown = ", ".join(json.dumps(one, separators=(",", ":")) for one in entries)
        yield Say(f'{{"__version": "1", "arp": {{"arp-cache": [{shown}]}}}}\n')
        return 0
    for entry in entries:  # not recorded
        yield Say(f"? ({entry['ip-address']}) at {entry['mac-address']} on {entry['interface']}\n")
    return 0


def _entry(
    address: str, mac: str, interface: str, kind: str, expires: int = 0
) -> dict[str, str | int | bool]:
    entry: dict[str, str | int | bool] = {
        "hostname": "?",
        "ip-address": address,
        "mac-address": mac,
        "interface": interface,
    }
    entry |= {"expires": expires} if expires else {"permanent": True}
    return entry | {"type": kind}


def reachable(machine: Machine, stack: int, address: str) -> bool:
    """Whether an address answers: an own one, one on the same wire, or one outside."""
    state = machine.state
    here = network.of_stack(state, stack)
    if any(own.address == address for interface in here for own in interface.addresses):
        return True
    near = network.interface_to(state, stack, address)
    if near is not None and near.kind != "ether":
        return any(address == heard for heard, _mac in neighbours(machine, near))
    if near is not None:
        return True
    default = network.default_route(state, stack)
    if default is None:
        return False
    return stack == 0 or ip_address(address).is_private


def _may_ping(machine: Machine, call: Call) -> bool:
    """A jail with its own network may without allow.raw_sockets (recording 04)."""
    jail = machine.state.jails.get(call.jid)
    if jail is None or network.stack_of(machine.state, call.jid) == call.jid:
        return True
    return parameters.true(jail.params.get("allow.raw_sockets", ["false"]))


@command("ping", "ping6")
def ping(machine: Machine, call: Call) -> Running:
    words, count, target = list(call.args), 4, ""
    while words:
        word = words.pop(0)
        if word in ("-c", "-t", "-i", "-W", "-s", "-S") and words:
            value = words.pop(0)
            count = int(value) if word == "-c" and value.isdigit() else count
        elif not word.startswith("-"):
            target = word
    if not _may_ping(machine, call):
        # not recorded
        return (yield from fail("ping", "ssend socket: Operation not permitted", 71))
    try:
        ip_network(target)
    except ValueError:
        # not recorded
        return (yield from fail("ping", f"cannot resolve {target}: Unknown server error", 68))
    answered = reachable(machine, network.stack_of(machine.state, call.jid), target)
    yield Say(f"PING {target} ({target}): 56 data bytes\n")
    for number in range(count):
        yield Wait(1.0 if number or not answered else 0.0)
        if answered:
            yield Say(f"64 bytes from {target}: icmp_seq={number} ttl=64 time=4.573 ms\n")
    lost = "0.0%" if answered else "100.0%"
    received = count if answered else 0
    yield Say(
        f"\n--- {target} ping statistics ---\n"
        f"{count} packets transmitted, {received} packets received, {lost} packet loss\n"
    )
    if answered:
        yield Say("round-trip min/avg/max/stddev = 4.573/4.573/4.573/0.000 ms\n")
    return 0 if answered else 2
