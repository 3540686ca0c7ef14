"""`help` and `version`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from jailer_core.text import sentence
from jailer_tui import __version__
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, PROGRAM, SCREEN, Command, Option
from jailer_tui.cli.parser import Invocation, find

if TYPE_CHECKING:
    from jailer_tui.cli.terminal import Terminal


INDENT = "  "
GLOBAL = "Global options:"
WIDTH = 80
"""Columns of the narrowest usual terminal."""


def version(_invocation: Invocation, terminal: Terminal) -> int:
    """Run `version`."""
    terminal.out(f"{PROGRAM} {__version__}")
    return 0


def show(invocation: Invocation, terminal: Terminal) -> int:
    """Run `help`. Raises UsageError for an unknown command."""
    if not invocation.operands:
        terminal.out(overview())
        return 0
    command = find(invocation.operands[0])
    for word in invocation.operands[1:]:
        command = find(word, command.below, f"{command.name} command")
    terminal.out(of_command(command))
    return 0


def overview() -> str:
    """The help of the whole program."""
    return "\n".join(
        (
            f"{PROGRAM}: every FreeBSD jail of the host, live in a terminal.",
            "",
            f"Usage: {PROGRAM} [options]            open the screen",
            f"       {PROGRAM} COMMAND [options]    run one command instead",
            "",
            "Commands (any unambiguous prefix works):",
            *_columns((command.name, command.summary) for command in COMMANDS),
            "",
            GLOBAL,
            *_options(ANYWHERE),
            "",
            "Options for the screen:",
            *_options(SCREEN),
            "",
            *_filled(
                f"`{PROGRAM} help COMMAND` shows the options of a command. Put names that begin "
                "with - after --. Exit status: 0 done, or nothing to do (1 with --strict); 1 "
                "failed or refused; 2 wrong usage. If you use a screen reader, prefer the "
                "commands: they do everything that the screen does."
            ),
        )
    )


def of_command(command: Command) -> str:
    """The help of one command, or of a group of them."""
    if command.below and not command.run:
        return "\n".join(_group(command))
    lines = [f"Usage: {command.usage}", "", sentence(command.summary)]
    for paragraph in command.text.split("\n\n"):
        lines += _filled(paragraph)
    if command.options:
        lines += ["", "Options:", *_options(command.options)]
    if command.below:
        lines += ["", *_group(command)]
    return "\n".join([*lines, "", GLOBAL, *_options(ANYWHERE)])


def _group(command: Command) -> list[str]:
    lines = [f"Usage: {below.usage}" for below in command.below]
    return [*lines, "", *_columns((below.name, below.summary) for below in command.below)]


def _options(options: Sequence[Option]) -> list[str]:
    return _columns((option.shown, option.help) for option in options)


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(rows)
    left_width = max(len(left) for left, _ in pairs)
    indent = f"{INDENT}{'':<{left_width}}  "
    lines: list[str] = []
    for left, right in pairs:
        lines += _filled(right, f"{INDENT}{left:<{left_width}}  ", indent)
    return lines


def _filled(text: str, first: str = "", others: str = "") -> list[str]:
    """Lines of at most `WIDTH` columns, the first one after `first`, the others after `others`."""
    return wrap(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_long_words=False,
        break_on_hyphens=False,
    )
