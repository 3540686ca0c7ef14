"""Completions for bash and sh, zsh, fish and tcsh, from the same declarations as `help`.

The words of commands and their options are written into the script. Names of jails are asked for
when the key is pressed, by `jls name`, which an ordinary user may run.
"""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.errors import UsageError
from jailer_tui.cli.command import PROGRAM, Command
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, SCREEN
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal

JAILS = "jls name 2>/dev/null"


def show(invocation: Invocation, terminal: Terminal) -> int:
    """Run `completion`. Raises UsageError for an unknown shell."""
    shell = invocation.operands[0]
    if shell not in SHELLS:
        raise UsageError(f'completion: unknown shell "{shell}"', f"One of {', '.join(SHELLS)}.")
    terminal.out(script(shell).rstrip("\n"))
    return 0


def script(shell: str) -> str:
    """The completion script of a shell. Raises KeyError for an unknown one."""
    return "\n".join(SHELLS[shell]()) + "\n"


def _leaves() -> Iterator[Command]:
    for command in COMMANDS:
        if command.run:
            yield command
        yield from command.below


def _flags(command: Command) -> list[str]:
    options = (*command.options, *ANYWHERE)
    return [word for option in options for word in (option.short, option.long) if word]


def _top() -> list[str]:
    words = [command.name for command in COMMANDS]
    return [*words, *(option.long for option in (*ANYWHERE, *SCREEN))]


def _bash() -> Iterator[str]:
    yield f"# {PROGRAM} completion for bash, and for sh where it has complete"
    yield "_jailer_tui() {"
    yield '    local word="${COMP_WORDS[COMP_CWORD]}" words'
    yield '    local first="${COMP_WORDS[1]}" second="${COMP_WORDS[2]}"'
    yield '    case "$COMP_CWORD:$first $second" in'
    yield f'    1:*) words="{" ".join(_top())}" ;;'
    for group in (command for command in COMMANDS if command.below):
        names = " ".join(below.name.split()[-1] for below in group.below)
        more = f" $({JAILS})" if group.run else ""
        yield f'    2:"{group.name} "*) words="{names}{more}" ;;'
    for command in sorted(
        _leaves(), key=lambda command: -len(command.name)
    ):  # snap hold before snap
        parts = command.name.split()
        pattern = f'*:"{command.name}"*' if len(parts) > 1 else f'*:"{command.name} "*'
        yield f'    {pattern}) words="{" ".join(_flags(command))} $({JAILS})" ;;'
    yield f'    *) words="$({JAILS})" ;;'
    yield "    esac"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$word"))'
    yield "}"
    yield f"complete -o default -F _jailer_tui {PROGRAM}"


def _zsh() -> Iterator[str]:
    yield f"#compdef {PROGRAM}"
    yield "local -a words"
    yield "if (( CURRENT == 2 )); then"
    yield "    words=("
    yield from (f"        {_described(command.name, command.summary)}" for command in COMMANDS)
    yield "    )"
    yield "    _describe command words"
    yield "    return"
    yield "fi"
    yield 'local typed="${(j: :)${(z)BUFFER}[2,3]} "'
    yield 'case "$typed" in'
    for command in sorted(_leaves(), key=lambda command: -len(command.name)):
        described = " ".join(
            _described(option.long, option.help) for option in (*command.options, *ANYWHERE)
        )
        yield f'"{command.name} "*) words=({described} $({JAILS})) ;;'
    for group in (command for command in COMMANDS if command.below and not command.run):
        described = " ".join(
            _described(below.name.split()[-1], below.summary) for below in group.below
        )
        yield f'"{group.name} "*) words=({described}) ;;'
    yield f"*) words=($({JAILS})) ;;"
    yield "esac"
    yield "_describe argument words"


def _described(word: str, text: str) -> str:
    return _quoted(f"{word}:{text}")


def _fish() -> Iterator[str]:
    yield f"complete -c {PROGRAM} -f"
    for command in COMMANDS:
        yield (
            f"complete -c {PROGRAM} -n __fish_use_subcommand -a {_quoted(command.name)} "
            f"-d {_quoted(command.summary)}"
        )
        for below in command.below:
            word = below.name.split()[-1]
            seen = _quoted(f"__fish_seen_subcommand_from {command.name}")
            yield f"complete -c {PROGRAM} -n {seen} -a {word} -d {_quoted(below.summary)}"
    for command in _leaves():
        words = command.name.split()
        seen = _quoted("; and ".join(f"__fish_seen_subcommand_from {word}" for word in words))
        for option in command.options:
            short = f"-s {option.short[1:]} " if option.short else ""
            takes = "-r " if option.takes else ""
            yield (
                f"complete -c {PROGRAM} -n {seen} {short}-l {option.long[2:]} {takes}"
                f"-d {_quoted(option.help)}"
            )
    yield f"complete -c {PROGRAM} -n 'not __fish_use_subcommand' -a '({JAILS})'"


def _tcsh() -> Iterator[str]:
    tops = " ".join(_top())
    groups = " ".join(
        f"'n/{group.name}/({' '.join(below.name.split()[-1] for below in group.below)})/'"
        for group in COMMANDS
        if group.below
    )
    yield f"complete {PROGRAM} 'p/1/({tops})/' {groups} 'p/*/`{JAILS.split(maxsplit=1)[0]} name`/'"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


SHELLS = {"sh": _bash, "bash": _bash, "zsh": _zsh, "fish": _fish, "tcsh": _tcsh}
