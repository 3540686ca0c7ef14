"""Standard input, output and error of the commands; a closed output pipe is not an error.

Columns of text, aligned even with characters that take two cells or none.
"""

from __future__ import annotations

import os
import re
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any, TextIO

from jailer_core.errors import JailerError
from jailer_core.text import sanitize
from jailer_tui.cli.commands import PROGRAM


class Terminal:
    """Where a command prints and asks.

    `gone` tells that standard output has been closed: what runs goes on without it.
    """

    def __init__(
        self,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        stdin: TextIO | None = None,
    ) -> None:
        self.stdout = stdout or sys.stdout
        self.stderr = stderr or sys.stderr
        self.stdin = stdin or sys.stdin
        self.gone = False

    def out(self, text: str) -> None:
        """Print result lines; `text` must be sanitized."""
        self.gone = not self._write(self.stdout, text) or self.gone

    def json(self, value: Any) -> None:
        """Print a JSON result: ASCII only, so that nothing in it can act on a terminal."""
        import json  # noqa: PLC0415 - help and version do without

        self.out(json.dumps(value, indent=2))

    def err(self, text: str) -> None:
        """Print other lines; `text` must be sanitized."""
        self._write(self.stderr, text)

    def line(self, name: str, data: bytes, *, error: bool = False) -> None:
        """A line of another program, after the name of its jail ("" for none).

        For a file or a program it stays what it is, byte by byte; a terminal could be made to do
        anything by it, so there it is made harmless.
        """
        stream = self.stderr if error else self.stdout
        front = f"{sanitize(name)}: " if name else ""
        buffer = getattr(stream, "buffer", None)
        if stream.isatty() or buffer is None:
            text = data.decode("utf-8", "surrogateescape").rstrip("\r").expandtabs(8)
            good = self._write(stream, front + sanitize(text))
        else:
            good = self._pass_on(stream, front.encode() + data + b"\n")
        self.gone = self.gone or (not good and not error)

    @staticmethod
    def _pass_on(stream: TextIO, data: bytes) -> bool:
        try:
            stream.flush()
            stream.buffer.write(data)
            stream.buffer.flush()
        except (OSError, ValueError):
            return False
        return True

    @staticmethod
    def _write(stream: TextIO, text: str) -> bool:
        try:
            stream.write(f"{text}\n")
            stream.flush()
        except UnicodeEncodeError:
            encoding = stream.encoding or "ascii"
            plain = text.encode(encoding, "backslashreplace").decode(encoding)
            return Terminal._write(stream, plain)
        except (OSError, ValueError):
            return False
        return True

    def fail(self, message: str, hint: str = "", name: str = "") -> None:
        """Print a message and a hint on standard error."""
        about = f"{sanitize(name)}: " if name and not _names(message, name) else ""
        self.err(f"{PROGRAM}: {about}{sanitize(message)}")
        if hint:
            self.err(f"  {sanitize(hint)}")

    def failed(self, error: JailerError, name: str = "") -> None:
        """Print an error."""
        self.fail(error.message, error.hint, name)

    # --- asking ------------------------------------------------------------------------------

    @property
    def can_ask(self) -> bool:
        """Whether there is a terminal to ask on."""
        return self.stdin.isatty()

    async def ask(self, question: str) -> str:
        """Read an answer; "" at the end of input. Can be cancelled."""
        typed = await self._typed(question)
        return typed.decode(errors="surrogateescape").rstrip("\r\n")

    async def agrees(self, question: str) -> bool:
        """Whether the answer is yes."""
        return (await self.ask(question)).strip().lower() in ("y", "yes")

    async def enter(self, question: str) -> bool:
        """Whether enter was pressed; the end of input (the terminal is gone) does not count."""
        return (await self._typed(question)).endswith((b"\n", b"\r"))

    async def _typed(self, question: str) -> bytes:
        import asyncio  # noqa: PLC0415 - help and version do without

        self.stderr.write(question)
        self.stderr.flush()
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bytes] = loop.create_future()
        descriptor = self.stdin.fileno()

        def ready() -> None:
            if answer.done():
                return
            try:
                answer.set_result(os.read(descriptor, 4096))
            except OSError:
                answer.set_result(b"")

        loop.add_reader(descriptor, ready)
        try:
            return await answer
        except asyncio.CancelledError:
            self.err("")
            raise
        finally:
            loop.remove_reader(descriptor)

    def close(self) -> None:
        """Close the streams, so that a closed pipe causes no complaint at exit."""
        if self.gone and self.stdout is sys.stdout:
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.stdout.fileno())


def _names(message: str, name: str) -> bool:
    """Whether the message itself says which one it is about."""
    return re.search(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", message) is not None


GAP = "  "


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    if text.isascii():
        return len(text)
    return sum(map(_cells, text))


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def table(rows: Sequence[Sequence[str]]) -> str:
    """Lines with aligned columns, without trailing blanks."""
    widths = [max(map(cells, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        GAP.join(
            text + " " * (width - cells(text)) for text, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in rows
    )
