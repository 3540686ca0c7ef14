"""Edit a line at a prompt: the keys that FreeBSD's sh(1) knows, and what is echoed for them."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

MOST_HISTORY = 200

_KEY = re.compile(r"\x1b(?:\[[0-9;]*[A-Za-z~]|O[A-Za-z]|.)?|[\s\S]")
_NAMES = {
    "\x1b[A": "up", "\x1bOA": "up", "\x10": "up",
    "\x1b[B": "down", "\x1bOB": "down", "\x0e": "down",
    "\x1b[C": "right", "\x1bOC": "right", "\x06": "right",
    "\x1b[D": "left", "\x1bOD": "left", "\x02": "left",
    "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x01": "home",
    "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end", "\x05": "end",
    "\x1b[3~": "delete", "\x7f": "back_one", "\b": "back_one",
    "\r": "enter", "\n": "enter", "\t": "tab",
    "\x03": "interrupt", "\x04": "eof", "\x0c": "clear",
    "\x0b": "kill_end", "\x15": "kill_line", "\x17": "kill_word",
}  # fmt: skip

Complete = Callable[[str], Sequence[str]]
"""From the text before the cursor to all that its last word may become."""


class Keys:
    """From typed bytes to the names of keys, or the characters themselves."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def of(self, data: bytes) -> Iterator[str]:
        """Each key."""
        for found in _KEY.findall(self._decoder.decode(data)):
            name = _NAMES.get(found)
            if name is not None:
                yield name
            elif found.isprintable():
                yield found


@dataclass(slots=True)
class LineEditor:
    """One line after the other; `press` gives what is to be echoed.

    `done` holds the line when enter was pressed, "" after an interrupt; `over` tells that there
    will be no more.
    """

    complete: Complete
    prompt: str = "# "
    columns: int = 80
    text: str = ""
    at: int = 0
    done: str | None = None
    over: bool = False
    history: list[str] = field(default_factory=list)
    _back: int = 0
    _kept: str = ""

    def begin(self, prompt: str, columns: int) -> str:
        """A new line."""
        self.prompt, self.columns = prompt, columns
        self.text, self.at, self.done, self._back = "", 0, None, 0
        return self._drawn()

    def press(self, key: str) -> str:
        """One key."""
        if len(key) == 1:
            self.text = self.text[: self.at] + key + self.text[self.at :]
            self.at += 1
            return key if self._simple() else self._drawn()
        return str(getattr(self, f"_{key}")())

    def _simple(self) -> bool:
        """Whether what was typed may just be echoed."""
        room = self.columns - len(self.prompt) - len(self.text) > 1
        return self.at == len(self.text) and room and self.text.isascii()

    def _drawn(self) -> str:
        """The whole line again; of one that is too long the part around the cursor."""
        room = max(self.columns - len(self.prompt) - 1, 1)
        start = max(0, self.at - room + 1)
        shown = self.text[start : start + room]
        back = len(shown) - (self.at - start)
        return f"\r{self.prompt}{shown}\x1b[K" + (f"\x1b[{back}D" if back else "")

    # --- keys --------------------------------------------------------------------------------

    def _enter(self) -> str:
        self.done = self.text
        if self.text.strip() and self.history[-1:] != [self.text]:
            self.history.append(self.text)
            del self.history[:-MOST_HISTORY]
        return "\n"

    def _interrupt(self) -> str:
        self.done = ""
        return "^C\n"

    def _eof(self) -> str:
        if self.text:
            return self._delete()
        self.over = True
        return "\n"

    def _clear(self) -> str:
        return "\x1b[H\x1b[2J" + self._drawn()

    def _moved(self, at: int) -> str:
        self.at = max(0, min(at, len(self.text)))
        return self._drawn()

    def _left(self) -> str:
        return self._moved(self.at - 1)

    def _right(self) -> str:
        return self._moved(self.at + 1)

    def _home(self) -> str:
        return self._moved(0)

    def _end(self) -> str:
        return self._moved(len(self.text))

    def _cut(self, start: int, end: int) -> str:
        self.text = self.text[:start] + self.text[end:]
        return self._moved(start)

    def _back_one(self) -> str:
        return self._cut(max(self.at - 1, 0), self.at)

    def _delete(self) -> str:
        return self._cut(self.at, self.at + 1)

    def _kill_end(self) -> str:
        return self._cut(self.at, len(self.text))

    def _kill_line(self) -> str:
        return self._cut(0, self.at)

    def _kill_word(self) -> str:
        before = self.text[: self.at].rstrip()
        return self._cut(before.rfind(" ") + 1, self.at)

    def _up(self) -> str:
        return self._recall(self._back + 1)

    def _down(self) -> str:
        return self._recall(self._back - 1)

    def _recall(self, back: int) -> str:
        if not 0 <= back <= len(self.history):
            return ""
        if self._back == 0:
            self._kept = self.text
        self._back = back
        self.text = self.history[-back] if back else self._kept
        return self._moved(len(self.text))

    def _tab(self) -> str:
        before = self.text[: self.at]
        found = sorted(set(self.complete(before)))
        if not found:
            return "\a"
        word = before.rpartition(" ")[2]
        shared = _shared(found)
        if len(found) == 1 and not shared.endswith("/"):
            shared += " "
        if shared != word:
            start = self.at - len(word)
            self.text = self.text[:start] + shared + self.text[self.at :]
            return self._moved(start + len(shared))
        names = "  ".join(one.rstrip("/").rpartition("/")[2] for one in found)
        return f"\n{names}\n{self._drawn()}"


def _shared(words: Sequence[str]) -> str:
    """How all of them begin."""
    first, last = min(words), max(words)
    index = next((i for i, one in enumerate(first) if last[i : i + 1] != one), len(first))
    return first[:index]
