"""Recovery: undo, resume or dismiss an interrupted change; and undo in general.

Actions on earlier changes: undo them, or view them.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import takewhile
from typing import TYPE_CHECKING

from jailer_core.errors import JailerError
from jailer_core.execution import interrupted, prepare
from jailer_core.journal import Interrupted
from jailer_core.operations.undo.entry import Entry
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.operations.undo.summary import (
    last_undoable,
    lost_for_good,
    to_undo_with,
    what_happened,
)
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler, WorkContext
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.confirm import END, GO_ON, LEAVE, UNDO_INTERRUPTED, InterruptedChangeDialog
from jailer_tui.key_hints import told
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.jails import Column
from jailer_tui.stores.jobs import Item
from jailer_tui.widgets.grid import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


async def undo_last(app: WorkContext) -> None:
    """Preview the undo of the last change; an interrupted one comes first."""
    if app.view.cut_off:
        await recover(app)
        return
    entries = (await app.session.past.read()).entries or ()
    entry = last_undoable(entries)
    newer = takewhile(lambda other: other is not entry, entries)
    lost = next((entry for entry in newer if lost_for_good(entry)), None)
    if lost is not None:
        app.notify_user(
            f"the last change cannot be undone: {sanitize(lost.title)}",
            told("Press {activity_tab} for earlier changes; {undo} there undoes one of them."),
        )
        return
    if entry is None:
        app.notify_user(
            "there is no change to undo", told("Press {activity_tab} for past changes.")
        )
        return
    together = to_undo_with(entry, entries[entries.index(entry) + 1 :])
    if len(together) == 1:
        await undo(app, entry.id)
    else:
        await _undo_together(app, together)


async def _undo_together(app: WorkContext, entries: Sequence[Entry]) -> None:
    """One preview of the undo of several changes, the newest first."""
    with app.busy():
        items = await _undo_items(app, entries)
    await app.runner.confirm_items(f"Undo {len(items)} changes", items, stop_early=True)
    await note(app)


async def _undo_items(app: WorkContext, entries: Sequence[Entry]) -> list[Item]:
    """After the first that is refused no others are undone."""
    items: list[Item] = []
    for entry in entries:
        request = UndoChange(entry.id, stamp(app.reader.host.clock()))
        name = entry.jail or entry.title
        if any(item.refused for item in items):
            why = "not undone, because an earlier undo is refused"
            items.append(Item(request, name, refused=why))
            continue
        try:
            items.append(Item(request, name, await prepare(app.reader, request)))
        except JailerError as error:
            items.append(Item(request, name, refused=sanitize(error.message)))
    return items


async def undo(app: WorkContext, entry: str, accepted: Callable[[], object] | None = None) -> None:
    """Preview the undo of that change, and run it if confirmed."""
    await app.runner.run(UndoChange(entry, stamp(app.reader.host.clock())), accepted)
    await note(app)


async def recover(app: WorkContext) -> None:
    """Show what happened, and run the chosen answer."""
    host = app.reader.host
    cut = await interrupted.find_interrupted(host, app.session.past.layout)
    if cut is None:
        await note(app)
        return

    async def running() -> Sequence[str]:
        try:
            processes = await interrupted.still_running(host, cut)
        except JailerError as error:
            return [sanitize(error.message)]
        return [sanitize(f"{process.command} (process {process.pid})") for process in processes]

    dialog = InterruptedChangeDialog(what_happened(cut.target, ()), running)
    answer = await app.push_screen_wait(dialog)
    if answer == END:
        await _end(app, cut)
        await recover(app)
    elif answer == UNDO_INTERRUPTED:
        await undo(app, cut.target.id)
    elif answer == GO_ON:
        await app.runner.run(Resume(cut.target.id))
    elif answer == LEAVE:
        await _leave(app, cut)
    await note(app)


async def _end(app: WorkContext, cut: Interrupted) -> None:
    with app.telling(), app.busy():
        if not await interrupted.terminate(app.reader.host, cut):
            app.notify_user("it has not exited", "See what it is waiting for: procstat -k PID.")


async def _leave(app: WorkContext, cut: Interrupted) -> None:
    sure = await app.ask(
        "Dismiss it?",
        [f"{cut.target.title}: it may be partly done.", "It can still be undone later."],
        "Dismiss",
    )
    if sure:
        with app.telling():
            async with app.reader.host.lock():
                await interrupted.dismiss(app.reader.host, cut)


async def note(app: WorkContext) -> None:
    """Update the notice of an interrupted change, and the list."""
    if app.view.inventory is not None:
        await app.session.past.cut_off(app.view.inventory)
    app.session.past.look()


_WORK = (Column("state", "", 10, 0), Column("title", "", 56, 0))


class UndoController(Controller):
    """Actions on earlier changes and on jobs of this session."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {UndoChange.op: self._undo, "work": lambda _: self._work()}

    def _undo(self, selection: Selection) -> None:
        """The selected change; where no list of them is shown, the last one."""
        change = selection.change
        if not selection.changes or change is None or change.entry is None:
            work = undo_last(self.app)
        elif change.state == "cut off":
            work = recover(self.app)
        else:
            work = undo(self.app, change.entry.id, selection.accepted)
        self.app.start_task(work, UndoChange.op)

    def _work(self) -> None:
        """Work started in this session, newest first."""
        work = self.app.jobs.all
        if len(work) == 1:
            self.app.show_work(work[0])
            return
        rows = []
        for index, job in reversed(list(enumerate(work))):
            state = ("ended", "dim") if job.over else ("running", "accent")
            rows.append(Row(str(index), (state, (sanitize(job.title), "strong"))))
        self.app.push_screen(ChoiceDialog("Jobs of this session", _WORK, rows), self._show_work)

    def _show_work(self, key: str | None) -> None:
        if key is not None:
            self.app.show_work(self.app.jobs.all[int(key)])
