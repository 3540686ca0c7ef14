"""The third tab: snapshots of all jails and images.

The second tab: releases of FreeBSD that jails are made from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on

from jailer_core.facts.probes import Reason
from jailer_core.model import Inventory, Jail
from jailer_core.operations.snapshots import retention, schedule, selection
from jailer_core.plan import Needs
from jailer_tui.actions import Selection
from jailer_tui.panes.images import ImagesPane
from jailer_tui.panes.snapshots import SnapshotsPane
from jailer_tui.presenters.images import mirror_line
from jailer_tui.presenters.jails import Line
from jailer_tui.presenters.retention import Keeping
from jailer_tui.screens.diff import DiffScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import images_in_work
from jailer_tui.widgets.grid import Grid


class SnapshotsScreen(TabScreen):
    """The Snapshots tab, read only while visible. `words` is its initial filter."""

    TAB = "snapshots_tab"
    PLACES = ("snapshots", "marks", "tabs", "all")
    PICKS = "snap_diff"

    DEFAULT_CSS = """
    SnapshotsScreen.wide #below { display: none; }
    """

    def __init__(self, view: AppState, words: str = "") -> None:
        super().__init__(view)
        self.pane: SnapshotsPane = SnapshotsPane(view.glyphs)
        self.pane.filter = words

    # --- reading -----------------------------------------------------------------------------

    def wants(self) -> Needs:
        """The facts: snapshots, and the hold tags of the row under the cursor."""
        entry, inventory = self.pane.current, self.view.inventory
        asks = selection.holds_ask(entry.parts) if entry is not None else ()
        keep = retention.asks(inventory) if inventory is not None else ()
        return Needs(snapshots=True, commands=(*asks, *keep), files=(schedule.PATH,))

    def look(self) -> None:
        """Read the snapshots at once."""
        self.jailer.session.live.wake(Reason.SIGHT)

    def on_screen_resume(self) -> None:
        """Read what only this screen shows."""
        self.look()

    def show(self, view: AppState) -> None:
        """Show a new state of the host."""
        if view.inventory is not None and view.inventory.snapshots is not None:
            self._learn(view.inventory)
        super().show(view)

    def _learn(self, inventory: Inventory) -> None:
        """What was read besides the snapshots: tags, policies, whether cron runs them."""
        for entry in self.pane.known:
            held = selection.tags(inventory, entry.parts) if entry.holds else {}
            if held:
                tags = tuple(dict.fromkeys(tag for names in held.values() for tag in names))
                self.pane.tags = {**self.pane.tags, entry.key: tags}
        policies = retention.policies(inventory)
        if policies is not None:
            self.pane.keeping = Keeping(policies, bool(schedule.scheduled(inventory)))

    @on(Grid.Moved)
    def _on_another(self) -> None:
        """The tags of one that is held are read when the cursor comes to it."""
        entry = self.pane.current
        if entry is not None and entry.holds and entry.key not in self.pane.tags:
            self.look()

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Jail | None:
        """The jail of the snapshot under the cursor."""
        entry = self.pane.current
        if entry is None or entry.jail is None:
            return None
        return self.view.jail(entry.jail.name)

    @property
    def selection(self) -> Selection:
        """The marked snapshots, else the one under the cursor, with its jail."""
        chosen = tuple(self.pane.chosen)
        tags = _common([self.pane.tags.get(entry.key, ()) for entry in chosen])
        return replace(super().selection, snapshots=chosen, snapshot=self.pane.current, tags=tags)

    # --- keys --------------------------------------------------------------------------------

    def action_snap_diff(self) -> None:
        """Show what changed since the snapshot."""
        entry = self.pane.current
        inventory = self.view.inventory
        if entry is None or inventory is None:
            return
        top = inventory.dataset(entry.top)
        base = top.mountpoint if top is not None else ""
        title = f"{entry.owner}@{entry.name}"
        self.jailer.push_screen(DiffScreen(self.view, title, entry.parts, base))


def _common(tags: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The tags that all of them have."""
    first = dict.fromkeys(tags[0] if tags else ())
    return tuple(tag for tag in first if all(tag in other for other in tags))


class ImagesScreen(TabScreen):
    """The Images tab; reads the mirror's list while it is visible."""

    TAB = "images_tab"
    PLACES = ("images", "tabs", "all")
    PICKS = "image_next"

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: ImagesPane = ImagesPane(view.glyphs)

    def show(self, view: AppState) -> None:
        """Show a new state of the host and the running jobs."""
        works = images_in_work(self.jailer.jobs.running)
        self.pane.doing = {version: doing for version, (doing, _) in works.items()}
        super().show(view)
        if self.is_mounted and self.is_current:
            self.jailer.session.mirrors.look()

    def notices(self) -> list[Line]:
        """The notices, and the problem with the mirror."""
        failed = mirror_line(self.view.mirror, self.view.glyphs)
        return super().notices() + ([failed] if failed is not None else [])

    @property
    def selection(self) -> Selection:
        """The release under the cursor."""
        return Selection(release=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    def action_read_again(self) -> None:
        """Read the mirror's list again."""
        self.jailer.session.mirrors.look(again=True)
