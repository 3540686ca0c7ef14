"""A user property of a jail's dataset: read with its source, set or removed with its undo."""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.model import Dataset, Inventory
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import (
    CommandSucceeds,
    DatasetHasGuid,
    PropertyIs,
    Run,
    Step,
)

OWN = ("local", "received")
"""Sources of a value that the dataset itself has; `zfs inherit` removes either."""


def ask(name: str, datasets: Iterable[str]) -> tuple[str, ...]:
    """Name, value and source for each of the datasets, in one process."""
    columns = ("-o", "name,value,source", "-t", "filesystem")
    return ("zfs", "get", "-Hp", *columns, name, *datasets)


def current(inventory: Inventory, name: str, dataset: str) -> tuple[str, str] | None:
    """Value and source on one dataset, both "-" where there is none; None when it is not known."""
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
    """Set the property; with "" remove what the dataset itself has. `old` is value and source."""
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
    """The property was not set on the dataset itself since it was removed."""
    argv = ("zfs", "get", "-Hp", "-o", "source", name, dataset)
    return CommandSucceeds(
        argv, "local\n", succeeds=False, description=f"{name} of {dataset} was set since"
    )
