"""The program in a real pseudo-terminal, and the state in which it leaves that terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[2]
PATIENCE = 180.0
"""Seconds after which the program is taken for dead; nothing waits that long unless it is."""

OWN = """
import os, sys
os.close(os.open(os.ttyname(0), os.O_RDWR))
os.execv(sys.argv[1], sys.argv[1:])
"""
"""The first terminal that a session's leader opens becomes its own: it is hung up with it."""

ON_BY_DEFAULT = {7, 25}
"""Private modes that a terminal has on from the start: auto wrap, the cursor."""

_MODE = re.compile(rb"\x1b\[\?([\d;]+)([hl])")


class Terminal:
    """`with Terminal("--demo") as it: it.until(b"www0")`; ends the program in any case."""

    def __init__(
        self,
        *argv: str,
        size: tuple[int, int] = (80, 24),
        module: str = "jailer_tui",
        **environ: str,
    ) -> None:
        self.master, self.slave = pty.openpty()
        width, height = size
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))
        self.settings = termios.tcgetattr(self.slave)
        self.output = b""
        plain = {"TERM": "xterm-256color", "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}
        inherited = ("PATH", "HOME", "VIRTUAL_ENV")
        self.process = subprocess.Popen(
            [sys.executable, "-c", OWN, sys.executable, "-m", module, *argv],
            stdin=self.slave,
            stdout=self.slave,
            stderr=self.slave,
            start_new_session=True,
            env={key: os.environ[key] for key in inherited if key in os.environ} | plain | environ,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for descriptor in (self.master, self.slave):
            if descriptor >= 0:
                os.close(descriptor)

    def read(self, seconds: float) -> bytes:
        """What it prints within that time; b"" when it prints nothing."""
        if not select.select([self.master], [], [], seconds)[0]:
            return b""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return b""
        self.output += data
        return data

    def until(self, *texts: bytes) -> None:
        """Read until all of that has been printed."""
        self.wait(lambda: all(text in self.output for text in texts))

    def wait(self, good: Callable[[], bool]) -> None:
        """Read until that is so; TimeoutError with what was printed when it never is."""
        deadline = time.monotonic() + PATIENCE
        while not good():
            ended = self.process.poll() is not None
            if not self.read(0.05) and (ended or time.monotonic() > deadline) and not good():
                raise TimeoutError(self.output[-2000:].decode(errors="replace"))

    def settle(self, seconds: float = 1.0) -> None:
        """Read until nothing has been printed for that long."""
        while self.read(seconds):
            pass

    def watch(self, seconds: float) -> None:
        """Read for that long, whatever comes."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self.read(left)

    def type(self, text: str) -> None:
        """Press keys."""
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Read until the program has ended; its exit status."""
        self.wait(lambda: self.process.poll() is not None)
        while self.read(0.0):
            pass
        return self.process.wait()

    def hang_up(self) -> int:
        """Take the terminal away and wait for the program; its exit status."""
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1
        return self.process.wait(PATIENCE)

    @property
    def wrong_modes(self) -> dict[int, bool]:
        """The private modes that are not as a terminal has them from the start."""
        now = modes(self.output)
        return {mode: on for mode, on in now.items() if on != (mode in ON_BY_DEFAULT)}

    @property
    def settings_now(self) -> list[Any]:
        """Those of the line: echo, line editing, signals."""
        return termios.tcgetattr(self.slave)


def modes(output: bytes) -> dict[int, bool]:
    """Which private modes were switched last to what."""
    found: dict[int, bool] = {}
    for numbers, switch in _MODE.findall(output):
        for number in numbers.split(b";"):
            found[int(number)] = switch == b"h"
    return found


def keyboard(output: bytes) -> int:
    """How many levels of the extended keyboard protocol are still pushed."""
    pushed: Sequence[bytes] = re.findall(rb"\x1b\[>\d*u", output)
    popped: Sequence[bytes] = re.findall(rb"\x1b\[<\d*u", output)
    return len(pushed) - len(popped)
