"""`service`: which start at boot, and what rc says about one of them."""

from __future__ import annotations

import re

from jailer_core.parse.base import Parsed, below, each, lines, wrong

_JAIL = re.compile(r"^ (?P<name>\S+) +.*$")


def enabled(text: str) -> Parsed[tuple[str, ...]]:
    """`service -e`: scripts in the order in which they start (recording 01 line 43)."""
    return each(_script, lines(text))


def _script(line: str) -> str:
    return line if line.startswith("/") else wrong("service", "no path", line)


def rcvar(text: str) -> Parsed[dict[str, str]]:
    """`service NAME rcvar`: the variable and its value (recording 01 line 41)."""
    parsed = each(_variable, lines(text)).map(dict)
    if not parsed.value:
        wrong("service", "no variable", text)
    return parsed


def _variable(line: str) -> tuple[str, str] | None:
    if not line.strip() or line.startswith("#"):
        return None
    parts = re.fullmatch(r'(\w+)="(.*)"', line, re.ASCII)
    if parts is None:
        wrong("service", "no variable", line)
    return parts[1], parts[2]


def jails(text: str) -> Parsed[tuple[str, ...]]:
    """`service jail status`: names of the running jails (recording 03 line 17)."""
    return each(_jail, below("service", " JID ", text))


def _jail(line: str) -> str:
    parts = _JAIL.match(line)
    if parts is None:
        wrong("service", "no jail", line)
    return parts["name"]
