"""Rules for what needs attention on a host, each with the screen or plan that fixes it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from jailer_core.model import Inventory, Jail, JailState
from jailer_core.operations.images.catalog import end_of_life
from jailer_core.operations.shared.trash import is_old
from jailer_core.operations.updates.packages import PackageCounts
from jailer_core.operations.updates.standing import Reason, Subject, standings
from jailer_core.parse.jail_settings import Limit
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_core.topology import wrong
from jailer_tui.state import AppState
from jailer_tui.stores.events import NEAR, Event, Kind, at_limit, memory_limits

FULL, VERY_FULL = 80, 90
"""Percent of a pool from which it is named, and is bad."""
SOON = 60
"""Days before its end of life from which a release is named."""
MOST = 3
"""How many lines of one kind are shown; the others are counted."""


@dataclass(frozen=True, slots=True)
class Need:
    """One line. `action` is what enter does and `target` with what; `verb` is its name.

    `kind` is what it is counted with when there are many.
    """

    key: str
    kind: str
    tone: str
    text: str
    verb: str
    action: str
    target: str = ""


Rule = Callable[["Situation"], Iterable[Need]]


@dataclass(frozen=True, slots=True)
class Situation:
    """The input of the rules."""

    view: AppState
    inventory: Inventory
    events: tuple[Event, ...] = ()
    limits: tuple[Limit, ...] = ()
    packages: Mapping[str, PackageCounts] = field(default_factory=dict)


def needs(
    view: AppState,
    events: Iterable[Event] = (),
    limits: Iterable[Limit] = (),
    packages: Mapping[str, PackageCounts] | None = None,
) -> tuple[Need, ...]:
    """Everything that needs attention, the most serious first; many of one kind are counted."""
    if view.inventory is None:
        return ()
    situation = Situation(view, view.inventory, tuple(events), tuple(limits), packages or {})
    rows: list[Need] = []
    for rule in RULES:
        rows += _at_most(list(rule(situation)))
    return tuple(sorted(rows, key=lambda need: ("bad", "warn", "text", "dim").index(need.tone)))


def _at_most(rows: list[Need]) -> list[Need]:
    if len(rows) <= MOST:
        return rows
    shown, first = rows[: MOST - 1], rows[MOST - 1]
    text = f"and {len(rows) - len(shown)} more: {first.kind}"
    rest = replace(first, key=f"{first.kind} more", text=text)
    if first.action in ("start", "jail", "log"):  # where all of the kind are seen
        target = first.kind.partition(" ")[0]
        rest = replace(rest, verb="show them", action="filter", target=target)
    return [*shown, rest]


# --- rules -----------------------------------------------------------------------------------


def _not_set_up(at: Situation) -> Iterator[Need]:
    if not at.inventory.layout.dataset and not at.inventory.jails and at.view.full:
        text = "This host is not set up for jails"
        yield Need("set-up", "set-up", "warn", text, "set it up", "doctor")


def _interrupted(at: Situation) -> Iterator[Need]:
    if at.view.cut_off:
        text = f"A change was interrupted: {sanitize(at.view.cut_off)}"
        yield Need("interrupted", "interrupted", "bad", text, "resolve it", "undo")


def _ended(at: Situation) -> Iterator[Need]:
    """Jails that died or failed to start, and are still not running."""
    latest = {event.jail: event for event in at.events if event.jail}
    for name, event in latest.items():
        jail = at.inventory.jail(name)
        if jail is None or jail.running or event.kind not in (Kind.DIED, Kind.FAILED):
            continue
        when = datetime.fromtimestamp(event.when, tz=UTC).astimezone().strftime("%H:%M")
        why = f": {sanitize(event.text)}" if event.text else ""
        what = "failed to start" if event.kind is Kind.FAILED else "stopped unexpectedly"
        text = f"{sanitize(name)} {what} at {when}{why}"
        yield Need(f"ended {name}", "stopped jails", "bad", text, "start it", "start", name)


def _down(at: Situation) -> Iterator[Need]:
    told = {event.jail for event in at.events if event.kind in (Kind.DIED, Kind.FAILED)}
    for jail in at.inventory.jails:
        if jail.boots and jail.state is JailState.STOPPED and jail.name not in told:
            text = f"{sanitize(jail.name)} starts at boot, but is stopped"
            yield Need(
                f"down {jail.name}", "stopped jails", "warn", text, "start it", "start", jail.name
            )


def _jail_problems(at: Situation) -> Iterator[Need]:
    for jail in at.inventory.jails:
        for problem in jail.problems[:1]:
            text = f"{sanitize(jail.name)}: {sanitize(problem.message)}"
            yield Need(
                f"problem {jail.name}", "problem jails", "warn", text, "show it", "jail", jail.name
            )


def _network(at: Situation) -> Iterator[Need]:
    for index, diagnostic in enumerate(wrong(at.inventory)):
        key, text = f"network {index}", sanitize(diagnostic.message)
        yield Need(key, "network problems", "warn", text, "show it", "network_tab")


def _pools(at: Situation) -> Iterator[Need]:
    for pool in at.inventory.pools or ():
        name = sanitize(pool.name)
        if pool.health != "ONLINE":
            text = f"Pool {name} is {sanitize(pool.health)}"
            yield Need(f"health {name}", "pools", "bad", text, "show it", "storage", pool.name)
        used = pool.allocated * 100 // pool.size if pool.size else 0
        if used >= FULL:
            tone = "bad" if used >= VERY_FULL else "warn"
            text = f"Pool {name} is {used}% full: {human_bytes(pool.free)} free"
            yield Need(f"full {name}", "pools", tone, text, "free space", "storage", pool.name)


def _quotas(at: Situation) -> Iterator[Need]:
    """Datasets that can grow by less than a tenth, though their pool has room for more."""
    free = {pool.name: pool.free for pool in at.inventory.pools or ()}
    for dataset in at.inventory.datasets or ():
        room = dataset.used + dataset.available
        full = room and dataset.used >= NEAR * room
        if full and dataset.available < free.get(dataset.pool, 0) // 2:
            name, left = dataset.name, human_bytes(dataset.available)
            text = f"{sanitize(name)} is near its quota: {left} of {human_bytes(room)} left"
            kind = "datasets near their quota"
            yield Need(f"quota {name}", kind, "warn", text, "show it", "storage", name)


def _memory(at: Situation) -> Iterator[Need]:
    limits = memory_limits(at.limits)
    full = at_limit(at.inventory, at.limits)
    for jail in at.inventory.jails:
        if jail.name in full:
            name, most = jail.name, human_bytes(limits[jail.name])
            text = f"{sanitize(name)} is at its memory limit: {human_bytes(jail.memory)} of {most}"
            kind, verb = "jails at their memory limit", "show its processes"
            yield Need(f"memory {name}", kind, "bad", text, verb, "processes", name)


def _releases(at: Situation) -> Iterator[Need]:
    today = datetime.fromtimestamp(at.inventory.taken, tz=UTC).date()
    jails: dict[str, list[Jail]] = {}
    for jail in at.inventory.jails:
        release = jail.userland or jail.release
        if release:
            jails.setdefault(release.partition("-p")[0], []).append(jail)
    for release, users in sorted(jails.items()):
        end = end_of_life(release)
        if end is None or (end - today).days > SOON:
            continue
        past = end < today
        count = "1 jail" if len(users) == 1 else f"{len(users)} jails"
        tone, verb = ("warn", "reached") if past else ("text", "reaches")
        text = f"{sanitize(release)} {verb} its end of life on {end}: {count}"
        yield Need(
            f"release {release}", "releases", tone, text, "show the jails", "filter", release
        )


def _patches(at: Situation) -> Iterator[Need]:
    """Jails that have not the newest patch level that this host knows of."""
    behind = [
        standing.name
        for standing in standings(at.inventory)
        if standing.subject is Subject.JAIL and Reason.PATCHES in standing.reasons
    ]
    if behind:
        count = "1 jail is" if len(behind) == 1 else f"{len(behind)} jails are"
        text = f"{count} not at the newest patch level known here"
        yield Need("patches", "userlands", "text", text, "show them", "outdated")


def _vulnerable(at: Situation) -> Iterator[Need]:
    """Jails with vulnerable packages, the most first, as they were counted last."""
    known = [
        (at.packages[jail.name], jail) for jail in at.inventory.jails if jail.name in at.packages
    ]
    for counts, jail in sorted(known, key=lambda pair: (-(pair[0].vulnerable or 0), pair[1].name)):
        if not counts.vulnerable:
            continue
        plural = "" if counts.vulnerable == 1 else "s"
        number = f"{counts.vulnerable} vulnerable package{plural}"
        age = human_age(max(0, int(at.inventory.taken) - counts.asked))
        text = f"{sanitize(jail.name)} has {number} (counted {age} ago)"
        verb, action = ("list them", "pkg") if jail.running else ("show it", "jail")
        kind = "jails with vulnerable packages"
        yield Need(f"packages {jail.name}", kind, "warn", text, verb, action, jail.name)


def _orphans(at: Situation) -> Iterator[Need]:
    """Datasets where jails are kept that belong to no jail."""
    layout = at.inventory.layout
    if not layout.dataset or at.inventory.datasets is None:
        return
    used = {jail.dataset for jail in at.inventory.jails}
    ours = {layout.images, layout.trash, layout.own}
    for dataset in at.inventory.datasets:
        parent, _, name = dataset.name.rpartition("/")
        if parent != layout.dataset or dataset.name in used | ours or name.startswith("."):
            continue
        if any(other.startswith(f"{dataset.name}/") for other in used):
            continue
        text = f"{sanitize(dataset.name)} belongs to no jail: {human_bytes(dataset.used)}"
        yield Need(f"orphan {name}", "datasets without a jail", "text", text, "show it", "storage")


def _trash(at: Situation) -> Iterator[Need]:
    days = at.view.settings.trash_days
    old = [entry for entry in at.inventory.trash if is_old(entry, at.inventory.taken, days)]
    if old:
        count = "1 entry" if len(old) == 1 else f"{len(old)} entries"
        size = human_bytes(sum(entry.used for entry in old))
        text = f"The trash has {count} older than {days} days: {size}"
        yield Need("trash", "trash", "text", text, "show the trash", "trash")


RULES: tuple[Rule, ...] = (
    *(_interrupted, _not_set_up, _ended, _memory, _pools, _quotas, _network, _jail_problems),
    *(_down, _releases, _vulnerable, _patches, _trash),
    _orphans,
)
