"""Lines of which some can be unfolded: a cursor moves between them, enter unfolds."""

from __future__ import annotations

from collections.abc import Sequence

from textual.message import Message
from textual.strip import Strip

from jailer_tui.actions import bindings
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.messages import wrapped
from jailer_tui.presenters.plan_steps import Fold
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.widgets.lines import Lines


class Folds(Lines):
    """Shows lines or folds. It has a cursor only while focused with folds."""

    BINDINGS = bindings("steps")

    class Left(Message):
        """The focus should move elsewhere."""

    class Turned(Message):
        """The number of lines changed."""

    def __init__(self, *, glyphs: Glyphs = UNICODE, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._glyphs = glyphs
        self._folds: tuple[Fold, ...] = ()
        self._open: set[int] = set()
        self._at = -1

    @property
    def folded(self) -> bool:
        """Whether there is something to open."""
        return any(fold.opened for fold in self._folds)

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show plain text."""
        self._folds, self._at = (), -1
        self.set_lines(lines)

    def show_folds(self, folds: Sequence[Fold]) -> None:
        """Show folds, all closed."""
        self._folds, self._open, self._at = tuple(folds), set(), -1
        self.set_lines([line for index in range(len(folds)) for line in self._of(index)])

    def _of(self, index: int) -> list[Line]:
        """The lines of one fold as it is now."""
        fold = self._folds[index]
        if not fold.opened:
            return list(fold.closed)
        opened = index in self._open
        first, *rest = fold.opened if opened else fold.closed
        sign = self._glyphs.down if opened else self._glyphs.active
        return [((f"{sign} ", "dim"), *first), *((("  ", "text"), *line) for line in rest)]

    # --- the cursor --------------------------------------------------------------------------

    def on_blur(self) -> None:
        """Hide the cursor."""
        self.refresh()

    def on_focus(self) -> None:
        """Put the cursor on the first fold."""
        if self._at < 0:
            self._go(1)
        self.refresh()

    def _go(self, step: int) -> None:
        """To the next fold that opens, or where there is none further on, stay."""
        index = self._at + step
        while 0 <= index < len(self._folds) and not self._folds[index].opened:
            index += step
        if 0 <= index < len(self._folds):
            self._at = index
            self.refresh()
        self._see()

    def _see(self) -> None:
        """Show the whole fold, or as much of it as fits."""
        if self._at < 0 or not self.size.height:
            return
        first, last = self._rows_of_current()
        top = self.scroll_offset.y
        top_line = min(max(top, last + 1 - self.size.height), first)
        if self._at == min(i for i, fold in enumerate(self._folds) if fold.opened):
            top_line = 0
        if top_line != top:
            self.scroll_to(y=top_line, animate=False, immediate=True)

    def _rows_of_current(self) -> tuple[int, int]:
        """The first and the last row of the fold under the cursor."""
        width = self.scrollable_content_region.width
        before = sum(
            len(wrapped(line, width)) for index in range(self._at) for line in self._of(index)
        )
        return before, before + sum(len(wrapped(line, width)) for line in self._of(self._at)) - 1

    def action_move(self, how: str) -> None:
        """Move from fold to fold; pages and plain text scroll as usual."""
        if not self.folded or how not in ("up", "down", "top"):
            super().action_move(how)
        elif how == "top":
            self._at = -1
            self._go(1)
        elif self._at >= 0 and self._reaches_out(how):
            super().action_move(how)
        else:
            self._go(1 if how == "down" else -1)

    def _reaches_out(self, how: str) -> bool:
        """Whether there is more of the fold under the cursor in that direction."""
        first, last = self._rows_of_current()
        top = self.scroll_offset.y
        return last >= top + self.size.height if how == "down" else first < top

    def action_step(self, how: str) -> None:
        """Open or close the fold under the cursor (`turn`), or `leave` the folds."""
        if how == "leave":
            self.post_message(self.Left())
        if how == "leave" or self._at < 0:
            return
        self._open ^= {self._at}
        self.set_lines([line for index in range(len(self._folds)) for line in self._of(index)])
        self.post_message(self.Turned())
        self.call_after_refresh(self._see)

    def render_line(self, y: int) -> Strip:
        """Render a row; the first row of the current fold is highlighted."""
        if (
            self._at >= 0
            and self.has_focus
            and self._rows_of_current()[0] == self.scroll_offset.y + y
        ):
            return self.painted(self._rows[self.scroll_offset.y + y], self.size.width, "cursor")
        return super().render_line(y)
