"""The model of a form: fields with their suggestions and problems, without a widget.

A form is a pure function from what was typed and from the host to its items, in an order that
never changes: a field that makes no sense now is `off` with the reason, it does not go away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

from jailer_core.model import Inventory
from jailer_core.operations.completion import Source
from jailer_core.text import sanitize
from jailer_tui.presenters.jails import Line, Span

YES, NO = "yes", "no"
NOTHING_SAID: Span = ("", "dim")


class Kind(StrEnum):
    """How a field is filled in: typed, chosen, or not at all (headings, facts)."""

    TITLE = "title"
    FACT = "fact"
    TEXT = "text"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """One of several values; `said` explains it in a line."""

    value: str
    label: str
    description: str = ""


ON_OFF = (ChoiceOption(YES, "yes"), ChoiceOption(NO, "no"))


@dataclass(frozen=True, slots=True)
class FormField:
    """One line of a form as it is now.

    `suggestion` is what an empty field becomes. `said` is shown beside the field, `help` and
    `hint` below the form while the field has the focus. `problem` is what is wrong with it,
    `source` what completes it.
    """

    key: str
    label: str
    kind: Kind
    value: str = ""
    suggestion: str = ""
    said: Span = NOTHING_SAID
    help: str = ""
    options: tuple[ChoiceOption, ...] = ()
    off: str = ""
    problem: str = ""
    hint: str = ""
    source: Source | None = None

    @property
    def completes(self) -> bool:
        """Whether the input can be completed."""
        return self.open and self.kind is Kind.TEXT and self.source is not None

    @property
    def open(self) -> bool:
        """Whether it can be filled in now."""
        return self.kind in (Kind.TEXT, Kind.CHOICE) and not self.off

    @property
    def missing(self) -> bool:
        """Whether it is only missing a value."""
        empty = not self.value.strip() and not self.suggestion
        return bool(self.problem) and self.kind is Kind.TEXT and empty

    @property
    def option(self) -> ChoiceOption:
        """The chosen option."""
        chosen = [option for option in self.options if option.value == self.value]
        return (chosen or self.options or (ChoiceOption("", "-"),))[0]

    def judged(self, wrong: Mapping[str, tuple[str, str]]) -> FormField:
        """With what is wrong with it, where it can be filled in."""
        problem, hint = ("", "") if self.off else wrong.get(self.key, ("", ""))
        return replace(self, problem=sanitize(problem), hint=sanitize(hint))


class FormModel(Protocol):
    """The contents of a form."""

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line, in order; the same keys and kinds at every call."""


def fact(label: str, text: str) -> FormField:
    """A line that cannot be changed."""
    return FormField(f"fact {label}", label, Kind.FACT, said=(sanitize(text), "text"))


@dataclass(frozen=True, slots=True)
class Question:
    """One step of a wizard: what is asked, in plain words, and the fields that answer it.

    With `choice` the options of that field are shown as a list.
    """

    title: str
    text: tuple[str, ...]
    keys: tuple[str, ...]
    choice: bool = False


def inline_hint(item: FormField, failed: str) -> Line:
    """The text beside a field: why it is off, its problem, or its remark."""
    if item.off:
        return ((item.off, "dim"),)
    if item.missing:
        return (("needed", "accent"),)
    if item.problem:
        return ((f"{failed} {item.problem}", "bad"),)
    return (item.said,)


def help_lines(item: FormField | None) -> list[Line]:
    """The text about the field that has the focus."""
    if item is None:
        return []
    lines: list[Line] = []
    if item.missing:
        lines.append(((item.hint, "accent"),))
    elif item.problem:
        lines.append(((item.problem, "bad"),))
        lines += [((item.hint, "accent"),)] if item.hint else []
    elif item.kind is Kind.CHOICE and item.option.description:
        lines.append(((item.option.description, "text"),))
    if item.help and not item.missing:
        lines.append(((item.help, "dim"),))
    return lines


def first_problem(items: Sequence[FormField]) -> FormField | None:
    """The first invalid field."""
    return next((item for item in items if item.problem and not item.off), None)
