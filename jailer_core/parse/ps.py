"""`ps --libxo=json`: processes, and what the jails use together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from jailer_core.model import Process
from jailer_core.parse.base import Parsed, decimal, records, string, whole

T = TypeVar("T")

COLUMNS = "jid,pid,ppid,pcpu,rss,vsz,state,etimes,user,command"
"""For single processes (recording 04 line 37)."""
TOTALS = "jid,pcpu,rss"
"""For totals of all jails at once (recording 08 line 21)."""
AGES = "jid,etimes"


@dataclass(frozen=True, slots=True)
class Usage:
    """What the processes of one jail use together: percent of one core, resident bytes."""

    cpu: float
    memory: int
    processes: int


def usage(text: str) -> Parsed[dict[int, Usage]]:
    """Totals by jid of `ps -ax -o jid,pcpu,rss`; a jail without processes is not in it."""
    return _rows(_use, text).map(_totals)


def _use(row: dict[str, Any]) -> tuple[int, float, int]:
    cpu, memory = decimal("ps", row.get("percent-cpu")), whole("ps", row.get("rss"))
    return whole("ps", row.get("jail-id")), cpu, memory


def _totals(rows: tuple[tuple[int, float, int], ...]) -> dict[int, Usage]:
    totals: dict[int, list[float]] = {}
    for jid, cpu, memory in rows:
        total = totals.setdefault(jid, [0.0, 0, 0])
        total[0] += cpu
        total[1] += memory
        total[2] += 1
    return {
        jid: Usage(round(cpu, 1), int(memory) * 1024, int(count))
        for jid, (cpu, memory, count) in totals.items()
    }


def ages(text: str) -> Parsed[dict[int, int]]:
    """Seconds since the oldest process of each jail began, by jid, of `ps -ax -o jid,etimes`."""
    # a later one of the same jid counts in a dict: the oldest comes last
    return _rows(_age, text).map(lambda rows: dict(sorted(rows)))


def _age(row: dict[str, Any]) -> tuple[int, int]:
    return whole("ps", row.get("jail-id")), whole("ps", row.get("elapsed-times"))


def processes(text: str) -> Parsed[tuple[Process, ...]]:
    """Every process of `ps -o COLUMNS`, in the order of ps; columns that are missing are empty."""
    return _rows(_process, text)


def _process(row: dict[str, Any]) -> Process:
    return Process(
        pid=whole("ps", row.get("pid")),
        parent=whole("ps", row.get("ppid", 0)),
        jid=whole("ps", row.get("jail-id", 0)),
        cpu=decimal("ps", row.get("percent-cpu", 0)),
        memory=whole("ps", row.get("rss", 0)) * 1024,
        state=string("ps", row.get("state", "")),
        age=whole("ps", row.get("elapsed-times", 0)),
        user=string("ps", row.get("user", "")),
        command=string("ps", row.get("command", "")),
    )


def _rows(read: Callable[[dict[str, Any]], T], text: str) -> Parsed[tuple[T, ...]]:
    return records(read, "ps", text, "process-information", "process")
