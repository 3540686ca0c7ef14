"""Conditions on datasets and snapshots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import CommandResult, Inventory
from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import (
    DATASET_PROGRAMS,
    Condition,
    existence,
    program,
    related,
)
from jailer_core.plan.conditions.effects import keeps_dataset, keeps_datasets, keeps_property

NEW_GUID = "new"
"""In `DatasetHasGuid.guid`: the guid that was read right after the step had made the dataset."""


def get_property(dataset: str, name: str) -> tuple[str, ...]:
    """The command that prints a property's value (recording 05)."""
    return ("zfs", "get", "-Hp", "-o", "value", name, dataset)


@dataclass(frozen=True, slots=True)
class _OfDataset(Condition):
    """One on a dataset or, with @, a snapshot that is known by its name."""

    UNKNOWN: ClassVar[str] = "the datasets could not be read"

    name: str

    def query(self) -> tuple[str, ...]:
        return get_property(self.name, "guid")

    def needs(self) -> Needs:
        """Snapshots are read on demand, datasets by every refresh."""
        return Needs(snapshots="@" in self.name)

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        kept = keeps_datasets(argv) or keeps_dataset(argv, self.name)
        return not kept and _may_change(argv, self.name)


@dataclass(frozen=True, slots=True)
class DatasetHasGuid(_OfDataset):
    """A dataset (or, with @, snapshot) of that name exists and has that guid (see NEW_GUID)."""

    FAILURE: ClassVar[str] = "{0.name} is not the same dataset"

    guid: str

    def answer(self, result: CommandResult) -> bool | None:
        return _judge(result, lambda guid: guid == self.guid)

    def holds(self, inventory: Inventory) -> bool | None:
        guid = _guid(inventory, self.name)
        return None if guid is None else guid == self.guid

    def implies(self, other: Condition) -> bool | None:
        match other:
            case DatasetHasGuid(name=self.name):
                return self.guid == other.guid
            case DatasetExists(name=self.name):
                return other.exists
        return None


@dataclass(frozen=True, slots=True)
class DatasetExists(_OfDataset):
    """A dataset (or, with @, snapshot) of that name exists; `exists` False: none does."""

    exists: bool = True

    def answer(self, result: CommandResult) -> bool | None:
        return _judge(result, lambda guid: (guid is not None) is self.exists)

    def holds(self, inventory: Inventory) -> bool | None:
        guid = _guid(inventory, self.name)
        return None if guid is None else bool(guid) is self.exists

    def implies(self, other: Condition) -> bool | None:
        match other:
            case DatasetExists(name=self.name):
                return self.exists is other.exists
            case DatasetHasGuid(name=self.name):
                return None if self.exists else False
        return None

    def _failure(self) -> str:
        return f"{self.name} {existence(self.exists)}"


@dataclass(frozen=True, slots=True)
class OriginIs(_OfDataset):
    """The dataset's origin is that snapshot ("" for none)."""

    ANSWER: ClassVar[str] = "origin"

    origin: str

    def query(self) -> tuple[str, ...]:
        return get_property(self.name, "origin")

    def answer(self, result: CommandResult) -> bool | None:
        return _judge(result, lambda origin: origin == (self.origin or "-"))

    def holds(self, inventory: Inventory) -> bool | None:
        if inventory.datasets is None:
            return None
        dataset = inventory.dataset(self.name)
        return dataset is not None and dataset.origin == self.origin

    def _failure(self) -> str:
        return f"the origin of {self.name} is not {self.origin or 'none'}"


@dataclass(frozen=True, slots=True)
class PropertyIs(Condition):
    """A ZFS property has that value (`zfs get -Hp -o value`)."""

    ANSWER: ClassVar[str] = "value"
    FAILURE: ClassVar[str] = "{0.name} of {0.dataset} is not {0.value}"
    UNKNOWN: ClassVar[str] = _OfDataset.UNKNOWN

    dataset: str
    name: str
    value: str

    def query(self) -> tuple[str, ...]:
        return get_property(self.dataset, self.name)

    def answer(self, result: CommandResult) -> bool | None:
        return _judge(result, lambda value: value == self.value)

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return not keeps_property(argv, self.name) and _may_change(argv, self.dataset)


def _judge(result: CommandResult, right: Callable[[str | None], bool]) -> bool | None:
    """Judge a value as `zfs get` prints it; it is None where there is no such dataset."""
    if result.status == 0:
        return right(result.stdout.rstrip("\n"))
    return right(None) if "does not exist" in result.stderr else None


def _guid(inventory: Inventory, name: str) -> str | None:
    """The guid, "" when there is no such dataset or snapshot, None when that is not known."""
    of_snapshot = "@" in name
    if (inventory.snapshots if of_snapshot else inventory.datasets) is None:
        return None
    known = inventory.snapshot(name) if of_snapshot else inventory.dataset(name)
    return known.guid if known is not None else ""


def _may_change(argv: tuple[str, ...], name: str) -> bool:
    """Whether a command may change that dataset: promote moves snapshots and origins."""
    if program(argv) not in DATASET_PROGRAMS:
        return False
    if "promote" in argv or "zpool" in argv[0]:
        return True
    plain = name.partition("@")[0]
    return any(related(plain, word.partition("@")[0]) for word in argv[2:])
