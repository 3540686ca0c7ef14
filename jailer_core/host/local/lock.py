"""One change at a time on this machine: an flock(2) on a file that names its holder."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from jailer_core.errors import Busy, FileFailed, Refused
from jailer_core.host.local.files import opened
from jailer_core.host.local.kernel_events import exists

PATH = "/var/run/jailer-tui.lock"


@contextmanager
def held(path: str) -> Iterator[None]:
    """Hold the lock. Raises Busy at once, naming the holder; Refused without the right.

    The kernel lets go when the holder ends, however that comes about; the file stays.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except PermissionError:
        raise Refused(
            "only root may change jails", "Start the program with doas or sudo."
        ) from None
    except OSError as error:
        raise FileFailed("lock", path, os.strerror(error.errno or errno.EIO)) from None
    with opened(descriptor):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = _holder(descriptor)
            who = f" (process {holder})" if holder else ""
            raise Busy(
                f"another change is under way on this host{who}", "Wait until it has finished."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        try:
            yield
        finally:
            os.ftruncate(descriptor, 0)


def is_held(path: str) -> bool:
    """Whether someone holds it, without taking it from anybody. Raises FileFailed.

    The holder's number is in the file only while it holds the lock, unless it was killed.
    Only when such a number is in use again is the lock itself tried, shared and for an instant.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise FileFailed("read", path, os.strerror(error.errno or errno.EIO)) from None
    with opened(descriptor):
        holder = _holder(descriptor)
        try:
            if holder and exists(holder):
                fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def _holder(descriptor: int) -> int:
    """The process that says that it holds the lock, 0 for none."""
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    return int(text) if text.isascii() and text.isdigit() else 0
