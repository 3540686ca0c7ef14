"""Write the journal of one plan.

Read earlier changes, newest first, and only as many as are needed.

The journal: what was planned, begun and done; one file of JSON lines for each plan.

    STATE/journal/WHEN-OP-N.jsonl     directories 0700, files 0600, root only

Every line is on disk before the step that it announces runs; the processes of a command are
recorded right after they started. A file that ends anywhere (power
failure) is read as far as it goes.
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jailer_core.errors import HostError, JournalError
from jailer_core.host import Host, StartedProcess
from jailer_core.journal_peek import names, order
from jailer_core.model import Layout
from jailer_core.operations.shared.paths import VAR
from jailer_core.operations.undo import entry as record
from jailer_core.operations.undo.entry import SUFFIX, Entry, Process
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.plan import Outcome, Plan, encode

VERSION = 2
FOLDERS = ("journal", "kept", "running", "revert")


def who() -> str:
    """The real user: the caller of doas or sudo, else the login."""
    names = ("DOAS_USER", "SUDO_USER", "LOGNAME", "USER")
    return next((os.environ[name] for name in names if os.environ.get(name)), "root")


class Journal:
    """The journal of one plan; `id` is what it is called afterwards."""

    def __init__(self, host: Host, path: str) -> None:
        self.host = host
        self.path = path

    @property
    def id(self) -> str:
        """The name of its file, without the ending."""
        return self.path.rpartition("/")[2].removesuffix(SUFFIX)

    @classmethod
    async def begin(
        cls,
        host: Host,
        state: str,
        plan: Plan,
        name: str = "",
        earlier: Sequence[tuple[str, Mapping[str, Any]]] = (),
    ) -> Journal:
        """Make our directories where missing and write the plan down, and what was done earlier.

        Raises JournalError: then nothing may be changed.
        """
        try:
            await make_folders(host, state)
            journal = cls(host, await _free_path(host, state, plan))
            first = {"version": VERSION, "who": name or who(), "pid": os.getpid()}
            lines = [_line(host, "plan", {**first, "plan": encode(plan)})]
            lines += [_line(host, record, values) for record, values in earlier]
            text = "".join(f"{line}\n" for line in lines)
            await host.append(journal.path, text, mode=0o600)
        except HostError as error:
            raise JournalError(
                f"the plan could not be recorded, so nothing was changed: {error.message}",
                f"Check {state}: it needs free space, and root must be able to write there.",
            ) from error
        return journal

    async def write(self, record: str, **values: Any) -> None:
        """Append one line and sync it. Raises HostError."""
        await add(self.host, self.path, record, **values)

    async def runs(self, step: int, processes: tuple[StartedProcess, ...]) -> None:
        """Record which processes run a step. Raises HostError."""
        rows = [
            [process.pid, round(process.when, 3), process.command, round(process.uptime, 3)]
            for process in processes
        ]
        await self.write("runs", step=step, processes=rows)

    async def end(self, outcome: Outcome) -> None:
        """Record the result of the plan. Raises HostError."""
        await self.write(
            "outcome",
            ending=outcome.status.value,
            message=outcome.message,
            undone=outcome.undone,
            left=list(outcome.leftovers),
        )


async def add(host: Host, path: str, record: str, **values: Any) -> None:
    """Add a line to a journal, whose last line may have been cut. Raises HostError.

    It begins with a line feed: what was cut (no room left, no power) must not swallow it.
    """
    await host.append(path, f"\n{_line(host, record, values)}\n", mode=0o600)


def _line(host: Host, record: str, values: Mapping[str, Any]) -> str:
    """The wall clock may be set at any time; `uptime` is what durations are measured with."""
    moment = {"when": round(host.clock(), 3), "uptime": round(host.uptime(), 3)}
    return json.dumps({"record": record, **moment, **values})


async def make_folders(host: Host, state: str) -> None:
    """Make our directory and those in it, for root only. Raises HostError."""
    folders = [state, *(f"{state}/{folder}" for folder in FOLDERS)]
    stamps = await host.stat(folders)
    for path in folders:
        if path not in stamps:
            await host.mkdir(path, 0o700)


async def _free_path(host: Host, state: str, plan: Plan) -> str:
    """WHEN-OP-N: the number tells the order of all changes in both places, the time does not."""
    when = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(host.clock()))
    listed = [*await host.listdir(f"{state}/journal")]
    if state != VAR:
        with contextlib.suppress(HostError):
            listed += await host.listdir(f"{VAR}/journal")
    number = 1 + max((order(name)[0] for name in listed), default=0)
    return f"{state}/journal/{when}-{plan.request.op}-{number}{SUFFIX}"


AFTERWARDS = (UndoChange, Resume)


async def read_path(host: Host, path: str) -> Entry | None:
    """The entry of one file; None if it cannot be read."""
    try:
        return record.parse(path, await host.read(path))
    except HostError:
        return None


async def entries(host: Host, layout: Layout) -> tuple[Entry, ...]:
    """All plans that were ever written down, oldest first; what cannot be read is left out."""
    entries = [await read_path(host, path) for path in await names(host, layout)]
    whole = [entry for entry in entries if entry is not None]
    return tuple(sorted(whole, key=lambda entry: order(entry.id)))


async def entry(host: Host, layout: Layout, entry_id: str) -> Entry | None:
    """The entry with that id."""
    for path in await names(host, layout):
        if path.endswith(f"/{entry_id}{SUFFIX}"):
            return await read_path(host, path)
    return None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Changes without a recorded end, the newest first; never empty.

    There are several when undoing or resuming one was interrupted too.
    """

    entries: tuple[Entry, ...]

    @property
    def target(self) -> Entry:
        """The change to undo or resume; an undo is redone from its own entry."""
        candidates = (entry for entry in self.entries if not isinstance(entry.request, UndoChange))
        return next(candidates, self.entries[0])

    @property
    def running(self) -> tuple[Process, ...]:
        """Processes that were started and may still run."""
        return tuple(process for entry in self.entries for process in entry.running)


async def find_interrupted(host: Host, layout: Layout) -> Interrupted | None:
    """The changes without an end. They may still run: hold the lock, or see aftermath.look.

    Only what undoes or resumes an older change is allowed while there is one, so as soon
    as anything else has an end, all before it have. Raises HostError: what cannot be read may
    have begun something.
    """
    entries: list[Entry] = []
    for path in await names(host, layout):
        entry = record.parse(path, await host.read(path))
        if entry is None:
            continue  # not even its plan was written down: nothing was begun
        if entry.interrupted:
            entries.append(entry)
        if not isinstance(entry.request, AFTERWARDS):
            break
    return Interrupted(tuple(entries)) if entries else None
