"""Mounts below a jail: its own datasets, what its configuration mounts, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from operator import attrgetter

from jailer_core.latest import of_latest
from jailer_core.model import Dataset, Inventory, JailConfig, Mount
from jailer_core.model.paths import by_place, normal
from jailer_core.operations.shared import delegated
from jailer_core.parse import fstab as fstab_line
from jailer_core.plan import Condition, MountedAt, Run, Step

_BY_PARAMETER = (
    ("mount.procfs", "/proc", "procfs"),
    ("mount.fdescfs", "/dev/fd", "fdescfs"),
    ("mount.devfs", "/dev", "devfs"),
)


def inside(path: str, base: str) -> bool:
    """Whether a path lies below another (or is it); both are plain ones (paths.normal)."""
    return path == base or path.startswith(base.rstrip("/") + "/")


def below(inventory: Inventory, base: str) -> tuple[Mount, ...]:
    """Mounts strictly below a path, in the order in which they were made."""
    mounts = _mounts_below(inventory.mounts or ()).get(base.rstrip("/"), ())
    return tuple(mount for mount in mounts if mount.path != base)


@of_latest
def _mounts_below(mounts: tuple[Mount, ...]) -> Mapping[str, list[Mount]]:
    return by_place(mounts, attrgetter("path"))


def by_parameter(config: JailConfig) -> dict[str, str]:
    """Where jail(8) mounts devfs and its like for this jail, and what; the last one first.

    Nothing for a jail on the host's own root: there they are the host's.
    """
    path = config.root.rstrip("/")
    places = [(path + place, kind) for param, place, kind in _BY_PARAMETER if config.has(param)]
    return dict(places) if path else {}


def targets(lines: Iterable[str]) -> list[str]:
    """Where lines of an fstab mount, as plain paths."""
    fields = [line.partition("#")[0].split() for line in lines]
    return [normal(fstab_line.unescaped(field[1])) for field in fields if len(field) >= 2]


def configured(inventory: Inventory, config: JailConfig) -> tuple[str, ...]:
    """Paths inside it that its `mount` lines and the file of `mount.fstab` have mounted."""
    fstab = inventory.file_texts.get(config.first("mount.fstab"), "")
    paths = targets([*config.params.get("mount", ()), *fstab.splitlines()])
    base = config.root.rstrip("/")
    return tuple(path for path in paths if base and path != base and inside(path, base))


def left_over(inventory: Inventory, config: JailConfig) -> tuple[Mount, ...]:
    """What it mounts and is there although it does not run; its own datasets are none of that.

    Datasets that it was given are: the jail itself mounts them.
    """
    usual, own = by_parameter(config), set(configured(inventory, config))
    datasets = delegated.mounts(inventory, config)
    return tuple(
        mount
        for mount in (inventory.mounts or () if datasets else below(inventory, config.root))
        if usual.get(mount.path) == mount.fstype
        or (mount.path in own and mount.fstype != "zfs")
        or mount in datasets
    )


def foreign(
    inventory: Inventory, config: JailConfig, path: str, datasets: tuple[Dataset, ...]
) -> tuple[Mount, ...]:
    """Mounts below the path that neither its configuration made nor its datasets are."""
    own = {dataset.name for dataset in datasets}
    going = left_over(inventory, config)
    return tuple(
        mount for mount in below(inventory, path) if mount.device not in own and mount not in going
    )


def unmount_left(
    inventory: Inventory, config: JailConfig, guard: tuple[Condition, ...]
) -> list[Step]:
    """Steps that unmount devfs and its like, last mounted first."""
    mounts = left_over(inventory, config)
    steps: list[Step] = []
    for index, mount in enumerate(reversed(mounts)):
        again = any(other.path == mount.path for other in mounts[: len(mounts) - index - 1])
        steps.append(
            Step(
                Run(("/sbin/umount", mount.path)),
                f"Unmount the {mount.fstype} left over on {mount.path}",
                irreversible_because=f"the jail mounts {mount.fstype} again when it starts",
                preconditions=(*guard, MountedAt(mount.path)),
                postconditions=() if again else (MountedAt(mount.path, mounted=False),),
                jail=config.name,
            )
        )
    return steps
