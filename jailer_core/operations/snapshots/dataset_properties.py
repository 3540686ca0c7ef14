"""Settings on a dataset itself: properties, permissions and bookmarks.

Bookmarks of datasets, and their permissions (`zfs allow`).

Recording 14: `zfs list -t bookmark` prints as for other types, `zfs allow DATASET` a line
`---- Permissions on DATASET ---…` for each that has some. That those above it come too is not
recorded (zfs-allow(8)).

Properties set on a dataset itself: clones do not inherit them, so they are copied.

Asked in two rounds that a jail with a delegated dataset cannot fool: names and
sources first (a name holds no tab and no line feed, a value may), then each value separately.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Property, Snapshot
from jailer_core.text import sanitize

_HEAD = re.compile(r"---- Permissions on (.+?) -+")


def bookmarks_ask(top: str) -> tuple[str, ...]:
    """Bookmarks of a dataset and those below."""
    return ("zfs", "list", "-Hp", "-o", "name,createtxg", "-t", "bookmark", "-r", top)


def allow_ask(dataset: str) -> tuple[str, ...]:
    """The query for delegated permissions of a dataset."""
    return ("zfs", "allow", dataset)


def bookmark_asks(parts: tuple[Dataset, ...]) -> tuple[tuple[str, ...], ...]:
    """The queries for these notes."""
    if not parts:
        return ()
    return (bookmarks_ask(parts[0].name), *(allow_ask(dataset.name) for dataset in parts))


def bookmarks(inventory: Inventory, top: str) -> tuple[tuple[str, int], ...]:
    """Full name (`dataset#name`) and transaction of each bookmark; none if unknown."""
    lines = (inventory.output(bookmarks_ask(top)) or "").split("\n")
    rows = [line.split("\t") for line in lines]
    return tuple((row[0], int(row[1])) for row in rows if len(row) == 2 and row[1].isdigit())


def newer_bookmarks(inventory: Inventory, top: str, snapshot: Snapshot) -> tuple[str, ...]:
    """Bookmarks of the snapshot's dataset that a rollback to it destroys."""
    return tuple(
        name
        for name, txg in bookmarks(inventory, top)
        if name.partition("#")[0] == snapshot.dataset and txg > snapshot.createtxg
    )


def bookmark_notes(inventory: Inventory, going: tuple[Dataset, ...]) -> list[str]:
    """Notes on what is lost when datasets are recreated."""
    names = {dataset.name for dataset in going}
    marks = [
        name for name, _ in bookmarks(inventory, going[0].name) if name.partition("#")[0] in names
    ]
    steps = []
    if marks:
        steps.append(f"Bookmarks stay in the trash: {', '.join(map(sanitize, marks))}.")
    allow = [dataset.name for dataset in going if allowed(inventory, dataset.name)]
    if allow:
        listed = ", ".join(map(sanitize, allow))
        steps.append(f"What zfs allow permits there stays in the trash too: {listed}.")
    return steps


def allowed(inventory: Inventory, dataset: str) -> list[str]:
    """Who may do what: a block of lines for each dataset that it comes from; its own one counts."""
    permissions, owner = [], ""
    for line in (inventory.output(allow_ask(dataset)) or "").split("\n"):
        head = _HEAD.fullmatch(line)
        if head is not None:
            owner = head[1]
        elif owner == dataset and line.startswith("\t"):
            permissions.append(line.strip())
    return permissions


_KEYS = ("encryption", "keyformat", "keylocation", "pbkdf2iters")
_NONE_FOR_ZERO = ("quota", "refquota")
RESERVED = ("reservation", "refreservation")


@dataclass(frozen=True, slots=True)
class DatasetProperties:
    """Properties that are set on each dataset, in the order in which zfs tells them."""

    properties: tuple[Property, ...]

    def of(self, dataset: str) -> tuple[Property, ...]:
        """The properties of one dataset."""
        return tuple(prop for prop in self.properties if prop.dataset == dataset)

    def value(self, dataset: str, name: str) -> str:
        """What a property is set to on that dataset itself, "" where it is not."""
        return next((prop.value for prop in self.of(dataset) if prop.name == name), "")

    def options(self, dataset: str) -> tuple[str, ...]:
        """Options of `zfs clone`. Raises Refused if no clone can have them."""
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
    """The queries about these datasets, as far as they are known."""
    rows: list[tuple[str, ...]] = []
    for dataset in parts:
        rows.append(names_ask(dataset.name))
        rows += [value_ask(dataset.name, name) for name, _ in _names(inventory, dataset) or ()]
    return tuple(rows)


def carried(inventory: Inventory, parts: tuple[Dataset, ...]) -> DatasetProperties:
    """What is set on these datasets. Raises Refused if any of it could not be read."""
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
