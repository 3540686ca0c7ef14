"""What can be chosen about one fix of the doctor."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.errors import UsageError
from jailer_core.model import Inventory
from jailer_core.operations.registry import needs
from jailer_core.plan import Request
from jailer_tui.actions import bindings
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.fixes import FixSubject
from jailer_tui.present import Line
from jailer_tui.view import View


class FixDialog(FormDialog):
    """Checks what is typed against the host, which is looked at again where that is needed."""

    PLACES = ("choices",)
    BINDINGS = bindings("choices", "quiet")

    def __init__(
        self, title: str, subject: FixSubject, inventory: Inventory, values: Mapping[str, str]
    ) -> None:
        super().__init__(title, subject, inventory, values, verb="Take it")
        self._fix = subject
        self._asked: Request | None = None
        self._asking = False

    def show(self, view: View) -> None:
        """What was looked at again."""
        found = view.examined
        self._asking = found.asking
        if found.inventory is not None and self.is_open:
            self.inventory = found.inventory
            self.draw()

    def draw(self) -> None:
        """Suggestions and problems; what they hang on is read when it was not yet."""
        super().draw()
        try:
            wanted = self._fix.request(self.values)
        except UsageError:
            return
        missing = [one for one in needs(self.inventory, wanted).asks if one not in self._answered]
        if missing and wanted != self._asked:
            self._asked = wanted
            self.jailer.examination.look(wanted)

    @property
    def _answered(self) -> Mapping[tuple[str, ...], object]:
        return self.inventory.answers

    def do_take(self) -> None:
        """Hand it in; with something wrong: go there instead."""
        self.do_submit()

    def explained(self) -> list[Line]:
        """While the host is being looked at, nothing that is said is final."""
        lines = super().explained()
        dots = self.glyphs.more if self.glyphs.more == "…" else "..."
        return [*lines, ((f"Looking at the host{dots}", "accent"),)] if self._asking else lines
