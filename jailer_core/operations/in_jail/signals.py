"""Send a signal to one process of a jail, from the host: the jail's own kill is not trusted.

`kill -SIGNAL PID` on the host is not recorded (inside a jail it is: 12).
"""

from __future__ import annotations

from jailer_core.errors import ParseError, Refused
from jailer_core.model import CommandResult, Inventory, Process
from jailer_core.operations import guards
from jailer_core.operations.in_jail.requests import Signal
from jailer_core.parse import process_tables
from jailer_core.plan import Danger, JailRuns, Needs, Plan, ProcessRuns, Run, Step
from jailer_core.text import sanitize

SIGNALS = {
    "TERM": "asks it to terminate; it may clean up first, or ignore it",
    "KILL": "terminates it at once",
    "HUP": "makes daemons reload their configuration; others terminate",
    "INT": "what ctrl-c sends",
    "STOP": "suspends it until CONT",
    "CONT": "resumes it after STOP",
}
"""What can be sent, and what that means."""

ENDS = ("TERM", "KILL")
LASTING = {
    "TERM": "a terminated process cannot be restored",
    "KILL": "a terminated process cannot be restored",
    "STOP": "CONT resumes it",
    "CONT": "STOP suspends it again",
}


def needs(inventory: Inventory, request: Signal) -> Needs:
    """The processes of the jail, by its jid: ps would read a name as a list of jails."""
    jail = guards.require_jail(inventory, request.name)
    return Needs(commands=(_ask(jail.jid),)) if jail.jid is not None else Needs()


def _ask(jid: int) -> tuple[str, ...]:
    return ("ps", "-J", str(jid), "-o", process_tables.COLUMNS, "--libxo=json")


def signal(inventory: Inventory, request: Signal) -> Plan:
    """The plan that sends it."""
    jail = guards.require_jail(inventory, request.name)
    jid = guards.require_running(jail)
    if request.signal not in SIGNALS:
        raise Refused(
            f"the signal {sanitize(request.signal)} is not supported",
            f"Use one of {', '.join(SIGNALS)}.",
        )
    _there(inventory.command_results.get(_ask(jid)), request, jid)
    ends = request.signal in ENDS
    what = f"{sanitize(request.command)} (pid {request.pid}) of {sanitize(jail.name)}"
    step = Step(
        Run(("kill", f"-{request.signal}", str(request.pid))),
        f"Send {request.signal} to {what}",
        timeout=10.0,
        irreversible_because=LASTING.get(request.signal, "how a process reacts to it is not known"),
        preconditions=(
            JailRuns(jail.name, jid),
            ProcessRuns(request.pid, request.command, jid=jid),
        ),
        postconditions=(ProcessRuns(request.pid, request.command, running=False),) if ends else (),
        jail=jail.name,
        failure_means="it is still running" if ends else "",
        hint="KILL always terminates it." if request.signal == "TERM" else "",
    )
    note = f"{request.signal} {SIGNALS[request.signal]}."
    return Plan(request, step.title, (step,), Danger.CHANGES, notes=(note,), jail=jail.name)


def _there(answer: CommandResult | None, request: Signal, jid: int) -> None:
    """Raises Refused when ps says that there is no such process in that jail."""
    processes, complaint = _processes(answer)
    if processes is None:
        raise Refused(
            f"the processes of {sanitize(request.name)} could not be read"
            + (f": {sanitize(complaint)}" if complaint else ""),
            "See the problems: ps.",
        )
    if any(
        process.pid == request.pid and process.command == request.command for process in processes
    ):
        return
    other = next(
        (process for process in processes if process.pid == request.pid and process.jid == jid),
        None,
    )
    is_now = f"; that PID is now {sanitize(other.command)}" if other is not None else ""
    raise Refused(
        f"{sanitize(request.command)} (pid {request.pid}) is not running in "
        f"{sanitize(request.name)}" + is_now,
        "Refresh the list of processes.",
    )


def _processes(answer: CommandResult | None) -> tuple[tuple[Process, ...] | None, str]:
    """What ps printed; None, and what it complained about, when it is not all there."""
    if answer is None or answer.stderr.strip():
        return None, answer.stderr.strip() if answer is not None else ""
    try:
        return (process_tables.processes(answer.stdout).entire() if answer.status == 0 else ()), ""
    except ParseError as error:
        return None, error.message
