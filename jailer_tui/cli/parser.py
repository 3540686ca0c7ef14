"""Parse the arguments of the command line. Every mistake is reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from jailer_core.errors import UsageError
from jailer_core.text import sanitize
from jailer_tui.cli.command import GLOBAL
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, SCREEN, Command, Flags, Option
from jailer_tui.host_selection import DEFAULT

DASHES = "--"
"""No word after it is an option."""

_ALL = {
    word: option
    for command in (*COMMANDS, *(below for command in COMMANDS for below in command.below))
    for option in (*ANYWHERE, *SCREEN, *command.options)
    for word in (option.short, option.long)
    if word
}


SYNONYMS = {
    **dict.fromkeys(("delete", "remove", "rm"), "destroy"),
    **dict.fromkeys(("shell", "login", "enter", "term"), "console"),
    **dict.fromkeys(("jexec", "cmd", "run"), "exec"),
    **dict.fromkeys(("ls", "ps", "jls", "status"), "list"),
    **dict.fromkeys(("cp", "copy"), "clone"),
    **dict.fromkeys(("mv", "move"), "rename"),
    **dict.fromkeys(("bootstrap", "fetch", "release"), "image"),
    **dict.fromkeys(("forward", "redirect", "expose"), "rdr"),
    **dict.fromkeys(("setup", "doctor"), "init"),
    **dict.fromkeys(("history", "journal"), "activity"),
    **dict.fromkeys(("top", "show"), "info"),
}
"""Words of other programs, for the hint below an unknown command."""

DEFAULTS = ("list", "show")
"""Commands that a group runs when none is named."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """The parsed command line. `command` None means the screen."""

    command: Command | None
    operands: tuple[str, ...] = ()
    flags: Flags = field(default_factory=Flags)


@dataclass(slots=True)
class _Given:
    """The result so far: the options in order, and the operands."""

    options: list[tuple[str, Option, str | bool | None]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    after: int | None = None


def parse(argv: Sequence[str]) -> Invocation:
    """Parse a command line. Raises UsageError, which names the wrong word and the help to read."""
    given = _split(argv)
    command, rest = _command(given.words, given.after)
    asks_help = any(option.field == "help" for _, option, _ in given.options)
    if command is not None and not (command.run or rest or asks_help):
        default = (below for below in command.below if below.words[0] in DEFAULTS)
        command = next(default, command)
    values: dict[str, Any] = {}
    for word, option, value in given.options:
        _fits(word, option, command)
        values[option.field] = (*values.get(option.field, ()), value) if option.repeated else value
    if values.get("state") and "demo" not in values:
        values["demo"] = DEFAULT
    if values.get("hosts") and "demo" in values:
        raise UsageError("--host and --demo cannot be combined", "Write --host demo:busy.")
    flags = Flags(**{name: value for name, value in values.items() if name in GLOBAL})
    flags = replace(flags, given={name: values[name] for name in values if name not in GLOBAL})
    asked = rest == ["help"] and given.after != len(given.words) - 1
    if command is not None and (flags.help or (asked and command.name != "help")):
        return Invocation(find("help"), tuple(command.name.split()), flags)
    if command is None and (flags.help or flags.version):
        return Invocation(find("help" if flags.help else "version"), (), flags)
    if command is not None:
        own = len(rest)
        if command.handed_on and given.after is not None:
            own = max(0, given.after - (len(given.words) - len(rest)))
        _count(command, rest[:own])
        if command.handed_on and given.after is not None:
            rest.insert(own, DASHES)
    return Invocation(command, tuple(rest), flags)


def find(name: str, among: Sequence[Command] = COMMANDS, kind: str = "command") -> Command:
    """The command of that name, or the only one with that prefix. Raises UsageError."""
    named = {word: command for command in among for word in command.words}
    if name in named:
        return named[name]
    fitting = [word for word in named if name and word.startswith(name)]
    if fitting and all(named[word] is named[fitting[0]] for word in fitting):
        return named[fitting[0]]
    if fitting:
        raise UsageError(
            f'"{sanitize(name)}" is ambiguous: {_either(fitting)}', "Type more letters."
        )
    raise UsageError(f'unknown {kind} "{sanitize(name)}"', _meant(name, named, among))


def _meant(name: str, named: Mapping[str, Command], among: Sequence[Command]) -> str:
    """A hint for an unknown word: the command that was probably meant, or all of them."""
    from difflib import get_close_matches  # noqa: PLC0415 - rarely needed

    other = SYNONYMS.get(name, "")
    close = [other] if other in named else get_close_matches(name, named, 1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"Available: {', '.join(command.words[0] for command in among)}."


# --- splitting -------------------------------------------------------------------------------


def _split(argv: Sequence[str]) -> _Given:
    given = _Given()
    words = list(argv)
    while words:
        word = words.pop(0)
        if word == DASHES:
            given.after = len(given.words)
            given.words += words
            break
        if word.startswith("--"):
            _long(word, words, given)
        elif word.startswith("-") and word != "-" and not _signed(word, given):
            _short(word, words, given)
        else:
            given.words.append(word)
    return given


def _signed(word: str, given: _Given) -> bool:
    """Whether it is an operand with a minus sign: a letter of it is no option of its command."""
    command = _so_far(given.words)
    if command is None or not command.signed:
        return False
    letters = {option.short for option in (*command.options, *ANYWHERE) if not option.takes}
    return any(f"-{letter}" not in letters for letter in word[1:])


def _long(word: str, rest: list[str], given: _Given) -> None:
    name, equals, value = word.partition("=")
    option = _option(name, given)
    if not option.takes:
        if equals:
            raise UsageError(f"{name} takes no value", f"Use {name} without a value.")
        given.options.append((name, option, option.value))
        return
    if not equals:
        if option.optional and not (rest and rest[0] in option.choices):
            given.options.append((name, option, option.optional))
            return
        if not rest:
            raise UsageError(f"{name} needs a value", f"Write {name}={option.takes}.")
        value = rest.pop(0)
    given.options.append((name, option, _value(name, option, value)))


def _value(name: str, option: Option, value: str) -> str | bool:
    if option.choices and value not in option.choices:
        raise UsageError(
            f'{name}: "{sanitize(value)}" is not supported', f"Use {_either(option.choices)}."
        )
    if not value:
        hint = f"Write {name}{'=' if name.startswith('--') else ' '}{option.takes}."
        raise UsageError(f"{name} needs a value", hint)
    return value == "on" if option.choices == ("on", "off") else value


def _short(word: str, rest: list[str], given: _Given) -> None:
    """`-jy`, `-d VALUE` and `-dVALUE`: what follows the letter of an option with a value is it."""
    letters = word[1:]
    while letters:
        name, letters = f"-{letters[0]}", letters[1:]
        option = _option(name, given, within=word)
        if not option.takes:
            given.options.append((name, option, option.value))
            continue
        value = letters or (rest.pop(0) if rest else "")
        given.options.append((name, option, _value(name, option, value)))
        return


def _option(name: str, given: _Given, within: str = "") -> Option:
    """The option of the command that comes before it, else any of that name."""
    command = _so_far(given.words)
    own = command.options if command is not None else ()
    for option in (*own, *ANYWHERE):
        if name in (option.short, option.long):
            return option
    if name in _ALL:
        if command is not None and not command.below:
            _fits(name, _ALL[name], command)
        return _ALL[name]
    where = f" in {sanitize(within)}" if len(within) > 2 else ""
    see = f"its options: help {command.name}" if command is not None else "all commands: help"
    raise UsageError(
        f"unknown option {sanitize(name)}{where}",
        f"See {see}. Put names that begin with - after --.",
    )


def _so_far(words: list[str]) -> Command | None:
    """The command that these words name already, None when they name none."""
    try:
        command, rest = _command(words)
    except UsageError:
        return None
    return None if rest == ["help"] else command


# --- fitting ---------------------------------------------------------------------------------


def _command(words: list[str], after: int | None = None) -> tuple[Command | None, list[str]]:
    """The command that the words name, and its operands.

    A command that takes names itself has words below it only where they are written in full: a
    jail may be called so. Behind `--` (before which `after` words stand) every word is a name.
    """
    if not words:
        return None, []
    command, rest = find(words[0]), words[1:]
    if command.run and command.most != 0 and command.below and rest:
        word = "" if after is not None and after <= 1 else rest[0]
        exact = [below for below in command.below if word in below.words]
        return (exact[0], rest[1:]) if exact else (command, rest)
    if not command.below or not rest or rest == ["help"]:
        return command, rest
    return find(rest[0], command.below, f"{command.name} command"), rest[1:]


def _fits(word: str, option: Option, command: Command | None) -> None:
    if option in ANYWHERE or (command is None and option in SCREEN):
        return
    if command is not None and option in command.options:
        return
    if command is not None and option in SCREEN:
        raise UsageError(f"{word} is for the screen, not for {command.name}", "Omit it.")
    if command is None:
        raise UsageError(f"{word} is only for commands", "See all commands: help")
    raise UsageError(
        f"{command.name} has no option {word}", f"See its options: help {command.name}"
    )


def _count(command: Command, operands: list[str]) -> None:
    hint = f"Usage: {command.usage}"
    if command.below and not command.run:
        raise UsageError(f"{command.name} needs a subcommand", hint)
    if len(operands) < command.least:
        word = command.operands.split()[len(operands)].removesuffix("...")
        missing = "needs a name" if word == "NAME" else f"needs {word}"
        raise UsageError(f"{command.name} {missing}", hint)
    if command.most is not None and len(operands) > command.most:
        word = operands[command.most]
        raise UsageError(f'{command.name}: unexpected argument "{sanitize(word)}"', hint)
    if any(not word and at not in command.may_be_empty for at, word in enumerate(operands)):
        raise UsageError(f"{command.name}: a name is empty", hint)


def _either(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
