"""Refresh the host at intervals, and at once on events of the kernel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from jailer_core.errors import JailerError
from jailer_core.facts import Reader
from jailer_core.facts.probes import RHYTHMS, InSight, Reason
from jailer_core.model import Inventory

SETTLE = 0.1
"""Seconds between an event and the reading: jails come with more than one."""
CALM = 1.0
"""Seconds from one reading that the kernel asked for to the next, on a host where jails come and
go all the time."""


class Refresher:
    """Keeps `heard` supplied with inventories; nothing that a host can do ends it.

    `heard(inventory, full)` gets each one and says whether it tells of the jails;
    `failed(message)` gets what went wrong instead. `in_sight()` says what the screen shows: with
    it the reader knows what is due (jailer_core/facts/probes.py).
    """

    def __init__(
        self,
        reader: Reader,
        interval: float,
        heard: Callable[[Inventory, bool], bool],
        failed: Callable[[str], None],
        in_sight: Callable[[], InSight] = InSight,
    ) -> None:
        self.reader = reader
        self.interval = interval
        self.last = time.monotonic()
        self._heard = heard
        self._failed = failed
        self._in_sight = in_sight
        self._wake = asyncio.Event()
        self.listens = True
        """Whether it gets kernel events itself; otherwise `wake` tells it."""

    def wake(self, reason: Reason = Reason.CHANGE) -> None:
        """Read as soon as possible what there is a reason to read."""
        self.reader.schedule.happened(reason)
        self._wake.set()

    def use_is_seen(self) -> None:
        """CPU and memory of jails are visible now: read them, unless that was just done."""
        if self.reader.schedule.age("ps") >= RHYTHMS["ps"].looked:
            self._wake.set()

    @property
    def stale(self) -> float | None:
        """Seconds since the last good reading if that is too long ago, else None."""
        age = time.monotonic() - self.last
        return age if age > max(3 * self.interval, 5.0) else None

    async def run(self) -> None:
        """Run until cancelled: read the quick parts, then everything, then what is due."""
        await self.once(quick=True)
        # while the kernel does not tell of jails, the timer does
        listener = asyncio.create_task(listen(self.reader, self.wake)) if self.listens else None
        try:
            self._wake.clear()
            await self.once()
            while True:
                await rest(self._wake, self.interval)
                await self.round()
        finally:
            if listener is not None:
                listener.cancel()

    async def once(self, *, quick: bool = False) -> None:
        """Read everything now; with `quick` only what a list shows."""
        if quick:
            await self._read(self.reader.gather(quick=True), full=False)
        else:
            await self._read(self.reader.gather(self._in_sight().needs), full=True)

    async def round(self) -> None:
        """Read what is due."""
        await self._read(self.reader.refresh(self._in_sight()), full=True)

    async def _read(self, reading: Awaitable[Inventory], *, full: bool) -> None:
        try:
            inventory = await reading
        except (JailerError, OSError, ValueError, ExceptionGroup) as error:
            self._failed(_said(error))
            return
        if self._heard(inventory, full):
            self.last = time.monotonic()


async def rest(wake: asyncio.Event, pause: float) -> None:
    """Until it is time to read again, or something has happened."""
    with suppress(TimeoutError):
        await asyncio.wait_for(wake.wait(), pause)
        await asyncio.sleep(SETTLE)
    wake.clear()


async def listen(reader: Reader, happened: Callable[[Reason], object]) -> None:
    """Report jail events of the kernel, until they end."""
    try:
        events = reader.host.watch()
        if events is None:
            return
        reader.schedule.watched = True
        async for _event in events:
            happened(Reason.KERNEL)
            await asyncio.sleep(CALM)
    except (JailerError, OSError):
        return
    finally:
        reader.schedule.watched = False


def _said(error: BaseException) -> str:
    """The first thing that really went wrong."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, JailerError):
        return error.message
    return f"the host could not be read: {error or type(error).__name__}"
