"""The files of settings: where they are, and whether root may trust what is in one."""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

HOST = "/usr/local/etc/jailer-tui.toml"
MOST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class SettingsFile:
    """The text of a file; `trusted` tells that no other user can change it."""

    path: str
    text: str
    trusted: bool


def own_folder(environ: Mapping[str, str]) -> Path | None:
    """The directory of the user's own settings: below XDG_CONFIG_HOME, else ~/.config."""
    home = environ.get("XDG_CONFIG_HOME") or (
        f"{environ['HOME']}/.config" if environ.get("HOME") else ""
    )
    return Path(home) / "jailer-tui" if home.startswith("/") else None


def folder_to_write(environ: Mapping[str, str]) -> Path | None:
    """The same, if it belongs to the user of this process; else that user's own home.

    Under sudo and doas `$HOME` may be another user's: root writes nothing there.
    """
    folder = own_folder(environ)
    if folder is not None and _is_private(folder):
        return folder
    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        return None
    folder = Path(home) / ".config" / "jailer-tui"
    return folder if _is_private(folder) else None


def is_of_user(folder: Path) -> bool:
    """Whether a directory belongs to the user of this process."""
    try:
        return folder.stat().st_uid == os.geteuid()
    except OSError:
        return False


def read(path: Path) -> SettingsFile | None:
    """A file of settings; None if there is none. Raises OSError and UnicodeDecodeError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise OSError("it is not a regular file")
        text = file.read(MOST_BYTES).decode("utf-8")
    return SettingsFile(str(path), text, _is_trusted(path, status))


def replace(path: Path, text: str) -> None:
    """Replace a file atomically, readable by its owner only. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _is_trusted(path: Path, status: os.stat_result) -> bool:
    """Whether only root and the user of this process can write it, or put another in its place."""
    if not _is_ours(status):
        return False
    resolved = path.resolve()
    try:
        again = resolved.stat()
    except OSError:
        return False
    if (again.st_dev, again.st_ino) != (status.st_dev, status.st_ino):
        return False
    return all(_is_private(place.parent) for place in (path.absolute(), resolved))


def _is_private(folder: Path) -> bool:
    """Whether no other user can change what is in this directory, or in one above it.

    Directories that do not exist yet are no obstacle.
    """
    for place in (folder, *folder.parents):
        try:
            status = place.lstat()
        except FileNotFoundError:
            continue
        except OSError:
            return False
        if stat.S_ISLNK(status.st_mode):
            if status.st_uid not in (0, os.geteuid()) or not _is_private(place.resolve()):
                return False
        elif not _is_ours(status, sticky=place != folder):
            return False
    return True


def _is_ours(status: os.stat_result, *, sticky: bool = False) -> bool:
    """Whether it belongs to root or to this user, and no other user may write it.

    A directory above with the sticky bit (/tmp) lets others make files, but not replace ours.
    """
    if status.st_uid not in (0, os.geteuid()):
        return False
    if sticky and status.st_mode & stat.S_ISVTX:
        return True
    shared_group = os.geteuid() == 0 or status.st_gid != os.getegid()
    return not status.st_mode & (stat.S_IWOTH | (stat.S_IWGRP if shared_group else 0))
