"""Help for the current screen: what each key does, and why some are not available now.

Every action by its name, with its key, and with the reason when it is not possible now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from textwrap import wrap

from textual import on
from textual.app import ComposeResult
from textual.widgets import Input

from jailer_tui.actions import Action, bindings, in_places, key_names
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.presenters.jails import Column, Line
from jailer_tui.presenters.palette import Choice, search, with_arguments
from jailer_tui.theme import Glyphs
from jailer_tui.widgets.grid import Grid, Row
from jailer_tui.widgets.lines import Lines
from jailer_tui.widgets.search import Field

FRONT = 32

TITLES = {
    "jails": "The selected jail, or all marked jails",
    "table": "The table",
    "detail": "This jail",
    "images": "The selected release",
    "snapshots": "The selected snapshot, or all marked ones",
    "marks": "Marks",
    "diff": "What changed",
    "goback": "Roll back",
    "network": "The network",
    "node": "This part of the network",
    "copyable": "This text",
    "console": "Consoles",
    "terminal": "Inside a console (all other keys go to the program)",
    "history": "Console scrollback",
    "activity": "The selected change",
    "processes": "The selected process",
    "log": "This log",
    "logtext": "Long lines",
    "doctor": "The selected check",
    "choices": "This form",
    "form": "This form",
    "wizard": "This form",
    "options": "The selected field",
    "field": "Typing",
    "buttons": "The buttons",
    "overview": "The Overview",
    "storage": "What uses the space",
    "space": "The selected snapshot",
    "timeline": "The timeline",
    "logs": "These logs",
    "compare": "This comparison",
    "hosts": "The selected host",
    "fleet": "The selected jail, or all marked ones",
    "tabs": "The tabs",
    "all": "Everywhere",
    "list": "Moving",
    "text": "Moving",
    "preview": "Preview",
    "steps": "The selected step (down goes there)",
    "progress": "Running change",
    "batch": "Running changes",
    "many": "The command in these jails",
    "output": "The command in this jail",
    "trash": "The trash",
    "choice": "This list",
    "confirm": "This question",
    "question": "This question",
    "order": "The order at boot",
    "change": "This change",
    "cut_off": "The interrupted change",
    "columns": "The columns",
    "key_list": "The keys",
    "key_press": "The new key",
    "conflicts": "The conflicts",
    "quiet": "Everywhere",
    "help": "This page",
}


_COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "storage": (
        ("LIVE", "its files as they are now"),
        ("SNAPS", "what only its snapshots still hold"),
        ("BELOW", "what the datasets below it use"),
        ("RESERV", "what is reserved for it, and not used yet"),
        ("SHARED", "what it shares with its image, which is counted there"),
    ),
    "space": (
        ("ALONE", "what is freed when only this snapshot is destroyed"),
        ("WITH OLDER", "what is freed when all older ones are destroyed too"),
    ),
}
_SETTINGS = (
    "Choose other keys, and add filters and commands of your own, in "
    "~/.config/jailer-tui/settings.toml; docs/settings.md describes it."
)
_CPU: list[Line] = [(("  CPU", "accent"), (" 100% is one core; several cores add up", "text"))]


def help_lines(
    places: Sequence[str], why_not: Callable[[Action], str], glyphs: Glyphs, width: int
) -> list[Line]:
    """The keys of these places in groups, then a legend of the symbols."""
    lines: list[Line] = []
    seen: set[str] = set()
    for place in places:
        group = [action for action in in_places(place) if action.id not in seen and action.keys]
        if not group or place not in TITLES:
            continue
        lines += [(), ((TITLES[place], "title"),)] if lines else [((TITLES[place], "title"),)]
        for action in group:
            seen.add(action.id)
            lines += _action(action, why_not(action), width)
    lines += [line for place in places for line in _columns(place)]
    if "table" in places:
        lines += _legend(glyphs)
    lines += _CPU if {"table", "processes"} & set(places) else []
    if "all" in places:
        about = wrap(_SETTINGS, max(16, width - 2))
        lines += [(), (("Settings", "title"),), *(((f"  {line}", "text"),) for line in about)]
    return lines


def _columns(place: str) -> list[Line]:
    """What the columns of that place mean."""
    if place not in _COLUMNS:
        return []
    meanings = [
        ((f"  {label:<14} ", "accent"), (meaning, "text")) for label, meaning in _COLUMNS[place]
    ]
    return [(), (("Columns", "title"),), *meanings]


def _action(action: Action, why: str, width: int) -> list[Line]:
    """Key, label, and the help in a column of its own."""
    room = max(16, width - FRONT)
    spans = [(line, "dim" if why else "text") for line in wrap(action.help, room)]
    spans += [(line, "warn") for line in wrap(f"Not now: {why}.", room)] if why else []
    first: Line = (
        (f"  {key_names(action):<14} ", "key"),
        (f"{action.label:<14} ", "dim" if why else "strong"),
        spans[0],
    )
    return [first, *(((" " * FRONT, "text"), span) for span in spans[1:])]


def _legend(glyphs: Glyphs) -> list[Line]:
    return [
        (),
        (("Symbols", "title"),),
        (
            (f"  {glyphs.running}", "ok"),
            (" running   ", "text"),
            (f"{glyphs.dying}", "warn"),
            (" dying: stopped, but still in use   ", "text"),
            (f"{glyphs.stopped}", "dim"),
            (" stopped   ", "text"),
            (f"{glyphs.broken}", "bad"),
            (" has a problem", "text"),
        ),
        (
            ("  ?", "dim"),
            (" not known   ", "text"),
            ("-", "dim"),
            (" does not apply   ", "text"),
            ("O", "accent"),
            (" owner: B Bastille, I iocage, H made by hand; none: Jailer TUI", "text"),
        ),
    ]


class HelpDialog(Dialog[None]):
    """A page to read."""

    PLACES = ("help",)
    BINDINGS = bindings("help", "text")

    def __init__(
        self, places: Sequence[str], why_not: Callable[[Action], str], glyphs: Glyphs
    ) -> None:
        super().__init__("Help")
        self._places = tuple(places)
        self._why_not = why_not
        self._signs = glyphs

    def begin(self) -> None:
        """Ready to scroll."""
        self.text.focus()

    def settle(self) -> None:
        """Lay out the text in two columns for the current width."""
        width = self.text.scrollable_content_region.width - 1
        self.text.set_lines(help_lines(self._places, self._why_not, self._signs, width))
        super().settle()


_PALETTE_COLUMNS = (Column("key", "", 8, 0), Column("label", "", 18, 0), Column("help", "", 200, 0))


class PaletteDialog(ChoiceDialog):
    """Type a few letters, choose, enter. `stop www*` is an action with the jails it is for.

    Answers with the key of the choice; behind a space the jails that were named.
    """

    EARLY = True
    SEARCHED = False

    DEFAULT_CSS = """
    PaletteDialog .box { max-width: 110; }
    PaletteDialog Field { margin: 0 0 1 0; }
    PaletteDialog #said { height: 2; margin: 1 0 0 0; }
    """

    def __init__(
        self, choices: Sequence[Choice], jails: Sequence[str], recent: Sequence[str]
    ) -> None:
        self._choices = {choice.key: choice for choice in choices}
        self._jails = jails
        self._recent = recent
        super().__init__("Commands", _PALETTE_COLUMNS, self._found(""))

    def _found(self, words: str) -> list[Row]:
        choices = list(self._choices.values())
        rows = [_row(choice) for choice in search(words, choices, self._recent)]
        meant = with_arguments(words, choices, self._jails)
        if meant is not None:
            choice, jails = meant
            key = " ".join((choice.key, *jails))
            label = (choice.label, "strong")
            rows.insert(0, Row(key, ((choice.shortcut, "key"), label, (", ".join(jails), "dim"))))
        return rows

    def body(self) -> ComposeResult:
        """The field and the matches."""
        yield Field(placeholder="An action, a jail, or both: stop www*", id="words")
        yield from super().body()
        yield Lines(id="said", can_focus=False)

    def begin(self) -> None:
        """Focus the field."""
        super().begin()
        self.grid.empty = ((("  No match.", "dim"),),)
        self.query_one(Field).focus()
        self._explain()

    def settle(self) -> None:
        """Fit the help to the width; a shrinking list keeps its place."""
        width = max(20, self.grid.size.width - 8 - 18 - 8)
        self.grid.set_columns((*_PALETTE_COLUMNS[:2], Column("help", "", width, 0)))
        super().settle()

    @on(Grid.Moved)
    def _explain(self) -> None:
        """The whole help of the action under the cursor."""
        choice = self._choices.get((self.grid.key or "").partition(" ")[0])
        lines: list[Line] = [((choice.about, "text"),)] if choice is not None else []
        if choice is not None and choice.why_not:
            lines.append(((f"Not now: {choice.why_not}.", "warn"),))
        self.query_one("#said", Lines).set_lines(lines)

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        self.grid.set_rows(self._found(event.value), follow=False)
        self.grid.move_to(0)
        self._explain()

    @on(Input.Submitted)
    def _entered(self) -> None:
        self.action_pick()


def _row(choice: Choice) -> Row:
    why = choice.why_not
    about = (f"not now: {why}", "warn") if why else (choice.about, "dim")
    label = (choice.label, "dim" if why else "strong")
    return Row(choice.key, ((choice.shortcut, "key"), label, about))
