"""The form about snapshots: take one of one jail or several. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.snapshots import take
from jailer_core.operations.snapshots.requests import SnapshotTake
from jailer_core.plan import Plan
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize
from jailer_tui.forms.model import ON_OFF, YES, FormField, Kind

TAKE: Mapping[str, str] = {"snapshot": "", "recursive": YES}
"""What an untouched form holds."""
MANY = 50
"""Of so many jails the name is checked with each key; the plans check all of them."""
NAME = "Letters, digits and - _ . : are allowed; empty: the time, in UTC."


@dataclass(frozen=True, slots=True)
class TakeForm:
    """A name, and whether what lies below is meant too. `suggested` was made of the time."""

    jails: tuple[Jail, ...]
    suggested: str

    def requests(self, values: Mapping[str, str]) -> tuple[SnapshotTake, ...]:
        """One for each jail."""
        name = values["snapshot"].strip() or self.suggested
        recursive = values["recursive"] == YES
        return tuple(SnapshotTake(jail.name, name, recursive) for jail in self.jails)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        wrong = self._problems(inventory, values)
        # what is not possible for some of several jails is told in the preview, jail by jail
        problem, hint = wrong[0] if len(wrong) == min(len(self.jails), MANY) else ("", "")
        below = sum(len(inventory.below(jail.dataset)) - 1 for jail in self.jails if jail.dataset)
        jails = ", ".join(sanitize(jail.name) for jail in self.jails)
        if wrong and 1 < len(self.jails) <= MANY:
            jails = f"{len(self.jails) - len(wrong)} of {len(self.jails)} can be: {jails}"
        return (
            FormField(
                "snapshot",
                "Name",
                Kind.TEXT,
                values["snapshot"],
                suggestion="" if values["snapshot"].strip() else self.suggested,
                said=("free", "dim") if inventory.snapshots is not None else ("", "dim"),
                help=NAME,
                problem=sanitize(problem),
                hint=sanitize(hint),
            ),
            FormField(
                "recursive",
                "Child datasets",
                Kind.CHOICE,
                values["recursive"],
                options=ON_OFF,
                said=(f"{below} dataset{'s' if below > 1 else ''} below", "dim"),
                off="" if below else "no datasets below",
                help="All at the same moment.",
            ),
            FormField("jails", "Of", Kind.FACT, said=(jails, "text")),
        )

    def _problems(self, inventory: Inventory, values: Mapping[str, str]) -> list[tuple[str, str]]:
        """What is wrong, at most once for each jail; once the snapshots are known."""
        if inventory.snapshots is None:
            return []
        found = [
            take.problems(inventory, snapshot_take)
            for snapshot_take in self.requests(values)[:MANY]
        ]
        return [next(iter(one.values())) for one in found if one]

    def commands(self, inventory: Inventory, values: Mapping[str, str]) -> list[str]:
        """The very commands that would run, for one jail."""
        if inventory.snapshots is None or len(self.jails) > 1:
            return []
        try:
            return commands(take.take(inventory, self.requests(values)[0]))
        except JailerError:
            return []


def commands(plan: Plan) -> list[str]:
    """What a plan does, line by line."""
    return [describe(step.action) for step in plan.steps]
