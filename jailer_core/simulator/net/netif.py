"""rc.d/netif and rc.d/routing: interfaces as rc.conf says, on the host and in VNET jails.

Recorded in 04 (bridge through rc.conf, console logs of VNET jails) and 06 (routing).
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import replace

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait
from jailer_core.simulator.kernel.state import SimInterface
from jailer_core.simulator.net import ifconfig_show, network
from jailer_core.simulator.net.ifconfig_show import View
from jailer_core.simulator.rc import rcconf
from jailer_core.simulator.rc.service import service

DHCP_WAIT = 30
"""Seconds that rc.d/defaultroute waits for an answer of a DHCP server."""

_SIX_ROUTES = (
    ("host ::1", "lo0"),
    ("net fe80::", "::1"),
    ("net ff02::", "::1"),
    ("net ::ffff:0.0.0.0", "::1"),
    ("net ::0.0.0.0", "::1"),
)


def _stack(machine: Machine, call: Call) -> int:
    return network.stack_of(machine.state, call.jid)


def _settings(machine: Machine, call: Call) -> dict[str, str]:
    return rcconf.variables(machine, rcconf.root_of(machine, call), "netif")


@service("netif")
def netif(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    values = _settings(machine, call)
    if action == "cloneup":
        yield from _clone_up(machine, call, values)
        return 0
    if action in ("stop", "restart"):
        for name in args:
            yield from machine.exec(replace(call, argv=("ifconfig", name, "down")))
    if action in ("start", "restart"):
        yield from _clone_up(machine, call, values, args)
        wanted = args or _configured(machine, call, values)
        return (yield from _start(machine, call, values, tuple(wanted)))
    return 0


def boot_network(machine: Machine, call: Call) -> Running:
    """What /etc/rc does for the network of a VNET jail (`call.jid`), with what it prints."""
    values = _settings(machine, call)
    names = _configured(machine, call, values)
    yield from _start(machine, call, values, names)
    yield from _routes(machine, call, values, booting=True)
    asking = any(("DHCP",) in _commands(values, name) for name in names)
    if asking and network.default_route(machine.state, _stack(machine, call)) is None:
        yield Say(f"Waiting {DHCP_WAIT}s for the default route interface: ")
        yield Wait(DHCP_WAIT)
        yield Say("." * (DHCP_WAIT - 1) + "\n")
    return 0


def _configured(machine: Machine, call: Call, values: dict[str, str]) -> tuple[str, ...]:
    present = [
        interface.name for interface in network.of_stack(machine.state, _stack(machine, call))
    ]
    # not recorded: with ifconfig_IF_ipv6 alone; /etc/network.subr goes by either
    return tuple(
        name
        for name in present
        if name == "lo0" or f"ifconfig_{name}" in values or f"ifconfig_{name}_ipv6" in values
    )


def _clone_up(
    machine: Machine, call: Call, values: dict[str, str], only: tuple[str, ...] = ()
) -> Running:
    made = []
    for name in values.get("cloned_interfaces", "").split():
        if only and name not in only:
            continue
        if network.find(machine.state, _stack(machine, call), name) is None:
            words = shlex.split(values.get(f"create_args_{name}", ""))  # rc.conf(5); not recorded
            argv = ("ifconfig", name, "create", *words)
            status = yield from machine.exec(replace(call, argv=argv))
            made += [name] if status == 0 else []
    if made:
        yield Say(f"Created clone interfaces: {' '.join(made)}.\n")
    return 0


def _start(machine: Machine, call: Call, values: dict[str, str], names: tuple[str, ...]) -> Running:
    started = []
    for name in names:
        if network.find(machine.state, _stack(machine, call), name) is not None:
            yield from _configure(machine, call, values, name)
            started.append(name)
    if started:
        yield Say(f"Starting Network: {' '.join(started)}.\n")
    for name in started:
        interface = network.get(machine.state, _stack(machine, call), name)
        yield Say(ifconfig_show.describe(machine.state, interface, View()))
    return 0


def _configure(machine: Machine, call: Call, values: dict[str, str], name: str) -> Running:
    root = rcconf.root_of(machine, call)
    for line in (rcconf.read_text(machine, f"{root}/etc/start_if.{name}") or "").splitlines():
        if line.startswith("ifconfig "):
            yield from machine.exec(replace(call, argv=tuple(shlex.split(line))))
    for command in _commands(values, name):
        if command[:1] == ("DHCP",):
            _ask_dhcp(machine, network.get(machine.state, _stack(machine, call), name))
        elif command:
            yield from machine.exec(replace(call, argv=("ifconfig", name, *command)))
    described = values.get(f"ifconfig_{name}_descr", "")  # not recorded: rc.conf(5)
    if described:
        argv = ("ifconfig", name, "description", described)
        yield from machine.exec(replace(call, argv=argv))
    return 0


def _commands(values: dict[str, str], name: str) -> list[tuple[str, ...]]:
    """The arguments of ifconfig, or ("DHCP",), in the order in which rc applies them."""
    main = shlex.split(values.get(f"ifconfig_{name}", ""))
    dhcp = [word for word in main if word.upper().endswith("DHCP")]
    plain = tuple(word for word in main if word not in dhcp)
    found: list[tuple[str, ...]] = [plain] if plain else []
    six = shlex.split(values.get(f"ifconfig_{name}_ipv6", ""))
    if six:
        found += [("inet6", "-ifdisabled", "up"), tuple(six)]
    for number in range(100):
        alias = shlex.split(values.get(f"ifconfig_{name}_alias{number}", ""))
        if not alias:
            break
        found.append((*alias, "alias"))
    return [*found, ("up",)] + ([("DHCP",)] if dhcp else [])


def _ask_dhcp(machine: Machine, one: SimInterface) -> None:
    """Ask as dhclient does: a dhcpd on a bridge of the host gives the next free address."""
    state = machine.state
    near = network.lan(state, one)
    server = next((two for two in near if two.jid == 0 and two.kind == "bridge"), None)
    if server is None or not _has_dhcpd(machine):
        return
    own = next((old for old in server.addresses if ":" not in old.address), None)
    if own is None:
        return
    taken = {address.address for two in near for address in two.addresses}
    base = own.address.rpartition(".")[0]
    free = next(f"{base}.{n}" for n in range(2, 255) if f"{base}.{n}" not in taken)
    network.add_address(state, one, free, own.prefix)
    if network.default_route(state, one.jid) is None:
        network.add_route(state, one.jid, "default", own.address)


def _has_dhcpd(machine: Machine) -> bool:
    return any(
        process.jid == 0 and process.command.split()[0].endswith("dhcpd")
        for process in machine.state.processes.values()
    )


# --- routing ---------------------------------------------------------------------------------


@service("routing")
def routing(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    if action not in ("start", "restart"):
        return 0
    return (yield from _routes(machine, call, _settings(machine, call)))


def _routes(
    machine: Machine, call: Call, values: dict[str, str], *, booting: bool = False
) -> Running:
    """Add the routes; what is in the table already is told, and makes the status 1 (06).

    A jail that boots has only those that its loopback interface brought (04).
    """
    state, stack = machine.state, _stack(machine, call)
    known = " fib 0: route already in table"
    yield from _add("host 127.0.0.1: gateway lo0", known)
    gateway = values.get("defaultrouter", "NO")
    if gateway.upper() not in ("NO", ""):
        had = network.default_route(state, stack) is not None
        try:
            if not had:
                network.add_route(state, stack, "default", gateway)
            yield from _add(f"net default: gateway {gateway}", known if had else "")
        except network.NetworkError as error:
            yield Say(f"route: message indicates error: {error}\n", error=True)
    if rcconf.yes(values.get("gateway_enable")):
        yield Say("Additional inet routing options: gateway=YES.\n")
        state.sysctl["net.inet.ip.forwarding"] = "1"
    for what, through in _SIX_ROUTES:
        there = not booting or through == "lo0"
        yield from _add(f"{what}: gateway {through}", known if there else "")
    return 1


def _add(what: str, known: str) -> Iterator[Say]:
    if known:
        yield Say("route: message indicates error: File exists\n", error=True)
    yield Say(f"add {what}{known}\n")
