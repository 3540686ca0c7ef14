"""Properties set on a dataset itself: clones do not inherit them, so they are copied.

Asked in two rounds that a jail with a delegated dataset cannot fool: names and
sources first (a name holds no tab and no line feed, a value may), then each value separately.
"""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Property
from jailer_core.text import sanitize

_KEYS = ("encryption", "keyformat", "keylocation", "pbkdf2iters")
_NONE_FOR_ZERO = ("quota", "refquota")
RESERVED = ("reservation", "refreservation")


@dataclass(frozen=True, slots=True)
class DatasetProperties:
    """Properties that are set on each dataset, in the order in which zfs tells them."""

    properties: tuple[Property, ...]

    def of(self, dataset: str) -> tuple[Property, ...]:
        """Those of one dataset."""
        return tuple(prop for prop in self.properties if prop.dataset == dataset)

    def value(self, dataset: str, name: str) -> str:
        """What a property is set to on that dataset itself, "" where it is not."""
        return next((prop.value for prop in self.of(dataset) if prop.name == name), "")

    def options(self, dataset: str) -> tuple[str, ...]:
        """As options of `zfs clone`; raises Refused where no clone can have them."""
        words: list[str] = []
        for prop in self.of(dataset):
            if prop.name in _KEYS:
                raise Refused(
                    f"{sanitize(dataset)} is encrypted with its own key",
                    "A clone cannot replace it; only a plain rollback works (rollback --destroy).",
                )
            # zfs wants the word: `quota=0` is refused (lib/libzfs; not recorded)
            zero = prop.name in _NONE_FOR_ZERO and prop.value == "0"
            words += ["-o", f"{prop.name}={'none' if zero else prop.value}"]
        return tuple(words)


def names_ask(dataset: str) -> tuple[str, ...]:
    """Names and sources of what is set there (`-s`, and these two columns, are not recorded)."""
    return ("zfs", "get", "-Hp", "-o", "property,source", "-s", "local,received", "all", dataset)


def value_ask(dataset: str, name: str) -> tuple[str, ...]:
    """One value, whatever it holds (recording 05 line 27)."""
    return ("zfs", "get", "-Hp", "-o", "value", name, dataset)


def asks(inventory: Inventory, parts: tuple[Dataset, ...]) -> tuple[tuple[str, ...], ...]:
    """What must be asked about these datasets, as far as it is known by now."""
    rows: list[tuple[str, ...]] = []
    for dataset in parts:
        rows.append(names_ask(dataset.name))
        rows += [value_ask(dataset.name, name) for name, _ in _names(inventory, dataset) or ()]
    return tuple(rows)


def carried(inventory: Inventory, parts: tuple[Dataset, ...]) -> DatasetProperties:
    """What is set on these datasets. Raises Refused when any of it could not be read."""
    properties: list[Property] = []
    for dataset in parts:
        names = _names(inventory, dataset)
        if names is None:
            raise _unread(dataset)
        for name, source in names:
            value = inventory.output(value_ask(dataset.name, name)) or ""
            if not value.endswith("\n"):
                raise _unread(dataset)
            properties.append(Property(dataset.name, name, value[:-1], source))
    return DatasetProperties(tuple(properties))


def _names(inventory: Inventory, dataset: Dataset) -> tuple[tuple[str, str], ...] | None:
    """Names and sources; None when they were not read, or could not be parsed."""
    text = inventory.output(names_ask(dataset.name))
    if text is None:
        return None
    rows = [line.split("\t") for line in text.split("\n") if line]
    if any(len(row) != 2 or row[1] not in ("local", "received") for row in rows):
        return None
    names = [row[0] for row in rows]
    return None if len(set(names)) != len(names) else tuple((row[0], row[1]) for row in rows)


def _unread(dataset: Dataset) -> Refused:
    return Refused(
        f"the properties of {sanitize(dataset.name)} could not be read",
        "A clone does not inherit them, so it would not be the same.",
    )
