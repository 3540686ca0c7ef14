"""The forms for limits and for a parameter of a jail: pure, from the catalogues of both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import UsageError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import limit_catalog, limits, parameters
from jailer_core.operations.settings.limit_catalog import Limit, shown
from jailer_core.operations.settings.parameter_catalog import Kind as ValueKind, is_live
from jailer_core.operations.settings.parameter_state import Value, shown_value
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.settings.usage import Usage
from jailer_core.operations.spec import spec_of
from jailer_core.text import sanitize
from jailer_tui.forms.model import NO, ON_OFF, YES, ChoiceOption, FormField, Kind, fact

DEFAULT = "default"
_DEFAULT = ChoiceOption(DEFAULT, "default", "Without a setting of its own.")


@dataclass(frozen=True, slots=True)
class LimitsForm:
    """One field for each limit of one or several jails; only what is changed is asked for.

    `usages` are those of each jail. A limit that they do not share is empty at first.
    """

    jails: tuple[Jail, ...]
    usages: tuple[tuple[Usage, ...], ...]

    def start(self) -> dict[str, str]:
        """The limits that all jails share."""
        return {
            every[0].limit.word: _amount(every[0]) if _same(every) else ""
            for every in zip(*self.usages, strict=True)
        }

    def requests(self, values: Mapping[str, str]) -> tuple[SetLimits, ...]:
        """The requests, one for each jail."""
        changed = tuple(
            f"{word}={values[word].strip()}"
            for word, start in self.start().items()
            if values[word].strip() != start
            and (len(self.jails) > 1 or _plain(word, values[word]) != _plain(word, start))
        )
        return tuple(SetLimits(jail.name, changed) for jail in self.jails)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form; what is wrong for one jail alone, the preview says."""
        wrong = limits.problems(inventory, self.requests(values)[0])
        return tuple(
            _field(every, values).judged(wrong) for every in zip(*self.usages, strict=True)
        )


def _same(every: tuple[Usage, ...]) -> bool:
    return len({_amount(usage) for usage in every}) == 1


def _field(every: tuple[Usage, ...], values: Mapping[str, str]) -> FormField:
    """One limit: beside it how much is used, or of several jails whether they share it."""
    limit, used = every[0].limit, every[0].used
    beside = "" if used is None else f"uses {shown(limit, used)}"
    if len(every) > 1:
        beside = "" if _same(every) else "differ; none removes them"
    help_text = f"{limit.help} For example {limit.example}; empty: no limit."
    text = values[limit.word]
    return FormField(limit.word, limit.label, Kind.TEXT, text, "", (beside, "dim"), help_text)


def _amount(usage: Usage) -> str:
    """The present limit as it would be typed."""
    text = usage.at_start or usage.allowed or ""
    sized = usage.limit.unit in (limit_catalog.Unit.BYTES, limit_catalog.Unit.RATE)
    return limit_catalog.compact(text) if sized else text


def _plain(word: str, text: str) -> str:
    limit: Limit = limit_catalog.BY_WORD[word]
    try:
        amount = limit_catalog.amount(limit, text)
    except UsageError:
        return text.strip()
    sized = amount and limit.unit not in limit_catalog.WORDS
    return str(limit_catalog.number(amount)) if sized else amount


@dataclass(frozen=True, slots=True)
class ParameterForm:
    """One parameter of a jail, and whether the jail is restarted for it."""

    jail: Jail
    value: Value

    @property
    def _restarts(self) -> bool:
        return self.jail.running and not is_live(self.value.parameter.name)

    def start(self) -> dict[str, str]:
        """The configured value."""
        configured = self.value.configured
        if self._options():
            first = DEFAULT if configured is None else configured
        else:
            first = configured or ""
        return {"value": first, "restart": NO}

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> SetParameters:
        """The request."""
        setting = f"{self.value.parameter.name}={values['value'].strip()}"
        return SetParameters(self.jail.name, (setting,), restart=values["restart"] == YES)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        parameter = self.value.parameter
        wrong = parameters.problems(inventory, self.request(inventory, values))
        problem, hint = wrong.get(parameter.name, ("", ""))
        options = self._options()
        risk = f" Risk: {parameter.risk}" if parameter.risk else ""
        facts = (
            ("Parameter", parameter.name),
            ("Running", shown_value(self.value.running)),
            ("Default", "?" if parameter.default is None else shown_value(parameter.default)),
        )
        field = FormField(
            "value",
            "Value",
            Kind.CHOICE if options else Kind.TEXT,
            values["value"],
            said=("" if options else "empty is the default", "dim"),
            help=f"{parameter.allows}{risk}",
            options=options,
            problem=sanitize(problem),
            hint=sanitize(hint),
        )
        spec = spec_of(SetParameters).field("restart")
        restart = FormField(
            "restart",
            spec.label,
            Kind.CHOICE,
            values["restart"],
            help=spec.help,
            options=ON_OFF,
            off="" if self._restarts else "not needed",
        )
        return (*(fact(label, text) for label, text in facts), field, restart)

    def _options(self) -> tuple[ChoiceOption, ...]:
        parameter = self.value.parameter
        if parameter.kind is ValueKind.SWITCH:
            return (_DEFAULT, ChoiceOption("true", "yes"), ChoiceOption("false", "no"))
        words = tuple(ChoiceOption(word, word) for word in parameter.choices)
        return (_DEFAULT, *words) if words else ()
