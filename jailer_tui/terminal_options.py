"""Screen options for this terminal. No textual here: it reads its settings on import.

unfit     why there can be no screen at all
detect    options from environment and locale
prepare   settings that textual reads when it is imported
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

SLOW_INTERVAL = 6.0
"""Seconds between two refreshes over a thin line."""

FULL, TERMINAL, NONE = "full", "terminal", "none"


@dataclass(frozen=True, slots=True)
class Options:
    """`interval` is in seconds; `colour` is full (own colours), terminal (its 16), or none.

    `light`: the terminal has a light background. `typed` are keys that were read already.
    """

    interval: float = 2.0
    mouse: bool = True
    ascii: bool = False
    low_bandwidth: bool = False
    colour: str = FULL
    light: bool = False
    typed: bytes = b""


def unfit(environ: Mapping[str, str], *, stdin_tty: bool, stdout_tty: bool) -> str:
    """One line that says why no screen can be opened here, or ""."""
    if not stdin_tty or not stdout_tty:
        return "the screen needs a terminal, not a pipe or a file"
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return f"the screen needs a real terminal, not TERM={environ.get('TERM', '') or '(unset)'}"
    return ""


def detect(
    environ: Mapping[str, str],
    encoding: str,
    *,
    mouse: bool = True,
    low_bandwidth: bool = False,
    interval: float = 2.0,
) -> Options:
    """What fits a terminal with that environment and that encoding of its locale."""
    return Options(
        interval=max(SLOW_INTERVAL, interval) if low_bandwidth else interval,
        mouse=mouse,
        ascii=encoding.lower().replace("-", "").replace("_", "") != "utf8",
        low_bandwidth=low_bandwidth,
        colour=TERMINAL if low_bandwidth and _colour(environ) == FULL else _colour(environ),
    )


def _colour(environ: Mapping[str, str]) -> str:
    """A terminal that says nothing of 256 colours gets its own 16: they are right everywhere."""
    if environ.get("NO_COLOR"):
        return NONE
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        return FULL
    return FULL if "256color" in environ.get("TERM", "") else TERMINAL


def prepare(options: Options) -> None:
    """Set what textual reads once, when it is imported."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    if options.low_bandwidth:
        os.environ["TEXTUAL_FPS"] = "10"
