"""What was interrupted in the middle is undone, resumed, or left; and undo in general."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from jailer_core.errors import JailerError
from jailer_core.execution import interrupted
from jailer_core.journal import Interrupted
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.operations.undo.summary import last_undoable, lost_for_good, what_happened
from jailer_core.text import sanitize
from jailer_tui.context import AppContext
from jailer_tui.dialogs.interrupted import END, GO_ON, LEAVE, UNDO, InterruptedChangeDialog
from jailer_tui.key_hints import told
from jailer_tui.presenters.jail_parts import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


async def undo_last(app: AppContext) -> None:
    """Preview the undo of the last change that can be undone; first what was interrupted."""
    if app.view.cut_off:
        await recover(app)
        return
    entries = (await app.session.past.read()).entries or ()
    entry = last_undoable(entries)
    newer = takewhile(lambda other: other is not entry, entries)
    lost = next((entry for entry in newer if lost_for_good(entry)), None)
    if lost is not None:
        message = f"the last change cannot be undone: {sanitize(lost.title)}"
        app.notify_user(
            message,
            told("Press {activity_tab} for earlier changes; {undo} there undoes one of them."),
        )
        return
    if entry is None:
        app.notify_user(
            "there is no change to undo", told("Press {activity_tab} for past changes.")
        )
        return
    await undo(app, entry.id)


async def undo(app: AppContext, entry: str, accepted: Callable[[], object] | None = None) -> None:
    """Preview the undo of that change; then it can be done."""
    await app.runner.run(UndoChange(entry, stamp(app.reader.host.clock())), accepted)
    await note(app)


async def recover(app: AppContext) -> None:
    """Say what happened, and do what is wanted."""
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
    elif answer == UNDO:
        await undo(app, cut.target.id)
    elif answer == GO_ON:
        await app.runner.run(Resume(cut.target.id))
    elif answer == LEAVE:
        await _leave(app, cut)
    await note(app)


async def _end(app: AppContext, cut: Interrupted) -> None:
    try:
        with app.busy():
            ended = await interrupted.terminate(app.reader.host, cut)
    except JailerError as error:
        app.notify_user(error.message, error.hint)
        return
    if not ended:
        app.notify_user("it has not exited", "See what it is waiting for: procstat -k PID.")


async def _leave(app: AppContext, cut: Interrupted) -> None:
    sure = await app.ask(
        "Dismiss it?",
        [f"{cut.target.title}: it may be partly done.", "It can still be undone later."],
        "Dismiss",
    )
    if not sure:
        return
    try:
        async with app.reader.host.lock():
            await interrupted.dismiss(app.reader.host, cut)
    except JailerError as error:
        app.notify_user(error.message, error.hint)


async def note(app: AppContext) -> None:
    """Whether something has no end now; and the list again."""
    if app.view.inventory is not None:
        await app.session.past.cut_off(app.view.inventory)
    app.session.past.look()
