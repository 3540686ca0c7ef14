"""Retention policies, and the space that emptying the trash frees.

The retention policy of a jail and its schedule: pure, without a widget.

Space that purging trash entries would free, and their dependents.

`zfs destroy -nvpr DATASET` lists what would go, but prints no `reclaim` line for a dataset
(recordings 05 and 14). `used` is what destroying it with everything below it gives back. Held
snapshots refuse it: that is found when the plan is made, for holds are not read with the host.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len

from jailer_core.model import Inventory, Jail, TrashEntry
from jailer_core.operations.shared import clones
from jailer_core.operations.snapshots.retention import Policy
from jailer_core.operations.snapshots.schedule import next_run
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import Line, Span, keyed
from jailer_tui.presenters.snapshots import BROAD, Entry


@dataclass(frozen=True, slots=True)
class Keeping:
    """The policies of jails by name, and whether cron runs them."""

    policies: Mapping[str, Policy]
    scheduled: bool


def kept(jail: Jail, keeping: Keeping, own: Sequence[Entry], now: float, width: int) -> list[Line]:
    """The policy of a jail, its last and its next run."""
    policy = keeping.policies.get(jail.name)
    if policy is None or not policy.any:
        no = keyed(f"{'Policy':<11}none; {{snappolicy}} sets one", "dim")
        return [] if width >= BROAD else [no]
    made = [entry.creation for entry in own if entry.made_by]
    last = f"last {human_age(int(now - max(made)))} ago" if made else "never ran"
    if keeping.scheduled:
        # by how much this terminal's clock is before UTC's
        before = datetime.fromtimestamp(now, UTC).astimezone().utcoffset() or timedelta()
        wait = next_run(int(now), int(before.total_seconds())) - int(now)
        when: Span = (f"{last}, next in {human_age(wait)}", "dim")
    else:
        when = (f"{last}; cron does not run it: S", "warn")
    line: list[Span] = [(f"{'Policy':<11}", "dim"), (str(policy), "text")]
    used = 11 + cell_len(str(policy)) + 2 + cell_len(when[0])
    if used <= width:
        return [(*line, ("  ", "text"), when)]
    return [tuple(line), ((" " * 11, "dim"), when)]


def frees(inventory: Inventory, entries: Sequence[TrashEntry]) -> str:
    """The freed space in a few words."""
    parts = tuple(part for entry in entries for part in inventory.below(entry.dataset))
    size = human_bytes(sum(entry.used for entry in entries))
    depending = clones.dependents(inventory, parts)
    if not depending:
        return f"purging frees up to {size}"
    more = f" and {len(depending) - 1} more" if len(depending) > 1 else ""
    name = sanitize(depending[0].name)
    return f"purging frees up to {size}; first promote {name}{more}"
