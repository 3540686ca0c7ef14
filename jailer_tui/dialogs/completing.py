"""Complete a field of a form with names from the host."""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.completion import Completed, complete, shown
from jailer_core.model import Inventory
from jailer_tui.context import AppContext
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.forms.model import FormField
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Row

_COLUMNS = (Column("name", "", 70, 0),)


async def completed(app: AppContext, inventory: Inventory, item: FormField) -> Completed:
    """The text of a field, completed as far as it is clear."""
    if item.source is None:
        return Completed(item.value)
    with app.busy():
        return await complete(app.reader, inventory, item.source, item.value)


def choose(
    app: AppContext, item: FormField, completed: Completed, use: Callable[[str], None]
) -> None:
    """Let one of several be chosen."""
    rows = [Row(choice, ((label, "strong"),)) for choice, label in shown(completed.choices)]

    def chosen(choice: str | None) -> None:
        if choice is not None:
            use(choice)

    app.push_screen(ChoiceDialog(item.label, _COLUMNS, rows), chosen)
