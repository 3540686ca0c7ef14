"""`devfs rule`: rule sets, which decide what of /dev a jail sees."""

from __future__ import annotations

from jailer_core.parse.base import Parsed, each, lines, whole, wrong


def sets(text: str) -> Parsed[tuple[int, ...]]:
    """`devfs rule showsets` (recording 04 line 16)."""
    return each(lambda line: whole("devfs", line), lines(text))


def rules(text: str) -> Parsed[tuple[tuple[int, str], ...]]:
    """`devfs rule -s N show`: number and rule; nothing for a set without rules, which hides
    nothing at all (docs/freebsd-facts.md, Starting and stopping).
    """  # noqa: D205 - one sentence
    return each(_rule, lines(text))


def _rule(line: str) -> tuple[int, str]:
    number, space, rule = line.partition(" ")
    if not space:
        wrong("devfs", "no rule", line)
    return whole("devfs", number), rule
