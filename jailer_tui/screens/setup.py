"""The set-up of a host, and the doctor that can be run at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult

from jailer_core.model import Inventory
from jailer_core.operations.setup.checkup import checkup, suggested
from jailer_core.operations.setup.plan_builder import Check
from jailer_core.operations.setup.requests import Init
from jailer_core.plan import Request
from jailer_core.text import sanitize
from jailer_tui.actions import Action, Selection, why_not_now
from jailer_tui.dialogs.short_forms import SetupOptionsDialog
from jailer_tui.forms.setup import SetupForm, preset, texts, values_said, with_texts
from jailer_tui.key_hints import key_for
from jailer_tui.presenters import setup as words
from jailer_tui.presenters.jails import Line, beside
from jailer_tui.presenters.messages import doing
from jailer_tui.screens.app_screen import AppScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Bar, Lines


class SetupScreen(AppScreen):
    """Checks with their fixes; the marked fixes become one plan."""

    PLACES = ("doctor", "all")
    PICKS = "mark_fix"

    DEFAULT_CSS = """
    SetupScreen #intro { height: auto; max-height: 5; }
    SetupScreen Grid { height: 1fr; }
    SetupScreen #check { height: 6; }
    """

    def __init__(self, view: AppState) -> None:
        self._checks: dict[str, Check] = {}  # the first footer asks for them
        super().__init__(view)
        self.grid = Grid(glyphs=view.glyphs, id="checks")
        self._title_bar = Bar(id="name", bar=False)
        self._intro = Lines(id="intro")
        self._detail = Lines(id="check", classes="split")
        self._chosen_values: dict[str, Request] = {}
        self._seen: Inventory | None = None
        self._began = False
        self._first = ""

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield self.header
        yield self._title_bar
        yield self._intro
        yield self.grid
        yield self._detail
        yield self.keys

    def on_mount(self) -> None:
        """Start the checks."""
        self._intro.can_focus = self._detail.can_focus = False
        self.grid.focus()
        self.show(self.view)
        self.jailer.session.examination.look()

    def footer_actions(self) -> list[Action]:
        """The fixes come before the way back; with nothing to fix, enter continues."""
        fixes = [check for check in self.checks if check.fix is not None]
        label = "Fix" if fixes or not self.checks else "Continue"
        actions = [
            replace(action, label=label) if action.id == "fix" else action
            for action in super().footer_actions()
        ]
        return sorted(actions, key=lambda action: action.id == "back")

    # --- showing -----------------------------------------------------------------------------

    @property
    def checks(self) -> Sequence[Check]:
        """The checks, with the chosen options of their fixes."""
        return tuple(self._checks.values())

    @property
    def check(self) -> Check | None:
        """The row under the cursor."""
        return self._checks.get(self.grid.key or "")

    def _take(self, inventory: Inventory) -> None:
        """What was found now; on a host without anything for jails, what it needs is marked."""
        checks = checkup(inventory)
        kept = {}
        for check in checks:
            chosen = self._chosen_values.get(check.id)
            same = chosen is not None and type(chosen) is type(check.fix)
            usual = preset(check.fix, inventory) if check.fix is not None else None
            kept[check.id] = replace(check, fix=chosen if same else usual)
        self._checks = kept
        mendable = frozenset(check.id for check in checks if check.fix is not None)
        marks = self.grid.marks & mendable
        if not self._began:
            self._began = True
            if not inventory.layout.dataset:
                parts = suggested(inventory).parts
                marks = frozenset(check.id for check in checks if check.fix and check.fix in parts)
            self._first = next((check.id for check in checks if check.id in mendable), "")
        self.grid.set_marks(marks)

    def draw(self) -> None:
        """What was found at the last look, and what is known of it."""
        view = self.view
        width = self.size.width
        inventory = view.examined.inventory
        if inventory is not None and inventory is not self._seen:
            self._seen = inventory
            self._take(inventory)
        right = words.summary(self.checks, view.examined.asking, view.glyphs.dots)
        self._title_bar.show(beside(((" Setup of this host", "title"),), right, width))
        self._intro.set_lines(self._above())
        self.grid.set_columns(words.columns(max(width - 1, 40)))
        self.grid.set_rows(
            [Row(key, words.cells(check, view.glyphs)) for key, check in self._checks.items()]
        )
        if self._first:
            self.grid.move_to_key(self._first)
            self._first = ""
        self._explain()
        self.keys.offer(self.footer_actions())

    def _above(self) -> list[Line]:
        view = self.view
        lines: list[Line] = [((f" {view.banner}", "warn"),)] if view.banner else []
        lines += doing(view)
        failed = view.examined
        if failed.failure:
            message = f" {view.glyphs.broken} The host could not be checked: {failed.failure}"
            lines.append(((message, "bad"), (f"  {failed.hint}", "dim")))
        new = view.inventory is not None and not view.inventory.layout.dataset
        can = why_not_now(view.inventory, view.now)
        return lines + words.intro(self.checks, len(self.grid.marks), new=new, can=can)

    def _explain(self) -> None:
        check, seen = self.check, self._seen
        lines = []
        if check and seen:
            values = values_said(check.fix, seen) if check.fix is not None else ""
            lines = words.detail(check, values, self.view.glyphs)
        self._detail.set_lines(lines)

    @on(Grid.Moved)
    def _moved(self) -> None:
        self._explain()
        self.keys.update()

    def worked(self) -> None:
        """The host has changed: check it again."""
        self.jailer.session.examination.look()

    # --- what is possible --------------------------------------------------------------------

    @property
    def selection(self) -> Selection:
        """The check under the cursor, and the fixes that are marked."""
        fixes = tuple(self._wanted()) if self.checks else None
        return Selection(check=self.check, fixes=fixes)

    def _wanted(self) -> list[Request]:
        """What is marked; without marks, what is under the cursor."""
        marked = [check for check in self.checks if check.id in self.grid.marks]
        if not marked and self.check is not None:
            marked = [self.check]
        return [check.fix for check in marked if check.fix is not None]

    # --- keys --------------------------------------------------------------------------------

    def action_fix(self) -> None:
        """Apply the marked fixes as one plan; without any fixes, continue."""
        parts = self._wanted()
        if parts:
            self._wish(parts[0] if len(parts) == 1 else Init(tuple(parts)))
        elif not any(check.fix is not None for check in self.checks):
            self.dismiss()
        else:
            hint = f"Press {key_for('mark_fix')} to mark fixes."
            self.jailer.notify_user("no fix is marked", hint)

    def action_fix_one(self) -> None:
        """Apply only the fix under the cursor."""
        if self.check is not None and self.check.fix is not None:
            self._wish(self.check.fix)

    def _wish(self, request: Request) -> None:
        self.jailer.start_task(self.jailer.runner.run(request), "set-up")

    def action_mark_fix(self) -> None:
        """Toggle the mark, and move down."""
        check = self.check
        if check is not None and check.fix is not None:
            self.grid.set_marks(self.grid.marks ^ {check.id})
        self.grid.action_move("down")
        self.draw()

    def action_mark_fixes(self) -> None:
        """Mark all fixes, or clear all marks."""
        every = frozenset(check.id for check in self.checks if check.fix is not None)
        self.grid.set_marks(frozenset() if every <= self.grid.marks else every)
        self.draw()

    def action_read_again(self) -> None:
        """Check everything again."""
        self.jailer.session.examination.look()

    def action_choices(self) -> None:
        """Choose the options of the fix under the cursor."""
        check = self.check
        if check is not None and check.fix is not None and self._seen is not None:
            self.jailer.start_task(self._choose(check, check.fix, self._seen), "choices")

    async def _choose(self, check: Check, fix: Request, inventory: Inventory) -> None:
        others = [other.fix for other in self.checks if other.id in self.grid.marks - {check.id}]
        subject = SetupForm(fix, [request for request in others if request is not None])
        title = sanitize(check.title)
        dialog = SetupOptionsDialog(title, subject, inventory, texts(fix, inventory))
        await self.jailer.push_screen(dialog)
        values = await dialog.answer()
        if values is not None:
            self._chosen_values[check.id] = with_texts(fix, values)
            self._checks[check.id] = replace(check, fix=self._chosen_values[check.id])
            self.grid.set_marks(self.grid.marks | {check.id})
            dialog.dismiss(None)
            self.draw()
