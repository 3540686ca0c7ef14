"""The bytes that a key sends to a program: as in xterm, which is what TERM says we are."""

from __future__ import annotations

import re
import string

from textual.keys import _character_to_key

_CURSOR = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_TILDE = {
    "insert": 2, "delete": 3, "pageup": 5, "pagedown": 6,
    "f5": 15, "f6": 17, "f7": 18, "f8": 19, "f9": 20, "f10": 21, "f11": 23, "f12": 24,
    "f13": 25, "f14": 26, "f15": 28, "f16": 29, "f17": 31, "f18": 32, "f19": 33, "f20": 34,
}  # fmt: skip
_PF = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_PLAIN = {
    "enter": "\r", "tab": "\t", "escape": "\x1b", "backspace": "\x7f", "space": " ",
    "shift+tab": "\x1b[Z", "ctrl+backspace": "\b", "ctrl+space": "\0", "ctrl+at": "\0",
    "shift+enter": "\r", "shift+backspace": "\x7f", "shift+space": " ", "ctrl+enter": "\r",
    "ctrl+tab": "\t",
}  # fmt: skip
_NAMES = {_character_to_key(character): character for character in string.punctuation} | {
    "circumflex": "^",
    "minus": "_",
}
_MODIFIERS = {"shift": 1, "alt": 2, "meta": 2, "ctrl": 4}
_DIGITS = {"2": 0, "3": 27, "4": 28, "5": 29, "6": 30, "7": 31, "8": 127, "/": 31, "?": 127}


def encode(key: str, character: str | None, *, application: bool = False) -> bytes:
    """The bytes of a key by textual's name; `application` is the cursor keys' mode (DECCKM).

    b"" for a key that has no meaning in a terminal.
    """
    *modifiers, name = key.split("+") if key != "+" else [key]
    number = sum({_MODIFIERS.get(modifier, 0) for modifier in modifiers})
    special = _special(name, number, application=application)
    if special:
        return special.encode()
    alt = number & 2
    bare = "+".join(
        [modifier for modifier in modifiers if modifier not in ("alt", "meta")] + [name]
    )
    plain = _PLAIN.get(bare)
    if plain is None and number & 4:
        plain = _control(name)
    if plain is None and character and (character.isprintable() or not modifiers):
        plain = character
    if plain is None:
        plain = _NAMES.get(name, name if len(name) == 1 else "")
        plain = plain.upper() if number & 1 else plain
    return ("\x1b" * bool(alt and plain) + plain).encode("utf-8", "replace")


def _special(name: str, number: int, *, application: bool) -> str:
    """Cursor and function keys, with what is held down beside them."""
    if name in _CURSOR:
        if number:
            return f"\x1b[1;{number + 1}{_CURSOR[name]}"
        return f"\x1b{'O' if application else '['}{_CURSOR[name]}"
    if name in _PF:
        return f"\x1b[1;{number + 1}{_PF[name]}" if number else f"\x1bO{_PF[name]}"
    if name in _TILDE:
        return f"\x1b[{_TILDE[name]}{f';{number + 1}' if number else ''}~"
    return ""


def _control(name: str) -> str | None:
    """A character with ctrl: one of the 32 control characters, where it has one."""
    char = _NAMES.get(name, name)
    if char in _DIGITS:
        return chr(_DIGITS[char])
    if len(char) == 1 and re.fullmatch(r"[a-zA-Z@\[\\\]^_`]", char):
        return chr(ord(char) & 0x1F)
    return None
