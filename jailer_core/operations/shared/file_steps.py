"""Steps that write and remove files, in jails too, and the datasets that hold our own.

Our own datasets: made when the first jail goes into the trash.

Steps that write and remove files, with the undo that puts back text, mode and owner.

Files of a jail that are replaced whole: no link below its root is followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import FileStamp, Inventory, Jail, JailConfig
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.guards import require_text, source
from jailer_core.operations.shared import created
from jailer_core.operations.steps import reversible, zfs as zfs_steps
from jailer_core.plan import (
    FileHasText,
    Needs,
    PathExists,
    RemoveDir,
    RemoveFile,
    Run,
    Step,
    WriteFile,
)
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class StateDataset:
    """The place of saved files, and the steps that create it."""

    state: str
    steps: tuple[Step, ...]


def trash(inventory: Inventory) -> list[Step]:
    """Create `POOL/jails/.trash`, which has no mount point (docs/freebsd-facts.md, ZFS)."""
    name = inventory.layout.trash
    if inventory.dataset(name) is not None:
        return []
    options = ("-o", "mountpoint=none", "-o", "canmount=off")
    title = "Create the dataset of the trash"
    return [zfs_steps.create(name, title, options, undo_title=_destroy_empty(name))]


def place(inventory: Inventory) -> StateDataset:
    """Make `POOL/jails/.jailer-tui` (root only), mount it when it is not.

    Jails are not rolled back by boot environments, /var is: so what is kept of a jail lies here.
    """
    layout = inventory.layout
    own = inventory.dataset(layout.own)
    if own is not None and own.mounted:
        return StateDataset(own.mountpoint, ())
    if own is not None:
        return StateDataset(own.mountpoint, (zfs_steps.mount(own.name, own.guid),))
    path = f"{layout.mountpoint.rstrip('/')}/.jailer-tui"
    empty = tuple(
        PathExists(f"{path}/{folder}", exists=False) for folder in ("journal", "kept", "running")
    )
    steps = (
        zfs_steps.create(
            layout.own,
            "Create the dataset for the state of this program",
            empty=empty,
            undo_title=_destroy_empty(layout.own),
        ),
        # chmod is not recorded
        Step(Run(("chmod", "0700", path)), f"Restrict {path} to root"),
        make_dir(f"{path}/kept"),
    )
    return StateDataset(path, steps)


def _destroy_empty(name: str) -> str:
    return f"Destroy {name}, which is empty"


def make_dir(path: str) -> Step:
    """Create one directory for root only."""
    return created.directory(path, mode=0o700)


def new_file(
    path: str, text: str, mode: int, title: str, owner: tuple[int, int] | None = None
) -> Step:
    """Write a file that does not exist."""
    return reversible(
        (WriteFile(path, text, mode=mode, owner=owner), title),
        (RemoveFile(path, before=text), f"Remove {sanitize(path)}"),
        before=(FileHasText(path, None),),
        after=(FileHasText(path, text),),
    )


def new_folder(path: str, files: Iterable[tuple[str, str, str]]) -> list[Step]:
    """Make a directory for root only, with files: the name, text and title of each."""
    written = (new_file(f"{path}/{name}", text, 0o600, title) for name, text, title in files)
    return [make_dir(path), *written]


def change_file(path: str, old: str, new: str, stamp: FileStamp | None, title: str) -> Step:
    """Replace the text of a file; it keeps mode and owner."""
    mode, owner = _mode_and_owner(stamp)
    back = WriteFile(path, old, mode=mode, owner=owner, before=new)
    return reversible(
        (WriteFile(path, new, before=old), title),
        (back, f"Restore the old text of {sanitize(path)}"),
        before=(FileHasText(path, old),),
        after=(FileHasText(path, new),),
    )


def change_config(config: JailConfig, text: str, title: str) -> Step:
    """Replace the text of a jail's configuration. Raises Refused where the old one is unknown."""
    return change_file(source(config), require_text(config), text, config.stamp, title)


def change_below(  # noqa: PLR0913, PLR0917 - the file, where it is, and what it is called
    path: str, root: str, old: str | None, new: str, title: str, jail: str
) -> Step:
    """Replace a file of a jail, or write it (`old` None): no link below the root is followed."""
    back = (
        RemoveFile(path, before=new)
        if old is None
        else WriteFile(path, old, before=new, beneath=root)
    )
    return reversible(
        (WriteFile(path, new, before=old, beneath=root), title),
        (back, f"Restore the old text of {sanitize(path)}"),
        before=(FileHasText(path, old, beneath=root),),
        after=(FileHasText(path, new, beneath=root),),
        jail=jail,
    )


def put_file(  # noqa: PLR0913 - a file with all that it has
    path: str,
    old: str | None,
    new: str,
    title: str,
    stamp: FileStamp | None = None,
    *,
    mode: int = 0o644,
    owner: tuple[int, int] | None = None,
) -> Step:
    """Write a file that has the text `old`, or does not exist: then with this mode and owner."""
    if old is None:
        return new_file(path, new, mode, title, owner=owner)
    return change_file(path, old, new, stamp, title)


def drop_file(path: str, text: str, stamp: FileStamp | None, title: str) -> Step:
    """Remove a file that holds this text."""
    mode, owner = _mode_and_owner(stamp)
    return reversible(
        (RemoveFile(path, before=text), title),
        (WriteFile(path, text, mode=mode, owner=owner), f"Write {sanitize(path)} again"),
        before=(FileHasText(path, text),),
        after=(FileHasText(path, None),),
    )


def remove_for_good(path: str, title: str, because: str, *, staging: bool = False) -> Step:
    """Remove a file whose text is not kept; `because` says why that is not undone."""
    return Step(
        RemoveFile(path),
        title,
        irreversible_because=because,
        preconditions=(PathExists(path),),
        postconditions=(PathExists(path, exists=False),),
        staging=staging,
    )


def drop_dir(path: str) -> Step:
    """Remove a directory of ours, which is empty at that point."""
    made = make_dir(path)
    return reversible(
        (RemoveDir(path), f"Remove the directory {sanitize(path)}"),
        (made.action, made.title),
        before=(PathExists(path),),
        after=(PathExists(path, exists=False),),
    )


def _mode_and_owner(stamp: FileStamp | None) -> tuple[int | None, tuple[int, int] | None]:
    if stamp is None:
        return None, None
    return stamp.mode & 0o7777, (stamp.uid, stamp.gid)


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose files we may not change."""
    guards.require_owned(jail)
    guards.require_own_root(jail, "Change the host's own file.")


def path_in_jail(jail: Jail, place: str) -> str:
    """The path on the host of a file of a jail."""
    return f"{normal(jail.path)}/{place}"


def jail_file_needs(jail: Jail, *places: str) -> Needs:
    """The texts of files below a jail's root, and whether they exist."""
    root = normal(jail.path)
    paths = tuple(path_in_jail(jail, place) for place in places)
    return Needs(files_in_jails=tuple((root, path) for path in paths), paths=(root, *paths))


def require_root(inventory: Inventory, jail: Jail) -> None:
    """Raises Refused when the root directory of a jail does not exist."""
    if normal(jail.path) not in inventory.file_stats:
        raise Refused(
            f"the directory of {sanitize(jail.name)} does not exist: {sanitize(jail.path)}",
            "Mount its dataset first: zfs mount.",
        )


def jail_file(inventory: Inventory, jail: Jail, place: str) -> str | None:
    """The text of a file of a jail; None if there is none. Raises Refused."""
    path = path_in_jail(jail, place)
    require_root(inventory, jail)
    stamp = inventory.file_stats.get(path)
    if stamp is None:
        return None
    if stamp.is_link:
        raise Refused(
            f"{sanitize(path)} is a symbolic link, which the jail can change",
            f"Change it from inside: exec {guards.word(jail.name)}",
        )
    text = inventory.file_texts.get(path)
    if text is None:
        raise Refused(f"{sanitize(path)} could not be read")
    return text


def write_in_jail(jail: Jail, place: str, old: str | None, new: str, title: str) -> Step:
    """Replace a file of a jail; the undo restores the old one."""
    path, root = path_in_jail(jail, place), normal(jail.path)
    return change_below(path, root, old, new, title, jail.name)
