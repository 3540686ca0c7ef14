"""Commands and requests derived from what operations declare (jailer_core.operations.spec)."""

from __future__ import annotations

from collections.abc import Container, Iterator
from itertools import takewhile
from typing import Any, TypeVar

from jailer_core.errors import UsageError
from jailer_core.operations.fields import value
from jailer_core.operations.spec import REQUIRED, FieldSpec, Kind, Spec, spec_of
from jailer_core.request import Request
from jailer_core.text import sanitize
from jailer_tui.cli.command import CHANGE, STOP, Command, Flags, Option

R = TypeVar("R", bound=Request)

RUN = "operations:run"
"""Handlers of commands that only run their operation."""


# --- commands --------------------------------------------------------------------------------


def command(  # noqa: PLR0913 - what a command may say otherwise
    kind: type[Request],
    run: str = RUN,
    *,
    name: str = "",
    summary: str = "",
    operands: str | None = None,
    options: tuple[Option, ...] = (),
    changes: tuple[Option, ...] = CHANGE,
    handed_on: bool = False,
    below: tuple[Command, ...] = (),
    text: str | None = None,
    signed: bool = False,
    aliases: tuple[str, ...] = (),
) -> Command:
    """The command of an operation. What is given replaces or adds to what is declared.

    `changes` are the options that all changes share.
    """
    spec = spec_of(kind)
    words = spec.operands
    return Command(
        name or spec.command,
        summary or spec.summary,
        run,
        " ".join(map(_operand, words)) if operands is None else operands,
        (*_options(spec), *options, *(STOP,) * any(field.each for field in words), *changes),
        spec.help if text is None else text,
        changes=True,
        handed_on=handed_on,
        below=below,
        request=kind,
        may_be_empty=tuple(at for at, field in enumerate(words) if field.may_be_empty),
        signed=signed,
        aliases=aliases,
    )


def options(kind: type[Request]) -> tuple[Option, ...]:
    """The options of an operation, for a command with further options."""
    return tuple(_options(spec_of(kind)))


def _operand(field: FieldSpec) -> str:
    shown = f"{field.metavar}..." if field.each or field.many else field.metavar
    return shown if field.required else f"[{shown}]"


def _options(spec: Spec) -> Iterator[Option]:
    """The options of each field: one, or for a switch one for each way."""
    for field in spec.options:
        takes = "" if field.kind in (Kind.SWITCH, Kind.FAMILY) else field.metavar
        if field.flags:
            short, long = _names(field.flags)
            yield Option(field.name, long, _line(field.help), short, takes=takes)
        if field.off:
            short, long = _names(field.off)
            yield Option(field.name, long, _line(field.off_help), short, value=False)


def _names(flags: tuple[str, ...]) -> tuple[str, str]:
    short = next((flag for flag in flags if not flag.startswith("--")), "")
    return short, next(flag for flag in flags if flag.startswith("--"))


def _line(help_text: str) -> str:
    """As help shows it: a phrase, without capital and full stop."""
    first, _, _ = help_text.partition(" ")
    if not any(letter.isupper() for letter in first[1:]):
        help_text = help_text[:1].lower() + help_text[1:]
    return help_text.removesuffix(".")


# --- requests --------------------------------------------------------------------------------


def fill(kind: type[R], flags: Flags, **known: Any) -> R:
    """A request: what is known, and for all else what the options of its command said.

    Raises UsageError for a value that is none of its kind.
    """
    values = {
        field.name: value(field, flags.given[field.name])
        for field in spec_of(kind).options
        if field.name in flags.given and field.name not in known
    }
    return kind(**(values | known))


def assigned(
    kind: type[Request], operands: tuple[str, ...], jails: Container[str] = ()
) -> list[dict[str, Any]]:
    """The operands as values by field: one set for each request that they ask for.

    Where other words may follow the names of several jails, `jails` tells which words are names.
    Raises UsageError where words are missing or left.
    """
    values: dict[str, Any] = {}
    operands_by_name: dict[str, list[str]] = {}
    words, spec = list(operands), spec_of(kind)
    fields = spec.operands
    hint = f"Usage: {command(kind).usage}"
    for field in fields:
        if field.each:
            more = takewhile(lambda word: word in jails, words[1:])
            count = len(words) if field is fields[-1] else 1 + len(tuple(more))
            operands_by_name[field.name] = list(dict.fromkeys(words[:count]))
            words = words[count:]
        elif field.many:
            values[field.name] = tuple(dict.fromkeys(words))
            words = []
        elif words:
            values[field.name] = value(field, words.pop(0))
        elif field.default is not REQUIRED:
            values[field.name] = field.default
        else:
            raise UsageError(f"{spec.command}: {field.metavar} is missing", hint)
    if words:
        raise UsageError(f"{spec.command}: {sanitize(words[0])} is not expected here", hint)
    for name, given in operands_by_name.items():
        return [values | {name: word} for word in given]
    return [values]


def names_come_first(kind: type[Request]) -> bool:
    """Whether the operands are names of jails followed by other words."""
    fields = spec_of(kind).operands
    return len(fields) > 1 and fields[0].each
