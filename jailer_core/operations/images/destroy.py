"""Destroy an image that nothing depends on."""

from __future__ import annotations

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Dataset, Inventory
from jailer_core.operations.images.catalog import named_version, places, users
from jailer_core.operations.images.defaults import default_file
from jailer_core.operations.images.requests import ImageDestroy
from jailer_core.operations.shared import clones, file_steps
from jailer_core.plan import Danger, DatasetHasGuid, Needs, Plan, Step
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: ImageDestroy) -> Needs:
    """Its snapshots, its archive, whether it is the default."""
    try:
        spot = places(inventory, named_version(inventory, request.version))
    except UsageError:
        return Needs()
    return Needs(
        snapshots=True,
        files=(default_file(inventory),),
        paths=(spot.archive,),
        commands=(clones.volumes_ask(spot.dataset),),
    )


def destroy(inventory: Inventory, request: ImageDestroy) -> Plan:
    """The plan that destroys an image that nothing depends on."""
    version = named_version(inventory, request.version)
    spot = places(inventory, version)
    parts = inventory.below(spot.dataset)
    if not parts:
        raise Refused(f"there is no image {version}", "See the images: image list")
    _require_unused(inventory, version, parts)
    steps: list[Step] = []
    default = inventory.file_texts.get(default_file(inventory))
    if default is not None and default.strip() == version:
        path = default_file(inventory)
        steps.append(file_steps.drop_file(path, default, None, f"Remove {path}: it is the default"))
    notes = clones.what_goes(inventory, parts)
    if spot.archive in inventory.file_stats:
        title, because = f"Remove its archive {spot.archive}", "it can be fetched again"
        steps.append(file_steps.remove_for_good(spot.archive, title, because))
    same = (DatasetHasGuid(parts[0].name, parts[0].guid),)
    steps.append(clones.destroy_step(parts[0], same, ""))
    return Plan(
        request,
        f"Destroy the image {version}",
        tuple(steps),
        Danger.DESTROYS,
        confirm=version,
        notes=tuple(notes),
    )


def _require_unused(inventory: Inventory, version: str, parts: tuple[Dataset, ...]) -> None:
    using = users(inventory, version)
    if using:
        raise Refused(
            f"the image {version} is needed by {', '.join(map(sanitize, using))}",
            "Move the jails to another image first (rebase), or destroy what depends on it.",
        )
    clones.not_held(inventory, parts)
