"""Files that a jail and its new base both changed: each is resolved before anything is done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jailer_core.operations.updates.decision import Conflict
from jailer_core.text import sanitize
from jailer_core.three_way import OURS
from jailer_tui.actions import Selection, bindings
from jailer_tui.dialogs.list_form import ListFormDialog
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.widgets.grid import Row

Settled = tuple[tuple[str, str, str], ...]
"""Path, choice (ours, theirs, text) and text, as a request has them."""

_COLUMNS = (
    Column("choice", "KEEP", 8, 0),
    Column("path", "FILE", 26, 0),
    Column("clash", "WHY", 38, 0),
)
_WORDS = {"ours": "jail's", "theirs": "image's", "text": "edited"}


class ConflictsDialog(ListFormDialog[Settled]):
    """Answers with all resolutions. `edit` opens an editor on a text and returns the result."""

    PLACES = ("conflicts",)
    BINDINGS = bindings("conflicts", "list", "quiet")

    def __init__(
        self, name: str, conflicts: Sequence[Conflict], edit: Callable[[str], str | None]
    ) -> None:
        super().__init__(f"Conflicts in {sanitize(name)}")
        self._conflicts = {conflict.path: conflict for conflict in conflicts}
        self._edit = edit
        self.settled: dict[str, tuple[str, str]] = {}
        self._problem = ""

    def begin(self) -> None:
        """Put the cursor on the first row."""
        self.grid.set_columns(_COLUMNS)
        super().begin()

    def draw(self) -> None:
        """Draw what is resolved so far."""
        self.grid.set_rows([self._row(conflict) for conflict in self._conflicts.values()])
        super().draw()

    def _note(self) -> list[Line]:
        left = len(self._conflicts) - len(self.settled)
        message = "All are resolved." if not left else f"{left} of {len(self._conflicts)} left."
        about = "The jail and its new base both changed these files. "
        lines: list[Line] = [((about, "text"), (message, "warn" if left else "ok"))]
        return [*lines, ((self._problem, "warn"),)] if self._problem else lines

    def _row(self, conflict: Conflict) -> Row:
        choice, _ = self.settled.get(conflict.path, ("", ""))
        return Row(
            conflict.path,
            (
                (_WORDS.get(choice, "?"), "ok" if choice else "warn"),
                (f"/{sanitize(conflict.path)}", "strong"),
                (conflict.clash.value, "text"),
            ),
        )

    # --- keys --------------------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """Whether unresolved conflicts are left."""
        left = len(self._conflicts) - len(self.settled)
        return Selection(problem="resolve all conflicts first" if left else "")

    def action_settle(self, how: str) -> None:
        """Resolve the conflict under the cursor, and move on."""
        path = self.grid.key
        if path is None or self.busy:
            return
        self._problem = ""
        text = self._edited(path) if how == "text" else ""
        if text is not None:
            self.settled[path] = (how, text)
        self.draw()
        if text is not None:
            self.grid.action_move("down")

    def _edited(self, path: str) -> str | None:
        """The text that the user made of both versions; None when it is none."""
        before = self.settled.get(path, ("", ""))[1] or self._conflicts[path].text
        if before is None:
            self._problem = "This is not a text file that can be edited."
            return None
        text = self._edit(before)
        if text is not None and OURS in text.splitlines():
            self._problem = "The text still has conflict markers: edit it again."
            return None
        return text

    def action_settle_all(self, how: str) -> None:
        """Resolve all remaining conflicts alike."""
        for path in self._conflicts:
            self.settled.setdefault(path, (how, ""))
        self.draw()

    def action_hand_in(self) -> None:
        """Preview with these resolutions."""
        if len(self.settled) == len(self._conflicts):
            self.hand_in(tuple((path, *made) for path, made in self.settled.items()))
