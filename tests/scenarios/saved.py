"""Files of a host that stories may change: remembered before, put back afterwards."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from tests.scenarios.stage import PREFIX, StageError

PATHS = (
    "/boot/loader.conf",
    "/etc/cron.d",
    "/etc/devfs.rules",
    "/etc/jail.conf",
    "/etc/jail.conf.d",
    "/etc/pf.conf",
    "/etc/pf.conf.before-jailer-tui",
    "/etc/rc.conf",
    "/etc/rc.conf.d",
    "/etc/rc.conf.local",
    "/etc/sysctl.conf",
    "/usr/local/etc/dhcpd.conf",
    "/usr/local/etc/jailer-tui",
    "/usr/local/etc/rc.conf.d",
    "/var/db/jailer-tui",
)
"""Everything outside of the pool that the program writes; directories with all that is in them."""

LOGS = Path("/var/log/jail")
"""Console logs: those of stories are removed, others keep growing."""


@dataclass(frozen=True, slots=True)
class _Entry:
    mode: int
    uid: int
    gid: int
    data: bytes | None  # None: a directory


class SavedFiles:
    """What is at some paths now. Raises StageError for symbolic links: they are not followed."""

    def __init__(self, paths: tuple[str, ...] = PATHS, logs: Path = LOGS) -> None:
        self._logs = logs
        self._paths = tuple(Path(path) for path in paths)
        self._entries = {
            path: _read(path) for root in self._paths for path in _below(root) if path.exists()
        }

    def restore(self) -> None:
        """Remove what was added, and write back what was changed or removed."""
        for log in self._logs.glob(f"{PREFIX}*"):
            log.unlink()
        for root in self._paths:
            for path in reversed(_below(root)):
                if path not in self._entries:
                    _remove(path)
        for path, entry in self._entries.items():
            if path.exists() and _read(path) == entry:
                continue
            if entry.data is None:
                path.mkdir(exist_ok=True)
            else:
                path.write_bytes(entry.data)
            path.chmod(entry.mode)
            shutil.chown(path, entry.uid, entry.gid)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _below(root: Path) -> list[Path]:
    """The path and all below it, each directory before what is in it."""
    if root.is_symlink():
        raise StageError(f"{root} is a symbolic link: it could not be put back")
    if not root.is_dir():
        return [root]
    found = [root]
    for folder, folders, files in os.walk(root):
        found += [Path(folder) / name for name in (*folders, *files)]
    return found


def _read(path: Path) -> _Entry:
    status = path.stat(follow_symlinks=False)
    if stat.S_ISLNK(status.st_mode):
        raise StageError(f"{path} is a symbolic link: it could not be put back")
    data = None if stat.S_ISDIR(status.st_mode) else path.read_bytes()
    return _Entry(stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, data)
