"""Paths and datasets of images and their archives."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Step

BASE = "base"
"""The snapshot of an image that jails are cloned from."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where an image and its archive are; `staged` is the archive while it is downloaded.

    That is a folder which always exists, unlike `files`: it is filled before the change begins.
    """

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
        f"{folder}/dist-files",
        f"{top}/.jailer-tui.base-{version}.txz",
        f"{folder}/dist-files/base-{version}.txz",
        f"{folder}/{version}",
        f"{inventory.layout.images}/{version}",
    )


def above_images(inventory: Inventory) -> list[Step]:
    """Make the dataset of the images where there is none."""
    name = inventory.layout.images
    if inventory.dataset(name) is not None:
        return []
    return [zfs_steps.create(name, "Create the dataset of the images")]


def base_snapshot(dataset: str) -> Step:
    """Take the snapshot of an image that jails are cloned from."""
    return zfs_steps.snapshot([f"{dataset}@{BASE}"])
