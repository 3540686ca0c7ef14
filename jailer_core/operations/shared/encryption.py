"""Encrypted datasets: whether their key is loaded, and where they may be moved.

`encryptionroot` and `keystatus` as recording 14 shows them; a key that is not loaded is
`unavailable` (zfsprops(7)).
"""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.errors import ParseError, Refused
from jailer_core.model import Inventory
from jailer_core.operations.guards import word
from jailer_core.parse import zfs

_COLUMNS = ",".join(zfs.PROPERTIES)
_ASK = ("zfs", "get", "-Hp", "-o", _COLUMNS, "encryptionroot,keystatus")


def ask(datasets: Iterable[str]) -> tuple[str, ...]:
    """The question for the keys of datasets."""
    return (*_ASK, *datasets)


def roots_ask(inventory: Inventory, dataset: str) -> tuple[str, ...]:
    """The question for the keys of a dataset that is to move, and of those around it."""
    return ask(dict.fromkeys((dataset, dataset.rpartition("/")[0], inventory.layout.dataset)))


def _values(inventory: Inventory, question: tuple[str, ...], name: str) -> dict[str, str]:
    """A property of each dataset; nothing of what could not be read."""
    answer = inventory.command_results.get(question)
    try:
        rows = zfs.properties(answer.stdout).entire() if answer is not None else ()
    except ParseError:
        return {}
    return {row.dataset: row.value for row in rows if row.name == name}


def loaded(inventory: Inventory, question: tuple[str, ...], datasets: Iterable[str]) -> None:
    """Raises Refused when one of these datasets cannot be mounted for want of its key."""
    status = _values(inventory, question, "keystatus")
    roots = _values(inventory, question, "encryptionroot")
    for dataset in datasets:
        if status.get(dataset) == "unavailable":
            raise Refused(
                f"the encryption key of {dataset} is not loaded",
                f"Load it: zfs load-key {word(roots.get(dataset, dataset))}",
            )


def may_move(inventory: Inventory, dataset: str, target: str) -> None:
    """Raises Refused when ZFS would not let it go there: it has its key from elsewhere.

    A dataset stays below the one whose key it uses, unless it has its own. A clone uses that of
    its origin wherever it lies. Not recorded.
    """
    roots = _values(inventory, roots_ask(inventory, dataset), "encryptionroot")
    root, above = roots.get(dataset, "-"), target.rpartition("/")[0]
    while above and above not in roots:
        above = above.rpartition("/")[0]
    if root in ("-", dataset) or root == roots.get(above):
        return
    raise Refused(
        f"{dataset} cannot be moved: it is encrypted with the key of {root}",
        "It can only stay below that dataset, or get a key of its own: see zfs-change-key(8).",
    )
