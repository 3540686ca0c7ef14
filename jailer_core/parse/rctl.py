"""`rctl`: what a jail uses of each resource, and its limits (only where racct is on)."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.parse.base import Parsed, each, lines, whole, wrong


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
    """What a jail as a whole is allowed; rules for each of its processes (`/process`) are not."""
    of_jail = [(rule, rule.amount.removesuffix("/jail")) for rule in rules]
    return tuple(
        amount
        for rule, amount in of_jail
        if (rule.resource, rule.action) == (resource, action) and "/" not in amount
    )


def listed(status: int, stdout: str, stderr: str) -> tuple[Limit, ...] | None:
    """All rules of `rctl [FILTER]`, None when it could not tell. Raises ParseError.

    For an ordinary user it complains, prints nothing, and ends with 0 (recording 07).
    """
    return None if status != 0 or stderr.strip() else limits(stdout).entire()
