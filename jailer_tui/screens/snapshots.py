"""The third tab: snapshots of all jails and images."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widget import Widget

from jailer_core.facts.rhythm import Reason
from jailer_core.model import Inventory, Jail
from jailer_core.operations.registry import why_not
from jailer_core.operations.snapshots import retention, schedule, selection
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.actions import Action, bindings, why_not_now
from jailer_tui.panes.snapshots import SnapshotsPane
from jailer_tui.presenters.retention import Keeping
from jailer_tui.presenters.snapshots import Entry
from jailer_tui.screens.diff import DiffScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid


class SnapshotsScreen(TabScreen):
    """Read only while this is in sight. `words` is what it is filtered by at first."""

    TAB = "snapshots_tab"
    PLACES = ("snapshots", "marks", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    SnapshotsScreen.wide #side { display: block; }
    SnapshotsScreen.wide #below { display: none; }
    """

    def __init__(self, view: AppState, words: str = "") -> None:
        super().__init__(view)
        self.pane: SnapshotsPane = SnapshotsPane(view.glyphs, id="pane")
        self.pane.filter = words

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    # --- reading -----------------------------------------------------------------------------

    def wants(self) -> Needs:
        """The snapshots, and the tags of those under the cursor."""
        entry, inventory = self.pane.current, self.view.inventory
        asks = selection.holds_ask(entry.parts) if entry is not None else ()
        keep = retention.asks(inventory) if inventory is not None else ()
        return Needs(snapshots=True, commands=(*asks, *keep), files=(schedule.PATH,))

    def look(self) -> None:
        """Read them at once."""
        self.jailer.live.wake(Reason.SIGHT)

    def on_screen_resume(self) -> None:
        """What only this shows is read at once."""
        self.look()

    def show(self, view: AppState) -> None:
        """A new picture of the host."""
        if view.inventory is not None and view.inventory.snapshots is not None:
            self._learn(view.inventory)
        super().show(view)

    def _learn(self, inventory: Inventory) -> None:
        """What was read besides the snapshots: tags, policies, whether cron carries them out."""
        for entry in self.pane.known:
            found = selection.tags(inventory, entry.parts) if entry.holds else {}
            if found:
                tags = tuple(dict.fromkeys(tag for each in found.values() for tag in each))
                self.pane.tags = {**self.pane.tags, entry.key: tags}
        policies = retention.policies(inventory)
        if policies is not None:
            self.pane.keeping = Keeping(policies, bool(schedule.scheduled(inventory)))

    @on(Grid.Moved)
    def _on_another(self) -> None:
        """The tags of one that is held are read when the cursor comes to it."""
        self.pane.explain()
        entry = self.pane.current
        if entry is not None and entry.holds and entry.key not in self.pane.tags:
            self.look()

    def draw(self) -> None:
        """Everything but the table."""
        self.pane.explain()
        super().draw()

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Jail | None:
        """The jail of the snapshot under the cursor."""
        entry = self.pane.current
        if entry is None or entry.jail is None:
            return None
        inventory = self.view.inventory
        return inventory.jail(entry.jail.name) if inventory is not None else None

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now on the snapshots that are chosen."""
        inventory = self.view.inventory
        if "snapshots" not in action.where:
            return super().why_not(action)
        if not action.op:
            return "no snapshot is selected" if self._needs_one(action) else ""
        said = why_not_now(inventory, self.view.now)
        if said or inventory is None or action.id == "snap_schedule":
            return said
        if action.id == "snap_take":
            jail = self.current
            return why_not(inventory, action.op, jail) if jail is not None else ""
        chosen = self.pane.chosen if action.id in ("snap_destroy", "snap_hold") else []
        chosen = chosen or ([self.pane.current] if self.pane.current is not None else [])
        for entry in chosen:
            said = _not_this(action.id, entry) or self._core(action, entry)
            if said:
                which = f"{sanitize(entry.owner)}@{sanitize(entry.name)}: " if chosen[1:] else ""
                return which + said
        return "" if chosen else "no snapshot is selected"

    def _needs_one(self, action: Action) -> bool:
        return action.id == "snap_diff" and self.pane.current is None

    def _core(self, action: Action, one: Entry) -> str:
        inventory = self.view.inventory
        if inventory is None or one.jail is None:
            return ""
        return why_not(inventory, action.op, one.jail)

    # --- keys --------------------------------------------------------------------------------

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_snap_diff()

    def do_snap_diff(self) -> None:
        """What changed since."""
        entry = self.pane.current
        inventory = self.view.inventory
        if entry is None or inventory is None:
            return
        top = inventory.dataset(entry.top)
        base = top.mountpoint if top is not None else ""
        title = f"{entry.owner}@{entry.name}"
        self.jailer.push_screen(DiffScreen(self.view, title, entry.parts, base))

    def do_snap_take(self) -> None:
        """Of the jail under the cursor."""
        jail = self.current
        snapping = self.jailer.dispatcher.snapping
        work = snapping.take([jail]) if jail is not None else snapping.choose_and_take()
        self.jailer.start_task(work, "snapshot")

    def do_snap_back(self) -> None:
        """To the one under the cursor."""
        jail, entry = self.current, self.pane.current
        if jail is not None and entry is not None:
            self.jailer.start_task(
                self.jailer.dispatcher.snapping.go_back(jail, entry.name), "go back"
            )

    def do_snap_destroy(self) -> None:
        """For good."""
        self.jailer.start_task(self.jailer.dispatcher.snapping.destroy(self.pane.chosen), "destroy")

    def do_snap_hold(self) -> None:
        """Or release."""
        chosen = self.pane.chosen
        tags = _common(self.pane.tags.get(entry.key, ()) for entry in chosen)
        self.jailer.start_task(self.jailer.dispatcher.snapping.hold(chosen, tags), "hold")

    def do_snap_clone(self) -> None:
        """Another jail of it."""
        entry = self.pane.current
        if entry is not None:
            self.jailer.start_task(self.jailer.dispatcher.snapping.clone(entry), "clone")

    def do_snap_policy(self) -> None:
        """How many are kept of the jail."""
        jail = self.current
        if jail is not None:
            self.jailer.start_task(self.jailer.dispatcher.snapping.policy(jail), "policy")

    def do_snap_schedule(self) -> None:
        """Whether cron carries the policies out."""
        self.jailer.start_task(self.jailer.dispatcher.snapping.schedule(), "schedule")

    def do_mark(self) -> None:
        """Mark the one under the cursor."""
        self._mark("one")

    def do_mark_all(self) -> None:
        """Mark all that are shown."""
        self._mark("all")

    def do_mark_none(self) -> None:
        """No marks."""
        self._mark("none")

    def do_mark_invert(self) -> None:
        """The other ones."""
        self._mark("invert")

    def _mark(self, how: str) -> None:
        self.pane.mark(how)
        self.draw()

    def do_clear(self) -> None:
        """Escape: first the filter, then the marks, then back to the jails."""
        if self.has_class("filtering") or self.pane.filter:
            super().do_clear()
        elif self.pane.grid.marks:
            self._mark("none")
        else:
            self.dismiss()


def _not_this(action: str, one: Entry) -> str:
    """Why it cannot be done with that snapshot."""
    if one.jail is None and action != "snap_clone":
        return "it belongs to an image that jails use"
    if action in ("snap_back", "snap_clone") and not one.whole:
        return "the jail itself has no such snapshot"
    if action == "snap_destroy" and one.away:
        return (
            f"a later state in the trash depends on it: {sanitize(one.away[0].rpartition('/')[2])}"
        )
    if action == "snap_destroy" and one.clones:
        return f"a clone depends on it: {sanitize(one.clones[0])}"
    return "it is held; H releases it" if action == "snap_destroy" and one.holds else ""


def _common(tags: object) -> Sequence[str]:
    """The tags that all of them have."""
    found = [dict.fromkeys(one) for one in tags]  # type: ignore[attr-defined]
    return [tag for tag in found[0] if all(tag in one for one in found)] if found else []
