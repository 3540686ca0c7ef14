"""One line of text to type, with the keys that actions declares and no others.

`/` in a text or a list: the search of all screens and dialogs that have none of their own.

The words are typed in the line of the keys; nothing takes the focus, and no letter of them acts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from textual import events
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Input

from jailer_core.text import sanitize
from jailer_tui.actions import bindings
from jailer_tui.presenters.jails import Line, Span
from jailer_tui.widgets.styled import Mixin


class Field(Input, inherit_bindings=False):
    """A line of text: textual's editing actions with our keys."""

    BINDINGS = bindings("field")

    def __init__(self, *, placeholder: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(placeholder=placeholder, id=id, classes="line", compact=True)
        self.cursor_blink = False

    async def action_field(self, how: str) -> None:
        """Perform one of textual's editing actions."""
        await self.run_action(how)


FOUND = "button"
"""The tone of what was found."""


def pattern(words: str) -> re.Pattern[str]:
    """The search pattern; ignores case unless it contains a capital."""
    flags = 0 if any(char.isupper() for char in words) else re.IGNORECASE
    return re.compile(re.escape(words), flags)


def marked(line: Line, words: str) -> Line:
    """The line with all matches highlighted."""
    if not words:
        return line
    chars = [(char, tone) for part, tone in line for char in part]
    text = "".join(char for char, _ in chars)
    hits = {index for match in pattern(words).finditer(text) for index in range(*match.span())}
    return tuple((char, FOUND if at in hits else tone) for at, (char, tone) in enumerate(chars))


class Findable(Mixin):
    """A widget that can be searched. Subclasses find and show the entry."""

    finding = ""
    """The words, while they are looked for."""

    class Renewed(Message):
        """The contents changed during a search."""

    @dataclass
    class Copied(Message):
        """A text should be copied."""

        text: str

    def action_copy(self, how: str) -> None:
        """Copy `all`, or the current `value`."""
        self.post_message(self.Copied(self.all_text() if how == "all" else self.text_in_sight()))

    def all_text(self) -> str:
        """Everything, for the clipboard."""
        return "\n".join(self.texts())

    def text_in_sight(self) -> str:
        """The visible text, for the clipboard."""
        texts = self.texts()
        return texts[self.place()] if texts else ""

    def renewed(self) -> None:
        """Report changed contents."""
        if self.finding:
            self.post_message(self.Renewed())

    def texts(self) -> list[str]:
        """The searchable texts, entry by entry."""
        raise NotImplementedError

    def place(self) -> int:
        """The entry where a search starts."""
        raise NotImplementedError

    def show_entry(self, index: int, words: str) -> None:
        """Make it visible."""
        raise NotImplementedError

    def find(self, words: str, start: int, step: int) -> bool:
        """Show the next match from `start` on. Returns whether there is one."""
        self.finding = words
        self.refresh()
        texts = self.texts()
        if not words or not texts:
            return not words
        regex = pattern(words)
        for offset in range(len(texts)):
            index = (start + offset * step) % len(texts)
            if regex.search(texts[index]):
                self.show_entry(index, words)
                return True
        return False


class KeyLine(Protocol):
    """The footer, which shows something else while words are typed."""

    def say(self, line: Line) -> None:
        """Show this instead of the keys; () shows the keys again."""


class Search:
    """The search on one screen; `keys` is its footer."""

    def __init__(self, screen: Screen[Any], keys: KeyLine) -> None:
        self._screen = screen
        self._keys = keys
        self._words = ""
        self._typing = False
        self._found = True
        self._origin = 0
        self._target: Findable | None = None

    def begin(self) -> None:
        """Start a search in the focused widget, updated with each letter."""
        self._target = self._searched()
        if self._target is None:
            self._screen.app.bell()
            return
        self._origin = self._target.place()
        self._typing = True
        self._look("")

    def _searched(self) -> Findable | None:
        """What has the focus; in a dialog with buttons its list or its text."""
        if isinstance(self._screen.focused, Findable):
            return self._screen.focused
        for widget in self._screen.query("*"):
            if isinstance(widget, Findable) and widget.display and widget.can_focus:
                return widget
        return None

    def again(self) -> None:
        """Search again in changed contents."""
        if self._words and not self._found:
            self._look(self._words)

    def key(self, event: events.Key) -> None:
        """Handle a key: typed words, later n and N."""
        if self._typing:
            self._type(event)
        elif self._words and event.key in ("n", "N"):
            self._next(1 if event.key == "n" else -1)
        elif self._words and event.key == "escape":
            self._end()
        else:
            return
        event.stop()
        event.prevent_default()

    def paste(self, event: events.Paste) -> None:
        """Add pasted text to a running search."""
        if self._typing:
            lines = event.text.splitlines() or [""]
            self._look(self._words + lines[0])
            event.stop()

    def _type(self, event: events.Key) -> None:
        if event.key in ("escape", "ctrl+c"):
            self._end()
        elif event.key == "enter":
            self._typing = False
            self._look(self._words) if self._words else self._end()
        elif event.key == "backspace":
            self._look(self._words[:-1])
        elif event.key == "ctrl+u":
            self._look("")
        elif event.key in ("up", "down"):
            self._next(1 if event.key == "down" else -1)
        elif event.is_printable and event.character:
            self._look(self._words + event.character)

    def _look(self, words: str) -> None:
        self._words = words
        hit = self._target is None or self._target.find(words, self._origin, 1)
        self._tell(hit=hit)

    def _next(self, step: int) -> None:
        if self._target is not None and self._words:
            hit = self._target.find(self._words, self._target.place() + step, step)
            self._tell(hit=hit)

    def _end(self) -> None:
        self._typing, self._words = False, ""
        if self._target is not None:
            self._target.find("", 0, 1)
        self._target = None
        self._keys.say(())

    def _tell(self, *, hit: bool) -> None:
        """What is searched for is in the line of the keys."""
        self._found = hit
        line: list[Span] = [(" Search  ", "key"), (sanitize(self._words), "strong")]
        if self._typing:
            line.append(("_", "accent"))
        if self._words and not hit:
            line.append(("  not found", "warn"))
        if not self._typing:
            line += [("   n", "key"), (" Next ", "text"), (" N", "key"), (" Previous ", "text")]
            line += [(" esc", "key"), (" Clear ", "text")]
        self._keys.say(tuple(line))


class Searching:
    """A mixin of screens that have a `search`."""

    search: Search

    def action_find(self) -> None:
        """Search the focused widget."""
        self.search.begin()

    def on_key(self, event: events.Key) -> None:
        """Pass keys to a running search only."""
        self.search.key(event)

    def on_findable_renewed(self) -> None:
        """Search contents that were read later."""
        self.search.again()

    def on_paste(self, event: events.Paste) -> None:
        """Pass pasted text to a running search only."""
        self.search.paste(event)
