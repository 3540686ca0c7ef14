"""Decide what may be destroyed: only a jail that alone owns its file and its dataset.

Every function raises errors.Refused.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from operator import attrgetter

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Dataset, Inventory, Jail, JailConfig
from jailer_core.model.paths import by_place
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.shared import mounts
from jailer_core.text import sanitize

_HOST = ("/usr/home", "/usr/local", "/usr/src", "/usr/obj", "/usr/ports", "/var/db", "/var/log")
"""Mount points of the host itself, besides all that lie directly below the root."""


def trash_can_take(inventory: Inventory, jail: Jail, target: str) -> None:
    """A rename stays within its pool, and needs a free name."""
    layout = inventory.layout
    if not layout.dataset or jail.dataset.partition("/")[0] != layout.dataset.partition("/")[0]:
        raise Refused(
            f"{jail.dataset} cannot be moved to the trash, which is in another pool or not set up",
            "Destroy it permanently (--purge), or set up this host first (init).",
        )
    if inventory.dataset(target) is not None:
        raise Refused(f"{target} already exists", "Try again with another stamp.")


def alone(jail: Jail) -> JailConfig:
    """Its configuration, when its file holds nothing else."""
    config = guards.require_configured(jail)
    if guards.source(config) == "/etc/jail.conf" or not config.alone:
        raise Refused(
            f"{sanitize(guards.source(config))} holds more than {sanitize(jail.name)}",
            "Give each jail its own file first: /etc/jail.conf.d/NAME.conf.",
        )
    if config.text is None:
        raise Refused(
            f"{sanitize(guards.source(config))} could not be read",
            "It must be saved first: run as root.",
        )
    return config


def own_datasets(inventory: Inventory, jail: Jail, config: JailConfig) -> tuple[Dataset, ...]:
    """The jail's dataset and those below, when no other jail and nothing of ours lives there."""
    guards.require_datasets(inventory)
    if not config.params and jail.problems:
        raise Refused(
            f"the configuration of {sanitize(jail.name)} could not be read: "
            f"{jail.problems[0].message}",
            f"Fix it first: {sanitize(guards.source(config))}",
        )
    parts = inventory.below(jail.dataset) if jail.dataset else ()
    if not parts:
        raise Refused(
            f"{sanitize(jail.name)} has no dataset of its own",
            f"Plain directories are never removed. By hand: rm {word(guards.source(config))}, "
            f"then look after {sanitize(jail.path)}.",
        )
    no_part_of_the_host(inventory, jail, parts)
    names = [dataset.name for dataset in parts]
    points = [part.mountpoint.rstrip("/") for part in parts if part.mountpoint not in ("", "/")]
    living = [other for point in points for other in _jails_below(inventory).get(point, ())]
    living += [other for name in names for other in _jails_of_datasets(inventory).get(name, ())]
    for other in living:
        if other.name != jail.name and not other.name.startswith(f"{jail.name}."):
            raise Refused(
                f"the jail {sanitize(other.name)} is also in {jail.dataset}",
                f"Destroy or move {sanitize(other.name)} first.",
            )
    return parts


@of_latest
def _jails_below(inventory: Inventory) -> Mapping[str, list[Jail]]:
    return by_place(inventory.jails, attrgetter("path"))


@of_latest
def _jails_of_datasets(inventory: Inventory) -> Mapping[str, list[Jail]]:
    jails: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        jails[jail.dataset].append(jail)
    return jails


def no_part_of_the_host(inventory: Inventory, jail: Jail, parts: tuple[Dataset, ...]) -> None:
    """A jail may have the host's root, an image or all jails for its path: never destroy those."""
    layout = inventory.layout
    kept = {layout.dataset, layout.images, layout.own, layout.trash} - {""}
    image = bool(layout.images) and jail.dataset.startswith(f"{layout.images}/")
    for dataset in parts:
        above = dataset.mountpoint.count("/") < 2 or mounts.inside(
            layout.mountpoint, dataset.mountpoint
        )
        host = bool(dataset.mountpoint) and (above or dataset.mountpoint in _HOST)
        if image or host or dataset.name in kept or "/" not in dataset.name:
            raise Refused(
                f"{dataset.name} holds more than {sanitize(jail.name)}",
                f"Check the path of {sanitize(jail.name)}: {sanitize(jail.path)}.",
            )


def nothing_foreign(
    inventory: Inventory, jail: Jail, config: JailConfig, parts: tuple[Dataset, ...]
) -> None:
    """Nothing is mounted inside but what goes with the jail and its own datasets."""
    guards.require_mounts(inventory)
    bases = dict.fromkeys(
        [jail.path, *(dataset.mountpoint for dataset in parts if dataset.mounted)]
    )
    for base in filter(None, bases):
        others = mounts.foreign(inventory, config, base, parts)
        if others:
            listed = ", ".join(
                f"{sanitize(mount.path)} ({sanitize(mount.device)})" for mount in others
            )
            raise Refused(
                f"something else is mounted inside {sanitize(jail.name)}: {listed}",
                f"Unmount it first: umount {word(others[-1].path)}",
            )
