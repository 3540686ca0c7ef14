"""Files of this machine. Every function blocks and raises FileFailed with the system's message."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import count, islice

from jailer_core.errors import FileFailed
from jailer_core.host import FilePart
from jailer_core.model import FileStamp
from jailer_core.model.trees import normal
from jailer_core.text import decoded

_numbers = count(1)
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


@contextmanager
def failing(verb: str, path: str) -> Iterator[None]:
    """Turn errors of the system into FileFailed with that verb and path."""
    try:
        yield
    except OSError as error:
        # FreeBSD's O_NOFOLLOW answers EMLINK, "Too many links", where a link stands
        code = errno.ELOOP if error.errno == errno.EMLINK else error.errno or errno.EIO
        raise FileFailed(verb, path, os.strerror(code)) from None
    except ValueError as error:
        raise FileFailed(verb, path, str(error)) from None


@contextmanager
def opened(descriptor: int) -> Iterator[int]:
    """Close the descriptor at the end."""
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def read(path: str, beneath: str, limit: int) -> str:
    """Text of a regular file; below `beneath`, no link is followed and the path cannot leave it."""
    with failing("read", path), os.fdopen(_open(path, beneath), "rb") as file:
        _regular(file.fileno())
        data = file.read(limit + 1)
        if len(data) > limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        return decoded(data)


def _regular(descriptor: int) -> None:
    """Anything else may block forever: a FIFO in a jail would hold root's program."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise ValueError("not a regular file")


def _open(path: str, beneath: str) -> int:
    if not beneath:
        return os.open(path, _READ)
    with parent(path, beneath) as (directory, name):
        return os.open(name, _READ | os.O_NOFOLLOW, dir_fd=directory)


def folder(path: str, beneath: str) -> tuple[int, str]:
    """Open the directory of a path without following a link below `beneath`."""
    path, root = normal(path), normal(beneath).rstrip("/")
    if not path.startswith(root + "/"):
        raise ValueError(f"not below {beneath}")
    parts = [part for part in path[len(root) :].split("/") if part not in ("", ".")]
    if not parts or ".." in parts:
        raise ValueError(f"not below {beneath}")
    descriptor = os.open(root or "/", _DIRECTORY)
    try:
        for part in parts[:-1]:
            below = enter(part, descriptor)
            os.close(descriptor)
            descriptor = below
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor, parts[-1]


def enter(name: str, above: int) -> int:
    """Open a directory that is not a link: for a link, Linux says "Not a directory"."""
    try:
        return os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=above)
    except NotADirectoryError:
        seen = os.stat(name, dir_fd=above, follow_symlinks=False)
        if not stat.S_ISLNK(seen.st_mode):
            raise
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None


def window(path: str, beneath: str, offset: int, size: int) -> FilePart:
    """Read one piece of a regular file."""
    with failing("read", path), opened(_open(path, beneath)) as descriptor:
        _regular(descriptor)
        seen = os.fstat(descriptor)
        begin = max(0, seen.st_size + offset) if offset < 0 else offset
        data = os.pread(descriptor, size, begin) if size else b""
    return FilePart(data, begin, seen.st_size, seen.st_ino)


def write(  # noqa: PLR0913, PLR0917 - what a file is made of
    path: str,
    text: str,
    mode: int | None,
    owner: tuple[int, int] | None,
    beneath: str = "",
    new: bool = False,
) -> None:
    """A new file beside the old one, safely on disk, then in its place.

    A link is followed; with `beneath` none below it is, and one at the path itself is replaced.
    With `new` nothing may exist at the path, not even a link.
    """
    data = text.encode("utf-8", "surrogateescape")
    with failing("write", path):
        target = path if beneath or new else os.path.realpath(path)
        with parent(target, beneath) as (directory, name):
            old = None
            with suppress(FileNotFoundError):
                old = os.stat(name, dir_fd=directory, follow_symlinks=False)
            if old is not None and (new or stat.S_ISLNK(old.st_mode)):
                old = None
            if mode is None:
                mode = stat.S_IMODE(old.st_mode) if old else 0o644
            if owner is None and old is not None:
                owner = (old.st_uid, old.st_gid)
            _place(directory, name, data, mode, owner, os.link if new else os.replace)


@contextmanager
def parent(path: str, beneath: str) -> Iterator[tuple[int, str]]:
    """The directory of a path, open, and the last part of the path."""
    if beneath:
        directory, name = folder(path, beneath)
    else:
        above, _, name = path.rstrip("/").rpartition("/")
        directory = os.open(above or "/", _DIRECTORY)
    with opened(directory):
        yield directory, name


def _place(  # noqa: PLR0913, PLR0917 - what a file is made of
    directory: int,
    name: str,
    data: bytes,
    mode: int,
    owner: tuple[int, int] | None,
    put: Callable[..., None],
) -> None:
    """Write it under another name; `put` gives it its own: os.link only where none has it."""
    temporary, descriptor = _temporary(directory)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            now = os.fstat(file.fileno())
            if owner not in (None, (now.st_uid, now.st_gid)):
                os.fchown(file.fileno(), *owner)
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
        put(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
    finally:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=directory)
    os.fsync(directory)


def _temporary(directory: int) -> tuple[str, int]:
    """Its name begins with a dot: no glob of jail.conf.d or cron.d takes it for its own."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    while True:
        name = f".jailer-tui.{os.getpid()}.{next(_numbers)}"
        with suppress(FileExistsError):
            return name, os.open(name, flags, 0o600, dir_fd=directory)


def append(path: str, text: str, mode: int) -> None:
    """Append and sync; for a new file, sync its directory as well."""
    data = text.encode("utf-8", "surrogateescape")
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    with failing("write", path):
        new = not os.path.lexists(path)
        with os.fdopen(os.open(path, flags, mode), "ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if new:
            with parent(path, "") as (directory, _):
                os.fsync(directory)


def remove(path: str, beneath: str = "") -> None:
    """Remove a file."""
    with failing("remove", path), parent(path, beneath) as (directory, name):
        os.unlink(name, dir_fd=directory)


def mkdir(path: str, mode: int, beneath: str = "") -> None:
    """Make one directory with exactly that mode."""
    with failing("make", path), parent(path, beneath) as (directory, name):
        os.mkdir(name, mode, dir_fd=directory)
        with opened(enter(name, directory)) as made:
            os.fchmod(made, mode)


def rmdir(path: str, beneath: str = "") -> None:
    """Remove an empty directory."""
    with failing("remove", path), parent(path, beneath) as (directory, name):
        os.rmdir(name, dir_fd=directory)


def listdir(path: str, beneath: str, limit: int) -> tuple[str, ...]:
    """Sorted names; () if there is no directory."""
    with failing("read", path), suppress(FileNotFoundError, NotADirectoryError):
        if not beneath:
            return _names(path, limit)
        with parent(path, beneath) as (above, name), opened(enter(name, above)) as descriptor:
            return _names(descriptor, limit)
    return ()


def _names(directory: str | int, limit: int) -> tuple[str, ...]:
    with os.scandir(directory) as entries:
        names = [entry.name for entry in islice(entries, limit + 1)]
    if len(names) > limit:
        raise ValueError(f"more than {limit} names")
    return tuple(sorted(names))


def stamps(paths: Sequence[str]) -> dict[str, FileStamp]:
    """Stamps of the files that exist and are accessible."""
    contents = {}
    for path in paths:
        with suppress(OSError, ValueError):
            contents[path] = _stamp(os.lstat(path))
    return contents


def _stamp(seen: os.stat_result) -> FileStamp:
    return FileStamp(
        mtime=seen.st_mtime_ns // 10**9,
        size=seen.st_size,
        mode=stat.S_IMODE(seen.st_mode),
        uid=seen.st_uid,
        gid=seen.st_gid,
        is_dir=stat.S_ISDIR(seen.st_mode),
        is_link=stat.S_ISLNK(seen.st_mode),
        inode=seen.st_ino,
        nanoseconds=seen.st_mtime_ns % 10**9,
    )
