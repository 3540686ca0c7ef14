"""`log`: the end of a jail's log, and new lines as they arrive."""

from __future__ import annotations

import asyncio

from jailer_core.errors import FileFailed, Refused, UsageError
from jailer_core.logs import LogFile, LogLine, Place, console_log, inside_log
from jailer_core.operations.guards import require_jail
from jailer_core.text import sanitize
from jailer_tui.cli.session import Session

LINES = 20
MOST = 100_000
PAUSE = 0.5
"""Seconds between two looks at a log that is followed."""
AT_ONCE = 1000


async def show(session: Session, operands: tuple[str, ...]) -> int:
    """Run `log`."""
    flags = session.flags
    if flags.json and flags.on("follow"):
        raise UsageError("log: -j cannot follow", "Omit -j or -f.")
    complaint = '-n: "{}" is not a number of lines'
    hint = f"Use a number from 0 to {MOST}."
    count = flags.number("lines", LINES, range(MOST + 1), complaint, hint)
    file = LogFile(session.host, await _place(session, operands[0]))
    await file.look()
    lines = await file.before(file.size, count) if count else []
    if flags.json:
        texts = [line.data.removesuffix(b"\n").decode(errors="backslashreplace") for line in lines]
        session.json({"file": file.place.path, "lines": texts})
        return 0
    for line in lines:
        _say(session, line)
    if flags.on("follow"):
        try:
            await _follow(session, file, lines[-1:])
        except asyncio.CancelledError:  # ctrl-c is how one leaves it
            task = asyncio.current_task()
            if task is not None:
                task.uncancel()
    return 0


async def _place(session: Session, name: str) -> Place:
    """The file that was asked for, else the console log, else messages."""
    inventory = await session.inventory()
    jail = require_jail(inventory, name)
    file = session.flags.text("file")
    console = console_log(jail)
    if file == "console" and console is None:
        raise Refused(
            f"{sanitize(name)} has no console log",
            "Its configuration sets none (exec.consolelog); try --file messages.",
        )
    if file in ("", "console") and console is not None:
        return console
    return inside_log(jail, file or "messages")


async def _follow(session: Session, file: LogFile, last: list[LogLine]) -> None:
    """Follow until interrupted. A line without an end is printed once its end arrives."""
    known = file.size
    if last and not last[0].whole:
        known = last[0].end
    vanished = False
    while not session.terminal.gone:
        await asyncio.sleep(PAUSE)
        try:
            change = await file.look()
        except FileFailed as error:  # being rotated just now, perhaps
            if not vanished:
                session.terminal.fail(error.message)
            vanished = True
            continue
        if change == "new" or vanished:
            session.terminal.err("-- another file --")
            known, vanished = 0, False
        while known < file.size:
            lines = [log_line for log_line in await file.after(known, AT_ONCE) if log_line.whole]
            for line in lines:
                _say(session, line)
            if not lines:
                break
            known = lines[-1].end


def _say(session: Session, line: LogLine) -> None:
    session.terminal.line("", line.data.removesuffix(b"\n"))
