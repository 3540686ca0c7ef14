"""Choose the snapshot for a rollback, and see what that means for each part of the jail."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult

from jailer_core.model import Inventory, Jail, Snapshot
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.actions import bindings
from jailer_tui.dialogs.form import FormDialogBase
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.presenters.snapshots import exact, fates
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

BACK, ROLL = "back", "roll"
MOST = 8
"""Snapshots visible at once."""
_COLUMNS = (
    Column("name", "SNAPSHOT", 34, 0),
    Column("when", "TAKEN", 16, 0),
    Column("age", "AGE", 7, 0, right=True),
    Column("used", "USED", 5, 0, right=True),
)


def snapshots_of(jail: Jail, snapshots: Sequence[Snapshot]) -> list[Snapshot]:
    """Snapshots of the jail itself, the newest first."""
    own = [snapshot for snapshot in snapshots if snapshot.dataset == jail.dataset]
    return sorted(own, key=lambda snapshot: -snapshot.createtxg)


def meaning(
    inventory: Inventory,
    jail: Jail,
    chosen: Snapshot,
    snapshots: Sequence[Snapshot],
    glyphs: Glyphs,
) -> list[Line]:
    """The effects of a rollback: on each dataset, on what is newer, and on clones."""
    lines: list[Line] = []
    if jail.running:
        lines.append((("The running jail is stopped, and started again afterwards.", "text"),))
    parts = fates(inventory, jail.dataset, chosen.name, snapshots)
    for part, goes in parts:
        sign, tone = (glyphs.done, "ok") if goes else (glyphs.dot, "warn")
        fate = "is rolled back" if goes else f"has no @{sanitize(chosen.name)}: unchanged"
        lines.append(((f"{sign} ", tone), (sanitize(part.name), "strong"), (f"  {fate}", tone)))
    going = {part.name for part, goes in parts if goes}
    later = [
        snapshot
        for snapshot in snapshots
        if snapshot.dataset in going
        and snapshot.createtxg > _txg(snapshots, snapshot.dataset, chosen.name)
    ]
    if later:
        names = ", ".join(dict.fromkeys(f"@{sanitize(snapshot.name)}" for snapshot in later))
        lines.append(
            ((f"Newer snapshots go to the trash with the current state: {names}.", "text"),)
        )
    for clone in dict.fromkeys(clone for snapshot in later for clone in snapshot.clones):
        what = f"{glyphs.broken} {sanitize(clone)} is a clone of a newer snapshot"
        message = f"{what}: it keeps working, but its origin will be in the trash."
        lines.append(((message, "warn"),))
    other = ", with the newer snapshots" if later else ""
    text = f" rolls back in place instead: all later changes are destroyed for good{other}."
    return [*lines, ((key_for("roll_back"), "key"), (text, "dim"))]


def _txg(snapshots: Sequence[Snapshot], dataset: str, name: str) -> int:
    full = (dataset, name)
    return next((other.createtxg for other in snapshots if (other.dataset, other.name) == full), 0)


def _height(lines: Sequence[Line]) -> int:
    """About how many rows they take once they are wrapped."""
    return sum(1 + sum(cell_len(text) for text, _ in line) // 70 for line in lines)


class RollbackDialog(FormDialogBase[tuple[str, str]]):
    """Answers with the way (`back` or `roll`) and the name of the snapshot."""

    PLACES = ("goback",)
    BINDINGS = bindings("goback", "list", "quiet")

    DEFAULT_CSS = """
    RollbackDialog #list { height: 6; }
    RollbackDialog #text { margin: 1 0 0 0; height: 8; }
    """

    def __init__(
        self, jail: Jail, inventory: Inventory, snapshots: Sequence[Snapshot], at: str = ""
    ) -> None:
        super().__init__(f"Roll {jail.name} back to")
        self._jail = jail
        self._inventory = inventory
        self._all = tuple(snapshots)
        self._own = {snapshot.name: snapshot for snapshot in snapshots_of(jail, snapshots)}
        self._at = at
        self._most = 0

    def body(self) -> ComposeResult:
        """The list, and below it the effects of the rollback."""
        yield Grid(glyphs=self.glyphs, id="list")
        yield Lines(id="text", can_focus=False)

    def begin(self) -> None:
        """Put the cursor on the previous choice."""
        self.grid.set_columns(_COLUMNS)
        now = self._inventory.taken
        self.grid.set_rows(
            [
                Row(
                    name,
                    (
                        (sanitize(name), "strong"),
                        (exact(snapshot.creation)[:16], "text"),
                        (human_age(int(now - snapshot.creation)), "text"),
                        (human_bytes(snapshot.used), "text"),
                    ),
                )
                for name, snapshot in self._own.items()
            ]
        )
        self.grid.move_to_key(self._at)
        self.grid.focus()
        self._most = max(_height(self._meaning(snapshot)) for snapshot in self._own.values())
        self._explain()

    def settle(self) -> None:
        """Give the list the lines that it needs, up to a limit, and the text the rest."""
        room = max(6, self.size.height - 5)
        rows = min(len(self._own) + 1, MOST, room // 2)
        self.grid.styles.height = rows
        self.text.styles.height = max(3, min(room - rows - 1, self._most + 1))

    @on(Grid.Moved)
    def _explain(self) -> None:
        snapshot = self._own.get(self.grid.key or "")
        if snapshot is not None:
            self.text.set_lines(self._meaning(snapshot))

    def _meaning(self, snapshot: Snapshot) -> Sequence[Line]:
        kept: Line = (("The current state is kept in the trash: nothing is lost.", "ok"),)
        return [kept, *meaning(self._inventory, self._jail, snapshot, self._all, self.glyphs)]

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.action_back_to()

    def action_back_to(self) -> None:
        """Roll back; the current state is kept."""
        self._answer(BACK)

    def action_roll_back(self) -> None:
        """Roll back and destroy what is newer."""
        self._answer(ROLL)

    def _answer(self, way: str) -> None:
        if self.grid.key is not None:
            self.hand_in((way, self.grid.key))
