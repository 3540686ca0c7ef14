"""Steps of zfs(8) with their undos: rename, promote, mount, unmount."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.operations.guards import word
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import DatasetExists, DatasetHasGuid, OriginIs, PropertyIs, Run, Step, Undo


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
    """Make a clone's origin depend on the clone. A guid says which dataset must be meant."""
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
    """Mount a dataset. A guid says which dataset must be meant."""
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
    """Unmount a dataset; by force also while processes use it."""
    flags = ("-f",) if force else ()
    return reversible(
        (Run(("zfs", "unmount", *flags, name)), title or f"Unmount {name}"),
        (Run(("zfs", "mount", name)), f"Mount {name} again"),
        before=(PropertyIs(name, "mounted", "yes"),),
        after=(PropertyIs(name, "mounted", "no"),),
        same=_same(name, guid),
        jail=jail,
    )


def mount_again(name: str, guid: str) -> Undo:
    """Mount a dataset that a step unmounted."""
    return unmount(name, guid).undo[0]


def _same(name: str, guid: str) -> tuple[DatasetHasGuid, ...]:
    return (DatasetHasGuid(name, guid),) if guid else ()
