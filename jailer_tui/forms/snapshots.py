"""The forms about snapshots: take one, hold one, how many are kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.snapshots import take
from jailer_core.operations.snapshots.names import KINDS
from jailer_core.operations.snapshots.requests import SnapshotPolicy, SnapshotTake
from jailer_core.operations.snapshots.retention import MOST
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
                "Include children",
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


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """How many of each kind are kept. `schedule` says whether cron runs `snap auto`."""

    jail: Jail
    schedule: str

    def request(self, values: Mapping[str, str]) -> SnapshotPolicy:
        """What is asked for; fields that are no numbers were found wrong before."""
        counts = {kind: int(values[kind].strip() or 0) for kind in KINDS}
        return SnapshotPolicy(self.jail.name, **counts)

    def items(self, _inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        fields = [
            FormField(
                kind,
                kind.capitalize(),
                Kind.TEXT,
                values[kind],
                suggestion="" if values[kind].strip() else "0",
                said=(_covers(kind, _number(values[kind]) or 0), "dim"),
                help="How many to keep; 0 or empty: none.",
                problem=_wrong(values[kind]),
                hint="Only snapshots made by the policy are removed.",
            )
            for kind in KINDS
        ]
        return (
            *fields,
            FormField("schedule", "Runs", Kind.FACT, said=(self.schedule, "text")),
        )


_UNITS = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}


def _covers(kind: str, count: int) -> str:
    """How far back one can go with them."""
    if not count:
        return "none"
    unit = _UNITS[kind]
    return f"the last {unit}" if count == 1 else f"the last {count} {unit}s"


def _number(text: str) -> int | None:
    """The number that was typed, None for something else."""
    typed = text.strip()
    if not typed:
        return 0
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 8 else None


def _wrong(text: str) -> str:
    number = _number(text)
    if number is None:
        return "not a number"
    return f"more than {MOST}" if number > MOST else ""
