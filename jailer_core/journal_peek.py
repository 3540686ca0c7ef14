"""A cheap check of the journals for a change without an end.

For what starts: neither operations nor plans are imported for it. What it says is only a word;
execution/interrupted.py looks properly.
"""

from __future__ import annotations

import json

from jailer_core.errors import HostError
from jailer_core.host import Host
from jailer_core.model import Layout

VAR = Layout().state
SUFFIX = ".jsonl"
AFTERWARDS = ("undo", "go-on")
"""Operations that deal with an older change: that one may still have no end."""


async def names(host: Host, layout: Layout) -> tuple[str, ...]:
    """Paths of all journals, the newest first."""
    names: list[str] = []
    for place in dict.fromkeys((f"{VAR}/journal", f"{layout.state}/journal")):
        try:
            listed = await host.listdir(place)
        except HostError:
            continue
        names += [f"{place}/{name}" for name in listed if name.endswith(SUFFIX)]
    return tuple(sorted(names, key=order, reverse=True))


def order(path: str) -> tuple[int, str]:
    """Sort by the number at the end of the name: the time may come from a wrong clock."""
    stem = path.rpartition("/")[2].removesuffix(SUFFIX)
    number = stem.rpartition("-")[2]
    return int(number) if number.isascii() and number.isdecimal() else 0, stem


async def interrupted_names(host: Host, layout: Layout) -> str:
    """The title of a change that was interrupted, or "". Never raises HostError.

    One that is under way has no end yet either: read again once nothing is being changed.
    """
    try:
        if not await _without_end(host, layout) or await host.changing():
            return ""
        return await _without_end(host, layout)
    except HostError:
        return ""


async def _without_end(host: Host, layout: Layout) -> str:
    for path in await names(host, layout):
        title, op = _unfinished(await host.read(path))
        if title or op not in AFTERWARDS:
            return title
    return ""


def _unfinished(text: str) -> tuple[str, str]:
    """The title of a change without an end ("" when it has one), and its operation.

    A line that cannot be read may have told of a step, unless it was being written at the end.
    """
    records: list[dict[str, object]] = []
    begun = False
    *_, last = lines = text.split("\n")
    for line in lines:
        record = _record(line)
        if record is None:
            begun = begun or bool(line.strip() and line is not last)
            continue
        records.append(record)
        begun = begun or record.get("record") == "begun"
        if record.get("record") in ("outcome", "reversed", "closed"):
            begun = False
    plan = records[0].get("plan") if records else None
    plan = plan if isinstance(plan, dict) else {}
    request = plan.get("request")
    kind = str(request.get("kind", "")) if isinstance(request, dict) else ""
    op = {"UndoChange": "undo", "GoOn": "go-on"}.get(kind, "")
    return (str(plan.get("title", "")) or "unknown" if begun else ""), op


def _record(line: str) -> dict[str, object] | None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None
