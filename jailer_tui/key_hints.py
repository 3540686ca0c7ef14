"""Names of keys for people: `/`, `ctrl-l`, `esc`.

Key names for texts: settings may change the keys, so no text contains one literally.

The table of actions fills this when it is imported; a leaf, so that presenters can ask.
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

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


_KEYS: dict[str, tuple[str, ...]] = {}
"""The names of the keys of each action; () for an action without one."""
_LABELS: dict[str, str] = {}
PLACE = re.compile(r"\{([a-z_:]+)\}")
"""Where the keys of an action belong in a text."""
PALETTE = "palette"


def fill(keys: Mapping[str, tuple[str, ...]], labels: Mapping[str, str]) -> None:
    """Keep the keys and the labels of all actions."""
    _KEYS.update(keys)
    _LABELS.update(labels)


def key_for(action: str) -> str:
    """The first key of an action; without a key, the palette's key and the action's name."""
    keys = _KEYS.get(action)
    if keys is None:
        return action
    if keys or action == PALETTE:
        return keys[0] if keys else ""
    return f"{key_for(PALETTE)}{_LABELS[action]}"


def keys_for(action: str) -> str:
    """All of its keys: `ctrl-] or f12`."""
    return " or ".join(_KEYS.get(action) or (key_for(action),))


def told(text: str) -> str:
    """A text with each `{action}` replaced by its key."""
    return PLACE.sub(lambda place: key_for(place[1]) if place[1] in _KEYS else place[0], text)
