"""A program on a pseudo-terminal of its own, on any kind of host."""

from __future__ import annotations

from typing import Protocol


class Pty(Protocol):
    """From the program's start to its end; `Host.open_pty` makes it."""

    async def read(self, most: int) -> bytes:
        """What it prints next, at most that many bytes; b"" when it will print no more.

        What is not read makes the program wait.
        """

    def write(self, data: bytes) -> bool:
        """Type something without waiting. False: too much is pending, and nothing was typed."""

    @property
    def waiting(self) -> int:
        """How many typed bytes the program has not read yet."""

    def resize(self, columns: int, rows: int) -> None:
        """Set the size of the terminal, and tell the program."""

    async def wait(self) -> int:
        """Wait for its end. Returns the exit status (negative: the signal that ended it)."""

    async def close(self) -> None:
        """Hang up: ends the program and its foreground processes."""
