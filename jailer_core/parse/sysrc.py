"""`sysrc`: rc.conf through the eyes of rc itself (slow: never on the refresh path)."""

from __future__ import annotations

import re

from jailer_core.parse.base import lines, wrong


def variables(text: str) -> dict[str, str]:
    """`sysrc -ae` and `sysrc -e NAMES…`: `name="value"` lines (recording 08 line 26)."""
    found = {}
    for line in lines(text):
        parts = re.fullmatch(r'(\w+)="(.*)"', line, re.ASCII)
        if parts is None:
            wrong("sysrc", "no setting", line)
        found[parts[1]] = parts[2]
    return found


def changes(text: str) -> dict[str, tuple[str, str]]:
    """`sysrc NAME=VALUE…`: `name: old -> new` lines (recording 02 line 9)."""
    found = {}
    for line in lines(text):
        parts = re.fullmatch(r"([^:]+): (.*) -> (.*)", line)
        if parts is None:
            wrong("sysrc", "no change", line)
        found[parts[1]] = (parts[2], parts[3])
    return found
