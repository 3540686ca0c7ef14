"""The retention policy of a jail and its schedule: pure, without a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from rich.cells import cell_len

from jailer_core.model import Jail
from jailer_core.operations.snapshots.retention import Policy
from jailer_core.operations.snapshots.schedule import next_run
from jailer_core.text import human_age
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
