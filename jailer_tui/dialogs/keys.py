"""The key editor: a list of all actions, in which each can get other keys."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import ComposeResult
from textual.events import Key

from jailer_tui.actions import ACTIONS, BY_ID, Action, bindings, key_name, key_names, wrong_keys
from jailer_tui.actions.chosen import key_of
from jailer_tui.dialogs.base import Dialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines

_COLUMNS = (
    Column("keys", "KEYS", 18, 0),
    Column("label", "ACTION", 18, 0),
    Column("name", "NAME", 20, 0),
    Column("own", "", 6, 0),
)
Use = Callable[[str, tuple[str, ...] | None], object]


class KeysDialog(Dialog[object], inherit_bindings=False):
    """Changes apply at once: `use` takes an action and its keys, None for the default ones."""

    PLACES = ("key_list",)
    BINDINGS = bindings("key_list", "list", "quiet")
    ROOMY = True

    DEFAULT_CSS = """
    KeysDialog .box { max-width: 76; }
    """

    def __init__(self, own: Callable[[], set[str]], use: Use) -> None:
        super().__init__("Keys")
        self._own = own
        self._use = use

    def body(self) -> ComposeResult:
        """All actions, in the order of the table of keys."""
        yield Grid(glyphs=self.glyphs, id="list")

    def begin(self) -> None:
        """Put the cursor on the first row."""
        self.grid.set_columns(_COLUMNS)
        self._draw()
        self.grid.focus()

    def _draw(self) -> None:
        own = self._own()
        self.grid.set_rows([self._row(action, own) for action in ACTIONS])
        self.keys.offer(self.footer_actions())

    def _row(self, action: Action, own: set[str]) -> Row:
        return Row(
            action.id,
            (
                (key_names(action), "key"),
                (action.label, "text"),
                (action.id, "dim"),
                ("yours", "ok") if action.id in own else ("", "dim"),
            ),
        )

    # --- keys --------------------------------------------------------------------------------

    def action_set_key(self) -> None:
        """Replace the current keys with one key."""
        self._press(())

    def action_add_key(self) -> None:
        """Add a key."""
        action = BY_ID.get(self.grid.key or "")
        self._press(tuple(map(key_name, action.keys)) if action is not None else ())

    def action_usual_key(self) -> None:
        """Go back to the default keys."""
        if self.grid.key is not None:
            self._use(self.grid.key, None)
            self._draw()

    def _press(self, present: tuple[str, ...]) -> None:
        name = self.grid.key
        if name is None:
            return

        def pressed(key: str | None) -> None:
            if not key:
                return
            keys = (*present, key)
            wrong = wrong_keys(ACTIONS, name, keys)
            if wrong:
                self.jailer.notify_user(wrong, "Choose another key, or give that action one first.")
            else:
                self._use(name, keys)
                self._draw()

        self.app.push_screen(PressDialog(BY_ID[name].label), pressed)


class PressDialog(Dialog[str], inherit_bindings=False):
    """Answers with the name of the pressed key; only one key cancels."""

    PLACES = ("key_press",)
    BINDINGS = bindings("key_press")

    def __init__(self, label: str) -> None:
        super().__init__(f"A key for {label}")

    def body(self) -> ComposeResult:
        """A text; every key reaches the dialog itself."""
        yield Lines([(("Press the key.", "text"),)], id="text", can_focus=False)

    def on_key(self, event: Key) -> None:
        """Answer with the key."""
        if event.key in BY_ID["no_key"].keys:
            return
        event.stop()
        event.prevent_default()
        name = key_name(event.key)
        if key_of(name) == event.key:
            self.dismiss(name)
        else:
            self.text.set_lines([((f"{name} cannot be used, try another one.", "bad"),)])

    def action_no_key(self) -> None:
        """Leave without a key."""
        self.dismiss(None)
