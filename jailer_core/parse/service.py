"""`service`: which start at boot, and what rc says about one of them."""

from __future__ import annotations

import re

from jailer_core.parse.base import lines, wrong

_JAIL = re.compile(r"^ (?P<name>\S+) +.*$")


def enabled(text: str) -> tuple[str, ...]:
    """`service -e`: scripts in the order in which they start (recording 01 line 43)."""
    found = tuple(lines(text))
    for line in found:
        if not line.startswith("/"):
            wrong("service", "no path", line)
    return found


def rcvar(text: str) -> dict[str, str]:
    """`service NAME rcvar`: the variable and its value (recording 01 line 41)."""
    found = dict(re.findall(r'^(\w+)="(.*)"$', text, re.MULTILINE))
    if not found:
        wrong("service", "no variable", text)
    return found


def jails(text: str) -> tuple[str, ...]:
    """`service jail status`: names of the running jails (recording 03 line 17)."""
    rows = lines(text)
    if not rows or not rows[0].startswith(" JID "):
        wrong("service", "no heading")
    found = []
    for row in rows[1:]:
        parts = _JAIL.match(row)
        if parts is None:
            wrong("service", "no jail", row)
        found.append(parts["name"])
    return tuple(found)
