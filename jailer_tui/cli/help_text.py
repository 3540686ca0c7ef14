"""`help` and `version`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from jailer_core.text import sentence
from jailer_tui import __version__
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, PROGRAM, SCREEN, Command, Option
from jailer_tui.cli.parser import Invocation, find

if TYPE_CHECKING:
    from jailer_tui.cli.terminal import Terminal

INDENT = "  "


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
            *_columns((_synopsis(command), command.summary) for command in COMMANDS),
            "",
            "Global options:",
            *_options(ANYWHERE),
            "",
            "Options for the screen:",
            *_options(SCREEN),
            "",
            f"{PROGRAM} help COMMAND shows its options. Put names that begin with -",
            "after --. Exit status: 0 done, or nothing to do (1 with --strict); 1 failed or",
            "refused; 2 wrong usage. With a screen reader, use the commands: they do all that the",
            "screen does.",
        )
    )


def of_command(command: Command) -> str:
    """The help of one command, or of a group of them."""
    if command.below and not command.run:
        return "\n".join(_group(command))
    lines = [f"Usage: {command.usage}", "", sentence(command.summary)]
    lines += [*command.text.splitlines()]
    if command.options:
        lines += ["", "Options:", *_options(command.options)]
    if command.below:
        lines += ["", *_group(command)]
    return "\n".join([*lines, "", "Global options:", *_options(ANYWHERE)])


def _group(command: Command) -> list[str]:
    lines = [f"Usage: {subcommand.usage}" for subcommand in command.below]
    return [
        *lines,
        "",
        *_columns((subcommand.name, subcommand.summary) for subcommand in command.below),
    ]


def _synopsis(command: Command) -> str:
    return f"{command.name} {command.operands}".rstrip()


def _options(options: Sequence[Option]) -> list[str]:
    return _columns((option.shown, option.help) for option in options)


def _columns(rows: Iterable[tuple[str, str]]) -> list[str]:
    pairs = list(rows)
    width = max(len(left) for left, _ in pairs)
    return [f"{INDENT}{left:<{width}}  {right}" for left, right in pairs]
