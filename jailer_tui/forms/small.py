"""Small forms: commands in jails, snapshots, and where an output is kept.

The forms for commands in jails, derived from their requests. Pure.

The form that asks where an output is to be kept. Pure.

The form that takes a snapshot of one jail or of several. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.in_jail.requests import Exec, Packages, Services
from jailer_core.operations.snapshots import take
from jailer_core.operations.snapshots.requests import SnapshotTake
from jailer_core.plan import Plan
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.forms.model import FormField, Kind

MOST_NAMES = 6


def command(names: tuple[str, ...], last: str = "") -> DerivedForm:
    """The form for a command; an empty field means `last`, the previous command."""
    return _form(Exec, names, suggested={"argv": last})


def packages(names: tuple[str, ...], stamp: str) -> DerivedForm:
    """The form for pkg; `stamp` names the snapshots that are taken before."""
    return _form(Packages, names, given={"stamp": stamp})


def service(names: tuple[str, ...], at_boot: Sequence[str]) -> DerivedForm:
    """The form for the action of a service; `at_boot` are the services that start at boot."""
    services = ", ".join(at_boot) or "none"
    return _form(Services, names, facts=(("At boot", services),))


def _form(
    kind: type[Exec | Packages | Services],
    names: tuple[str, ...],
    *,
    given: Mapping[str, Any] = {},
    suggested: Mapping[str, str] = {},
    facts: tuple[tuple[str, str], ...] = (),
) -> DerivedForm:
    shown = ", ".join(map(sanitize, names[:MOST_NAMES]))
    rest = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES else ""
    given = {"names": names, **given}
    return DerivedForm(kind, given, (("Jails", shown + rest), *facts), suggested)


@dataclass(frozen=True, slots=True)
class SaveForm:
    """A form with one field; empty means the suggestion."""

    suggestion: str

    def path(self, values: Mapping[str, str]) -> str:
        """The path of the file."""
        return values["path"].strip() or self.suggestion

    def items(self, _inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """The line of the form."""
        typed = values["path"].strip()
        good = not typed or (typed.startswith("/") and not typed.endswith("/"))
        return (
            FormField(
                "path",
                "File",
                Kind.TEXT,
                values["path"],
                suggestion="" if typed else sanitize(self.suggestion),
                help="A file on the host, mode 0600. Asks before replacing an existing file.",
                problem="" if good else "an absolute path",
                hint="" if good else "For example /root/output.txt.",
            ),
        )


MANY = 50
"""Names are checked for this many jails with each key; the plans check all of them."""


@dataclass(frozen=True, slots=True)
class TakeForm:
    """A name, and whether child datasets are included. `suggested` is derived from the time."""

    jails: tuple[Jail, ...]
    suggested: str

    @property
    def form(self) -> DerivedForm:
        """The fields, as derived for the first jail."""
        given = {"name": self.jails[0].name}
        return DerivedForm(SnapshotTake, given, suggested={"snapshot": self.suggested})

    def requests(self, values: Mapping[str, str]) -> tuple[SnapshotTake, ...]:
        """The requests, one for each jail."""
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
    """The commands of a plan, one per line."""
    return [describe(step.action) for step in plan.steps]
