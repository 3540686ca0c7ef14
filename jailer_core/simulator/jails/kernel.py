"""Jails in the simulated kernel: jail_set(2), jail_remove(2), signals.

A jail whose name is in `state.counters` as `linger NAME` stays dying for that many seconds after
it was removed, as when a TCP connection holds it; scenarios and tests set that.
"""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.simulator.jails import parameters
from jailer_core.simulator.jails.jailconf import plain
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine
from jailer_core.simulator.kernel.state import SimJail, SimProcess
from jailer_core.simulator.net import network

Given = Sequence[tuple[str, list[str]]]
"""Parameters as jail_set(2) gets them: name (perhaps negated) and values."""

LINGER = "linger "
FIRST_CPUSET = 3
FIRST_PID = 100


class JailRefused(Exception):  # noqa: N818 - the kernel's word for it
    """A refused jail_set(2) or jail_remove(2), in the kernel's words."""


def create(machine: Machine, given: Given, *, inside: int = 0, user: str = "root") -> SimJail:
    """Make a jail below the jail `inside`. JailRefused."""
    if user != "root":
        raise JailRefused("jail_set: Operation not permitted")
    state = machine.state
    values = {plain(name): value for name, value in given}
    if not parameters.true(values.get("persist")):
        raise JailRefused("new jail must persist or attach")  # not recorded
    name, parent = _place(machine, "".join(values.get("name", [])), inside)
    number = "".join(values.get("jid", [])) or name.rpartition(".")[2]
    jid = int(number) if number.isdigit() and int(number) else 0
    if jid in state.jails or not jid:
        jid = _free_jid(machine)
    name = name if not name.endswith(".") and name else f"{name}{jid}"
    jail = SimJail(
        jid,
        name,
        _path(machine, "".join(values.get("path", ["/"])), inside),
        parent=parent.jid if parent is not None else 0,
        cpuset=_free_cpuset(machine),
        vnet="vnet" in values and (values["vnet"] or ["new"])[-1] == "new",
        created=state.now,
    )
    _store(jail, given)
    state.jails[jid] = jail
    if jail.vnet:
        network.vnet_created(machine, jid)
    machine.notify("created", jid)
    return jail


def _place(machine: Machine, name: str, inside: int) -> tuple[str, SimJail | None]:
    """The whole name and the parent of a new jail."""
    outer = machine.state.jails.get(inside)
    if outer is not None:
        name = f"{outer.name}.{name}"
    above, dot, _ = name.rpartition(".")
    if not dot:
        return name, None
    parent = machine.jail_named(above)
    if parent is None:
        raise JailRefused(f'jail "{above}" not found')
    limit = int((parent.params.get("children.max") or ["0"])[-1])
    if len(parameters.children(machine.state, parent)) >= limit:
        raise JailRefused("jail_set: Operation not permitted")  # not recorded
    return name, parent


def _path(machine: Machine, path: str, inside: int) -> str:
    outer = machine.state.jails.get(inside)
    whole = f"{outer.path.rstrip('/')}{path}" if outer is not None else path
    whole = whole if whole == "/" else whole.rstrip("/")
    try:
        return machine.files.resolve(whole)
    except SimOSError:
        return whole


def _free_jid(machine: Machine) -> int:
    while True:
        jid = machine.state.next("jid")
        if jid not in machine.state.jails:
            return jid


def _free_cpuset(machine: Machine) -> int:
    """The lowest free number; a jail with processes has a second one (recording 08)."""
    taken: set[int] = set()
    busy = {process.jid for process in machine.state.processes.values()}
    for jail in machine.state.jails.values():
        taken |= {jail.cpuset, jail.cpuset + (jail.jid in busy)}
    number = FIRST_CPUSET
    while number in taken:
        number += 1
    return number


def _store(jail: SimJail, given: Given) -> None:
    for name, values in given:
        key = plain(name)
        if key in ("name", "jid", "path", "vnet"):
            continue
        kept = list(values)
        if key in parameters.BOOLEANS:
            kept = ["true" if name == key and parameters.true(values) else "false"]
        jail.params[key] = kept


def modify(machine: Machine, jail: SimJail, given: Given, *, user: str = "root") -> None:
    """Change a running jail. JailRefused."""
    if user != "root":
        raise JailRefused("jail_set: Operation not permitted")
    _store(jail, given)
    machine.notify("modified", jail.jid)
    end_if_empty(machine, jail)


def end_if_empty(machine: Machine, jail: SimJail) -> None:
    """A jail that need not persist ends with its last process."""
    kept = parameters.true(jail.params.get("persist"))
    if not kept and not jail.dying and not machine.processes_of([jail.jid]):
        remove(machine, jail)


def remove(machine: Machine, jail: SimJail, *, user: str = "root") -> None:
    """Kill its processes and end it, its children first. JailRefused."""
    if user != "root":
        raise JailRefused("jail_remove: Operation not permitted")
    for child in reversed(parameters.children(machine.state, jail)):
        if child.jid in machine.state.jails:
            _end(machine, child)
    _end(machine, jail)


def _end(machine: Machine, jail: SimJail) -> None:
    state = machine.state
    for process in machine.processes_of([jail.jid]):
        del state.processes[process.pid]
    if jail.vnet:
        network.vnet_ended(machine, jail.jid)
    seconds = state.counters.get(LINGER + jail.name, 0)
    if seconds:
        jail.dying = True
        jail.ends = state.now + seconds
    else:
        del state.jails[jail.jid]
    machine.notify("removed", jail.jid)


def find(machine: Machine, call: Call, name: str, *, dying: bool = False) -> SimJail | None:
    """The jail that a caller means by a name or jid: inside a jail, one of its children."""
    outer = machine.state.jails.get(call.jid)
    if outer is None:
        return machine.jail_named(name, dying=dying)
    jail = machine.jail_named(name if name.isdigit() else f"{outer.name}.{name}", dying=dying)
    return jail if jail is not None and jail.name.startswith(f"{outer.name}.") else None


# --- processes -------------------------------------------------------------------------------


def spawn(  # noqa: PLR0913 - what a process is made of
    machine: Machine,
    command: str,
    *,
    jid: int = 0,
    parent: int = 1,
    user: str = "root",
    rss: int = 2700,
    vsz: int = 14256,
    state: str = "Ss",
    cwd: str = "",
    stubborn: bool = False,
    cpu: float = 0.0,
) -> SimProcess:
    """Start a process; a jail's has its path as directory unless told."""
    jail = machine.state.jails.get(jid)
    where = cwd or (jail.path if jail is not None else "/")
    pid = machine.state.next("pid", FIRST_PID)
    while pid in machine.state.processes:
        pid = machine.state.next("pid", FIRST_PID)
    made = SimProcess(pid, parent, jid, command, user, cpu, rss, vsz, state)
    made.started, made.cwd, made.stubborn = machine.state.now, where, stubborn
    return machine.spawn(made)


STOP, CONT = 17, 19


def signal(machine: Machine, process: SimProcess, number: int) -> bool:
    """Deliver a signal; whether the process ended. SIGHUP and others are taken calmly."""
    if number in (STOP, CONT):
        process.state = "TJ" if number == STOP else "SJ"  # not recorded
        return False
    if number not in (2, 3, 9, 15) or (process.stubborn and number != 9):
        return False
    state = machine.state
    state.processes.pop(process.pid, None)
    if process.command.startswith("/usr/sbin/syslogd"):
        # its helpers end with the daemon that they serve
        for other in machine.processes_of([process.jid]):
            if other.command.startswith("syslogd:"):
                state.processes.pop(other.pid, None)
    jail = state.jails.get(process.jid)
    if jail is not None:
        end_if_empty(machine, jail)
    return True
