"""Steps that write and remove files, with the undo that puts back text, mode and owner."""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.model import FileStamp, JailConfig
from jailer_core.operations.guards import require_text, source
from jailer_core.operations.shared import state_dataset
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import FileHasText, PathExists, RemoveDir, RemoveFile, Step, WriteFile
from jailer_core.text import sanitize


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
    return [state_dataset.make_dir(path), *written]


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
    """Remove a directory of ours that is empty by then."""
    made = state_dataset.make_dir(path)
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
