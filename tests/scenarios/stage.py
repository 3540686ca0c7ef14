"""What a story is played on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

PREFIX = "story"
"""What the names of all jails of stories begin with."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A command that ended."""

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str


class Stage(Protocol):
    """A host on which stories are played.

    `variables`: `dir` is a directory of the story on the host, `files` one for files that the
    program reads, `mirror` where `version` can be fetched from, `card` the interface to outside
    and `address` its address.
    """

    @property
    def variables(self) -> Mapping[str, str]: ...

    def run(self, argv: Sequence[str], ssh: str = "") -> Ran:
        """Run the program (argv[0] is jailer-tui) or a command of the host."""
        ...

    def write(self, path: str, text: str) -> None:
        """Write a file of the host."""
        ...

    def missing(self, need: str) -> str:
        """Why this host lacks what a story needs, "" when it does not."""
        ...


class StageError(Exception):
    """The host cannot be prepared for stories, or they left something behind."""


def must(stage: Stage, *argv: str) -> None:
    """Run a command that has to succeed. Raises StageError."""
    ran = stage.run(argv)
    if ran.status != 0:
        raise StageError(f"{' '.join(argv)}: {ran.stderr.strip() or f'status {ran.status}'}")


def lines(stage: Stage, *argv: str) -> list[str]:
    """The lines that a command prints."""
    return stage.run(argv).stdout.splitlines()
