"""User properties of datasets, and the operations that set only one of them.

A user property of a jail's dataset: read with its source, set or removed with its undo.

Operations on one text property of a jail's dataset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.steps import reversible
from jailer_core.plan import CommandSucceeds, DatasetHasGuid, Needs, Plan, PropertyIs, Run, Step
from jailer_core.request import Request
from jailer_core.text import sanitize

OWN = ("local", "received")
"""Sources of a value that the dataset itself has; `zfs inherit` removes either."""


def ask(name: str, datasets: Iterable[str]) -> tuple[str, ...]:
    """Name, value and source for each of the datasets, in one process."""
    columns = ("-o", "name,value,source", "-t", "filesystem")
    return ("zfs", "get", "-Hp", *columns, name, *datasets)


def current(inventory: Inventory, name: str, dataset: str) -> tuple[str, str] | None:
    """Value and source on one dataset, both "-" if not set; None if unknown."""
    row = inventory.output(ask(name, [dataset])) or ""
    prefix = f"{dataset}\t"
    if not row.startswith(prefix):
        return None
    value, _, source = row.removeprefix(prefix).removesuffix("\n").rpartition("\t")
    return value, source


def change(  # noqa: PLR0913 - the property, what it is and will be, and what the step is called
    dataset: Dataset,
    name: str,
    *,
    old: tuple[str, str],
    new: str,
    title: str,
    undo_title: str,
    jail: str,
) -> Step:
    """Set the property; "" removes the dataset's own value. `old` is value and source."""
    value, source = old
    setter = ("zfs", "set", f"{name}={new}") if new else ("zfs", "inherit", name)
    # -S takes the value that came with `zfs recv` (zfs-inherit(8))
    inherit = ("zfs", "inherit", *(("-S",) if source == "received" else ()), name)
    back = ("zfs", "set", f"{name}={value}") if source == "local" else inherit
    after = (PropertyIs(dataset.name, name, new),) if new else ()
    return reversible(
        (Run((*setter, dataset.name)), title),
        (Run((*back, dataset.name)), undo_title),
        before=(PropertyIs(dataset.name, name, value),),
        after=after,
        same=(DatasetHasGuid(dataset.name, dataset.guid),),
        undo_if=() if after else (not_set(name, dataset.name),),
        jail=jail,
    )


def not_set(name: str, dataset: str) -> CommandSucceeds:
    """The property has not been set on the dataset itself since it was removed."""
    argv = ("zfs", "get", "-Hp", "-o", "source", name, dataset)
    return CommandSucceeds(
        argv, "local\n", succeeds=False, description=f"{name} of {dataset} was set since"
    )


@dataclass(frozen=True, slots=True)
class TextProperty:
    """The user property `name`; `what` is the word for it in titles and messages.

    `field` is the field of a request that sets it.
    """

    name: str
    what: str
    field: str = ""

    def needs(self, inventory: Inventory, request: Request) -> Needs:
        """The current text of a jail, and where it comes from. Raises Refused for no jail."""
        dataset = self._jail(inventory, request).dataset
        return Needs(commands=(ask(self.name, [dataset]),) if dataset else ())

    def form_values(self, inventory: Inventory, request: Request) -> dict[str, str]:
        """The text that the jail has now, "" for none and while it is not known."""
        jail = self._jail(inventory, request)
        known = current(inventory, self.name, jail.dataset)
        return {self.field: "" if known is None or known[1] == "-" else known[0]}

    @staticmethod
    def _jail(inventory: Inventory, request: Request) -> Jail:
        name: str = getattr(request, "name", "")
        return guards.require_jail(inventory, name)

    def require(self, inventory: Inventory, jail: Jail) -> tuple[Dataset, tuple[str, str]]:
        """The jail's dataset, and its value and source. Raises Refused if they are unknown."""
        guards.require_datasets(inventory)
        dataset = inventory.dataset(jail.dataset)
        present = current(inventory, self.name, jail.dataset)
        if dataset is None or present is None:
            raise Refused(f"the {self.what} of {sanitize(jail.name)} could not be read")
        return dataset, present

    def plan(self, inventory: Inventory, request: Request, jail: Jail, text: str) -> Plan:
        """The plan that sets the text, or with "" removes it. Raises Refused."""
        dataset, present = self.require(inventory, jail)
        title = f"{'Set' if text else 'Remove'} the {self.what} of {sanitize(jail.name)}"
        own = present[1] in OWN
        if (present[0] == text) if own else not text:
            return Plan.unchanged(request, title, jail.name)
        step = change(
            dataset,
            self.name,
            old=present,
            new=text,
            title=f"{title}: {text}" if text else title,
            undo_title=f"Set the {self.what} as it was",
            jail=jail.name,
        )
        return Plan(request, title, (step,), jail=jail.name)
