"""Bookmarks of datasets, and their permissions (`zfs allow`).

Recording 14: `zfs list -t bookmark` prints as for other types, `zfs allow DATASET` a line
`---- Permissions on DATASET ---…` for each that has some. That those above it come too is not
recorded (zfs-allow(8)).
"""

from __future__ import annotations

import re

from jailer_core.model import Dataset, Inventory, Snapshot
from jailer_core.text import sanitize

_HEAD = re.compile(r"---- Permissions on (.+?) -+")


def bookmarks_ask(top: str) -> tuple[str, ...]:
    """Bookmarks of a dataset and those below."""
    return ("zfs", "list", "-Hp", "-o", "name,createtxg", "-t", "bookmark", "-r", top)


def allow_ask(dataset: str) -> tuple[str, ...]:
    """Who may do what with a dataset."""
    return ("zfs", "allow", dataset)


def asks(parts: tuple[Dataset, ...]) -> tuple[tuple[str, ...], ...]:
    """What must be asked for these notes."""
    if not parts:
        return ()
    return (bookmarks_ask(parts[0].name), *(allow_ask(dataset.name) for dataset in parts))


def bookmarks(inventory: Inventory, top: str) -> tuple[tuple[str, int], ...]:
    """Full name (`dataset#name`) and transaction of each bookmark; none when not known."""
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


def notes(inventory: Inventory, going: tuple[Dataset, ...]) -> list[str]:
    """What is lost when datasets are recreated."""
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
