"""`exec`, `pkg` and `service`: one command in many jails, printed line by line as it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from jailer_core.errors import Refused, UsageError
from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut, JailRun, RunStatus
from jailer_core.facts import on_demand
from jailer_core.operations.guards import require_jail, word
from jailer_core.operations.in_jail.commands import YES, only_looks
from jailer_core.operations.in_jail.requests import Command, Exec, Packages, Services, Signal
from jailer_core.text import sanitize
from jailer_tui.cli import render
from jailer_tui.cli.derive import fill
from jailer_tui.cli.parser import DASHES
from jailer_tui.cli.run import carry_out, stamp
from jailer_tui.cli.session import Session
from jailer_tui.cli.tagged import split

LONGEST = 65536
"""Bytes after which a line without an end is printed anyway."""


async def execute(session: Session, operands: tuple[str, ...]) -> int:
    """Run `exec`."""
    names, words = split(operands)
    if not words:
        raise UsageError("exec: no command given", "Put it after --: exec NAME -- COMMAND")
    jails = await _jails(session, names, "exec")
    return await _run(session, fill(Exec, session.flags, names=jails, argv=words), jails)


async def packages(session: Session, operands: tuple[str, ...]) -> int:
    """Run `pkg`."""
    names, words = split(operands)
    if not words:
        raise UsageError("pkg: no action given", "Put it after --: pkg NAME -- install PACKAGE")
    jails = await _jails(session, names, "pkg")
    request = fill(
        Packages,
        session.flags,
        names=jails,
        verb=words[0],
        words=words[1:],
        stamp=stamp(session),
    )
    return await _run(session, request, jails)


async def services(session: Session, operands: tuple[str, ...]) -> int:
    """Run `service`; for one jail, its name needs no -- after it."""
    names, words = split(operands)
    if DASHES not in operands and len(names) == 3 and not session.flags.on("all"):
        names, words = names[:1], names[1:]
    if len(words) not in (0, 2):
        raise UsageError(
            "service: give both a service and an action, or neither",
            "For example: service NAME cron restart; in several jails: "
            "service NAME NAME -- cron restart",
        )
    jails = await _jails(session, names, "service")
    service, action = words or ("", "")
    request = fill(Services, session.flags, names=jails, service=service, action=action)
    return await _run(session, request, jails)


async def signal(session: Session, operands: tuple[str, ...]) -> int:
    """Run `signal`, on the process as ps shows it now."""
    name, word = operands[:2]
    number = operands[2].upper().removeprefix("SIG") if len(operands) > 2 else "TERM"
    if not word.isdecimal():
        raise UsageError(
            f'signal: "{sanitize(word)}" is not a PID', "See the PIDs: exec NAME -- ps -ax."
        )
    jail = require_jail(await session.inventory(), name)
    processes = await on_demand.processes(session.reader.host, jail)
    process = next((process for process in processes if process.pid == int(word)), None)
    if process is None:
        raise Refused(
            f"there is no process {word} in {sanitize(name)}", "See: exec NAME -- ps -ax."
        )
    return await carry_out(session, [(name, Signal(name, process.pid, process.command, number))])


# --- words -----------------------------------------------------------------------------------


async def _jails(session: Session, names: Sequence[str], word: str) -> tuple[str, ...]:
    """The names that were given, or of all jails that run."""
    if session.flags.on("all"):
        if names:
            raise UsageError(f"{word}: --all and names cannot be combined", "Omit one of them.")
        inventory = await session.inventory(quick=True)
        running = tuple(sorted(jail.name for jail in inventory.jails if jail.running))
        if not running:
            raise Refused("no jails are running", "Start one first.")
        return running
    if not names:
        raise UsageError(f"{word} needs a name", "Give names of jails before --, or --all.")
    return tuple(dict.fromkeys(names))


# --- running ---------------------------------------------------------------------------------


async def _run(session: Session, request: Command, names: Sequence[str]) -> int:
    """Show it, or run it everywhere and say how it went. The exit status."""
    if not only_looks(request):
        session.may_change()
    plan = await prepare(session.reader, request)
    if session.flags.dry_run:
        if session.flags.json:
            session.json([render.plan_as_json("", plan)])
        else:
            session.terminal.out("\n".join(render.shown(plan)))
            await _show_dry_run(session, request)
        return 0
    many = FanOut(session.reader, plan)
    telling = _Telling(session, alone=len(names) == 1)
    many.heard = telling.hear
    many.listeners.append(telling.look)
    for turn in many.turns:
        if turn.run_status is RunStatus.REFUSED:
            telling.look(turn)
    with session.interrupts.changing("stopping it in all jails"):
        await _until_over(session, many)
    if session.flags.json:
        session.json([as_json(jail_run) for jail_run in many.turns])
    elif len(many.turns) > 1:
        good = sum(jail_run.good for jail_run in many.turns)
        session.terminal.err(f"{good} of {len(many.turns)} jails: done")
    for hint in [] if session.flags.json else _ways_back(many):
        session.terminal.err(hint)
    if many.note:
        session.terminal.err(many.note)
    return _status(many)


def _ways_back(many: FanOut) -> Iterator[str]:
    """How to roll back the jails in which it failed after a snapshot."""
    for turn in many.turns:
        if turn.snapshot and not turn.good:
            yield f"Roll back {sanitize(turn.name)}: rollback {word(turn.name)}@{turn.snapshot}"


def _status(many: FanOut) -> int:
    """In one jail the command's own status, in several 1 unless all succeeded.

    A command that a signal ended has status 128 and its number, as in sh(1).
    """
    if many.good:
        return 0
    status = many.turns[0].status if len(many.turns) == 1 else None
    if status is None:
        return 1
    return 128 - status if status < 0 else status or 1


async def _show_dry_run(session: Session, request: Command) -> None:
    """What pkg itself would do, by its -n, whose exit status is ignored."""
    if not isinstance(request, Packages) or request.verb not in YES or "-n" in request.words:
        return
    words = ("-n", *(word for word in request.words if word not in ("-y", "--yes")))
    looking = replace(request, words=words, snapshot=False)
    many = FanOut(session.reader, await prepare(session.reader, looking))
    with session.interrupts.changing("stopping it in all jails"):
        await _until_over(session, many)
    for turn in many.turns:
        for line in turn.output.text(error=False).splitlines():
            session.terminal.out(f"{sanitize(turn.name)}: {sanitize(line)}")


async def _until_over(session: Session, many: FanOut) -> None:
    running = asyncio.create_task(many.run())
    stop = asyncio.create_task(session.interrupts.abort.wait())
    try:
        await asyncio.wait({running, stop}, return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            many.end_all()
        await running
    finally:
        stop.cancel()


class _Telling:
    """Says what happens as it happens. Of one jail alone its output is all that is printed."""

    def __init__(self, session: Session, *, alone: bool) -> None:
        self._session = session
        self._alone = alone
        self._rest: dict[tuple[str, bool], bytes] = {}
        self._told: set[str] = set()

    def hear(self, turn: JailRun, data: bytes, error: bool) -> None:
        """Print a piece of output."""
        if self._session.flags.json:
            return
        key = (turn.name, error)
        *whole, rest = (self._rest.get(key, b"") + data).split(b"\n")
        if len(rest) > LONGEST:
            whole, rest = [*whole, rest], b""
        self._rest[key] = rest
        for line in whole:
            self._line(turn, line, error=error)

    def look(self, turn: JailRun | None) -> None:
        """Report the jails in which it has ended."""
        if turn is None or not turn.over or turn.name in self._told:
            return
        self._told.add(turn.name)
        for error in (False, True):
            rest = self._rest.pop((turn.name, error), b"")
            if rest:
                self._line(turn, rest, error=error)
        if not turn.good:
            self._session.terminal.fail(turn.message or turn.run_status.value, name=turn.name)
        elif not self._alone and not self._session.flags.json:
            self._session.terminal.err(f"{sanitize(turn.name)}: done in {turn.seconds:.1f} s")

    def _line(self, turn: JailRun, line: bytes, *, error: bool) -> None:
        name = "" if self._alone else turn.name
        self._session.terminal.line(name, line, error=error)
        if self._session.terminal.gone:  # as when it is piped into head, which has ended
            self._session.interrupts.abort.set()


def as_json(turn: JailRun) -> dict[str, Any]:
    """The result in one jail as JSON. `status` is negative if a signal ended it."""
    return {
        "name": turn.name,
        "ok": turn.good,
        "ending": turn.run_status.value,
        "status": turn.status,
        "message": turn.message,
        "seconds": round(turn.seconds, 3),
        "snapshot": turn.snapshot or None,
        "stdout": turn.output.text(error=False),
        "stderr": turn.output.text(error=True),
        "lines_left_out": turn.output.lost,
    }
