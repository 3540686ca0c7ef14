"""Error text: why something failed, in the words of the command that failed."""

from __future__ import annotations

from itertools import takewhile

from jailer_core.errors import CommandFailed, HostError
from jailer_core.host import Result
from jailer_core.text import sanitize

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
