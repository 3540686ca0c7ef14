"""A user property of a jail's dataset: read with its source, set or removed with its undo."""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.model import Dataset, Inventory
from jailer_core.plan import (
    CommandSucceeds,
    Condition,
    DatasetHasGuid,
    PropertyIs,
    Run,
    Step,
    Undo,
)

OWN = ("local", "received")
"""Sources of a value that the dataset itself has; `zfs inherit` removes either."""


def ask(name: str, datasets: Iterable[str]) -> tuple[str, ...]:
    """Name, value and source for each of the datasets, in one process."""
    columns = ("-o", "name,value,source", "-t", "filesystem")
    return ("zfs", "get", "-Hp", *columns, name, *datasets)


def current(inventory: Inventory, name: str, dataset: str) -> tuple[str, str] | None:
    """Value and source on one dataset, both "-" where there is none; None when it is not known."""
    result = inventory.command_results.get(ask(name, [dataset]))
    prefix = f"{dataset}\t"
    if result is None or result.status != 0 or not result.stdout.startswith(prefix):
        return None
    value, _, source = result.stdout.removeprefix(prefix).removesuffix("\n").rpartition("\t")
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
    back = _back(name, value, source)
    same = DatasetHasGuid(dataset.name, dataset.guid)
    before: tuple[Condition, ...] = (PropertyIs(dataset.name, name, value),)
    after: tuple[Condition, ...] = (PropertyIs(dataset.name, name, new),) if new else ()
    undo = Undo(
        Run((*back, dataset.name)),
        undo_title,
        preconditions=(same, *(after or (not_set(name, dataset.name),))),
        done_when=(same, *before),
    )
    return Step(
        Run((*setter, dataset.name)),
        title,
        undo=(undo,),
        preconditions=(same, *before),
        postconditions=after,
        jail=jail,
    )


def _back(name: str, value: str, source: str) -> tuple[str, ...]:
    """What makes it as it was; -S takes the value that came with `zfs recv` (zfs-inherit(8))."""
    if source == "received":
        return ("zfs", "inherit", "-S", name)
    return ("zfs", "set", f"{name}={value}") if source == "local" else ("zfs", "inherit", name)


def not_set(name: str, dataset: str) -> CommandSucceeds:
    """The property was not set on the dataset itself since it was removed."""
    argv = ("zfs", "get", "-Hp", "-o", "source", name, dataset)
    return CommandSucceeds(
        argv, "local\n", succeeds=False, description=f"{name} of {dataset} was set since"
    )
