"""Parameters of jails: which the kernel knows (sysctl), and what running jails have (jls)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.parse.base import Parsed, each, lines, records, wrong

PREFIX = "security.jail.param."
DESCRIPTIONS = ("sysctl", "-d", PREFIX[:-1])
TYPES = ("sysctl", PREFIX[:-1])
"""Those of which sysctl shows a value; a node has none (recording 17).

# not recorded: that it lists what is below the node without -a (`sysctl security.jail` does).
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter of the kernel: its name as jail.conf(5) has it, and what sysctl says of it."""

    name: str
    description: str


def known(descriptions: str, types: str) -> Parsed[tuple[Known, ...]]:
    """All parameters, by `sysctl -d` and `sysctl` (recording 17).

    A node that is a parameter too is listed again with a dot at its end (`allow.mount.`).
    """
    rows = each(_described, lines(descriptions))
    shown = {line.partition(":")[0].removeprefix(PREFIX) for line in lines(types)}
    names = [name for name, _ in rows.value]
    above = {name[:index] for name in names for index, sign in enumerate(name) if sign == "."}
    nodes = above.intersection(names)
    nodes |= {name for name in names if "." not in name and name not in shown}
    parameters = [
        Known(name.removesuffix("."), text) for name, text in rows.value if name not in nodes
    ]
    return Parsed(tuple(parameters), rows.unread)


def _described(line: str) -> tuple[str, str] | None:
    name, colon, text = line.partition(":")
    if not colon or not f"{name}.".startswith(PREFIX):
        wrong("sysctl", "no parameter", line)
    return (name.removeprefix(PREFIX), text.strip()) if name.startswith(PREFIX) else None


Values = Mapping[str, str]


def running(text: str) -> Parsed[tuple[Values, ...]]:
    """What `jls --libxo=json` shows of each jail, as text by parameter (recordings 03, 04, 08).

    Yes and no are "true" and "false", a list has commas, whatever kind jls gives them.
    """
    return records(_values, "jls", text, "jail-information", "jail")


def _values(row: Mapping[str, object]) -> Values:
    return {name: _text(value) for name, value in row.items()}


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ",".join(map(str, value))
    return str(value)
