"""Base images: which exist, and which jails depend on each.

Layout of `jailer`: dataset `POOL/jails/image/VERSION@base`, archives in
`image/dist-files/base-VERSION.txz`, the default's name in `image/.default`.
"""

from __future__ import annotations

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Image, Inventory
from jailer_core.operations.images import releases
from jailer_core.operations.images.places import places
from jailer_core.operations.shared import clones


def own_version(inventory: Inventory) -> str:
    """The release of the host's own kernel, "" while it is not known."""
    try:
        return releases.version(inventory.host.release)
    except UsageError:
        return ""


def version_of(inventory: Inventory, text: str) -> str:
    """The version that is meant; "" is the host's own. Raises Refused, UsageError."""
    version = releases.version(text) if text else own_version(inventory)
    if not version:
        raise Refused("the host's release is unknown", "Name the version to fetch.")
    return version


def named_version(inventory: Inventory, text: str) -> str:
    """The image of exactly that name, else the release that it means. Raises UsageError."""
    return text if image(inventory, text) is not None else releases.version(text)


def image(inventory: Inventory, version: str) -> Image | None:
    """A fetched image."""
    return next((image for image in inventory.images if image.version == version), None)


def users(inventory: Inventory, version: str) -> tuple[str, ...]:
    """Jails and images that depend on an image, by name; other datasets by theirs."""
    names = {jail.dataset: jail.name for jail in inventory.jails if jail.dataset}
    names |= {image.dataset: image.version for image in inventory.images}
    parts = inventory.below(places(inventory, version).dataset)
    needing = (dataset.name for dataset in clones.dependents(inventory, parts))
    return tuple(names.get(name, name) for name in needing)
