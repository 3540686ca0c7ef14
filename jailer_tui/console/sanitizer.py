"""Sanitize the output of a program in a jail for the emulator: what may pass, and how much.

An emulator must hold what it has not seen the end of, and a program may never send that end. It
also knows requests that concern more than its screen: clipboards, titles, window sizes, printers.
Here is decided what goes on:

plain text, control characters, short sequences (CSI, ESC)      as they are
titles (OSC 0, 1, 2)                                            cut, and made visible
questions for settings (DCS $q, DCS +q), short ones             as they are
every other string (OSC, DCS, APC, PM, SOS, ESC k)              dropped, however long
8-bit controls, and invisible characters that turn directions   dropped
"""

from __future__ import annotations

import codecs
import re

from jailer_core.text import sanitize

LONGEST = 128
"""Characters of one sequence; no program needs more."""
MOST_TITLE = 80
MOST_STRING = 512

_SPECIAL = re.compile(
    r"\x1b[\]PX^_k]"  # a string begins
    r"|\x1b\Z"  # perhaps one does
    rf"|\x1b\[[0-9;:?<=> -/]{{{LONGEST},}}"  # a sequence without an end
)
_END = re.compile(r"\x1b\\|\x07|[\x18\x1a]|\x1b(?=[^\\])|\x1b\Z")
_FINAL = re.compile(r"[@-~\x18\x1a\x1b]")
_UNWANTED = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    "\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]+"
)
_TITLE = re.compile(r"([012]);")


class Sanitizer:
    """Filters output: `let_through` turns bytes into text, and keeps incomplete sequences."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        self._kind = ""
        self._string = ""

    def let_through(self, data: bytes) -> str:
        """The part of the output that the emulator may see."""
        text = self._rest + self._decoder.decode(data)
        self._rest = ""
        if not text.isascii():
            text = _UNWANTED.sub("", text)
        if "\x1b" not in text and not self._kind:
            return text
        parts: list[str] = []
        at = 0
        while at < len(text):
            at = self._swallow(text, at, parts) if self._kind else self._pass(text, at, parts)
        return "".join(parts)

    def _pass(self, text: str, at: int, parts: list[str]) -> int:
        """Up to the next thing that needs a decision; where to continue."""
        match = _SPECIAL.search(text, at)
        if match is None:
            parts.append(text[at:])
            return len(text)
        parts.append(text[at : match.start()])
        what = match[0]
        if len(what) == 1:
            self._rest = what
        else:
            self._kind, self._string = what[1], ""
        return match.end()

    def _swallow(self, text: str, at: int, parts: list[str]) -> int:
        """Inside a string or an endless sequence: to its end, when that is there."""
        match = (_FINAL if self._kind == "[" else _END).search(text, at)
        end = len(text) if match is None else match.start()
        if len(self._string) <= MOST_STRING:
            self._string += text[at:end][: MOST_STRING + 1]
        if match is None:
            return len(text)
        if match[0] == "\x1b" and match.end() == len(text):
            self._rest = "\x1b"
            return len(text)
        if match[0] in ("\x1b\\", "\x07"):
            parts.append(self._allowed())
        self._kind = ""
        return match.start() if match[0] == "\x1b" else match.end()

    def _allowed(self) -> str:
        """The string, when it is one of the few that may pass."""
        kind, string = self._kind, self._string
        if kind == "]" and (match := _TITLE.match(string)):
            return f"\x1b]{match[1]};{sanitize(string[match.end() :])[:MOST_TITLE]}\x07"
        if kind == "P" and string[:2] in ("$q", "+q") and len(string) <= LONGEST:
            return f"\x1bP{string}\x1b\\"
        return ""
