"""`sysrc`: rc.conf as rc itself evaluates it (slow: never on the refresh path)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jailer_core.parse.base import Parsed, each, lines, matched

_BEGINS = re.compile(r'^(?=[A-Za-z_]\w*=")', re.MULTILINE | re.ASCII)

_SETTING = re.compile(r'(\w+)="(.*)"\Z', re.ASCII | re.DOTALL)


def variables(text: str) -> Parsed[dict[str, str]]:
    """`sysrc -ae` and `sysrc -e NAMES…`: `name="value"` (recordings 08 line 26 and 15 line 24).

    Values are printed raw, with the quotes and line feeds that are in them: one begins at the
    begin of a line and ends at the last quote before the next one.
    """
    return each(_setting, _pieces(text)).map(dict)


def _pieces(text: str) -> Iterator[str]:
    """The settings, and the lines around them that belong to none."""
    for piece in filter(None, _BEGINS.split(text)):
        rows = lines(piece)
        last = max((index for index, row in enumerate(rows) if row.endswith('"')), default=-1)
        if last >= 0 and _BEGINS.match(piece):
            yield "\n".join(rows[: last + 1])
            rows = rows[last + 1 :]
        yield from rows


def _setting(piece: str) -> tuple[str, str]:
    parts = matched(_SETTING, piece, "sysrc", "no setting")
    return parts[1], parts[2]
