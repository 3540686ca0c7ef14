"""The selection that an action applies to: marked rows, or the one under the cursor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jailer_core.execution.fan_out import JailRun
    from jailer_core.model import Jail, Process, TrashEntry
    from jailer_core.operations.network.translations.rules import Row as Rule
    from jailer_core.operations.setup.plan_builder import Check
    from jailer_core.request import Request
    from jailer_core.topology import Node
    from jailer_tui.presenters.activity import Change
    from jailer_tui.presenters.images import Release
    from jailer_tui.presenters.snapshots import Entry
    from jailer_tui.state import AppState
    from jailer_tui.stores.jobs import Work


def _nothing() -> None:
    """Nothing is left open."""


@dataclass(frozen=True, slots=True)
class Selection:
    """What the screen or dialog in front offers to actions; what it does not have is empty.

    `jails` are the marked ones, else the one under the cursor, which is `jail`. `snapshots` and
    `snapshot` likewise; None where there is no list of snapshots. `entry` is one of the trash,
    `entries` are all of them. `follows` is what one does next, after a change that is
    shown. `problem` is what is wrong with a form, `completes` tells whether
    the field with the focus can be completed. `accepted` is called when a
    plan runs that was chosen here: it closes a dialog.
    """

    jails: tuple[Jail, ...] = ()
    jail: Jail | None = None
    snapshots: tuple[Entry, ...] | None = None
    snapshot: Entry | None = None
    tags: tuple[str, ...] = ()
    release: Release | None = None
    node: Node | None = None
    rule: Rule | None = None
    process: Process | None = None
    check: Check | None = None
    fixes: tuple[Request, ...] | None = None
    changes: bool = False
    change: Change | None = None
    entry: TrashEntry | None = None
    entries: tuple[TrashEntry, ...] = ()
    work: Work | None = None
    held: bool = False
    run: JailRun | None = None
    console: bool = False
    reading: bool = False
    opened: bool = False
    follows: Request | None = None
    problem: str = ""
    completes: bool = False
    accepted: Callable[[], object] = _nothing


@dataclass(frozen=True, slots=True)
class Situation:
    """What decides whether an action is possible: the host, what is selected, what runs.

    `rows` are in the list in front, None where there is none; `filtered` tells whether more are
    hidden. `spans` are the shorter and the longer times that can be shown.
    """

    state: AppState
    selection: Selection
    busy: bool = False
    started: bool = False
    rows: int | None = None
    filtered: bool = False
    spans: tuple[int, int] = (1, 1)
