"""netstat(1): routes and traffic (recordings 01, 04, 08)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import ip_address, ip_network

from jailer_core.simulator.demo import activity
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.state import SimInterface, State
from jailer_core.simulator.net import ifconfig_show, network

_PRETTY = {"U": "up", "G": "gateway", "R": "reject", "H": "host", "S": "static"}
_REJECTED = ("::/96", "::ffff:0.0.0.0/96", "fe80::%lo0/10", "ff02::/16")
"""What rc.d/routing adds for IPv6 in every stack that has a loopback address."""


@dataclass(frozen=True, slots=True)
class Route:
    """One line of the routing table."""

    destination: str
    gateway: str
    flags: str
    interface: str


@lru_cache(maxsize=1024)
def _order(destination: str) -> tuple[int, int, int]:
    """Default first, then by number."""
    if destination == "default":
        return (0, 0, 0)
    bare, _, bits = destination.partition("/")
    address = ip_address(bare.partition("%")[0])
    return (1, int(address), int(bits or address.max_prefixlen))


@lru_cache(maxsize=1024)
def _network(address: str, prefix: int) -> str:
    return str(ip_network(f"{address}/{prefix}", strict=False).network_address)


def table(state: State, jid: int, *, six: bool) -> list[Route]:
    """The routes of one family in a stack: static ones, connected networks, own addresses."""
    routes = [
        Route(one.destination, one.gateway, "UGS", one.interface)
        for one in state.routes
        if one.jid == jid and (":" in one.gateway) == six
    ]
    here = network.of_stack(state, jid)
    loop = next((interface for interface in here if interface.kind == "loop"), None)
    for interface in here:
        if interface.up:
            routes += _of_interface(interface, loop, six=six)
    if six and loop is not None and loop.addresses:
        routes += [Route(name, f"link#{loop.index}", "URS", loop.name) for name in _REJECTED]
    return sorted(routes, key=lambda route: _order(route.destination))


def _of_interface(one: SimInterface, loop: SimInterface | None, *, six: bool) -> list[Route]:
    found = []
    for own in one.addresses:
        if (":" in own.address) != six:
            continue
        zone = f"%{one.name}" if own.scope else ""
        net = _network(own.address, own.prefix)
        link = f"link#{one.index}"
        if one.kind == "loop":
            if zone:
                found.append(Route(f"{net}{zone}/{own.prefix}", link, "U", one.name))
            found.append(Route(f"{own.address}{zone}", link, "UHS" if six else "UH", one.name))
            continue
        found.append(Route(f"{net}{zone}/{own.prefix}", link, "U", one.name))
        if loop is not None:
            at = f"%{loop.name}" if own.scope else ""
            found.append(Route(f"{own.address}{at}", f"link#{loop.index}", "UHS", loop.name))
    return found


@command("netstat")
def netstat(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    if "-j" in words:
        place = words.index("-j")
        name = "".join(words[place + 1 : place + 2])
        jail = machine.jail_named(name)
        if jail is None:
            # not recorded
            return (yield from fail("netstat", f"jail not found: {name}"))
        call = replace(call, jid=jail.jid)
        del words[place : place + 2]
    letters = {letter for word in words if not word.startswith("--") for letter in word[1:]}
    family = words[words.index("-f") + 1] if "-f" in words else ""
    stack = network.stack_of(machine.state, call.jid)
    as_json = "--libxo=json" in words
    if "r" in letters and "I" not in letters:
        yield Say(_routes(machine.state, stack, family, as_json=as_json))
    elif "i" in letters:
        yield Say(_traffic(machine, stack, as_json=as_json))
    else:
        return (yield from fail("netstat", "this form is not simulated"))
    return 0


def _routes(state: State, stack: int, family: str, *, as_json: bool) -> str:
    families = [("Internet", False)] if family != "inet6" else []
    families += [("Internet6", True)] if family != "inet" else []
    tables = [(title, table(state, stack, six=six)) for title, six in families]
    if as_json:
        shown = ", ".join(
            f'{{"address-family":"{title}", "rt-entry": [{_entries(routes)}]}}'
            for title, routes in tables
        )
        return (
            '{"statistics": {"route-information": {"route-table": {"rt-family": ['
            f"{shown}]}}}}}}}}\n"
        )
    text = "Routing tables\n"  # not recorded
    for title, routes in tables:
        text += f"\n{title}:\nDestination        Gateway            Flags     Netif Expire\n"
        for route in routes:
            text += (
                f"{route.destination:<18} {route.gateway:<18} {route.flags:<9} {route.interface}\n"
            )
    return text


def _entries(routes: Sequence[Route]) -> str:
    return ", ".join(
        f'{{"destination":{json.dumps(route.destination)},"gateway":{json.dumps(route.gateway)},'
        f'"flags":"{route.flags}", "flags_pretty": [{_pretty(route.flags)}],'
        f'"weight":1,"nhop-kidx":{number},"interface-name":{json.dumps(route.interface)}}}'
        for number, route in enumerate(routes, 1)
    )


def _pretty(flags: str) -> str:
    return ",".join(f'"{_PRETTY[letter]}"' for letter in flags)


def _traffic(machine: Machine, stack: int, *, as_json: bool) -> str:
    here = network.of_stack(machine.state, stack)
    if as_json:
        entries = ", ".join(entry for interface in here for entry in _counters(machine, interface))
        return f'{{"statistics": {{"interface": [{entries}]}}}}\n'
    lines = ["Name    Mtu Network       Address              Ipkts     Ibytes    Opkts     Obytes"]
    for interface in here:  # not recorded
        got, sent = activity.traffic(machine, interface)
        lines.append(
            f"{interface.name:<7s} {interface.mtu} <Link#{interface.index}> "
            f"{interface.mac or interface.name:<18} "
            f"{got // 900:>9} {got:>9} {sent // 400:>9} {sent:>9}"
        )
    return "\n".join(lines) + "\n"


def _counters(machine: Machine, one: SimInterface) -> list[str]:
    """The link itself, then each address in the order in which it got them."""
    got, sent = activity.traffic(machine, one)
    head = f'{{"name":{json.dumps(one.name)},"flags":"0x{ifconfig_show.flags(one) & 0xFFFF:x}",'
    packets, out = got // 900, sent // 400
    link = (
        f'{head}"mtu":{one.mtu},"network":"<Link#{one.index}>","address":"{one.mac or one.name}",'
        f'"received-packets":{packets},"received-errors":0,"dropped-packets":0,'
        f'"received-bytes":{got},"sent-packets":{out},"send-errors":0,"sent-bytes":{sent},'
        '"collisions":0}'
    )
    entries = [link]
    for own in one.addresses:
        zone = f"%{one.name}" if own.scope else ""
        net = _network(own.address, own.prefix)
        entries.append(
            f'{head}"network":"{net}{zone}/{own.prefix}","address":"{own.address}{zone}",'
            '"received-packets":0,"received-bytes":0,"sent-packets":0,"sent-bytes":0}'
        )
    return entries
