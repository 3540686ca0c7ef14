"""Screen options for this terminal. No textual here: it reads its settings on import.

unfit     why there can be no screen at all
detect    options from environment and locale
prepare   settings that textual reads when it is imported

Detect a light or dark terminal: by COLORFGBG, or by asking the terminal (OSC 11).
"""

from __future__ import annotations

import os
import re
import select
import sys
import termios
import time
import tty
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
    """Why no screen can be opened here, or ""."""
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
    """Options for a terminal with that environment and locale encoding."""
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
    """Set the variables that textual reads when it is imported."""
    os.environ["TEXTUAL_ANIMATIONS"] = "none"
    if options.low_bandwidth:
        os.environ["TEXTUAL_FPS"] = "10"


WAIT = 0.2
"""Seconds that an answer is waited for."""
_ASK = b"\x1b]11;?\x07\x1b[c"
"""The colour, and then what it is: every terminal answers the second, so nothing is waited for."""
_COLOUR = re.compile(rb"\x1b\]11;rgba?:([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})/([0-9a-fA-F]{1,4})")
_ATTRIBUTES = re.compile(rb"\x1b\[\?[\d;]*c")
_ANSWERS = re.compile(rb"\x1b\]11;[^\x07\x1b]*(?:\x07|\x1b\\)|" + _ATTRIBUTES.pattern)


@dataclass(frozen=True, slots=True)
class Background:
    """Whether the background is light, and keys pressed before the terminal answered."""

    light: bool = False
    typed: bytes = b""


def ask(environ: Mapping[str, str]) -> Background:
    """Determine the background; dark if unknown."""
    hint = of_variable(environ.get("COLORFGBG", ""))
    if hint is not None:
        return Background(light=hint)
    try:
        answer = _answer(sys.stdin.fileno(), sys.stderr.fileno())
    except (OSError, ValueError, termios.error):
        return Background()
    return Background(of_answer(answer) or False, typed_in(answer))


def of_variable(text: str) -> bool | None:
    """Parse `COLORFGBG=15;0`: the last number is the background; None if unknown."""
    number = text.rpartition(";")[2]
    if not number.isdecimal():
        return None
    return int(number) in (7, 15)


def of_answer(answer: bytes) -> bool | None:
    """The answer to OSC 11, `rgb:ffff/ffff/ffff`, or None."""
    match = _COLOUR.search(answer)
    if match is None:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in match.groups())
    return bool(0.299 * red + 0.587 * green + 0.114 * blue > 0.5)


def typed_in(answer: bytes) -> bytes:
    """The typed input: everything except the answer."""
    return _ANSWERS.sub(b"", answer)


def _answer(source: int, target: int) -> bytes:
    """Ask, and read until the terminal has said what it is, or time is up."""
    before = termios.tcgetattr(source)
    answer = b""
    try:
        tty.setcbreak(source, termios.TCSANOW)
        os.write(target, _ASK)
        end = time.monotonic() + WAIT
        while not _ATTRIBUTES.search(answer) and (left := end - time.monotonic()) > 0:
            if not select.select([source], [], [], left)[0]:
                break
            answer += os.read(source, 1024)
    finally:
        termios.tcsetattr(source, termios.TCSANOW, before)
    return answer
