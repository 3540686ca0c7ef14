"""Completions for bash and sh, zsh, fish and tcsh, from the same declarations as `help`.

The words of commands and their options are written into the script. What completes an operand
follows from the kind that it is declared with (jailer_core.operations.spec.Kind); it is asked for
when the key is pressed, by programs that an ordinary user may run.
"""

from __future__ import annotations

from collections.abc import Iterator

from jailer_core.errors import UsageError
from jailer_core.operations.completion import ZONES
from jailer_core.operations.spec import Kind, spec_of
from jailer_tui.cli.command import PROGRAM, Command
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, SCREEN
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal

JAILS = "jls name 2>/dev/null"
DATASETS = "zfs list -H -o name 2>/dev/null"
ASKED = {
    Kind.JAIL: JAILS,
    Kind.DATASET: DATASETS,
    Kind.SNAPSHOT: "zfs list -H -t snapshot -o name 2>/dev/null",
    Kind.BRIDGE: "ifconfig -l -g bridge 2>/dev/null",
    Kind.INTERFACE: "ifconfig -l 2>/dev/null",
    Kind.ZONE: f"find {ZONES} -type f 2>/dev/null | sed s:{ZONES}/::",
}
"""The command that lists what completes an operand, by its kind."""
DIRECTORIES = {Kind.DIRECTORY, Kind.SOURCE}


def show(invocation: Invocation, terminal: Terminal) -> int:
    """Run `completion`. Raises UsageError for an unknown shell."""
    shell = invocation.operands[0]
    if shell not in SHELLS:
        raise UsageError(f'completion: unknown shell "{shell}"', f"Use one of {', '.join(SHELLS)}.")
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


def _top() -> list[str]:
    words = [command.name for command in COMMANDS]
    return [*words, *(option.long for option in (*ANYWHERE, *SCREEN))]


def _kinds(command: Command) -> list[str]:
    """The kinds of its operands in their order; the last one is that of all further words."""
    if command.request is None:
        return [Kind.JAIL]
    fields = spec_of(command.request).operands
    return [field.kind for field in fields] or [Kind.TEXT]


def _bash_words() -> Iterator[str]:
    """A function: what completes a word of a kind; of which jail, where it is inside of one."""
    yield "_jailer_tui_words() {"
    yield '    case "$1" in'
    for kind, asked in ASKED.items():
        yield f"    {kind}) {asked} ;;"
    yield f'    {Kind.DIRECTORY}) compgen -d -- "$3" ;;'
    yield f'    {Kind.SOURCE}) compgen -d -- "$3"; {DATASETS} ;;'
    yield f"    {Kind.INSIDE})"
    yield '        local root="$(jls -j "$2" path 2>/dev/null)"'
    yield '        [ -n "$root" ] && compgen -d -- "$root$3" | while read -r path; do'
    yield '            printf "%s\\n" "${path#"$root"}"'
    yield "        done ;;"
    yield "    esac"
    yield "}"


def _bash() -> Iterator[str]:
    yield f"# {PROGRAM} completion for bash, and for sh where it has complete"
    yield from _bash_words()
    yield "_jailer_tui() {"
    yield '    local word="${COMP_WORDS[COMP_CWORD]}" words kinds="" at skip=1 jail=""'
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
        options = (*command.options, *ANYWHERE)
        flags = [word for option in options for word in (option.short, option.long) if word]
        words, kinds = " ".join(flags), " ".join(_kinds(command))
        yield f'    {pattern}) words="{words}" kinds="{kinds}" skip={len(parts)} ;;'
    yield f'    *) words="$({JAILS})" ;;'
    yield "    esac"
    yield "    set -- $kinds"
    yield "    for ((at = skip + 1; at < COMP_CWORD; at++)); do"
    yield '        case "${COMP_WORDS[at]}" in -*) continue ;; esac'
    yield '        [ -z "$jail" ] && jail="${COMP_WORDS[at]}"'
    yield "        [ $# -gt 1 ] && shift"
    yield "    done"
    yield '    words="$words $(_jailer_tui_words "$1" "$jail" "$word")"'
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
        asked = " ".join(f"$({asked})" for asked in _asked(command))
        directories = "_files -/; " if set(_kinds(command)) & DIRECTORIES else ""
        yield f'"{command.name} "*) {directories}words=({described} {asked}) ;;'
    for group in (command for command in COMMANDS if command.below and not command.run):
        described = " ".join(
            _described(below.name.split()[-1], below.summary) for below in group.below
        )
        yield f'"{group.name} "*) words=({described}) ;;'
    yield f"*) words=($({JAILS})) ;;"
    yield "esac"
    yield "_describe argument words"


def _asked(command: Command) -> list[str]:
    """The commands that list what completes any of its operands."""
    kinds = dict.fromkeys(_kinds(command))
    asked = [ASKED[Kind(kind)] for kind in kinds if kind in ASKED]
    return [*asked, DATASETS] if Kind.SOURCE in kinds else asked


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
        for asked in _asked(command):
            if asked != JAILS:
                yield f"complete -c {PROGRAM} -n {seen} -a {_quoted(f'({asked})')}"
        if set(_kinds(command)) & DIRECTORIES:
            yield f"complete -c {PROGRAM} -n {seen} -a '(__fish_complete_directories)'"
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
