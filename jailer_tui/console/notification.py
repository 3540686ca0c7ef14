"""Notifications by the terminal itself, where supported: OSC 9, or OSC 777 with a title."""

from __future__ import annotations

from collections.abc import Mapping

MOST = 200
"""Characters of a notification."""
_WITH_TITLE = ("foot", "rxvt-unicode", "ghostty", "wezterm")
_PLAIN = ("iterm", "kitty", "konsole", "conemu")


def sequence(title: str, text: str, environ: Mapping[str, str]) -> str:
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
    return "".join(letter for letter in text if letter.isprintable())[:MOST]
