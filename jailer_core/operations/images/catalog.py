"""Base images: which exist, where their files are, and the versions of FreeBSD.

Versions of FreeBSD: how they are written, which is newer, which has reached its end of life.

Base images: which exist, and where their files are.

Paths and datasets of images and their archives.

Base images: which exist, and which jails depend on each.

Layout of `jailer`: dataset `POOL/jails/image/VERSION@base`, archives in
`image/dist-files/base-VERSION.txz`, the default's name in `image/.default`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Image, Inventory
from jailer_core.operations.shared import clones
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import Step
from jailer_core.text import sanitize

_VERSION = re.compile(r"(\d{1,3})\.(\d{1,3})(-RELEASE)?(?:-p\d+)?", re.IGNORECASE)


def release_version(value: str) -> str:
    """`15.1`, `15.1-RELEASE` and `15.1-RELEASE-p3` all mean 15.1-RELEASE. Raises UsageError."""
    match = _VERSION.fullmatch(value.strip())
    if match is None:
        raise UsageError(
            f"'{sanitize(value)}' is not a version of FreeBSD", "For example: 15.1-RELEASE"
        )
    return f"{int(match[1])}.{int(match[2])}-RELEASE"


def release_number(text: str) -> tuple[int, int] | None:
    """Major and minor number of a release, None when it does not begin with them."""
    match = re.match(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else None


def patch_level(text: str) -> tuple[int, int, int] | None:
    """Major, minor and patch level of `15.1-RELEASE-p3`; None for anything but a release."""
    match = re.fullmatch(r"(\d{1,3})\.(\d{1,3})-RELEASE(?:-p(\d{1,4}))?", text)
    return (int(match[1]), int(match[2]), int(match[3] or 0)) if match else None


def newer_release(version: str, host: str) -> bool:
    """Whether a release is newer than the host's kernel, so that its programs may not run."""
    left, right = release_number(version), release_number(host)
    return left is not None and right is not None and left > right


@cache
def _table() -> dict[str, date]:
    text = (files("jailer_core") / "data" / "eol.json").read_text(encoding="utf-8")
    releases = json.loads(text)["releases"]
    return {key: date.fromisoformat(line["ends"]) for key, line in releases.items()}


def end_of_life(release: str) -> date | None:
    """The day on which its support ends or ended (data/eol.json), or None."""
    parsed = release_number(release)
    return _table().get(f"{parsed[0]}.{parsed[1]}") if parsed else None


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


def own_version(inventory: Inventory) -> str:
    """The release of the host's own kernel, "" while it is not known."""
    try:
        return release_version(inventory.host.release)
    except UsageError:
        return ""


def version_of(inventory: Inventory, text: str) -> str:
    """The version for a word; "" is the host's own. Raises Refused, UsageError."""
    version = release_version(text) if text else own_version(inventory)
    if not version:
        raise Refused("the host's release is unknown", "Name the version to fetch.")
    return version


def named_version(inventory: Inventory, text: str) -> str:
    """The image of exactly that name, else the release. Raises UsageError."""
    return text if image(inventory, text) is not None else release_version(text)


def image(inventory: Inventory, version: str) -> Image | None:
    """A fetched image."""
    return next((image for image in inventory.images if image.version == version), None)


def users(inventory: Inventory, version: str) -> tuple[str, ...]:
    """Names of jails, images and other datasets that depend on an image."""
    names = {jail.dataset: jail.name for jail in inventory.jails if jail.dataset}
    names |= {image.dataset: image.version for image in inventory.images}
    parts = inventory.below(places(inventory, version).dataset)
    needing = (dataset.name for dataset in clones.dependents(inventory, parts))
    return tuple(names.get(name, name) for name in needing)
