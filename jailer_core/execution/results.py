"""Judge the result of a command: evidence, and the text of an error.

Evidence of whether a command made what it was to make, or found it there already.

Error text: why something failed, in the words of the command that failed.
"""

from __future__ import annotations

import re
from itertools import takewhile

from jailer_core.errors import CommandFailed, CommandMissing, FileFailed, HostError
from jailer_core.host import Result
from jailer_core.text import sanitize

_EXISTS = re.compile(r"\bexists\b")
"""`dataset already exists`, `destination 'x' exists`, `File exists` (recordings 02, 04, 05)."""
_CREATED = "successfully created, but not"
"""zfs-create(8) and zfs-clone(8) when only the mount failed; # not recorded"""


def made(result: Result | None) -> bool | None:
    """True: it created it. False: it already existed. None: the command does not say."""
    if result is None or result.ok or _CREATED in result.stderr:
        return True
    return False if _EXISTS.search(result.stderr) else None


def made_despite(error: HostError) -> bool | None:
    """The same for an action without a result; one that timed out may have succeeded."""
    if isinstance(error, CommandMissing):
        return False
    exists = isinstance(error, FileFailed) and _EXISTS.search(error.reason)
    return False if exists else None


LAST_LINES = 3


def of_result(result: Result) -> str:
    """The last lines of its standard error, without usage texts; else its exit status."""
    told = map(str.strip, result.stderr.splitlines())
    before = takewhile(lambda line: not line.lower().startswith("usage:"), told)
    lines = [sanitize(line) for line in before if line]
    if lines:
        return "; ".join(lines[-LAST_LINES:])
    name = result.argv[0].rpartition("/")[2]
    if result.status < 0:
        return f"{name} was killed by signal {-result.status}"
    return f"{name} failed without an error message (exit status {result.status})"


def of_error(error: HostError) -> str:
    """The message of an error of the host."""
    if isinstance(error, CommandFailed):
        return of_result(Result(error.argv, error.status, "", error.stderr))
    return sanitize(error.message)
