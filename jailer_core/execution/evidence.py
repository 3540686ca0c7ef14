"""Evidence of whether a command made what it was to make, or found it there already."""

from __future__ import annotations

import re

from jailer_core.errors import CommandMissing, FileFailed, HostError
from jailer_core.host import Result

_EXISTS = re.compile(r"\bexists\b")
"""`dataset already exists`, `destination 'x' exists`, `File exists` (recordings 02, 04, 05)."""
_CREATED = "successfully created, but not"
"""zfs-create(8) and zfs-clone(8) when only the mount failed; # not recorded"""


def made(result: Result | None) -> bool | None:
    """True: it did; False: it existed already; None: the command does not tell."""
    if result is None or result.ok or _CREATED in result.stderr:
        return True
    return False if _EXISTS.search(result.stderr) else None


def made_despite(error: HostError) -> bool | None:
    """The same for an action that had no result; one that ran out of time may have done it."""
    if isinstance(error, CommandMissing):
        return False
    exists = isinstance(error, FileFailed) and _EXISTS.search(error.reason)
    return False if exists else None
