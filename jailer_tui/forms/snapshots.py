"""The form that takes a snapshot of one jail or of several. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.snapshots import take
from jailer_core.operations.snapshots.requests import SnapshotTake
from jailer_core.plan import Plan
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.forms.model import FormField, Kind

MANY = 50
"""Of so many jails the name is checked with each key; the plans check all of them."""


@dataclass(frozen=True, slots=True)
class TakeForm:
    """A name, and whether what lies below is meant too. `suggested` was made of the time."""

    jails: tuple[Jail, ...]
    suggested: str

    @property
    def form(self) -> DerivedForm:
        """The fields, as for the first jail."""
        given = {"name": self.jails[0].name}
        return DerivedForm(SnapshotTake, given, suggested={"snapshot": self.suggested})

    def requests(self, values: Mapping[str, str]) -> tuple[SnapshotTake, ...]:
        """One for each jail."""
        typed = self.form.typed(values)
        return tuple(SnapshotTake(jail.name, **typed) for jail in self.jails)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        name, recursive = self.form.items(inventory, values)
        jails = ", ".join(sanitize(jail.name) for jail in self.jails)
        if len(self.jails) > 1:
            wrong = self._problems(inventory, values)
            # what is not possible for some jails is told in the preview, jail by jail
            problem, hint = wrong[0] if len(wrong) == min(len(self.jails), MANY) else ("", "")
            name = replace(name, problem=sanitize(problem), hint=sanitize(hint))
            below = take.below(inventory, [jail.name for jail in self.jails])
            recursive = replace(recursive, said=(below.beside, "dim"), off=below.off)
            if wrong and len(self.jails) <= MANY:
                jails = f"{len(self.jails) - len(wrong)} of {len(self.jails)} can be: {jails}"
        return name, recursive, FormField("jails", "Jails", Kind.FACT, said=(jails, "text"))

    def _problems(self, inventory: Inventory, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is wrong, at most once for each jail."""
        requests = self.requests(values)[:MANY]
        problems = [take.problems(inventory, request) for request in requests]
        return [next(iter(problem.values())) for problem in problems if problem]

    def commands(self, inventory: Inventory, values: Mapping[str, str]) -> list[str]:
        """The exact commands that would run, for one jail."""
        if inventory.snapshots is None or len(self.jails) > 1:
            return []
        try:
            return commands(take.take(inventory, self.requests(values)[0]))
        except JailerError:
            return []


def commands(plan: Plan) -> list[str]:
    """What a plan does, line by line."""
    return [describe(step.action) for step in plan.steps]
