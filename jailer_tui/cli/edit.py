"""`edit`: a jail's configuration in an editor; the file is only replaced by a checked plan."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.execution import prepare
from jailer_core.facts import jail_details
from jailer_core.operations import guards
from jailer_core.operations.jails.requests import Edit
from jailer_core.text import sanitize
from jailer_tui.cli import render
from jailer_tui.cli.run import carry_out
from jailer_tui.cli.session import Session

LARGEST = 1024 * 1024


async def edit(session: Session, operands: tuple[str, ...]) -> int:
    """Run `edit`. Raises Refused, UsageError."""
    name = operands[0]
    session.may_change()
    inventory = await session.inventory()
    jail = guards.require_jail(inventory, name)
    guards.require_owned(jail)
    old = await jail_details.config_text(session.reader.host, jail)
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
    return _text(path)


def _text(path: Path) -> str:
    return path.read_bytes().decode(errors="surrogateescape")
