"""Settings of running jails: rctl, cpuset, parameters, and the rules of devfs.

`rctl`: what a jail uses of each resource, and its limits (only where racct is on).

`cpuset`: on which CPUs a jail may run.

Parameters of jails: which the kernel knows (sysctl), and what running jails have (jls).

`devfs rule`: rule sets, which decide what of /dev a jail sees.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.parse.base import Parsed, each, lines, records, whole, wrong


@dataclass(frozen=True, slots=True)
class Limit:
    """One rule: `jail:web01:memoryuse:deny=536870912`; the amount may end in a unit (-h)."""

    subject: str
    resource: str
    action: str
    amount: str


def usage(text: str) -> Parsed[dict[str, int]]:
    """`rctl -u jail:NAME` (recording 03 line 22). All zeros for a jail that does not exist."""
    return each(_use, lines(text)).map(dict)


def _use(line: str) -> tuple[str, int]:
    resource, equals, amount = line.partition("=")
    if not equals or not resource.isalpha():
        wrong("rctl", "no amount", line)
    return resource, whole("rctl", amount)


def limits(text: str) -> Parsed[tuple[Limit, ...]]:
    """`rctl jail:NAME` (recording 03 line 26).

    Without rules `rctl` prints nothing (recording 01); # not recorded for `rctl jail:NAME`.
    """
    return each(_limit, lines(text))


def _limit(line: str) -> Limit:
    # from the right: a jail's name may hold anything but a dot
    head, equals, amount = line.rpartition("=")
    parts = head.rsplit(":", 2)
    if not equals or len(parts) != 3:
        wrong("rctl", "no rule", line)
    return Limit(parts[0], parts[1], parts[2], amount)


def amounts(rules: tuple[Limit, ...], resource: str, action: str) -> tuple[str, ...]:
    """The limits of a jail as a whole, without rules per process (`/process`)."""
    of_jail = [(rule, rule.amount.removesuffix("/jail")) for rule in rules]
    return tuple(
        amount
        for rule, amount in of_jail
        if (rule.resource, rule.action) == (resource, action) and "/" not in amount
    )


def listed_amounts(status: int, stdout: str, stderr: str) -> tuple[Limit, ...] | None:
    """All rules of `rctl [FILTER]`, None when it could not tell. Raises ParseError.

    For an ordinary user it complains, prints nothing, and ends with 0 (recording 07).
    """
    return None if status != 0 or stderr.strip() else limits(stdout).entire()


_MASK = re.compile(r"jail \d+ mask: (\d+(?:, \d+)*)")


def cpu_mask(text: str) -> tuple[int, ...]:
    """`cpuset -g -j JAIL`: `jail 76 mask: 0, 1` (recording 17). Raises ParseError."""
    match = next(filter(None, map(_MASK.fullmatch, lines(text))), None)
    if match is None:
        wrong("cpuset", "no mask", text.strip())
    return tuple(sorted(int(word) for word in match[1].split(", ")))


def cpu_ranges(cpus: tuple[int, ...]) -> str:
    """(0, 1, 2, 5) -> 0-2,5: as `cpuset -l` takes it."""
    parts: list[list[int]] = []
    for cpu in sorted(cpus):
        if parts and cpu == parts[-1][-1] + 1:
            parts[-1].append(cpu)
        else:
            parts.append([cpu])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)


PREFIX = "security.jail.param."
DESCRIPTIONS = ("sysctl", "-d", PREFIX[:-1])
TYPES = ("sysctl", PREFIX[:-1])
"""Those of which sysctl shows a value; a node has none (recording 17).

# not recorded: that it lists what is below the node without -a (`sysctl security.jail` does).
"""


@dataclass(frozen=True, slots=True)
class Known:
    """A parameter of the kernel: its name as in jail.conf(5), and its description from sysctl."""

    name: str
    description: str


def known_parameters(descriptions: str, types: str) -> Parsed[tuple[Known, ...]]:
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


def running_parameters(text: str) -> Parsed[tuple[Values, ...]]:
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


def rulesets(text: str) -> Parsed[tuple[int, ...]]:
    """`devfs rule showsets` (recording 04 line 16)."""
    return each(lambda line: whole("devfs", line), lines(text))


def ruleset_rules(text: str) -> Parsed[tuple[tuple[int, str], ...]]:
    """`devfs rule -s N show`: number and rule; nothing for a set without rules, which hides
    nothing at all (docs/freebsd-facts.md, Starting and stopping).
    """  # noqa: D205 - one sentence
    return each(_rule, lines(text))


def _rule(line: str) -> tuple[int, str]:
    number, space, rule = line.partition(" ")
    if not space:
        wrong("devfs", "no rule", line)
    return whole("devfs", number), rule
