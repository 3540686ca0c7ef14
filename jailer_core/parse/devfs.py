"""`devfs rule`: rule sets, which decide what of /dev a jail sees."""

from __future__ import annotations

from jailer_core.parse.base import lines, whole, wrong


def sets(text: str) -> tuple[int, ...]:
    """`devfs rule showsets` (recording 04 line 16)."""
    return tuple(whole("devfs", line) for line in lines(text))


def rules(text: str) -> tuple[tuple[int, str], ...]:
    """`devfs rule -s N show`: number and rule; nothing for a set without rules, which hides
    nothing at all (freebsd.md, Starting and stopping).
    """  # noqa: D205 - one sentence
    found = []
    for line in lines(text):
        number, space, rule = line.partition(" ")
        if not space:
            wrong("devfs", "no rule", line)
        found.append((whole("devfs", number), rule))
    return tuple(found)
