"""The tags of one jail or several, from the form to what became of it."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.model import Jail
from jailer_core.text import sanitize
from jailer_tui.context import AppContext
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.tags import TagForm


async def change(app: AppContext, jails: Sequence[Jail]) -> None:
    """Ask which tags are added and removed, and do that."""
    inventory = app.view.inventory
    if inventory is None or not jails:
        return
    subject = TagForm(tuple(jails))
    title = sanitize(jails[0].name) if len(jails) == 1 else f"{len(jails)} jails"
    dialog = FormDialog(f"Tags of {title}", subject, inventory, {"changes": ""})
    await app.push_screen(dialog)
    while (values := await dialog.answer()) is not None:
        requests = subject.requests(values)
        if len(requests) > 1:
            dialog.dismiss(None)
            await app.runner.run_many(lambda count: f"Change the tags of {count}", requests)
            return
        try:
            plan = await prepare(app.reader, requests[0])
        except JailerError as error:
            dialog.refuse(error)
            continue
        if not dialog.is_open:
            return
        if await app.runner.show_and_run(plan, accepted=lambda: dialog.dismiss(None)) is not None:
            return
