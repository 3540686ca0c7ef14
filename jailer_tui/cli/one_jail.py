"""One jail: its console, log and configuration.

`console`: a login session in a jail, on this very terminal.

`log`: the end of a jail's log, and new lines as they arrive.

`edit`: a jail's configuration in an editor; the file is only replaced by a checked plan.
"""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from jailer_core import jail_console
from jailer_core.errors import (
    CommandMissing,
    FileFailed,
    HostError,
    JailerError,
    Refused,
    UsageError,
)
from jailer_core.execution import prepare
from jailer_core.facts import on_demand
from jailer_core.host import optional
from jailer_core.host.local.spawn import PATH
from jailer_core.logs import LogFile, LogLine, Place, console_log, inside_log
from jailer_core.operations import guards
from jailer_core.operations.guards import require_jail
from jailer_core.operations.jails.requests import Edit
from jailer_core.text import sanitize
from jailer_tui.cli import render
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session


async def console(session: Session, operands: tuple[str, ...]) -> int:
    """Run `console`. Raises Refused if the jail is not running. Never returns on this machine."""
    from jailer_core.operations.guards import require_jail, require_running  # noqa: PLC0415 - heavy

    session.may_change()
    if session.answers is not None:
        raise Refused("a console is opened on one host", "Name that host alone with --host.")
    user = jail_console.checked(session.flags.text("user") or jail_console.ROOT)
    inventory = await session.inventory(quick=True)
    argv = jail_console.argv(require_running(require_jail(inventory, operands[0])), user)
    if session.host.simulated or optional.executor_of(session.host) is not None:
        from jailer_tui.console.raw_terminal import on_this_terminal  # noqa: PLC0415 - only for a demo

        sys.stdout.flush()
        return await on_this_terminal(session.host, argv)
    return _become(argv)


def _become(argv: tuple[str, ...]) -> int:
    """The console takes the place of this program: terminal, signals and status are its own."""
    sys.stdout.flush()
    sys.stderr.flush()
    environ = {**os.environ, "PATH": PATH}
    try:
        os.execvpe(argv[0], argv, environ)  # noqa: S606 - no shell is wanted
    except FileNotFoundError:
        raise CommandMissing(argv[0]) from None
    except OSError as error:
        raise HostError(f"{argv[0]}: {error.strerror}") from None


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


LARGEST = 1024 * 1024


async def edit(session: Session, operands: tuple[str, ...]) -> int:
    """Run `edit`. Raises Refused, UsageError."""
    name = operands[0]
    session.may_change()
    inventory = await session.inventory()
    jail = guards.require_jail(inventory, name)
    guards.require_owned(jail)
    old = await on_demand.config_text(session.reader.host, jail)
    if session.flags.text("text"):
        return await carry_out(session, [(name, Edit(name, _given(session.flags.text("text"))))])
    if not session.terminal.can_ask:
        raise Refused(
            "edit needs a terminal for the editor", "Or pass the new text with --file FILE."
        )
    editor = _editor()
    path = _draft(old)
    new = await _edited([*editor, str(path)], path, session)
    if new == old:
        path.unlink()
        session.terminal.out("nothing was changed")
        return 0
    try:
        status = await _wanted(session, name, new)
    except JailerError as error:
        kept = f"{error.hint} Your text is kept in {path}.".strip()
        raise type(error)(error.message, kept) from None
    if status == 0:
        path.unlink()
    else:
        session.terminal.err(f"  Your text is kept in {path}.")
    return status


async def _wanted(session: Session, name: str, new: str) -> int:
    request = Edit(name, new)
    if not session.flags.yes and not session.flags.dry_run:
        plan = await prepare(session.reader, request)
        session.terminal.err("\n".join(render.shown(plan)))
        if not await session.terminal.agrees("Continue? (y/N) "):
            raise Refused("not confirmed: nothing was changed")
    return await carry_out(session, [(name, request)])


def _given(file: str) -> str:
    """The new text from a file, or from standard input."""
    try:
        if file == "-":
            data = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as source:
                data = source.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"--file {sanitize(file)}: {error.strerror}") from None
    if len(data) > LARGEST:
        raise UsageError(f"--file {sanitize(file)}: more than {LARGEST} bytes")
    return data.decode(errors="surrogateescape")


def _draft(text: str) -> Path:
    """A file that only its user can read, with the text."""
    descriptor, path = tempfile.mkstemp(".conf", "jailer-tui-")
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
        file.write(text)
    return Path(path)


def _editor() -> list[str]:
    """The user's editor with its arguments. Raises UsageError when that is not a command."""
    for name in ("VISUAL", "EDITOR"):
        words = os.environ.get(name, "").strip()
        if words:
            try:
                return shlex.split(words)
            except ValueError as error:
                raise UsageError(
                    f"{name} is not a valid command: {error}", f"Correct {name}."
                ) from None
    return ["vi"]


async def _edited(argv: list[str], path: Path, session: Session) -> str:
    """Let the user change the file; what it holds then. Raises Refused when the editor fails."""
    kept = f"Your text is kept in {path}."
    with session.interrupts.ignored():
        try:
            done = await asyncio.to_thread(subprocess.run, argv, check=False)
        except OSError as error:
            raise Refused(f"{argv[0]}: {error.strerror}", f"Set EDITOR. {kept}") from None
    if done.returncode != 0:
        raise Refused(f"{argv[0]} exited with status {done.returncode}: nothing was changed", kept)
    return _config_text(path)


def _config_text(path: Path) -> str:
    return path.read_bytes().decode(errors="surrogateescape")
