"""`zpool status` as text: the JSON form needs OpenZFS 2.3."""

from __future__ import annotations

import re
from collections.abc import Iterator

from jailer_core.model.pool_status import Device, PoolStatus
from jailer_core.parse.base import Parsed, lines, parsed

_BEGINS = re.compile(r"^(?= *pool: )", re.MULTILINE)
_FIELD = re.compile(
    r" *(pool|state|status|action|see|scan|config|errors|remove|checkpoint): ?(.*)\Z"
)
_PROGRESS = re.compile(r"(\d+(?:\.\d+)?)% done")


def status(text: str) -> Parsed[tuple[PoolStatus, ...]]:
    """Every pool (recording 14). Raises ParseError when there is text, but no pool in it."""
    pools = tuple(_pool(lines(block)) for block in _BEGINS.split(text)[1:])
    rest = [] if pools or not text.strip() or "no pools available" in text else [text.strip()[:60]]
    return parsed(pools, rest, anything=bool(pools))


def _pool(rows: list[str]) -> PoolStatus:
    parts: dict[str, list[str]] = {}
    current = ""
    for row in rows:
        field = _FIELD.match(row) if not row.startswith("\t") else None
        if field is not None:
            current = field[1]
            parts.setdefault(current, []).append(field[2])
        elif current:
            parts[current].append(row)

    def words(name: str) -> str:
        return " ".join(" ".join(parts.get(name, [])).split())

    scan = words("scan")
    progress = _PROGRESS.search(scan)
    return PoolStatus(
        words("pool"),
        words("state"),
        words("status"),
        words("action"),
        scan,
        float(progress[1]) if progress else None,
        tuple(_devices(parts.get("config", []))),
        words("errors"),
    )


def _devices(rows: list[str]) -> Iterator[Device]:
    """The rows below the heading: indented by two more for each level."""
    for row in rows:
        text = row.lstrip("\t")
        words = text.split()
        if not words or words[0] == "NAME":
            continue
        depth = (len(text) - len(text.lstrip(" "))) // 2
        # a name alone starts a group: logs, cache, spares
        state = words[1] if len(words) > 1 else ""
        yield Device(words[0], depth, state, tuple(words[2:5]), " ".join(words[5:]))
