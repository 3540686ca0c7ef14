"""Reading the host again and again, and at once when the kernel says that something changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from jailer_core.errors import HostError, JailerError
from jailer_core.inventory import Reader
from jailer_core.model import Inventory
from jailer_core.plan import Needs

SETTLE = 0.1
"""Seconds between an event and the reading: jails come with more than one."""


class Live:
    """Keeps `heard` supplied with inventories; nothing that a host can do ends it.

    `heard(inventory, full)` gets each one and says whether it tells of the jails;
    `failed(message)` gets what went wrong instead. `needs()` says what is in sight and must be
    read besides the usual.
    """

    def __init__(
        self,
        reader: Reader,
        interval: float,
        heard: Callable[[Inventory, bool], bool],
        failed: Callable[[str], None],
        needs: Callable[[], Needs] = Needs,
    ) -> None:
        self.reader = reader
        self.interval = interval
        self.last = time.monotonic()
        self._heard = heard
        self._failed = failed
        self._needs = needs
        self._wake = asyncio.Event()

    def wake(self) -> None:
        """Read as soon as possible."""
        self._wake.set()

    @property
    def stale(self) -> float | None:
        """Seconds since the last good reading when that is too long ago, else None."""
        age = time.monotonic() - self.last
        return age if age > max(3 * self.interval, 5.0) else None

    async def run(self) -> None:
        """Until cancelled: first what is quickly read, then everything, then again."""
        await self.once(quick=True)
        listener = asyncio.create_task(self._listen())
        try:
            while True:
                self._wake.clear()
                await self.once()
                await self._rest()
        finally:
            listener.cancel()

    async def once(self, *, quick: bool = False) -> None:
        """One reading."""
        try:
            inventory = await self.reader.gather(Needs() if quick else self._needs(), quick=quick)
        except (JailerError, OSError, ValueError, ExceptionGroup) as error:
            self._failed(_said(error))
            return
        if self._heard(inventory, not quick):
            self.last = time.monotonic()

    async def _rest(self) -> None:
        try:
            await asyncio.wait_for(self._wake.wait(), self.interval)
        except TimeoutError:
            return
        await asyncio.sleep(SETTLE)

    async def _listen(self) -> None:
        try:
            events = self.reader.host.watch()
            if events is None:
                return
            async for _event in events:
                self.wake()
        except (HostError, OSError):
            return  # the timer goes on


def _said(error: BaseException) -> str:
    """The first thing that really went wrong."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, JailerError):
        return error.message
    return f"the host could not be read: {error or type(error).__name__}"
