"""The journal: what was planned, what was begun, what was done; one file of JSON lines a plan.

    STATE/journal/WHEN-OP-PID-N.jsonl     directories 0700, files 0600, root only

    {"record": "plan", "version": 1, "when": …, "who": …, "pid": …, "plan": …}
    {"record": "begun" | "done" | "failed" | "undone" | "not undone", "when": …, "step": N, …}
    {"record": "outcome", "when": …, "ending": …, "message": …, "left": […]}

Every line is on disk before what it tells of goes on. A file that was cut in the middle of a
line (power gone) is read up to that line.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jailer_core.errors import HostError, JournalError
from jailer_core.host import Host
from jailer_core.model import Layout
from jailer_core.plan import Outcome, Plan, decode, encode

VERSION = 1
VAR = "/var/db/jailer-tui"
"""Where journals are before the set-up; old ones are still read there afterwards."""

FOLDERS = ("journal", "kept", "running", "revert")


def who() -> str:
    """The user behind root: who called doas or sudo, else the login."""
    names = ("DOAS_USER", "SUDO_USER", "LOGNAME", "USER")
    return next((os.environ[name] for name in names if os.environ.get(name)), "root")


class Journal:
    """The journal of one plan, being written."""

    def __init__(self, host: Host, path: str) -> None:
        self.host = host
        self.path = path

    @classmethod
    async def begin(cls, host: Host, state: str, plan: Plan, name: str = "") -> Journal:
        """Make our directories where missing and write the plan down.

        Raises JournalError: then nothing may be changed.
        """
        try:
            await make_folders(host, state)
            journal = cls(host, await _free_path(host, state, plan))
            await journal.write(
                "plan", version=VERSION, who=name or who(), pid=os.getpid(), plan=encode(plan)
            )
        except HostError as error:
            raise JournalError(
                f"the plan could not be written down, so nothing was changed: {error.message}",
                f"Look at {state}: it needs a little room, and root.",
            ) from error
        return journal

    async def write(self, record: str, **values: Any) -> None:
        """Add one line and see it on disk. Raises HostError."""
        line = {"record": record, "when": round(self.host.clock(), 3), **values}
        await self.host.append(self.path, json.dumps(line) + "\n", mode=0o600)

    async def end(self, outcome: Outcome) -> None:
        """Write down how the plan ended. Raises HostError."""
        await self.write(
            "outcome",
            ending=outcome.ending.value,
            message=outcome.message,
            undone=outcome.undone,
            left=list(outcome.left),
        )


async def make_folders(host: Host, state: str) -> None:
    """Make our directory and those in it, for root only. Raises HostError."""
    wanted = [state, *(f"{state}/{folder}" for folder in FOLDERS)]
    there = await host.stat(wanted)
    for path in wanted:
        if path not in there:
            await host.mkdir(path, 0o700)


async def _free_path(host: Host, state: str, plan: Plan) -> str:
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(host.clock()))
    start = f"{state}/journal/{when}-{plan.request.op}-{os.getpid()}"
    there = await host.listdir(f"{state}/journal")
    number = 1
    while f"{start}-{number}.jsonl".rpartition("/")[2] in there:
        number += 1
    return f"{start}-{number}.jsonl"


# --- reading ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """One plan as the journal tells of it.

    `plan` is None when it was written by another version. `ending` is "" while it runs, or when
    the program or the host died in the middle: then `begun` without `done` is in doubt.
    """

    path: str
    when: float
    who: str
    pid: int
    plan: Plan | None
    begun: tuple[int, ...]
    done: tuple[int, ...]
    failed: tuple[int, ...]
    undone: tuple[int, ...]
    ending: str
    message: str
    left: tuple[str, ...]


def parse(path: str, text: str) -> Entry | None:
    """The entry of one file, or None when not even its first line is whole."""
    records = _records(text)
    if not records or records[0].get("record") != "plan":
        return None
    first = records[0]

    def steps(record: str) -> tuple[int, ...]:
        found = [one.get("step") for one in records if one.get("record") == record]
        return tuple(one for one in found if isinstance(one, int))

    last: dict[str, Any] = next(
        (one for one in reversed(records) if one.get("record") == "outcome"), {}
    )
    return Entry(
        path=path,
        when=float(first.get("when", 0.0)),
        who=str(first.get("who", "")),
        pid=int(first.get("pid", 0)),
        plan=_plan(first.get("plan")),
        begun=steps("begun"),
        done=steps("done"),
        failed=steps("failed"),
        undone=steps("undone"),
        ending=str(last.get("ending", "")),
        message=str(last.get("message", "")),
        left=tuple(map(str, last.get("left", ()))),
    )


def _records(text: str) -> Sequence[dict[str, Any]]:
    records: list[dict[str, Any]] = []
    for line in text.split("\n"):
        try:
            value = json.loads(line)
        except ValueError:
            continue
        if isinstance(value, dict):
            records.append(value)
    return records


def _plan(value: object) -> Plan | None:
    try:
        plan = decode(value)
    except (KeyError, TypeError, ValueError):
        return None
    return plan if isinstance(plan, Plan) else None


async def entries(host: Host, layout: Layout) -> tuple[Entry, ...]:
    """All plans that were ever written down, oldest first; what cannot be read is left out."""
    found: list[Entry] = []
    for state in dict.fromkeys((VAR, layout.state)):
        for name in await host.listdir(f"{state}/journal"):
            path = f"{state}/journal/{name}"
            try:
                entry = parse(path, await host.read(path))
            except HostError:
                continue
            if entry is not None:
                found.append(entry)
    return tuple(sorted(found, key=lambda entry: (entry.when, entry.path)))
