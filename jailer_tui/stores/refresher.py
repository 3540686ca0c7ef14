"""Refresh the host at intervals, and at once on events of the kernel.

The load of the host over time: read often while the Overview is shown, rarely otherwise.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING

from jailer_core.errors import JailerError
from jailer_core.facts import Reader
from jailer_core.facts.probes import RHYTHMS, InSight, Probe, Reason
from jailer_core.model import Inventory
from jailer_tui.stores.preferences import StoreOwner
from jailer_tui.trends import COARSE, Trends

if TYPE_CHECKING:
    from jailer_core.facts.vitals import VitalsReader
    from jailer_core.model.host import Vitals
    from jailer_core.operations.updates.packages import PackageCounts
    from jailer_core.parse.jail_settings import Limit


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


class VitalsStore:
    """Reads the load of the host. Calls `heard` after each reading, if set."""

    def __init__(self, app: StoreOwner, interval: float) -> None:
        self.app = app
        self.trends = Trends()
        self.before: Vitals | None = None
        self.now: Vitals | None = None
        self.limits: tuple[Limit, ...] = ()
        self.packages: Mapping[str, PackageCounts] = {}
        self.heard: Callable[[], object] | None = None
        self._interval = interval
        self._slow_at: float | None = None
        self._wake = asyncio.Event()

    @cached_property
    def _reader(self) -> VitalsReader:
        """Imported with the first reading, long after the first table."""
        from jailer_core.facts.vitals import VitalsReader  # noqa: PLC0415

        return VitalsReader()

    @cached_property
    def _rctl(self) -> Probe[tuple[Limit, ...]]:
        """Likewise."""
        from jailer_core.parse import jail_settings  # noqa: PLC0415

        return Probe("rctl", ("rctl",), jail_settings.limits)

    def start(self) -> None:
        """Read from now on; only the host that is shown is read."""
        self.app.run_worker(self._run(), group="vitals", exclusive=True, exit_on_error=False)

    def watch(self, heard: Callable[[], object] | None) -> None:
        """The overview is visible, or (None) no longer."""
        self.heard = heard
        if heard is not None:
            self._wake.set()

    async def _run(self) -> None:
        while True:
            pause = self._interval if self.heard is not None else max(COARSE, self._interval)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
            self._wake.clear()
            await self.read()

    async def read(self) -> None:
        """Read once."""
        host = self.app.reader.host
        reading = await self._reader.read(host)
        self.before, self.now = self.now, reading
        tell(self.trends, self.app.view.inventory, self.before, reading)
        await self.read_slow(reading.taken)
        if self.heard is not None:
            self.heard()

    async def read_slow(self, time: float) -> None:
        """Read what changes rarely, once a minute, whatever the number of jails."""
        inventory = self.app.view.inventory
        if inventory is None or (self._slow_at is not None and time - self._slow_at < COARSE):
            return
        self._slow_at = time
        with suppress(JailerError):
            await self._read_packages(inventory)
        if inventory.host.racct and inventory.host.root:
            with suppress(JailerError):
                self.limits = await self._rctl.ask(self.app.reader.host) or ()

    async def _read_packages(self, inventory: Inventory) -> None:
        """The counts that `outdated -p` keeps; none where it never ran."""
        from jailer_core.operations.updates import packages  # noqa: PLC0415 - rarely needed

        host, path = self.app.reader.host, packages.cache_file(inventory.layout)
        kept = await host.read(path) if await host.stat([path]) else ""
        self.packages = packages.from_json(kept)


def tell(trends: Trends, inventory: Inventory | None, before: Vitals | None, now: Vitals) -> None:
    """Add a reading to the trends of the host."""
    from jailer_core.model.host import cpu_percent  # noqa: PLC0415 - read by then

    time = now.taken
    if before is not None:
        trends["cpu"].add(time, cpu_percent(before, now))
        _tell_traffic(trends, before, now)
    if now.used is not None and now.memory:
        trends["memory"].add(time, 100.0 * now.used / now.memory)
    for pool in (inventory.pools if inventory is not None else None) or ():
        if pool.size:
            trends[f"pool {pool.name}"].add(time, 100.0 * pool.allocated / pool.size)
    if now.disks is not None:
        read = sum(use.read for use in now.disks.values())
        written = sum(use.written for use in now.disks.values())
        for name, value in (("read", read), ("written", written), ("disk", read + written)):
            trends[name].add(time, value)


def _tell_traffic(trends: Trends, before: Vitals, now: Vitals) -> None:
    seconds = now.taken - before.taken
    old, new = before.cards, now.cards
    if old is None or new is None or seconds <= 0:
        return
    both = [(old[name], new[name]) for name in new if name in old]
    received = sum(max(0, after.received - first.received) for first, after in both) / seconds
    sent = sum(max(0, after.sent - first.sent) for first, after in both) / seconds
    for name, value in (("received", received), ("sent", sent), ("net", received + sent)):
        trends[name].add(now.taken, value)
