"""A program of this machine on a pseudo-terminal of its own.

The program leads a session whose terminal this is, knows its size before its first word, and is
hung up with everything in its foreground when the master is closed: by us, or by the kernel when
we die. Reading is up to the console that shows it: what is not read stays in the kernel, and the
program waits (no output is ever dropped, and none piles up here).
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import signal
import struct
import termios
from collections.abc import Sequence
from contextlib import suppress

from jailer_core.errors import HostError
from jailer_core.host.local.kernel_events import Child
from jailer_core.host.local.processes import GRACE
from jailer_core.host.local.spawn import PATH, Spawner, environment, start_on_terminal

MOST_WAITING = 1 << 20
"""Bytes that may wait for a program that does not read what is typed."""
LINGER = 2.0
"""Seconds for a program that has let go of its terminal to end."""


class LocalPty:
    """See host.Pty. `open` makes one; `running` is the owner's set."""

    def __init__(self, master: int, running: set[LocalPty]) -> None:
        self._master = master
        self._running = running
        self._process: Child | None = None
        self._waiting = bytearray()
        self._readable: asyncio.Future[None] | None = None
        self._writing = False

    @classmethod
    async def open(
        cls, argv: Sequence[str], size: tuple[int, int], term: str, running: set[LocalPty]
    ) -> LocalPty:
        """Start the program. Raises CommandMissing, HostError."""
        try:
            master, slave = os.openpty()
        except OSError as error:
            raise HostError(f"no terminal can be opened: {error.strerror}") from None
        made = cls(master, running)
        try:
            os.set_blocking(master, False)
            made.resize(*size)
            made._process = start_on_terminal(argv, slave, _environment(term))
        except BaseException:
            made._close_master()
            raise
        finally:
            os.close(slave)
        running.add(made)
        return made

    # --- what it says ------------------------------------------------------------------------

    async def read(self, most: int) -> bytes:
        while self._master >= 0:
            data = self._take(most)
            if data is not None:
                return data
            loop = asyncio.get_running_loop()
            self._readable = loop.create_future()
            loop.add_reader(self._master, _done, self._readable)
            try:
                await self._readable
            finally:
                if self._master >= 0:
                    loop.remove_reader(self._master)
                self._readable = None
        return b""

    def _take(self, most: int) -> bytes | None:
        """What is there, up to `most`; b"" at the end, None when there is nothing yet.

        A terminal gives at most a few thousand bytes at a time, however much is waiting.
        """
        parts: list[bytes] = []
        size = 0
        while size < most:
            try:
                part = os.read(self._master, most - size)
            except BlockingIOError:
                return b"".join(parts) if parts else None
            except OSError:  # EIO: no process has it open (Linux; FreeBSD reads nothing)
                part = b""
            if not part:
                break
            parts.append(part)
            size += len(part)
        return b"".join(parts)

    # --- what is typed -----------------------------------------------------------------------

    def write(self, data: bytes) -> bool:
        if self._master < 0 or len(self._waiting) + len(data) > MOST_WAITING:
            return False
        self._waiting += data
        self._flush()
        return True

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def _flush(self) -> None:
        while self._waiting and self._master >= 0:
            try:
                done = os.write(self._master, self._waiting[:4096])
            except BlockingIOError:
                break
            except OSError:
                self._waiting.clear()
                break
            del self._waiting[:done]
        self._watch(on=bool(self._waiting) and self._master >= 0)

    def _watch(self, *, on: bool) -> None:
        if on != self._writing:
            self._writing = on
            loop = asyncio.get_running_loop()
            if on:
                loop.add_writer(self._master, self._flush)
            else:
                loop.remove_writer(self._master)

    def resize(self, columns: int, rows: int) -> None:
        if self._master >= 0:
            size = struct.pack("HHHH", max(1, rows), max(1, columns), 0, 0)
            with suppress(OSError):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, size)

    # --- the end -----------------------------------------------------------------------------

    async def wait(self) -> int:
        process = self._process
        if process is None:
            return 0
        with suppress(TimeoutError):
            return await asyncio.wait_for(process.wait(), LINGER)
        await self.close()
        return process.status if process.status is not None else -signal.SIGKILL

    async def close(self) -> None:
        process = self._process
        if process is not None and process.status is None:
            await self._hang_up_jobs(process.pid)
        self._close_master()
        for number in (signal.SIGHUP, signal.SIGKILL):
            if process is not None and process.status is None:
                process.signal(number)
                with suppress(TimeoutError):
                    await asyncio.wait_for(process.wait(), GRACE)
        self._running.discard(self)

    @staticmethod
    async def _hang_up_jobs(session: int) -> None:
        """The kernel hangs up what runs in front, and not every shell what it runs behind."""
        with suppress(HostError, TimeoutError):
            hanging_up = Spawner().start(("pkill", "-HUP", "-s", str(session)))
            await asyncio.wait_for(hanging_up.wait(), GRACE)

    def _close_master(self) -> None:
        if self._master < 0:
            return
        if self._writing:
            self._watch(on=False)
        if self._readable is not None:
            asyncio.get_running_loop().remove_reader(self._master)
            _done(self._readable)
        os.close(self._master)
        self._master = -1


def _done(readable: asyncio.Future[None]) -> None:
    if not readable.done():
        readable.set_result(None)


def _environment(term: str) -> dict[str, str]:
    """Nothing of ours but the kind of terminal and where to look for programs."""
    kept = {key: value for key, value in environment().items() if key in ("HOME", "USER")}
    return kept | {"PATH": PATH, "TERM": term, "LC_ALL": "C.UTF-8"}
