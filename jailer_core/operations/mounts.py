"""What is mounted below a jail: its own datasets, what its configuration mounts, and the rest."""

from __future__ import annotations

from jailer_core.model import Dataset, Inventory, JailConfig, Mount
from jailer_core.plan import DatasetIs, MountedAt, PropertyIs, Run, State, Step, Undo

JAIL_FILESYSTEMS = ("devfs", "fdescfs", "procfs")
"""File systems that jail(8) mounts by itself (mount.devfs, mount.fdescfs, mount.procfs)."""


def inside(path: str, base: str) -> bool:
    """Whether a path lies below another (or is it)."""
    return path == base or path.startswith(base.rstrip("/") + "/")


def below(inventory: Inventory, base: str) -> tuple[Mount, ...]:
    """Mounts strictly below a path, in the order in which they were made."""
    return tuple(
        one for one in inventory.mounts or () if one.path != base and inside(one.path, base)
    )


def of_jail(inventory: Inventory, path: str) -> tuple[Mount, ...]:
    """The devfs mount and its like below a jail's path."""
    return tuple(one for one in below(inventory, path) if one.fstype in JAIL_FILESYSTEMS)


def configured(inventory: Inventory, config: JailConfig) -> tuple[str, ...]:
    """Paths that its configuration has mounted: `mount` lines and the file of `mount.fstab`."""
    fstab = inventory.kept.get(config.first("mount.fstab"), "")
    lines = [*config.params.get("mount", ()), *fstab.splitlines()]
    fields = [line.partition("#")[0].split() for line in lines]
    return tuple(one[1].replace("\\040", " ") for one in fields if len(one) >= 2)


def foreign(
    inventory: Inventory, config: JailConfig, path: str, datasets: tuple[Dataset, ...], live: bool
) -> tuple[Mount, ...]:
    """Mounts below the path that neither its stop takes away nor its datasets are.

    `live`: the jail runs, so that what its configuration mounted goes with it.
    """
    own = {one.name for one in datasets}
    going = set(configured(inventory, config)) if live else set()
    return tuple(
        one
        for one in below(inventory, path)
        if one.device not in own and one.fstype not in JAIL_FILESYSTEMS and one.path not in going
    )


def unmount_left(
    inventory: Inventory, path: str, jail: str, guard: tuple[State, ...]
) -> list[Step]:
    """Steps that unmount devfs and its like, last mounted first."""
    left = of_jail(inventory, path)
    steps: list[Step] = []
    for index, one in enumerate(reversed(left)):
        again = any(other.path == one.path for other in left[: len(left) - index - 1])
        steps.append(
            Step(
                Run(("/sbin/umount", one.path)),
                f"Unmount the {one.fstype} that was left on {one.path}",
                lasting="it was left over, and its rules are not known",
                before=(*guard, MountedAt(one.path)),
                goal=() if again else (MountedAt(one.path, there=False),),
                jail=jail,
            )
        )
    return steps


def mount_step(dataset: Dataset, jail: str) -> Step:
    """Mount a dataset, with the unmounting as its undo."""
    mounted = PropertyIs(dataset.name, "mounted", "yes")
    unmounted = PropertyIs(dataset.name, "mounted", "no")
    same = DatasetIs(dataset.name, dataset.guid)
    return Step(
        Run(("zfs", "mount", dataset.name)),
        f"Mount {dataset.name}",
        undo=(
            Undo(
                Run(("zfs", "unmount", dataset.name)),
                f"Unmount {dataset.name}",
                when=(same, mounted),
                settled=(same, unmounted),
            ),
        ),
        before=(same, unmounted),
        goal=(mounted,),
        jail=jail,
    )


def mount_undo(name: str, guid: str) -> Undo:
    """Mount a dataset again that a step unmounted."""
    same = DatasetIs(name, guid)
    return Undo(
        Run(("zfs", "mount", name)),
        f"Mount {name} again",
        when=(same, PropertyIs(name, "mounted", "no")),
        settled=(same, PropertyIs(name, "mounted", "yes")),
    )


def unmount_step(dataset: Dataset, jail: str, *, force: bool, trace: str = "") -> Step:
    """Unmount a dataset; by force also under the feet of processes."""
    same = DatasetIs(dataset.name, dataset.guid)
    flags = ("-f",) if force else ()
    return Step(
        Run(("zfs", "unmount", *flags, dataset.name)),
        f"Unmount {dataset.name}" + (" by force" if force else ""),
        undo=(mount_undo(dataset.name, dataset.guid),),
        before=(same, PropertyIs(dataset.name, "mounted", "yes")),
        goal=(PropertyIs(dataset.name, "mounted", "no"),),
        jail=jail,
        trace=trace,
    )
