"""Details of one jail, in parts: summary, configuration, processes, snapshots, log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Click, Resize
from textual.message import Message

from jailer_core.model import Jail, Process, Snapshot
from jailer_core.text import sanitize
from jailer_tui.presenters import jail_parts as parts
from jailer_tui.presenters.host import summary
from jailer_tui.presenters.jails import Line
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.lines import Bar, Lines, clicked

Drawn = Callable[[Glyphs, int], Sequence[Line]]
"""Makes the lines of a part for a width."""
Content = str | tuple[Process, ...] | tuple[Snapshot, ...] | Drawn

CUT = {
    "Summary": "Sum",
    "Config": "Conf",
    "Processes": "Proc",
    "Mounts": "Mount",
    "Limits": "Lims",
    "Parameters": "Param",
    "Snapshots": "Snap",
}
"""The names of parts where there is little room."""


class DetailPane(Vertical):
    """Shows one part of one jail; posts `Wanted` for facts that are not in the inventory."""

    DEFAULT_CSS = """
    DetailPane { width: 1fr; height: 1fr; }
    DetailPane > #part { height: 1fr; padding: 0 1; }
    """

    @dataclass
    class Wanted(Message):
        """This part of this jail is visible and should be read."""

        pane: DetailPane
        jail: Jail
        part: str

    def __init__(self, *, id: str, classes: str = "") -> None:  # noqa: A002
        super().__init__(id=id, classes=classes)
        self.names = Bar(id="parts")
        self.body = Lines(id="part")
        self.part = parts.SUMMARY
        self.jail: Jail | None = None
        self.note = ""
        self._view: AppState | None = None
        self._shown: tuple[str, int | None, str] | None = None
        self._content: Content | None = None

    def compose(self) -> ComposeResult:
        """The names of the parts, and the part."""
        yield self.names
        yield self.body

    def show(self, jail: Jail | None, view: AppState) -> None:
        """Show another jail, or the same after a refresh."""
        self.jail, self._view = jail, view
        self._draw()
        if jail is not None and self.part != parts.SUMMARY and not parts.unable(jail, self.part):
            self.post_message(self.Wanted(self, jail, self.part))

    def fill(self, jail: Jail, part: str, content: Content) -> None:
        """Show the facts for a part; ignored if another part is visible now."""
        if self.jail is None or part != self.part or jail.name != self.jail.name:
            return
        self._content = content
        self._shown = (jail.name, jail.jid, part)
        self._draw()

    def fail(self, jail: Jail, part: str, message: str) -> None:
        """Show that the facts could not be read."""
        if self.jail is not None and part == self.part and jail.name == self.jail.name:
            self._shown = None
            self.body.set_lines([((sanitize(message), "bad"),)])

    def turn(self, how: str) -> None:
        """Go to the `next` or `previous` part."""
        step = 1 if how == "next" else -1
        self.turn_to(parts.PARTS[(parts.PARTS.index(self.part) + step) % len(parts.PARTS)])

    def turn_to(self, part: str) -> None:
        """Go to that part, at its start (for the log: its end)."""
        self.part = part
        self.body.follow = part == parts.LOG
        self.body.scroll_to(y=0, animate=False, immediate=True)
        if self._view is not None:
            self.show(self.jail, self._view)

    def on_resize(self, _event: Resize) -> None:
        """Redraw for the new width."""
        self._draw()

    def on_click(self, event: Click) -> None:
        """Go to the part whose name was clicked."""
        names = self._names() if event.widget is self.names else []
        part = clicked(event.x, ((part, len(text)) for text, part in names))
        if part is not None:
            self.turn_to(part)

    # --- drawing -----------------------------------------------------------------------------

    def _names(self) -> list[tuple[str, str]]:
        short = self.size.width < sum(len(part) + 2 for part in parts.PARTS)
        cut = CUT if short else {}
        return [(f" {cut.get(part, part)} ", part) for part in parts.PARTS]

    def _draw(self) -> None:
        self.names.show(
            tuple((text, "title" if part == self.part else "dim") for text, part in self._names())
        )
        self.body.set_lines(self._lines())

    def _lines(self) -> Sequence[Line]:
        jail, view = self.jail, self._view
        if jail is None or view is None:
            return [(("No jail is selected.", "dim"),)]
        width = self.body.size.width or 40
        if self.part == parts.SUMMARY:
            return summary(jail, view.history.of(jail), width, view.glyphs, self.note)
        message = parts.unable(jail, self.part)
        if message:
            return [((message, "dim"),)]
        if self._shown != (jail.name, jail.jid, self.part) or self._content is None:
            return [((f"Reading{view.glyphs.dots}", "dim"),)]
        return self._read(jail, view, self._content, width)

    def _read(self, jail: Jail, view: AppState, content: Content, width: int) -> Sequence[Line]:
        if isinstance(content, str):
            return parts.config(jail, content) if self.part == parts.CONFIG else parts.log(content)
        if callable(content):
            return content(view.glyphs, width)
        if self.part == parts.PROCESSES:
            processes = [process for process in content if isinstance(process, Process)]
            return parts.processes(processes, view.glyphs, width)
        snapshots = [snapshot for snapshot in content if isinstance(snapshot, Snapshot)]
        now = view.inventory.taken if view.inventory is not None else 0.0
        return parts.snapshots(snapshots, jail.dataset, now, view.glyphs)
