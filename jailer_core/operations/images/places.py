"""Paths and datasets of images and their archives."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.operations.shared import created
from jailer_core.plan import DatasetExists, Run, Step

BASE = "base"
"""The snapshot of an image that jails are cloned from."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where an image and its archive are; `staged` is the archive while it is downloaded.

    That is a folder which always exists, unlike `files`: it is filled before the change begins.
    """

    folder: str
    files: str
    staged: str
    archive: str
    root: str
    dataset: str


def places(inventory: Inventory, version: str) -> Places:
    """Paths and dataset of an image."""
    top = inventory.layout.mountpoint.rstrip("/")
    folder = f"{top}/image"
    return Places(
        folder,
        f"{folder}/dist-files",
        f"{top}/.jailer-tui.base-{version}.txz",
        f"{folder}/dist-files/base-{version}.txz",
        f"{folder}/{version}",
        f"{inventory.layout.images}/{version}",
    )


def new_dataset(name: str, title: str) -> Step:
    """Make a dataset that does not exist; nothing in it outlives the undo."""
    return Step(
        Run(("zfs", "create", name)),
        title,
        undo=(created.no_dataset(name),),
        preconditions=(DatasetExists(name, exists=False),),
        postconditions=(DatasetExists(name),),
    )


def base_snapshot(dataset: str) -> Step:
    """Take the snapshot of an image that jails are cloned from."""
    base = f"{dataset}@{BASE}"
    return Step(
        Run(("zfs", "snapshot", base)),
        f"Take the snapshot {base}",
        undo=(created.no_dataset(base),),
        preconditions=(DatasetExists(base, exists=False),),
        postconditions=(DatasetExists(base),),
    )
