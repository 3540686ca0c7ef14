"""What was cut off in the middle is undone, gone on with, or left; and undo in general."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from jailer_core.errors import JailerError
from jailer_core.execute import aftermath
from jailer_core.journal import CutOff
from jailer_core.operations.undoing.requests import GoOn, UndoChange
from jailer_core.operations.undoing.tell import last_undoable, lost_for_good, what_happened
from jailer_core.text import visible
from jailer_tui.dialogs.cutoff import END, GO_ON, LEAVE, UNDO, CutOffDialog
from jailer_tui.present_parts import stamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jailer_tui.app import JailerApp


async def undo_last(app: JailerApp) -> None:
    """Preview the undo of the last change that can be undone; first what was cut off."""
    if app.view.cut_off:
        await recover(app)
        return
    entries = (await app.past.read()).entries or ()
    entry = last_undoable(entries)
    newer = takewhile(lambda one: one is not entry, entries)
    lost = next((one for one in newer if lost_for_good(one)), None)
    if lost is not None:
        said = f"the last change cannot be undone: {visible(lost.title)}"
        app.say(said, "6 shows the ones before it; z there undoes one of them.")
        return
    if entry is None:
        app.say("there is no change that could be undone", "6 shows what was changed.")
        return
    await undo(app, entry.id)


async def undo(app: JailerApp, entry: str, accepted: Callable[[], object] | None = None) -> None:
    """Preview the undo of that change; then it can be done."""
    await app.flow.one(UndoChange(entry, stamp(app.reader.host.clock())), accepted)
    await note(app)


async def recover(app: JailerApp) -> None:
    """Say what happened, and do what is wanted."""
    host = app.reader.host
    cut = await aftermath.look(host, app.past.layout)
    if cut is None:
        await note(app)
        return

    async def running() -> Sequence[str]:
        try:
            found = await aftermath.still_running(host, cut)
        except JailerError as error:
            return [visible(error.message)]
        return [visible(f"{one.command} (process {one.pid})") for one in found]

    dialog = CutOffDialog(what_happened(cut.target, ()), running)
    answer = await app.push_screen_wait(dialog)
    if answer == END:
        await _end(app, cut)
        await recover(app)
    elif answer == UNDO:
        await undo(app, cut.target.id)
    elif answer == GO_ON:
        await app.flow.one(GoOn(cut.target.id))
    elif answer == LEAVE:
        await _leave(app, cut)
    await note(app)


async def _end(app: JailerApp, cut: CutOff) -> None:
    try:
        with app.reading():
            gone = await aftermath.end(app.reader.host, cut)
    except JailerError as error:
        app.say(error.message, error.hint)
        return
    if not gone:
        app.say("it does not end", "Look what holds it: procstat -k PID.")


async def _leave(app: JailerApp, cut: CutOff) -> None:
    sure = await app.ask(
        "Leave it as it is?",
        [f"{cut.target.title}: half of it may be done.", "It can still be undone later."],
        "Leave it",
    )
    if not sure:
        return
    try:
        async with app.reader.host.lock():
            await aftermath.leave(app.reader.host, cut)
    except JailerError as error:
        app.say(error.message, error.hint)


async def note(app: JailerApp) -> None:
    """Whether something has no end now; and the list again."""
    if app.view.inventory is not None:
        await app.past.cut_off(app.view.inventory)
    app.past.look()
