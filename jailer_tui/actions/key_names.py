"""Names of keys for people: `/`, `ctrl-l`, `esc`."""

from __future__ import annotations

import string

from textual.keys import _character_to_key

_NAMES = {_character_to_key(character): character for character in string.punctuation} | {
    "ctrl+@": "ctrl-space",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "ctrl+right_square_bracket": "ctrl-]",
    "shift+pageup": "shift-pgup",
    "shift+pagedown": "shift-pgdn",
}


def key_name(key: str) -> str:
    """The name of a key for people: `/`, `ctrl-l`, `esc`."""
    return _NAMES.get(key, key.replace("ctrl+", "ctrl-").replace("shift+", "shift-"))
