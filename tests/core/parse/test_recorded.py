"""Every recorded command is read, or listed in tests/recorded/UNUSED with a reason."""

from __future__ import annotations

import re
from typing import Any

import pytest

from jailer_core.errors import CommandFailed, ParseError, first_line
from jailer_core.facts.config_texts import look
from jailer_core.model import FileStamp
from jailer_core.parse.rcconf import settings
from tests.core.parse.commands import Command, commands, files, reader_of, unused


def how(command: Command) -> str:
    """What a recorded command yields: `read`, `error` or `unused`."""
    if reader_of(command) is not None and (command.status == 0 or command.stdout):
        return "read"
    return "error" if command.status and first_line(command.stderr) else "unused"


def test_all_of_it_is_read() -> None:
    wrong = []
    for command in commands():
        if how(command) == "read":
            found = _read(command)
            unread: tuple[str, ...] = getattr(found, "unread", ())
            empty = '"jail": []' in command.stdout or command.stdout.count("\n") <= 1
            empty |= command.argv[0] == "sockstat" and re.search("tcp|udp", command.stdout) is None
            whole = found or found is False or found == 0 or empty
            if not whole or isinstance(found, ParseError) or unread:
                wrong.append(f"{command.where} {command.line[:50]}: {found}")
    assert not wrong, "\n".join(wrong)


def _read(command: Command) -> Any:
    read = reader_of(command)
    assert read is not None
    try:
        return read(command.argv, command.stdout)
    except ParseError as error:
        return error
    except Exception as error:
        error.add_note(f"{command.where} {command.line}")
        raise


def test_a_failure_becomes_one_line() -> None:
    for command in commands():
        if how(command) != "error":
            continue
        error = CommandFailed(command.argv, command.status, command.stderr)
        assert first_line(command.stderr) in error.message, command.argv
        assert "\n" not in error.message, command.argv


def test_what_is_not_read_is_listed_as_unused_and_nothing_else() -> None:
    lines = [" ".join(command.argv) for command in commands() if how(command) == "unused"]
    patterns = [pattern for pattern, _ in unused()]
    fits = [[one for one in patterns if re.fullmatch(one, line, re.DOTALL)] for line in lines]
    assert not [line for line, found in zip(lines, fits, strict=True) if not found]
    needed = {found[0] for found in fits if len(found) == 1}
    assert not set(patterns) - needed


def test_all_programs_are_there() -> None:
    assert len(commands()) > 700
    assert {how(one) for one in commands()} == {"read", "error", "unused"}


@pytest.mark.parametrize(("path", "text"), [one for one in files() if "rc.conf" in one[0]])
def test_recorded_rc_files_are_plain_but_for_the_broken_one(path: str, text: str) -> None:
    found = settings(text)
    if "bad-name" in text or "spaces = " in text:
        assert found is None
    else:
        assert found


@pytest.mark.parametrize(
    ("path", "text"), [one for one in files() if "jail.conf" in one[0]], ids=lambda one: one[:40]
)
def test_blocks_of_recorded_configurations(path: str, text: str) -> None:
    seen = look(FileStamp(0, len(text)), text, 0.0)
    assert seen.blocks or seen.includes
    if path.startswith("/etc/jail.conf.d/"):
        assert seen.blocks[0] == path.rsplit("/", maxsplit=1)[-1].removesuffix(".conf")
