"""The third tab: snapshots of all jails and images."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.widget import Widget

from jailer_core.inventory.rhythm import Reason
from jailer_core.model import Inventory, Jail
from jailer_core.operations.registry import why_not
from jailer_core.operations.snapshots import choose, policy, schedule
from jailer_core.plan import Needs
from jailer_core.text import visible
from jailer_tui.actions import Action, bindings, why_not_now
from jailer_tui.panes.snapshots import SnapshotsPane
from jailer_tui.present_keeping import Keeping
from jailer_tui.present_snapshots import Entry
from jailer_tui.screens.diff import DiffScreen
from jailer_tui.screens.tabbed import TabbedFace
from jailer_tui.view import View
from jailer_tui.widgets.grid import Grid


class SnapshotsScreen(TabbedFace):
    """Read only while this is in sight. `words` is what it is filtered by at first."""

    TAB = "snapshots_tab"
    PLACES = ("snapshots", "marks", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    DEFAULT_CSS = """
    SnapshotsScreen.wide #side { display: block; }
    SnapshotsScreen.wide #below { display: none; }
    """

    def __init__(self, view: View, words: str = "") -> None:
        super().__init__(view)
        self.pane: SnapshotsPane = SnapshotsPane(view.glyphs, id="pane")
        self.pane.filter = words

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    # --- reading -----------------------------------------------------------------------------

    def wants(self) -> Needs:
        """The snapshots, and the tags of those under the cursor."""
        one, inventory = self.pane.current, self.view.inventory
        asks = choose.holds_ask(one.parts) if one is not None else ()
        keep = policy.asks(inventory) if inventory is not None else ()
        return Needs(snapshots=True, asks=(*asks, *keep), files=(schedule.PATH,))

    def look(self) -> None:
        """Read them at once."""
        self.jailer.live.wake(Reason.SIGHT)

    def on_screen_resume(self) -> None:
        """What only this shows is read at once."""
        self.look()

    def show(self, view: View) -> None:
        """A new picture of the host."""
        if view.inventory is not None and view.inventory.snapshots is not None:
            self._learn(view.inventory)
        super().show(view)

    def _learn(self, inventory: Inventory) -> None:
        """What was read besides the snapshots: tags, policies, whether cron carries them out."""
        for one in self.pane.known:
            found = choose.tags(inventory, one.parts) if one.holds else {}
            if found:
                tags = tuple(dict.fromkeys(tag for each in found.values() for tag in each))
                self.pane.tags = {**self.pane.tags, one.key: tags}
        policies = policy.policies(inventory)
        if policies is not None:
            self.pane.keeping = Keeping(policies, bool(schedule.scheduled(inventory)))

    @on(Grid.Moved)
    def _on_another(self) -> None:
        """The tags of one that is held are read when the cursor comes to it."""
        self.pane.explain()
        one = self.pane.current
        if one is not None and one.holds and one.key not in self.pane.tags:
            self.look()

    def draw(self) -> None:
        """Everything but the table."""
        self.pane.explain()
        super().draw()

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Jail | None:
        """The jail of the snapshot under the cursor."""
        one = self.pane.current
        if one is None or one.jail is None:
            return None
        inventory = self.view.inventory
        return inventory.jail(one.jail.name) if inventory is not None else None

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now on the snapshots that are chosen."""
        inventory = self.view.inventory
        if "snapshots" not in action.where:
            return super().why_not(action)
        if not action.op:
            return "no snapshot is chosen" if self._needs_one(action) else ""
        said = why_not_now(inventory, self.view.now)
        if said or inventory is None or action.id == "snap_schedule":
            return said
        if action.id == "snap_take":
            jail = self.current
            return why_not(inventory, action.op, jail) if jail is not None else ""
        chosen = self.pane.chosen if action.id in ("snap_destroy", "snap_hold") else []
        chosen = chosen or ([self.pane.current] if self.pane.current is not None else [])
        for one in chosen:
            said = _not_this(action.id, one) or self._core(action, one)
            if said:
                which = f"{visible(one.owner)}@{visible(one.name)}: " if chosen[1:] else ""
                return which + said
        return "" if chosen else "no snapshot is chosen"

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
        one = self.pane.current
        inventory = self.view.inventory
        if one is None or inventory is None:
            return
        top = inventory.dataset(one.top)
        base = top.mountpoint if top is not None else ""
        title = f"{one.owner}@{one.name}"
        self.jailer.push_screen(DiffScreen(self.view, title, one.parts, base))

    def do_snap_take(self) -> None:
        """Of the jail under the cursor."""
        jail = self.current
        snapping = self.jailer.deeds.snapping
        work = snapping.take([jail]) if jail is not None else snapping.choose_and_take()
        self.jailer.wish(work, "snapshot")

    def do_snap_back(self) -> None:
        """To the one under the cursor."""
        jail, one = self.current, self.pane.current
        if jail is not None and one is not None:
            self.jailer.wish(self.jailer.deeds.snapping.go_back(jail, one.name), "go back")

    def do_snap_destroy(self) -> None:
        """For good."""
        self.jailer.wish(self.jailer.deeds.snapping.destroy(self.pane.chosen), "destroy")

    def do_snap_hold(self) -> None:
        """Or release."""
        chosen = self.pane.chosen
        tags = _common(self.pane.tags.get(one.key, ()) for one in chosen)
        self.jailer.wish(self.jailer.deeds.snapping.hold(chosen, tags), "hold")

    def do_snap_clone(self) -> None:
        """Another jail of it."""
        one = self.pane.current
        if one is not None:
            self.jailer.wish(self.jailer.deeds.snapping.clone(one), "clone")

    def do_snap_policy(self) -> None:
        """How many are kept of the jail."""
        jail = self.current
        if jail is not None:
            self.jailer.wish(self.jailer.deeds.snapping.policy(jail), "policy")

    def do_snap_schedule(self) -> None:
        """Whether cron carries the policies out."""
        self.jailer.wish(self.jailer.deeds.snapping.schedule(), "schedule")

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
        return "it is an image's: jails live on it"
    if action in ("snap_back", "snap_clone") and not one.whole:
        return "the jail itself has no such snapshot"
    if action == "snap_destroy" and one.away:
        return f"a later state in the trash lives on it: {visible(one.away[0].rpartition('/')[2])}"
    if action == "snap_destroy" and one.clones:
        return f"a clone lives on it: {visible(one.clones[0])}"
    return "it is held: H releases it" if action == "snap_destroy" and one.holds else ""


def _common(tags: object) -> Sequence[str]:
    """The tags that all of them have."""
    found = [dict.fromkeys(one) for one in tags]  # type: ignore[attr-defined]
    return [tag for tag in found[0] if all(tag in one for one in found)] if found else []
