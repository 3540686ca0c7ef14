"""Compare one reading of the host with the next, and report events."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.facts import jail_details
from jailer_core.model import Inventory, Jail
from jailer_core.text import sanitize
from jailer_tui.stores import events
from jailer_tui.stores.events import Event, EventLog, Kind
from jailer_tui.stores.jobs import Work
from jailer_tui.stores.owner import StoreOwner

if TYPE_CHECKING:
    from jailer_core.parse.rctl import Limit

OURS = 15.0
"""Seconds after a change of ours in which events of its jails count as caused by it."""
RECENT = 120.0
"""Seconds in which a change in the journal counts as the reason."""
STARTS = ("start", "restart")


class WatchStore:
    """The app holds it."""

    def __init__(self, app: StoreOwner, log: EventLog) -> None:
        self.app = app
        self.log = log
        self._touched: dict[str, float] = {}

    # --- what we do ourselves ----------------------------------------------------------------

    def worked(self, work: Work) -> None:
        """A job has ended: events of its jails are expected now."""
        now = time.monotonic()
        self._touched |= dict.fromkeys(work.jails, now)
        outcome = work.outcome
        if outcome is None or not outcome.failed or self.app.view.inventory is None:
            return
        plan = outcome.plan
        if plan.request.op in STARTS and plan.jail:
            when = self.app.reader.host.clock()
            self.log.add(Event(when, Kind.FAILED, plan.jail, sanitize(outcome.message)))

    def _is_ours(self, name: str) -> bool:
        """Whether a change of ours may have stopped it; one that names no jail may concern all."""
        running = {jail for work in self.app.jobs.running for jail in work.jails}
        if running & {name, ""}:
            return True
        now = time.monotonic()
        return any(now - self._touched.get(key, -OURS) < OURS for key in (name, ""))

    # --- what happens ------------------------------------------------------------------------

    def compare(self, old: Inventory, new: Inventory, limits: Iterable[Limit] = ()) -> None:
        """One reading after another."""
        if old.pools is not new.pools:
            for name, health in events.degraded(old, new):
                self.log.add(Event(new.taken, Kind.POOL, text=f"pool {name} is {health}"))
        for name in sorted(events.at_limit(new, limits) - events.at_limit(old, limits)):
            self.log.add(Event(new.taken, Kind.MEMORY, name))
        if old.jails is new.jails or not (events.is_known(old) and events.is_known(new)):
            return
        for jail in events.started(old, new):
            self.log.add(Event(new.taken, Kind.STARTED, jail.name))
        for jail in events.stopped(old, new):
            if self._is_ours(jail.name):
                self.log.add(Event(new.taken, Kind.STOPPED, jail.name))
            else:
                work = self._explain(jail, new.taken)
                self.app.run_worker(work, group="deaths", exit_on_error=False)

    async def _explain(self, jail: Jail, when: float) -> None:
        """Whether another session stopped it, or a command by hand did; else it died."""
        try:
            log = (await jail_details.log(self.app.reader.host, jail, 4096)).splitlines()
        except JailerError:
            log = []
        last = next((sanitize(line.strip()) for line in reversed(log) if line.strip()), "")
        if await self._by_another(jail.name, when):
            self.log.add(Event(when, Kind.STOPPED, jail.name, "by another session"))
        elif events.was_shut_down(log):
            self.log.add(Event(when, Kind.STOPPED, jail.name, "outside of this program"))
        else:
            self.log.add(Event(when, Kind.DIED, jail.name, last))

    async def _by_another(self, name: str, when: float) -> bool:
        """Whether the journal has a change of that jail, or of all, of just now."""
        from jailer_core import journal  # noqa: PLC0415 - imports all operations

        host, inventory = self.app.reader.host, self.app.view.inventory
        if inventory is None:
            return False
        try:
            paths = (await journal_peek.names(host, inventory.layout))[:3]
        except JailerError:
            return False
        for path in paths:
            entry = await journal.read_path(host, path)
            if (
                entry is not None
                and when - max(entry.ended, entry.when) < RECENT
                and name in (entry.jail, *entry.title.split())
            ):
                return True
        return False
