"""A terminal of the simulated host: it drives a command that listens to what is typed."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Listen, Machine, Running, Say, Tty

FULL = 65536
"""Unread bytes of output after which the command waits."""

Pass = Callable[[float], None]


class SimulatedPty:
    """See host.Pty. `pace` as in SimulatedHost: at 0 only time that `passes` passes."""

    def __init__(self, machine: Machine, running: Running, tty: Tty, pace: float) -> None:
        self._machine = machine
        self._running = running
        self._tty = tty
        self._pace = pace
        self._printed = bytearray()
        self._typed = bytearray()
        self._heard = asyncio.Event()
        self._printing = asyncio.Event()
        self._room = asyncio.Event()
        self._status: int | None = None
        machine.listeners.append(self._jail_event)
        self._task = asyncio.create_task(self._drive())

    def _jail_event(self, what: str, _jid: int) -> None:
        if what == "removed":
            self._heard.set()

    async def _drive(self) -> None:
        typed: bytes | None = None
        status = 0
        try:
            while True:
                try:
                    chunk = self._running.send(typed)
                except StopIteration as end:
                    status = end.value or 0
                    break
                typed = None
                if isinstance(chunk, Say):
                    await self._print(chunk.text)
                elif isinstance(chunk, Listen):
                    typed = await self._listen(chunk)
                else:
                    await self._pass(chunk.seconds)
        finally:
            self._running.close()
            self._machine.listeners.remove(self._jail_event)
            self._status = status
            self._printing.set()

    async def _print(self, text: str) -> None:
        lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
        self._printed += lines.encode(errors="surrogateescape")
        self._printing.set()
        while len(self._printed) >= FULL:
            self._room.clear()
            await self._room.wait()

    async def _listen(self, chunk: Listen) -> bytes:
        if not self._typed and chunk.seconds > 0:
            if chunk.passes and self._pace == 0:
                await asyncio.sleep(0)
                self._machine.state.now += chunk.seconds
            else:
                await self._wake(chunk.seconds)
        data = bytes(self._typed)
        self._typed.clear()
        return data

    async def _wake(self, seconds: float) -> None:
        """Until something is typed, or happens; at pace 0 for as long as that takes."""
        self._heard.clear()
        forever = math.isinf(seconds) or self._pace == 0
        try:
            await asyncio.wait_for(self._heard.wait(), None if forever else seconds * self._pace)
        except TimeoutError:
            if not self._machine.live:
                self._machine.state.now += seconds

    async def _pass(self, seconds: float) -> None:
        await asyncio.sleep(0 if math.isinf(seconds) else seconds * self._pace)
        if not self._machine.live and math.isfinite(seconds):
            self._machine.state.now += seconds

    # --- Pty ---------------------------------------------------------------------------------

    async def read(self, most: int) -> bytes:
        """See Pty."""
        while not self._printed and self._status is None:
            self._printing.clear()
            await self._printing.wait()
        data = bytes(self._printed[:most])
        del self._printed[:most]
        self._room.set()
        return data

    def write(self, data: bytes) -> bool:
        """See Pty."""
        if self._status is not None or len(self._typed) > FULL:
            return False
        self._typed += data
        self._heard.set()
        return True

    @property
    def waiting(self) -> int:
        """See Pty."""
        return len(self._typed)

    def resize(self, columns: int, rows: int) -> None:
        """See Pty."""
        self._tty.columns, self._tty.rows = columns, rows
        self._heard.set()

    async def wait(self) -> int:
        """See Pty."""
        await asyncio.wait((self._task,))
        return self._status or 0

    async def close(self) -> None:
        """See Pty."""
        self._task.cancel()
        await asyncio.wait((self._task,))
