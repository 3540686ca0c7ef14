"""The old and new base of a jail that moves, and where their files are."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import Already, Refused
from jailer_core.model import Dataset, Image, Inventory, Jail
from jailer_core.model.trees import TreesQuestion
from jailer_core.operations.guards import word
from jailer_core.operations.images import catalog
from jailer_core.operations.images.catalog import BASE
from jailer_core.parse import zfsdiff
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Move:
    """A jail's dataset, the snapshot that its files come from, and the image that it moves to.

    `cloned` tells whether the dataset is a clone of that snapshot.
    """

    jail: Jail
    dataset: Dataset
    old: str
    new: Image
    cloned: bool

    @property
    def new_snapshot(self) -> str:
        """The snapshot of the new image."""
        return f"{self.new.dataset}@{BASE}"


def move(inventory: Inventory, jail: Jail, asked: str) -> Move:
    """The move of a jail to another base. Raises Refused, Already."""
    dataset = inventory.dataset(jail.dataset)
    if dataset is None or not dataset.mounted or dataset.mountpoint != jail.path.rstrip("/"):
        raise Refused(
            f"{sanitize(jail.name)} has no mounted dataset of its own at {sanitize(jail.path)}",
            "Only such a jail can be moved to another base.",
        )
    new = _target(inventory, jail, asked)
    if dataset.origin == f"{new.dataset}@{BASE}":
        raise Already(f"{sanitize(jail.name)} is already based on {sanitize(new.version)}")
    origin = dataset.origin.partition("@")[0]
    if any(image.dataset == origin for image in inventory.images):
        return Move(jail, dataset, dataset.origin, new, cloned=True)
    old = _same_files(inventory, jail)
    if old.dataset == new.dataset and not asked:
        raise Already(f"{sanitize(jail.name)} already has the newest files of its release")
    return Move(jail, dataset, f"{old.dataset}@{BASE}", new, cloned=False)


def _same_files(inventory: Inventory, jail: Jail) -> Image:
    """The image whose files a jail without an origin was made from: of its exact patch level."""
    if not jail.userland:
        raise Refused(
            f"the release of {sanitize(jail.name)} is unknown",
            "Its bin/freebsd-version could not be read.",
        )
    for image in inventory.images:
        if image.userland == jail.userland and image.has_base is not False:
            return image
    raise Refused(
        f"{sanitize(jail.name)} is not a clone of an image, and no image has the files of "
        f"{sanitize(jail.userland)} to compare it with",
        f"Fetch it, and update it to that patch level: image fetch {word(jail.userland)}",
    )


def _target(inventory: Inventory, jail: Jail, asked: str) -> Image:
    image = find(inventory, asked) if asked else _newest(inventory, jail)
    release = image.userland or image.version
    require_base(image)
    if catalog.newer_release(release, inventory.host.release):
        raise Refused(
            f"{sanitize(release)} is newer than this host's kernel "
            f"({sanitize(inventory.host.release)})",
            "Update the host first: a userland must not be newer than the kernel.",
        )
    return image


def require_base(image: Image) -> None:
    """Raises Refused for an image from which nothing can be cloned."""
    if image.has_base is False:
        raise Refused(
            f"the image {sanitize(image.version)} has no snapshot @{BASE}",
            f"Fetching it was interrupted: image destroy {word(image.version)}, then fetch it.",
        )


def find(inventory: Inventory, asked: str) -> Image:
    """The image of that name, or the newest one of a release. Raises Refused."""
    for image in inventory.images:
        if image.version == asked:
            return image
    version = catalog.release_version(asked)
    images = [image for image in inventory.images if image.version.startswith(version)]
    if not images:
        raise Refused(f"there is no image {sanitize(asked)}", "See the images: image list")
    return max(images, key=_age)


def _newest(inventory: Inventory, jail: Jail) -> Image:
    number = catalog.release_number(jail.userland or jail.release)
    images = [
        image
        for image in inventory.images
        if number is not None and catalog.release_number(image.userland or image.version) == number
    ]
    if not images:
        raise Refused(
            f"there is no image of the release of {sanitize(jail.name)}",
            "Name the image to move to: --to IMAGE",
        )
    return max(images, key=_age)


def _age(image: Image) -> tuple[tuple[int, int, int], int]:
    return (catalog.patch_level(image.userland) or (0, 0, 0), image.created)


def mounted_at(inventory: Inventory, image: Image) -> str:
    """The directory with the files of an image, or "" if it is not mounted."""
    dataset = inventory.dataset(image.dataset)
    return dataset.mountpoint if dataset is not None and dataset.mounted else ""


# --- where their files are -------------------------------------------------------------------


def root_of(inventory: Inventory, snapshot: str) -> str:
    """The directory with the files of a snapshot. Raises Refused."""
    name, _, own = snapshot.partition("@")
    dataset = inventory.dataset(name)
    if dataset is None or not dataset.mounted or not dataset.mountpoint:
        raise Refused(f"{sanitize(name)} is not mounted", f"Mount it: zfs mount {word(name)}")
    return f"{dataset.mountpoint.rstrip('/')}/.zfs/snapshot/{own}"


def question(inventory: Inventory, made: Move) -> TreesQuestion:
    """The query for the three trees, with the jail as it is now. Raises Refused."""
    diff = (*zfsdiff.COMMAND, made.old, made.dataset.name) if made.cloned else ()
    return TreesQuestion(
        root_of(inventory, made.old),
        made.dataset.mountpoint,
        root_of(inventory, made.new_snapshot),
        diff,
        made.dataset.mountpoint,
    )
