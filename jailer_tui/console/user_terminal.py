"""The user's own terminal: its clipboard, and its notifications.

Copy to the clipboard of the user's terminal, through tmux or screen if need be (OSC 52).

Notifications by the terminal itself, where supported: OSC 9, or OSC 777 with a title.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping

MOST_COPIED = 48 * 1024
"""Bytes: in base64 as much as terminals take; tmux and others drop more, silently."""
_CHUNK = 500
"""What screen(1) passes on in one string."""


def copy_sequence(text: str, environ: Mapping[str, str]) -> str:
    """What is to be written to the terminal; "" for a text that is too long.

    tmux takes the plain form with `set-clipboard on`, else with `allow-passthrough on` the one
    that is wrapped; screen passes on wrapped ones only.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > MOST_COPIED:
        return ""
    plain = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if environ.get("TMUX"):
        doubled = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{doubled}\x1b\\"
    if environ.get("STY") or environ.get("TERM", "").startswith("screen"):
        parts = [plain[at : at + _CHUNK] for at in range(0, len(plain), _CHUNK)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return plain


MOST_SHOWN = 200
"""Characters of a notification."""
_WITH_TITLE = ("foot", "rxvt-unicode", "ghostty", "wezterm")
_PLAIN = ("iterm", "kitty", "konsole", "conemu")


def notification_sequence(title: str, text: str, environ: Mapping[str, str]) -> str:
    """What is to be written to the terminal; "" where it would not know what that means.

    A terminal is known by TERM, which ssh passes on, or by TERM_PROGRAM and LC_TERMINAL. tmux
    passes it on with `allow-passthrough on`.
    """
    names = ("TERM", "TERM_PROGRAM", "LC_TERMINAL")
    known = " ".join(environ.get(name, "") for name in names).lower()
    plain = _plain(text)
    if any(name in known for name in _WITH_TITLE):
        escape = f"\x1b]777;notify;{_plain(title).replace(';', ',')};{plain}\x07"
    elif any(name in known for name in _PLAIN):
        escape = f"\x1b]9;{plain}\x07"
    else:
        return ""
    if environ.get("TMUX"):
        doubled = escape.replace("\x1b", "\x1b\x1b")
        return f"\x1bPtmux;{doubled}\x1b\\"
    return escape


def _plain(text: str) -> str:
    """Nothing that ends the sequence, or starts another one."""
    return "".join(letter for letter in text if letter.isprintable())[:MOST_SHOWN]
