"""Events while the program was open: each reading of the host is compared with the one before.

Events while the program was open: jails that started and stopped, and failures.

Compare one reading of the host with the next, and report events.

Announce events: bell, the terminal's own notification, a command of the user's.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from jailer_core import journal_peek
from jailer_core.errors import JailerError
from jailer_core.facts import on_demand
from jailer_core.model import Inventory, Jail, JailState
from jailer_core.text import sanitize
from jailer_tui.console.user_terminal import notification_sequence
from jailer_tui.stores.jobs import Work
from jailer_tui.stores.preferences import StoreOwner

if TYPE_CHECKING:
    from jailer_core.parse.jail_settings import Limit


KEPT = 1000


class Kind(StrEnum):
    """Kinds of events. The values are `{what}` of a `notify` command."""

    STARTED = "started"
    STOPPED = "stopped"
    DIED = "died"
    FAILED = "failed"
    POOL = "pool"
    MEMORY = "memory"


ANNOUNCED = (Kind.DIED, Kind.FAILED, Kind.POOL, Kind.MEMORY)
"""What is announced."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event, in the host's time; `jail` is "" if it is about no jail."""

    when: float
    kind: Kind
    jail: str = ""
    text: str = ""


class EventLog:
    """The last events, the newest last; `heard` is called with each."""

    def __init__(self, heard: Callable[[Event], None]) -> None:
        self.all: deque[Event] = deque(maxlen=KEPT)
        self._heard = heard

    def add(self, event: Event) -> None:
        """Add an event."""
        self.all.append(event)
        self._heard(event)


def started(old: Inventory, new: Inventory) -> list[Jail]:
    """Jails that have been started."""
    before = _running(old)
    return [jail for name, jail in _running(new).items() if name not in before]


def stopped(old: Inventory, new: Inventory) -> list[Jail]:
    """Jails that have stopped, as they were, including destroyed ones."""
    after = _running(new)
    return [jail for name, jail in _running(old).items() if name not in after]


def degraded(old: Inventory, new: Inventory) -> list[tuple[str, str]]:
    """Pools whose health is worse than before: name and health."""
    before = {pool.name: pool.health for pool in old.pools or ()}
    return [
        (pool.name, pool.health)
        for pool in new.pools or ()
        if pool.health != "ONLINE" and before.get(pool.name, pool.health) != pool.health
    ]


NEAR = 0.9
"""What part of a memory limit counts as reached."""


def memory_limits(limits: Iterable[Limit]) -> Mapping[str, int]:
    """The least memory limit of each jail."""
    counts: dict[str, int] = {}
    for limit in limits:
        kind, _, name = limit.subject.partition(":")
        if kind == "jail" and limit.resource == "memoryuse" and limit.amount.isdecimal():
            counts[name] = min(int(limit.amount), counts.get(name, int(limit.amount)))
    return counts


def at_limit(inventory: Inventory, limits: Iterable[Limit]) -> set[str]:
    """Jails at their memory limit."""
    most = memory_limits(limits)
    if not most:
        return set()
    return {
        jail.name
        for jail in inventory.jails
        if jail.memory is not None and jail.memory >= NEAR * most.get(jail.name, 1 << 62)
    }


def is_known(inventory: Inventory) -> bool:
    """Whether the jails could be read; otherwise starts and stops are unknown."""
    return not any(problem.source == "jls" for problem in inventory.problems)


def _running(inventory: Inventory) -> dict[str, Jail]:
    return {jail.name: jail for jail in inventory.jails if jail.state is JailState.RUNNING}


STOP_SIGNS = (".", "Stopping ", "Terminated", "Waiting for PIDS")
"""How rc.shutdown ends in a console log."""  # not recorded


def was_shut_down(log: Collection[str]) -> bool:
    """Whether the end of a console log shows an orderly shutdown."""
    lines = [line.strip() for line in log if line.strip()]
    return bool(lines) and lines[-1].startswith(STOP_SIGNS)


OURS = 15.0
"""Seconds after a change of ours in which events of its jails count as caused by it."""
RECENT = 120.0
"""Seconds in which a change in the journal counts as the reason."""
STARTS = ("start", "restart")


class WatchStore:
    """Compares successive readings, and reports what happened."""

    def __init__(self, app: StoreOwner, log: EventLog) -> None:
        self.app = app
        self.log = log
        self._touched: dict[str, float] = {}

    # --- what we do ourselves ----------------------------------------------------------------

    def worked(self, work: Work) -> None:
        """A job has ended: events of its jails are now expected."""
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
        """Compare two successive readings."""
        if old.pools is not new.pools:
            for name, health in degraded(old, new):
                self.log.add(Event(new.taken, Kind.POOL, text=f"pool {name} is {health}"))
        for name in sorted(at_limit(new, limits) - at_limit(old, limits)):
            self.log.add(Event(new.taken, Kind.MEMORY, name))
        if old.jails is new.jails or not (is_known(old) and is_known(new)):
            return
        for jail in started(old, new):
            self.log.add(Event(new.taken, Kind.STARTED, jail.name))
        for jail in stopped(old, new):
            if self._is_ours(jail.name):
                self.log.add(Event(new.taken, Kind.STOPPED, jail.name))
            else:
                work = self._explain(jail, new.taken)
                self.app.run_worker(work, group="deaths", exit_on_error=False)

    async def _explain(self, jail: Jail, when: float) -> None:
        """Whether another session stopped it, or a command by hand did; else it died."""
        try:
            log = (await on_demand.log(self.app.reader.host, jail, 4096)).splitlines()
        except JailerError:
            log = []
        last = next((sanitize(line.strip()) for line in reversed(log) if line.strip()), "")
        if await self._by_another(jail.name, when):
            self.log.add(Event(when, Kind.STOPPED, jail.name, "by another session"))
        elif was_shut_down(log):
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


SECONDS = 30.0
"""A `notify` command that takes longer is ended."""
WORDS = {
    Kind.DIED: "{} stopped unexpectedly",
    Kind.FAILED: "{} failed to start",
    Kind.MEMORY: "{} is at its memory limit",
}


class Announcer:
    """Announces events: by bell, by notification, and by the user's command."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app

    def hear(self, event: Event) -> None:
        """Something happened."""
        settings = self.app.view.settings
        if event.kind not in ANNOUNCED or not settings.notices:
            return
        message = describe(event)
        marks = self.app.view.marks
        where = f"{marks.name}: " if marks is not None else ""
        self.app.notify_user(f"{where}{message}", event.text if event.jail else "")
        if is_quiet(settings.quiet_hours, time.localtime()):
            return
        self.app.ring_bell()
        self.app.write_terminal(notification_sequence(self.app.view.name, message, os.environ))
        if settings.notify:
            fields = {
                "what": event.kind.value,
                "jail": event.jail,
                "host": self.app.view.name,
                "message": message,
            }
            argv = fill(settings.notify, fields)
            self.app.run_worker(self._run(argv), group="notify", exit_on_error=False)

    async def _run(self, argv: tuple[str, ...]) -> None:
        from jailer_core.host.local import LocalHost  # noqa: PLC0415 - rarely needed

        try:
            result = await LocalHost().run(argv, timeout=SECONDS)
        except JailerError as error:
            self.app.notify_user(f"notify: {error.message}", error.hint)
            return
        if not result.ok:
            self.app.notify_user(
                f"notify: {sanitize(argv[0])} failed", sanitize(result.stderr[:200])
            )


def describe(event: Event) -> str:
    """What happened, in one sentence."""
    words = WORDS.get(event.kind)
    return sanitize(words.format(event.jail) if words else event.text)


def fill(argv: tuple[str, ...], fields: Mapping[str, str]) -> tuple[str, ...]:
    """The command with its fields filled in; values are not expanded again."""
    filled = []
    for word in argv:
        parts = word.split("{")
        text = parts[0]
        for part in parts[1:]:
            name, brace, rest = part.partition("}")
            text += f"{fields[name]}{rest}" if brace and name in fields else f"{{{part}"
        filled.append(text)
    return tuple(filled)


def is_quiet(hours: str, now: time.struct_time) -> bool:
    """Whether it is within the quiet hours, which may span midnight."""
    if not hours:
        return False
    start, end = (time.strptime(part, "%H:%M")[3:5] for part in hours.split("-"))
    minute = now[3:5]
    return start <= minute < end if start <= end else minute >= start or minute < end
