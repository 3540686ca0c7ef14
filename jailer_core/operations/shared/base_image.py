"""The base of a new jail: an image, or a snapshot of a jail or image."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.guards import word
from jailer_core.operations.images import catalog, mirror
from jailer_core.operations.images.catalog import BASE, places
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Base:
    """One choice for `Create.base`: its text, a label for people, `image` or `snapshot`.

    `why_not` says why it cannot be used, "" when it can.
    """

    text: str
    label: str
    kind: str
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """The snapshot that a base means. `version` is the image to fetch first, or ""."""

    dataset: str
    snapshot: str
    version: str = ""
    missing: bool = False

    @property
    def full(self) -> str:
        """DATASET@SNAPSHOT."""
        return f"{self.dataset}@{self.snapshot}"

    @property
    def is_image(self) -> bool:
        """Whether it is the base of an image, in which nothing is configured yet."""
        return bool(self.version)


def usual(inventory: Inventory) -> str:
    """The default base: the default image, else the host's own release."""
    default = next((image.version for image in inventory.images if image.default), "")
    return default or catalog.own_version(inventory)


def bases(inventory: Inventory) -> tuple[Base, ...]:
    """All bases: images first, then snapshots of jails (if they were read)."""
    entries = [
        Base(
            image.version,
            "base image (default)" if image.default else "base image",
            "image",
            _too_new(inventory, image.version),
        )
        for image in inventory.images
    ]
    jails = {jail.dataset: jail.name for jail in inventory.jails if jail.dataset}
    entries += [
        Base(
            f"{jails[snapshot.dataset]}@{snapshot.name}",
            "snapshot of a jail",
            "snapshot",
        )
        for snapshot in inventory.snapshots or ()
        if snapshot.dataset in jails and "@" not in jails[snapshot.dataset]
    ]
    return tuple(entries)


def _too_new(inventory: Inventory, version: str) -> str:
    host = inventory.host.release
    return f"it is newer than this host ({host})" if catalog.newer_release(version, host) else ""


def source(inventory: Inventory, text: str) -> Source:
    """The snapshot that a base means. Raises Refused, UsageError."""
    asked = text.strip() or usual(inventory)
    if not asked:
        raise Refused("there is no image to create it from", "Fetch one: image fetch")
    if "@" in asked:
        return _snapshot(inventory, asked)
    version = catalog.named_version(inventory, asked)
    why_not = _too_new(inventory, version)
    if why_not:
        raise Refused(f"the image {version} cannot be used: {why_not}", "Use an older one (-r).")
    dataset = places(inventory, version).dataset
    existing = catalog.image(inventory, version)
    if existing is None:
        refusal = mirror.refusal(inventory, version)
        if refusal:
            raise Refused(refusal, "See the images: image list")
    elif existing.has_base is False or _lacks(inventory, f"{dataset}@{BASE}"):
        raise Refused(
            f"the image {version} has no snapshot @{BASE}",
            f"Fetching it was interrupted: image destroy {version}, then fetch it again.",
        )
    return Source(dataset, BASE, version, missing=existing is None)


def _lacks(inventory: Inventory, snapshot: str) -> bool:
    return inventory.snapshots is not None and inventory.snapshot(snapshot) is None


def _snapshot(inventory: Inventory, asked: str) -> Source:
    """`JAIL@SNAP` and `image/VERSION@SNAP`, as `jailer` has them."""
    name, _, snapshot = asked.partition("@")
    jail = inventory.jail(name)
    dataset = jail.dataset if jail is not None else f"{inventory.layout.dataset}/{name}"
    if not snapshot or not dataset or inventory.dataset(dataset) is None:
        raise Refused(
            f"there is no {sanitize(asked)} to create a jail from",
            "Use JAIL@SNAPSHOT or image/VERSION@SNAPSHOT.",
        )
    if _lacks(inventory, f"{dataset}@{snapshot}"):
        raise Refused(
            f"{sanitize(name)} has no snapshot {sanitize(snapshot)}",
            f"Take one first: zfs snapshot {word(f'{dataset}@{snapshot}')}",
        )
    parent, _, version = dataset.rpartition("/")
    is_image = parent == inventory.layout.images and bool(parent)
    return Source(dataset, snapshot, version if is_image else "")
