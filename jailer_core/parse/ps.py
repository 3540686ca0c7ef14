"""`ps --libxo=json`: processes, and what the jails use together."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.model import Process
from jailer_core.parse.base import decimal, records, string, whole

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


def usage(text: str) -> dict[int, Usage]:
    """Totals by jid of `ps -ax -o jid,pcpu,rss`; a jail without processes is not in it."""
    totals: dict[int, list[float]] = {}
    for one in records("ps", text, "process-information", "process"):
        total = totals.setdefault(whole("ps", one.get("jail-id")), [0.0, 0, 0])
        total[0] += decimal("ps", one.get("percent-cpu"))
        total[1] += whole("ps", one.get("rss"))
        total[2] += 1
    return {
        jid: Usage(round(cpu, 1), int(rss) * 1024, int(count))
        for jid, (cpu, rss, count) in totals.items()
    }


def ages(text: str) -> dict[int, int]:
    """Seconds since the oldest process of each jail began, by jid, of `ps -ax -o jid,etimes`."""
    oldest: dict[int, int] = {}
    for one in records("ps", text, "process-information", "process"):
        jid, age = whole("ps", one.get("jail-id")), whole("ps", one.get("elapsed-times"))
        oldest[jid] = max(age, oldest.get(jid, 0))
    return oldest


def processes(text: str) -> tuple[Process, ...]:
    """Every process of `ps -o COLUMNS`, in the order of ps; columns not asked for are empty."""
    return tuple(
        Process(
            pid=whole("ps", one.get("pid")),
            parent=whole("ps", one.get("ppid", 0)),
            jid=whole("ps", one.get("jail-id", 0)),
            cpu=decimal("ps", one.get("percent-cpu", 0)),
            memory=whole("ps", one.get("rss", 0)) * 1024,
            state=string("ps", one.get("state", "")),
            age=whole("ps", one.get("elapsed-times", 0)),
            user=string("ps", one.get("user", "")),
            command=string("ps", one.get("command", "")),
        )
        for one in records("ps", text, "process-information", "process")
    )
