"""The time at the start of a log line."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from datetime import datetime

_STAMP = re.compile(
    r"""(?:<\d{1,3}>(?:1\ )?)?(?:
        (?P<syslog>[A-Z][a-z]{2}\ [ \d]\d\ \d\d:\d\d:\d\d)
      | (?P<iso>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|\ ?[+-]\d\d:?\d\d)?)
      | (?P<web>\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\ [+-]\d{4})?\])
    )\ ?""",
    re.VERBOSE,
)
_ZONE = re.compile(r" ([+-])")
_DAY = 86_400.0


def stamp_of(text: str) -> str:
    """The time that a line begins with, or ""."""
    match = _STAMP.match(text)
    return match[0] if match is not None else ""


def moment(text: str, now: float) -> float | None:
    """The same in seconds since 1970; without a zone it is local time. None: there is none.

    A line of syslog(3) does not name its year: it is the last one that is not in the future.
    """
    match = _STAMP.match(text)
    if match is None:
        return None
    try:
        if match["iso"]:
            return datetime.fromisoformat(_ZONE.sub(r"\1", match["iso"])).timestamp()
        if match["web"]:
            words = match["web"].strip("[]")
            return _seconds(words, f"%d/%b/%Y:%H:%M:%S{' %z' if ' ' in words else ''}")
        return _of_syslog(match["syslog"], now)
    except (ValueError, OverflowError):
        return None


def _of_syslog(words: str, now: float) -> float:
    year = time.localtime(now).tm_year
    then = _seconds(f"{year} {words}", "%Y %b %d %H:%M:%S")
    return then if then <= now + _DAY else _seconds(f"{year - 1} {words}", "%Y %b %d %H:%M:%S")


def _seconds(words: str, form: str) -> float:
    """Local time, unless the form has a zone. Raises ValueError."""
    return datetime.strptime(words, form).astimezone().timestamp()


def in_order(lines: Iterable[tuple[str, str]], now: float) -> list[int]:
    """The places of lines of several logs, by their times.

    Each line is its log and its text. One without a time follows the last of its log that
    has one; those before any are the first.
    """
    latest: dict[str, float] = {}
    times: list[float] = []
    for log, text in lines:
        when = moment(text, now)
        latest[log] = max(latest.get(log, 0.0), when if when is not None else 0.0)
        times.append(latest[log])
    return sorted(range(len(times)), key=times.__getitem__)
