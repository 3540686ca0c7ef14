"""Copy to the clipboard of the user's terminal, through tmux or screen if need be (OSC 52)."""

from __future__ import annotations

import base64
from collections.abc import Mapping

MOST = 48 * 1024
"""Bytes: in base64 as much as terminals take; tmux and others drop more, silently."""
_CHUNK = 500
"""What screen(1) passes on in one string."""


def sequence(text: str, environ: Mapping[str, str]) -> str:
    """What is to be written to the terminal; "" for a text that is too long.

    tmux takes the plain form with `set-clipboard on`, else with `allow-passthrough on` the one
    that is wrapped; screen passes on wrapped ones only.
    """
    data = text.encode("utf-8", "replace")
    if len(data) > MOST:
        return ""
    plain = f"\x1b]52;c;{base64.b64encode(data).decode()}\x07"
    if environ.get("TMUX"):
        doubled = plain.replace("\x1b", "\x1b\x1b")
        return f"{plain}\x1bPtmux;{doubled}\x1b\\"
    if environ.get("STY") or environ.get("TERM", "").startswith("screen"):
        parts = [plain[at : at + _CHUNK] for at in range(0, len(plain), _CHUNK)]
        return "".join(f"\x1bP{part}\x1b\\" for part in parts)
    return plain
