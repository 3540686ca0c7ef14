"""Steps of zfs(8) with their undos: make datasets and snapshots, rename, promote, mount."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core.operations.guards import word
from jailer_core.operations.shared import created
from jailer_core.operations.steps import reversible
from jailer_core.plan import (
    Condition,
    DatasetExists,
    DatasetHasGuid,
    OriginIs,
    PropertyIs,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize


def create(
    name: str,
    title: str,
    options: Sequence[str] = (),
    *,
    empty: Sequence[Condition] = (),
    undo_title: str = "",
) -> Step:
    """Make a dataset that does not exist; nothing in it outlives the undo, which needs `empty`."""
    return Step(
        Run(("zfs", "create", *options, name)),
        title,
        undo=(created.no_dataset(name, *empty, title=undo_title),),
        preconditions=(DatasetExists(name, exists=False),),
        postconditions=(DatasetExists(name),),
    )


def snapshot(
    names: Sequence[str],
    title: str = "",
    options: Sequence[str] = (),
    *,
    before: Sequence[Condition] = (),
    jail: str = "",
) -> Step:
    """Take snapshots, by their full names, all or none of them (recording 14)."""
    absent = (DatasetExists(name, exists=False) for name in names)
    return Step(
        Run(("zfs", "snapshot", *options, *names)),
        title or f"Take the snapshot {sanitize(names[0])}",
        undo=tuple(map(created.no_dataset, reversed(names))),
        preconditions=(*before, *absent),
        postconditions=tuple(map(DatasetExists, names)),
        jail=jail,
    )


def clone(  # noqa: PLR0913 - both datasets, and how the new one is made
    origin: str,
    name: str,
    title: str,
    options: Sequence[str] = (),
    *,
    before: Sequence[Condition] = (),
    undo_title: str = "",
    jail: str = "",
) -> Step:
    """Make a dataset of a snapshot; the undo destroys it while it is a clone of that."""
    is_clone = OriginIs(name, origin)
    return Step(
        Run(("zfs", "clone", *options, origin, name)),
        title,
        undo=(created.no_dataset(name, is_clone, title=undo_title),),
        preconditions=(*before, DatasetExists(name, exists=False)),
        postconditions=(is_clone,),
        jail=jail,
    )


def destroy_made(name: str, title: str, jail: str = "") -> Step:
    """Destroy a dataset or snapshot that an earlier step of the plan made."""
    return Step(
        Run(("zfs", "destroy", name)),
        title,
        preconditions=(created.is_dataset(name),),
        postconditions=(DatasetExists(name, exists=False),),
        jail=jail,
    )


def rename(old: str, new: str, guid: str, title: str, undo_title: str) -> Step:
    """Rename a dataset that is known by its guid."""
    original, renamed = DatasetHasGuid(old, guid), DatasetHasGuid(new, guid)
    step = reversible(
        (Run(("zfs", "rename", old, new)), title),
        (Run(("zfs", "rename", new, old)), undo_title),
        before=(original, DatasetExists(new, exists=False)),
        after=(renamed, DatasetExists(old, exists=False)),
    )
    return replace(step, undo=(replace(step.undo[0], done_when=(original,)),))


def promote(  # noqa: PLR0913 - both sides
    clone: str, origin: str, title: str, undo_title: str, *, guid: str = "", parent_guid: str = ""
) -> Step:
    """Promote a clone. A guid identifies the dataset."""
    parent, _, snapshot = origin.partition("@")
    depends, turned = OriginIs(clone, origin), OriginIs(parent, f"{clone}@{snapshot}")
    back = Undo(
        Run(("zfs", "promote", parent)),
        undo_title,
        preconditions=(*_same(parent, parent_guid), turned),
        done_when=(depends,),
    )
    return Step(
        Run(("zfs", "promote", clone)),
        title,
        undo=(back,),
        preconditions=(*_same(clone, guid), depends),
        postconditions=(turned,),
    )


def mount(name: str, guid: str = "", jail: str = "") -> Step:
    """Mount a dataset. A guid identifies it."""
    step = reversible(
        (Run(("zfs", "mount", name)), f"Mount {name}"),
        (Run(("zfs", "unmount", name)), f"Unmount {name}"),
        before=(PropertyIs(name, "mounted", "no"),),
        after=(PropertyIs(name, "mounted", "yes"),),
        same=_same(name, guid),
        jail=jail,
    )
    return replace(step, hint=f"If it is encrypted, load its key first: zfs load-key {word(name)}")


def unmount(
    name: str, guid: str = "", jail: str = "", *, title: str = "", force: bool = False
) -> Step:
    """Unmount a dataset; with force even while processes use it."""
    flags = ("-f",) if force else ()
    return reversible(
        (Run(("zfs", "unmount", *flags, name)), title or f"Unmount {name}"),
        (Run(("zfs", "mount", name)), f"Mount {name} again"),
        before=(PropertyIs(name, "mounted", "yes"),),
        after=(PropertyIs(name, "mounted", "no"),),
        same=_same(name, guid),
        jail=jail,
    )


def canmount(name: str, guid: str, value: str, jail: str, *, back: bool) -> Step:
    """Set canmount=noauto, or (`back`) the value that it had; "" is the default.

    Not recorded: zfsprops(7); `zfs inherit -S` takes what is not inherited to its default
    (zfs-inherit(8)).
    """
    same = DatasetHasGuid(name, guid)
    noauto = (same, PropertyIs(name, "canmount", "noauto"))
    was = (same, PropertyIs(name, "canmount", value or "on"))
    never = Run(("zfs", "set", "canmount=noauto", name))
    set_noauto = Undo(never, f"Do not mount {name} automatically", was, noauto)
    command = ("set", f"canmount={value}") if value else ("inherit", "-S", "canmount")
    restore = Undo(Run(("zfs", *command, name)), f"Restore canmount of {name}", noauto, was)
    do, undo = (restore, set_noauto) if back else (set_noauto, restore)
    goal = do.done_when[1:]
    return Step(
        do.action, do.title, undo=(undo,), preconditions=(same,), postconditions=goal, jail=jail
    )


def mount_again(name: str, guid: str) -> Undo:
    """Mount a dataset that a step unmounted."""
    return unmount(name, guid).undo[0]


def _same(name: str, guid: str) -> tuple[DatasetHasGuid, ...]:
    return (DatasetHasGuid(name, guid),) if guid else ()
