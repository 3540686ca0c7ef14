"""`cpuset`: on which CPUs a jail may run."""

from __future__ import annotations

import re

from jailer_core.parse.base import lines, wrong

_MASK = re.compile(r"jail \d+ mask: (\d+(?:, \d+)*)")


def mask(text: str) -> tuple[int, ...]:
    """`cpuset -g -j JAIL`: `jail 76 mask: 0, 1` (recording 17). Raises ParseError."""
    match = next(filter(None, map(_MASK.fullmatch, lines(text))), None)
    if match is None:
        wrong("cpuset", "no mask", text.strip())
    return tuple(sorted(int(word) for word in match[1].split(", ")))


def ranges(cpus: tuple[int, ...]) -> str:
    """(0, 1, 2, 5) -> 0-2,5: as `cpuset -l` takes it."""
    parts: list[list[int]] = []
    for cpu in sorted(cpus):
        if parts and cpu == parts[-1][-1] + 1:
            parts[-1].append(cpu)
        else:
            parts.append([cpu])
    return ",".join(str(part[0]) if len(part) == 1 else f"{part[0]}-{part[-1]}" for part in parts)
