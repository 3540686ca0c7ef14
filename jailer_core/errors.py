"""Errors as values with a message and a hint.

JailerError             a message for people, a hint on what to do next
├── UsageError          wrong words on the command line or in a field (exit status 2)
├── Refused             the request cannot be turned into a plan: it says why
│   ├── Already         what is asked for is so already: nothing has to be done
│   └── Busy            another program holds the lock that this needs
├── ParseError          a command printed something that this program cannot read
├── JournalError        the journal cannot be written or read
└── HostError           the host said no
    ├── CommandFailed   a command ended with another status than expected
    ├── CommandTimedOut a command took longer than it may
    ├── OutputTooLong   a command printed more than may be kept
    ├── CommandMissing  the program does not exist on this host
    └── FileFailed      a file cannot be read, written or removed
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence


class JailerError(Exception):
    """Base of all errors that a user may see: one line of message, one line of hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


class UsageError(JailerError):
    """Wrong usage: an unknown flag, an invalid name, a missing argument."""


class Refused(JailerError):  # noqa: N818 - the word says it
    """There is no plan for the request: no such jail, owned by another program, still in use."""


class Already(Refused):
    """The requested state already exists. For a script that asks again, this is no failure."""


class Busy(Refused):
    """Another program holds the required lock; it may be free later."""


class ParseError(JailerError):
    """Output that differs in form from what was recorded."""


class JournalError(JailerError):
    """The journal cannot be written, so nothing is changed."""


class HostError(JailerError):
    """The host refused or failed."""


class CommandFailed(HostError):  # noqa: N818
    """A command ended with a status that means failure.

    `status` is the exit status (negative: killed by that signal), `stderr` all it said.
    """

    def __init__(self, argv: Sequence[str], status: int, stderr: str) -> None:
        self.argv = tuple(argv)
        self.status = status
        self.stderr = stderr
        message = first_line(stderr) or f"exit status {status}"
        named = message.startswith(argv[0])
        super().__init__(message if named else f"{argv[0]}: {message}")


class CommandTimedOut(HostError):  # noqa: N818
    """A command exceeded its time limit and was terminated."""

    def __init__(self, argv: Sequence[str], seconds: float) -> None:
        self.argv = tuple(argv)
        self.seconds = seconds
        super().__init__(
            f"{shlex.join(self.argv)} took longer than {seconds:g} s and was terminated",
            "Check the load of the host, or try again.",
        )


class OutputTooLong(HostError):  # noqa: N818
    """A command printed more than the limit and was terminated: part of it would mislead."""

    def __init__(self, argv: Sequence[str], limit: int) -> None:
        self.argv = tuple(argv)
        self.limit = limit
        size = f"{limit / 2**20:g} MiB" if limit >= 2**20 else f"{limit} bytes"
        super().__init__(f"{shlex.join(self.argv)} printed more than {size} and was terminated")


class CommandMissing(HostError):  # noqa: N818
    """The program is not on this host."""

    def __init__(self, program: str) -> None:
        self.program = program
        super().__init__(f"{program}: no such program on this host")


class FileFailed(HostError):  # noqa: N818
    """A file operation failed; `reason` is the system's error message."""

    def __init__(self, verb: str, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"cannot {verb} {path}: {reason}")


def first_line(text: str) -> str:
    """The first line that is not empty: `zfs` adds pages of usage after it."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")
