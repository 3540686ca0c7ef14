"""One change as recorded in its journal file, whatever that file holds; pure.

    {"record": "plan", "version": 2, "when": …, "who": …, "pid": …, "title": …, "plan": …}
    {"record": "begun", "when": …, "step": N}
    {"record": "runs", "when": …, "step": N, "processes": [[PID, WHEN, COMMAND, UPTIME], …]}
    {"record": "done" | "failed", "when": …, "step": N, "jid": …, "made": {NAME: GUID}, "ours": …}
    {"record": "undone" | "not undone" | "needless", "when": …, "step": N, …}
    {"record": "outcome", "when": …, "ending": …, "message": …, "left": […]}
    {"record": "reversed" | "renewed" | "closed", "when": …, "by": ID, "how": …}

The last ones are added by later changes: it was undone, that was undone in turn, it was
resumed or dismissed. `jid` is the one that its jail has now; `made` tells the guids of the
datasets that the step made; `ours` lists [UNDO, whether the step made what that undo removes].
Version 1 has no title, processes and jids. Every line also has an `uptime`, in seconds since the
host was booted, which does not change when the clock is set.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import Any

from jailer_core.plan import Action, OutcomeStatus, Plan, Request, decode
from jailer_core.plan.actions import argv_of
from jailer_core.text import sanitize

SUFFIX = ".jsonl"
LEFT = "left as it is"
GONE_ON = "gone on with"


@dataclass(frozen=True, slots=True)
class Process:
    """A process that a step started: `since` in seconds since 1970, `command` as ps shows it.

    `uptime` is how long the host had been up then, None where an older version did not tell.
    """

    pid: int
    since: float
    command: str
    uptime: float | None = None


@dataclass(frozen=True)
class Entry:
    """One change. `ending` is "" while it runs, and when the program or the host died while it ran.

    Steps are told by number: a step that was begun and is neither done nor failed is in doubt.
    `jids` are those seen right after steps. `made` are guids of datasets by name, `ours` tells for
    undos of a step whether the step made what they remove. `spawned` are steps whose
    processes were written down. `running` are the processes of the step that was begun last.
    `ended` is when the last line was written. `uptimes` tells how long the host had been up when
    each step began. `reversed_by` is the change that undid it, `closed` tells what was done about
    one that had been interrupted. `unreadable` counts lines that cannot be read.
    """

    path: str
    when: float
    who: str
    pid: int
    begun: tuple[int, ...] = ()
    done: tuple[int, ...] = ()
    failed: tuple[int, ...] = ()
    undone: tuple[int, ...] = ()
    needless: tuple[int, ...] = ()
    jids: Mapping[int, int | None] = field(default_factory=dict)
    made: Mapping[str, str] = field(default_factory=dict)
    ours: Mapping[int, Mapping[int, bool]] = field(default_factory=dict)
    spawned: tuple[int, ...] = ()
    running: tuple[Process, ...] = ()
    ending: str = ""
    message: str = ""
    taken_back: bool = False
    left: tuple[str, ...] = ()
    ended: float = 0.0
    times: Mapping[int, tuple[float, float]] = field(default_factory=dict)
    uptimes: Mapping[int, float] = field(default_factory=dict)
    reversed_by: str = ""
    closed: str = ""
    unreadable: int = 0
    said: str = ""
    raw: object = field(default=None, repr=False)

    @property
    def id(self) -> str:
        """Its id: the name of its file without the suffix."""
        return self.path.rpartition("/")[2].removesuffix(SUFFIX)

    @cached_property
    def plan(self) -> Plan | None:
        """The plan; None if another version of this program wrote it."""
        try:
            plan = decode(self.raw)
        except (KeyError, TypeError, ValueError):
            return None
        return plan if isinstance(plan, Plan) else None

    @property
    def request(self) -> Request | None:
        """What was asked for."""
        return self.plan.request if self.plan is not None else None

    @property
    def title(self) -> str:
        """What it did, in one sanitized line."""
        if self.said:
            return sanitize(self.said)
        return sanitize(self.plan.title if self.plan is not None else f"unknown ({self.op})")

    @property
    def op(self) -> str:
        """The operation, from the name of the file."""
        return re.sub(r"(-\d+)+$", "", self.id.partition("-")[2])

    @property
    def jail(self) -> str:
        """The jail that it changed, or ""."""
        return self._text("jail")

    @property
    def batch(self) -> str:
        """The id that it shares with changes requested together, or ""."""
        return self._text("batch")

    def _text(self, key: str) -> str:
        value = self.raw.get(key) if isinstance(self.raw, dict) else ""
        return value if isinstance(value, str) else ""

    @property
    def seconds(self) -> float:
        """How long it took, if known."""
        return max(0.0, self.ended - self.when)

    @property
    def state(self) -> str:
        """Its status, in a word or two."""
        if self.reversed_by:
            return "undone"
        if self.closed:
            return "left" if self.closed == LEFT else "gone on"
        if self.ending:
            return self.ending
        return "cut off" if self.interrupted else "nothing"

    @property
    def interrupted(self) -> bool:
        """Whether it started a change, or may have, and has no recorded result."""
        over = self.ending or self.closed or self.reversed_by
        return not over and bool(self.begun or self.unreadable)


@lru_cache(maxsize=32)  # one change is read, checked again under the lock, judged and undone
def parse(path: str, text: str) -> Entry | None:
    """The entry of one file; None if it contains neither a plan nor a started step."""
    records, unreadable = _records(text)
    if not any(record.get("record") in ("plan", "begun") for record in records):
        return None
    first = records[0] if records[0].get("record") == "plan" else {}
    last: dict[str, Any] = next(
        (record for record in reversed(records) if record.get("record") == "outcome"), {}
    )
    after = [
        record for record in records if record.get("record") in ("reversed", "renewed", "closed")
    ]
    raw = first.get("plan")
    title = raw.get("title") if isinstance(raw, dict) else ""
    own = [record for record in records if record not in after]
    return Entry(
        path=path,
        when=_number(first.get("when")),
        who=str(first.get("who", "")),
        pid=int(_number(first.get("pid"))),
        begun=_steps(records, "begun"),
        done=_steps(records, "done"),
        failed=_steps(records, "failed"),
        undone=_steps(records, "undone"),
        needless=_steps(records, "needless"),
        jids={step: _jid(record) for step, record in _by_step(records, "done").items()},
        made=_made(records),
        ours=_ours(records),
        spawned=_steps(records, "runs"),
        running=_running(records),
        ending=str(last.get("ending", "")),
        message=str(last.get("message", "")),
        taken_back=last.get("undone") is True,
        left=tuple(map(str, _list(last.get("left")))),
        ended=_number(own[-1].get("when")),
        times=_times(records),
        uptimes=_uptimes(records),
        unreadable=unreadable,
        raw=raw,
        said=title if isinstance(title, str) else "",
        **_afterwards(after),
    )


def _afterwards(after: list[dict[str, Any]]) -> dict[str, str]:
    by, closed = "", ""
    for row in after:
        match row["record"]:
            case "reversed":
                by = str(row.get("by", "")) or "?"
            case "renewed":
                by = ""
            case _:
                closed = str(row.get("how", "")) or "closed"
    return {"reversed_by": by, "closed": closed}


def _records(text: str) -> tuple[list[dict[str, Any]], int]:
    """All records, and how many lines are none: not that which was still being written."""
    records: list[dict[str, Any]] = []
    unreadable = 0
    *whole, last = text.split("\n")
    for line in (*whole, last):
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            records.append(value)
        elif line.strip() and line is not last:
            unreadable += 1
    return records, unreadable


def _steps(records: list[dict[str, Any]], record: str) -> tuple[int, ...]:
    return tuple(_by_step(records, record))


def _by_step(records: list[dict[str, Any]], record: str) -> dict[int, dict[str, Any]]:
    by_step: dict[int, dict[str, Any]] = {}
    for row in records:
        step = row.get("step")
        if row.get("record") == record and type(step) is int:
            by_step[step] = row
    return by_step


def _times(records: list[dict[str, Any]]) -> dict[int, tuple[float, float]]:
    """When each step began and ended, 0 for what is not known."""
    begun = {
        step: _number(record.get("when")) for step, record in _by_step(records, "begun").items()
    }
    ends = _by_step(records, "failed") | _by_step(records, "done")
    return {
        step: (when, _number(ends[step].get("when")) if step in ends else 0.0)
        for step, when in begun.items()
    }


def _uptimes(records: list[dict[str, Any]]) -> dict[int, float]:
    """How long the host had been up when each step began, where that was written down."""
    begun = _by_step(records, "begun")
    return {step: _number(record["uptime"]) for step, record in begun.items() if "uptime" in record}


def _running(records: list[dict[str, Any]]) -> tuple[Process, ...]:
    """The processes that were told of last, unless the step has ended since."""
    processes: tuple[Process, ...] = ()
    for record in records:
        match record.get("record"):
            case "runs":
                processes = tuple(map(_process, _list(record.get("processes"))))
            case "done" | "failed" | "undone" | "not undone" | "outcome":
                processes = ()
    return processes


def _process(value: object) -> Process:
    given = _list(value)
    row = [*given, *(0, 0, "", None)[len(given) :]]
    uptime = None if row[3] is None else _number(row[3])
    return Process(int(_number(row[0])), _number(row[1]), str(row[2]), uptime)


def _made(records: list[dict[str, Any]]) -> dict[str, str]:
    """The guids that steps learnt; nothing of a value that is none."""
    told = (record.get("made") for record in records)
    return {
        name: guid
        for made in told
        for name, guid in (made.items() if isinstance(made, dict) else ())
        if isinstance(guid, str) and guid.isdecimal()
    }


def _ours(records: list[dict[str, Any]]) -> dict[int, dict[int, bool]]:
    ends = _by_step(records, "failed") | _by_step(records, "done")
    return {
        step: {
            row[0]: row[1]
            for row in _list(record.get("ours"))
            if isinstance(row, list) and [type(value) for value in row] == [int, bool]
        }
        for step, record in ends.items()
    }


def _jid(record: dict[str, Any]) -> int | None:
    value = record.get("jid")
    return value if type(value) is int else None


def _number(value: object) -> float:
    return float(value) if type(value) in (int, float) else 0.0  # type: ignore[arg-type]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def lost_lines(entry: Entry) -> str:
    """How much of its journal is unreadable, or ""."""
    if entry.unreadable > 1:
        return f"{entry.unreadable} lines of its journal cannot be read"
    return "one line of its journal cannot be read" if entry.unreadable else ""


def unknown_plan(entry: Entry) -> str:
    """Why its plan is not known."""
    return lost_lines(entry) or "it was written by another version of this program"


# --- what may become of it -------------------------------------------------------------------


def why_no_undo(entry: Entry) -> str:
    """Why a change cannot be undone, judged from its own file, or ""."""
    if entry.plan is None:
        return unknown_plan(entry)
    if entry.reversed_by:
        return "it has already been undone"
    if entry.closed and entry.closed != LEFT:
        return "it was resumed" if entry.closed == GONE_ON else f"it was {entry.closed}"
    if not entry.begun:
        return "it changed nothing"
    if entry.ending in (OutcomeStatus.FAILED.value, OutcomeStatus.ABORTED.value) and not entry.left:
        return "it has already been undone after its failure"
    return _for_good(entry.plan, entry.begun) if entry.ending == OutcomeStatus.DONE.value else ""


def _for_good(plan: Plan, begun: tuple[int, ...]) -> str:
    """Why nothing of a change that was done can be undone, or ""."""
    steps = [plan.steps[index] for index in begun if index < len(plan.steps)]
    lasting = [step for step in steps if step.irreversible_because]
    lost = [step for step in lasting if not step.undo and _loses(step.action)]
    if not lost and any(step.undo for step in steps):
        return ""
    reasons = [step.irreversible_because for step in (*lost, *lasting)]
    why = reasons[0] if reasons else "it changed nothing permanent"
    return f"it cannot be undone: {sanitize(why)}"


def _loses(action: Action) -> bool:
    """Whether what the change was about cannot come back, whatever else of it can be undone."""
    return argv_of(action)[:2] == ("zfs", "rollback") or bool(destroyed(action))


def destroyed(action: Action) -> str:
    """The dataset or pool that it destroys with what it held, "" where it does something else."""
    argv = argv_of(action)
    destroys = argv[:2] in (("zfs", "destroy"), ("zpool", "destroy"))
    return argv[-1] if destroys and "@" not in argv[-1] else ""
