"""One change at a time on this machine: an flock(2) on a file that names its holder."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from jailer_core.errors import FileFailed, Refused

PATH = "/var/run/jailer-tui.lock"


@contextmanager
def held(path: str) -> Iterator[None]:
    """Hold the lock. Raises Refused at once, naming the holder; FileFailed without the right.

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
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _refusal(descriptor) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
        yield
    finally:
        os.close(descriptor)


def _refusal(descriptor: int) -> Refused:
    holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    who = f" (process {holder})" if holder.isdigit() else ""
    return Refused(f"another change is under way on this host{who}", "Wait until it has finished.")
