"""The form of an operation, derived from the fields of its request: pure.

What is selected is given; every other operand and option is a field. What is wrong with them says
the operation's `problems`, what they hold at first its `form_values`, what the host adds to them
its `form_hints`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jailer_core.errors import UsageError
from jailer_core.model import Inventory
from jailer_core.operations.completion import FieldHint, source_of
from jailer_core.operations.fields import value
from jailer_core.operations.registry import form_hints, form_results, problems
from jailer_core.operations.spec import FieldSpec, Kind, Role, spec_of
from jailer_core.request import Request
from jailer_core.text import sanitize
from jailer_tui.forms import model
from jailer_tui.forms.model import NO, ON_OFF, YES, ChoiceOption, FormField, fact

AS_IT_IS = ""
"""The value of a choice that the host decides."""
_BY_ITSELF = ChoiceOption(AS_IT_IS, "default")


@dataclass(frozen=True, slots=True)
class DerivedForm:
    """The form for the values of a request that are not in `given`."""

    kind: type[Request]
    given: Mapping[str, Any]
    facts: tuple[tuple[str, str], ...] = field(default=())
    """Lines that say what it is about."""
    suggested: Mapping[str, str] = field(default_factory=dict)
    """What empty fields become, where the program knows it."""

    @property
    def fields(self) -> tuple[FieldSpec, ...]:
        """The fields to fill in."""
        return tuple(
            spec
            for spec in spec_of(self.kind).fields
            if (spec.label or spec.role is not Role.PROVIDED) and spec.name not in self.given
        )

    def start(self, present: Mapping[str, str] = {}) -> dict[str, str]:
        """The initial values."""
        return {spec.name: present.get(spec.name, _first(spec)) for spec in self.fields}

    def request(self, inventory: Inventory, values: Mapping[str, str]) -> Request:
        """The request; invalid values are left at their default."""
        made = self.kind(**self._read(values)[0])
        return self._complete(made, form_hints(inventory, made), values)

    def _complete(
        self, made: Request, hints: Mapping[str, FieldHint], values: Mapping[str, str]
    ) -> Request:
        """With what the host puts into empty fields, and without what cannot be filled in."""
        changed: dict[str, Any] = {}
        for spec in self.fields:
            hint = hints.get(spec.name)
            if hint is not None and hint.off and not spec.required:
                changed[spec.name] = spec.default
            elif hint is not None and hint.empty and not values[spec.name].strip():
                changed[spec.name] = hint.empty
        return replace(made, **changed) if changed else made

    def typed(self, values: Mapping[str, str]) -> dict[str, Any]:
        """The typed values of the fields."""
        made, _ = self._read(values)
        return {spec.name: made[spec.name] for spec in self.fields}

    def blank(self, given: Mapping[str, Any] = {}) -> Request:
        """The request with empty fields."""
        return self.kind(**{**self.typed(self.start()), **(given or self.given)})

    def _read(self, values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, tuple[str, str]]]:
        made: dict[str, Any] = dict(self.given)
        wrong: dict[str, tuple[str, str]] = {}
        for spec in self.fields:
            text = values[spec.name]
            text = text if text.strip() else self.suggested.get(spec.name, "")
            text = text if spec.kind is Kind.WORDS else text.strip()
            try:
                made[spec.name] = _value(spec, text)
            except UsageError as error:
                made[spec.name] = (() if spec.many else 0) if spec.required else spec.default
                _, flag, complaint = error.message.partition(": ")
                wrong[spec.name] = (complaint, "") if flag else (error.message, error.hint)
            if spec.required and not text and not spec.may_be_empty:
                wrong[spec.name] = ("is missing", spec.help)
        return made, wrong

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        made, wrong = self._read(values)
        typed = self.kind(**made)
        hints, plain = form_hints(inventory, typed), FieldHint()
        request = self._complete(typed, hints, values)
        whole = not any(spec.required and spec.name in wrong for spec in self.fields)
        wrong_fields = {**(problems(inventory, request) if whole else {}), **wrong}
        results = form_results(inventory, request)
        names = [spec.name for spec in self.fields]
        if names:  # what is said of no field is said of the first
            for name in [name for name in wrong_fields if name not in names]:
                wrong_fields.setdefault(names[0], wrong_fields[name])
        return (
            *(fact(label, text) for label, text in self.facts),
            *(
                self._field(spec, values[spec.name], hints.get(spec.name, plain)).judged(
                    wrong_fields
                )
                for spec in self.fields
            ),
            *([FormField("title", "Result", model.Kind.TITLE)] if results else []),
            *(fact(label, text) for label, text in results.items()),
        )

    def _field(self, spec: FieldSpec, text: str, host: FieldHint) -> FormField:
        options = _options(spec, host)
        choice = bool(options) or host.choices is not None
        return FormField(
            spec.name,
            host.label or spec.label,
            model.Kind.CHOICE if choice else model.Kind.TEXT,
            text,
            suggestion="" if text.strip() or choice else self._suggestion(spec, host),
            said=(sanitize(host.beside), "dim"),
            help=host.help or spec.help or spec.off_help,
            options=options,
            off=sanitize(host.off),
            source=source_of(spec, str(self.given.get("name", "")), host.words),
        )

    def _suggestion(self, spec: FieldSpec, host: FieldHint) -> str:
        """What an empty field becomes."""
        default = "" if spec.required or not spec.default else str(spec.default)
        return sanitize(host.suggestion or self.suggested.get(spec.name, default))


def _options(spec: FieldSpec, host: FieldHint) -> tuple[ChoiceOption, ...]:
    if host.choices is not None:
        return tuple(
            ChoiceOption(word, sanitize(word) or host.none, sanitize(text))
            for word, text in host.choices
        )
    if spec.kind is Kind.SWITCH:
        return (_BY_ITSELF, *ON_OFF) if spec.default is None else ON_OFF
    if spec.kind is Kind.FAMILY:
        return ON_OFF
    words = tuple(ChoiceOption(word, word) for word in spec.choices)
    return (_BY_ITSELF, *words) if words and spec.default in ("", None) else words


def _first(spec: FieldSpec) -> str:
    """What an untouched field holds."""
    if spec.kind is Kind.SWITCH:
        return {True: YES, False: NO}.get(spec.default, AS_IT_IS)
    if spec.kind is Kind.FAMILY:
        return NO
    return str(spec.default) if spec.choices and spec.default else ""


def _value(spec: FieldSpec, text: str) -> Any:
    """The value of a field as it was filled in. Raises UsageError."""
    if spec.kind is Kind.SWITCH:
        return {YES: True, NO: False}.get(text)
    if spec.kind is Kind.FAMILY:
        return value(spec, text == YES)
    if not text and not spec.required:
        return "" if spec.default is None else spec.default  # it was emptied: remove the value
    return value(spec, text)
