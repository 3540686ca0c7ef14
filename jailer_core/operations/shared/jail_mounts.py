"""Mounts below a jail, and the fstab file that belongs to it.

Mounts below a jail: its own datasets, what its configuration mounts, and the rest.

The file of `mount.fstab`: it belongs to the jail, and names the paths that the jail has.

jail(8) mounts its lines wherever they say, so that the file of another name must say other paths:
a clone that kept it would mount into the tree of the first jail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Dataset, FileStamp, Inventory, JailConfig, Mount
from jailer_core.model.trees import by_place, normal
from jailer_core.operations.shared import file_steps, jail_commands
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.parse import mount_tables as fstab_line
from jailer_core.plan import Condition, MountedAt, Run, Step
from jailer_core.text import sanitize

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
    return [normal(fstab_line.fstab_unescaped(field[1])) for field in fields if len(field) >= 2]


def configured(inventory: Inventory, config: JailConfig) -> tuple[str, ...]:
    """Paths inside it that its `mount` lines and `mount.fstab` file mount."""
    fstab = inventory.file_texts.get(config.first("mount.fstab"), "")
    paths = targets([*config.params.get("mount", ()), *fstab.splitlines()])
    base = config.root.rstrip("/")
    return tuple(path for path in paths if base and path != base and inside(path, base))


def left_over(inventory: Inventory, config: JailConfig) -> tuple[Mount, ...]:
    """What it mounts and is there although it does not run; its own datasets are none of that.

    Datasets that it was given are: the jail itself mounts them.
    """
    usual, own = by_parameter(config), set(configured(inventory, config))
    datasets = jail_commands.delegated_mounts(inventory, config)
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
    """Mounts below the path that come neither from its configuration nor its datasets."""
    own = {dataset.name for dataset in datasets}
    going = left_over(inventory, config)
    return tuple(
        mount for mount in below(inventory, path) if mount.device not in own and mount not in going
    )


def unmount_left(
    inventory: Inventory, config: JailConfig, guard: tuple[Condition, ...]
) -> list[Step]:
    """Steps that unmount devfs and similar file systems, the last mounted first."""
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


PARAM = "mount.fstab"


@dataclass(frozen=True, slots=True)
class Fstab:
    """The fstab now, and for the new name."""

    path: str
    text: str
    new_path: str
    new_text: str


def where(config: JailConfig | None, name: Name, *, clone: bool) -> tuple[str, str]:
    """Its path, and the path for the new name; "" if there is none."""
    path = config.first(PARAM) if config is not None else ""
    if not path:
        return "", ""
    fresh = name.in_file(path)
    return path, f"{path}.{name.new}" if clone and fresh == path else fresh


def needed(config: JailConfig | None, name: Name, *, clone: bool) -> tuple[str, ...]:
    """Paths to read, and paths to check."""
    return tuple(dict.fromkeys(filter(None, where(config, name, clone=clone))))


def not_inside(jail: str, path: str, root: str) -> None:
    """Raises Refused for the file of a jail that the jail itself can change."""
    if inside(normal(path), root):
        raise Refused(
            f"the fstab of {sanitize(jail)} is inside the jail: {sanitize(path)}",
            "Move it out of the jail first: mount.fstab.",
        )


def follow(inventory: Inventory, config: JailConfig, name: Name, *, clone: bool) -> Fstab | None:
    """The fstab for the new name, or None. Raises Refused."""
    path, fresh = where(config, name, clone=clone)
    if not path:
        return None
    text = inventory.file_texts.get(path)
    if text is None:
        raise Refused(
            f"{sanitize(path)}, the fstab of {sanitize(config.name)}, could not be read",
            "Its mounts must be known: fix mount.fstab in its configuration first.",
        )
    if name.old_root:
        not_inside(config.name, path, name.old_root)
    if fresh != path and fresh in inventory.file_stats:
        raise Refused(f"{sanitize(fresh)} is in the way", "Move that file away first.")
    lines = [_line(line, name) for line in text.splitlines(keepends=True)]
    fstab = Fstab(path, text, fresh, "".join(lines))
    _into_no_other(inventory, config, name, fstab)
    return fstab


def _line(line: str, name: Name) -> str:
    """The line with the new root in place of the old one, in what is mounted and where."""
    if line.lstrip().startswith("#") or not name.old_root:
        return line
    fields = list(re.finditer(r"\S+", line.partition("#")[0]))[:2]
    for field in reversed(fields):
        path = normal(fstab_line.fstab_unescaped(field[0]))
        if path.startswith("/") and inside(path, name.old_root):
            moved = fstab_line.fstab_escaped(name.root + path[len(name.old_root) :])
            line = f"{line[: field.start()]}{moved}{line[field.end() :]}"
    return line


def _into_no_other(inventory: Inventory, config: JailConfig, name: Name, fstab: Fstab) -> None:
    for target in targets(fstab.new_text.splitlines()):
        if inside(target, name.root):
            continue
        for jail in inventory.jails:
            root = jail.path if jail.name != config.name else name.old_root
            if root not in ("", "/") and root != name.root and inside(target, root):
                raise Refused(
                    f"{sanitize(fstab.new_path)} would mount into {sanitize(jail.name)}: "
                    f"{sanitize(target)}",
                    f"Change the lines of {sanitize(fstab.path)} first.",
                )


def mounts_own(name: Name, fresh: JailConfig) -> None:
    """Raises Refused if a `mount` line of the new configuration mounts into the old root."""
    if name.old_root in ("", "/", name.root):
        return
    for target in targets(fresh.params.get("mount", ())):
        if inside(target, name.old_root):
            raise Refused(
                f"{sanitize(name.new)} would mount into {sanitize(name.old)}: {sanitize(target)}",
                "Change its mount lines by hand first: edit.",
            )


def moved(inventory: Inventory, config: JailConfig, fstab: Fstab | None) -> list[Step]:
    """Steps that give the file its new name and paths."""
    if fstab is None:
        return []
    stamp = inventory.file_stats.get(fstab.path)
    if fstab.new_path == fstab.path:
        if fstab.new_text == fstab.text:
            return []
        title = f"Write the new paths into {sanitize(fstab.path)}"
        return [file_steps.change_file(fstab.path, fstab.text, fstab.new_text, stamp, title)]
    steps = copied(inventory, fstab)
    others = [other for other in inventory.configs if other.name != config.name]
    if all(other.first(PARAM) != fstab.path for other in others):
        title = f"Remove {sanitize(fstab.path)}"
        steps.append(file_steps.drop_file(fstab.path, fstab.text, stamp, title))
    return steps


def copied(inventory: Inventory, fstab: Fstab | None) -> list[Step]:
    """Steps that write the file of a clone."""
    if fstab is None:
        return []
    stamp = inventory.file_stats.get(fstab.path, FileStamp(0, 0))
    title = f"Write {sanitize(fstab.new_path)}, what it mounts"
    owner = (stamp.uid, stamp.gid)
    mode = stamp.mode & 0o7777
    return [file_steps.new_file(fstab.new_path, fstab.new_text, mode, title, owner=owner)]


def known(inventory: Inventory, fstab: Fstab | None) -> Inventory:
    """The inventory after the file is written."""
    if fstab is None:
        return inventory
    return replace(inventory, file_texts={**inventory.file_texts, fstab.new_path: fstab.new_text})
