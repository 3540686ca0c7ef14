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
        """Type something; never waits. False: too much is waiting already, nothing was typed."""

    @property
    def waiting(self) -> int:
        """How many bytes were typed that the program has not taken yet."""

    def resize(self, columns: int, rows: int) -> None:
        """The terminal has another size now; the program is told."""

    async def wait(self) -> int:
        """Once it prints no more: its exit status (negative: ended by that signal)."""

    async def close(self) -> None:
        """Hang up: it ends, with everything that it runs in front."""
