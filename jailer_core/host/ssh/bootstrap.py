"""The first program on a remote host: receives the archive, checks it, starts the agent from it.

This module is sent as source text and uses nothing but Python 3.11. The archive is kept in the
cache of the user that runs it (root's own when doas or sudo came first), with mode 0600 and its
SHA-256 as its name. It is checked each time: what does not fit is replaced.
"""

from __future__ import annotations

import importlib
import os
import pwd
import stat
import sys
import time

HAVE, NEED = "jailer-tui: have it", "jailer-tui: need it"
UNUSED = 30 * 24 * 3600
"""Seconds after which an archive that was not used is removed."""


def main(name: str, size: int, version: str) -> None:
    """Start the agent of the archive of that name and size."""
    folder = os.path.realpath(_folder())  # what is started from it later finds it by this path
    path = os.path.join(folder, f"agent-{name}.zip")
    if _fits(path, name):
        print(HAVE, flush=True)
        os.utime(path)
    else:
        print(NEED, flush=True)
        _receive(path, name, size)
    _clean(folder, path)
    sys.path.insert(0, path)
    sys.modules["ssl"] = None  # type: ignore[assignment]  # asyncio does without: 4 MB less
    start = importlib.import_module("jailer_core.agent.serve")  # it is in the archive
    local = importlib.import_module("jailer_core.host.local")
    sys.exit(start.run(local.LocalHost(), version))


def _folder() -> str:
    """A directory that only this user can write to."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not base.startswith("/"):
        base = f"{pwd.getpwuid(os.geteuid()).pw_dir}/.cache"  # not $HOME, which sudo may keep
    for folder in (f"{base}/jailer-tui", f"/var/tmp/jailer-tui-{os.geteuid()}"):  # noqa: S108
        try:
            os.makedirs(folder, mode=0o700, exist_ok=True)
            status = os.lstat(folder)
        except OSError:
            continue
        private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o022
        if private and status.st_uid == os.geteuid() and os.access(folder, os.W_OK):
            return folder
    sys.exit("jailer-tui: the agent cannot be kept in the home directory or /var/tmp")


def _digest(data: bytes) -> str:
    """SHA-256 in hexadecimal. Python's own module needs less memory than OpenSSL's."""
    try:
        from _sha2 import sha256  # type: ignore[import-not-found]  # noqa: PLC0415 - 3.12 and newer
    except ImportError:
        try:
            from _sha256 import sha256  # type: ignore[import-not-found]  # noqa: PLC0415 - 3.11
        except ImportError:
            from hashlib import sha256  # noqa: PLC0415
    return str(sha256(data).hexdigest())


def _fits(path: str, name: str) -> bool:
    """Whether that archive is there, unchanged, and no other user can write to it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid():
            return False
        if status.st_mode & 0o077:
            return False
        return _digest(file.read()) == name


def _receive(path: str, name: str, size: int) -> None:
    data = sys.stdin.buffer.read(size)
    if len(data) != size or _digest(data) != name:
        sys.exit("jailer-tui: the agent was not transferred completely")
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".agent-{os.getpid()}-{time.monotonic_ns()}")
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.rename(temporary, path)
    except OSError as error:
        if os.path.lexists(temporary):
            os.unlink(temporary)
        sys.exit(f"jailer-tui: the agent cannot be written to {path}: {error.strerror}")


def _clean(folder: str, used: str) -> None:
    """Remove the archives of other versions that were not used for long."""
    for entry in os.scandir(folder):
        if entry.name.startswith(("agent-", ".agent-")) and entry.path != used:
            try:
                if entry.stat(follow_symlinks=False).st_mtime < time.time() - UNUSED:
                    os.unlink(entry.path)
            except OSError:
                continue
