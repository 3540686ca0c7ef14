"""Datasets that a jail's start attaches to it: by `zfs.dataset`, or by a command of its hooks."""

from __future__ import annotations

import re

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail, JailConfig, Mount
from jailer_core.operations.shared.names_in_config import commands
from jailer_core.text import sanitize

PARAMETER = "zfs.dataset"
_ATTACH = re.compile(r"\bzfs\s+jail\s+\S+\s+([^\s\"';&|]+)")
"""`zfs jail JAIL DATASET` in a command."""

Pairs = tuple[tuple[str, str], ...]


def given(config: JailConfig) -> tuple[str, ...]:
    """The datasets that a jail's start attaches."""
    listed = list(config.params.get(PARAMETER, ()))
    for _, line in commands(config.params):
        listed += _ATTACH.findall(line)
    return tuple(dict.fromkeys(listed))


def overlap(name: str, other: str) -> bool:
    """Whether two datasets are the same, or one is below the other."""
    return f"{name}/".startswith(f"{other}/") or f"{other}/".startswith(f"{name}/")


def mounts(inventory: Inventory, config: JailConfig) -> tuple[Mount, ...]:
    """What is mounted of the datasets of a jail, in the order in which it was."""
    datasets = given(config)
    return tuple(
        mount
        for mount in (inventory.mounts or () if datasets else ())
        if mount.fstype == "zfs"
        and any(f"{mount.device}/".startswith(f"{dataset}/") for dataset in datasets)
    )


def in_no_other(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused when a dataset of a jail is in another one that runs."""
    for other, datasets in _attached(inventory):
        for dataset in datasets if other.name != name else ():
            if any(overlap(dataset, mine) for mine in given(config)):
                raise Refused(
                    f"{sanitize(other.name)} is running and has the dataset {sanitize(dataset)}",
                    f"Stop {sanitize(other.name)}, or take the dataset away from it (dataset "
                    "take).",
                )


@of_latest
def _attached(inventory: Inventory) -> list[tuple[Jail, tuple[str, ...]]]:
    """The running jails that have datasets, and which."""
    return [
        (jail, datasets)
        for jail in inventory.jails
        if jail.running and jail.config is not None and (datasets := given(jail.config))
    ]


def moved(config: JailConfig, old: str, new: str) -> Pairs:
    """The datasets below a jail's own, by their names now and with its dataset renamed."""
    return tuple(
        (dataset, new + dataset[len(old) :])
        for dataset in given(config)
        if old and new and dataset.startswith(f"{old}/")
    )


def renamed(text: str, pairs: Pairs) -> str:
    """The text of a configuration with other names of datasets."""
    for old, new in sorted(pairs, key=lambda pair: -len(pair[0])):
        word = re.compile(rf"(?<![\w./:-]){re.escape(old)}(?![\w./:-])")
        text = word.sub(lambda _match, new=new: new, text)  # type: ignore[misc]
    return text
