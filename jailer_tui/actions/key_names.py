"""Names of keys for people: `/`, `ctrl-l`, `esc`."""

from __future__ import annotations

_NAMES = {
    "slash": "/",
    "backslash": "\\",
    "quotation_mark": '"',
    "apostrophe": "'",
    "grave_accent": "`",
    "dollar_sign": "$",
    "left_parenthesis": "(",
    "right_parenthesis": ")",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "comma": ",",
    "full_stop": ".",
    "semicolon": ";",
    "less_than_sign": "<",
    "underscore": "_",
    "vertical_line": "|",
    "tilde": "~",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "ampersand": "&",
    "colon": ":",
    "question_mark": "?",
    "percent_sign": "%",
    "exclamation_mark": "!",
    "asterisk": "*",
    "number_sign": "#",
    "at": "@",
    "ctrl+@": "ctrl-space",
    "circumflex_accent": "^",
    "greater_than_sign": ">",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+tab": "shift-tab",
    "ctrl+right_square_bracket": "ctrl-]",
    "shift+pageup": "shift-pgup",
    "shift+pagedown": "shift-pgdn",
}


def key_name(key: str) -> str:
    """A key as people call it: `/`, `ctrl-l`, `esc`."""
    return _NAMES.get(key, key.replace("ctrl+", "ctrl-").replace("shift+", "shift-"))
