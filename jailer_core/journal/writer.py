"""Write the journal of one plan."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping, Sequence
from typing import Any

from jailer_core.errors import HostError, JournalError
from jailer_core.host import Host, StartedProcess
from jailer_core.journal_peek import order
from jailer_core.operations.shared.paths import VAR
from jailer_core.operations.undo.entry import SUFFIX
from jailer_core.plan import Outcome, Plan, encode

VERSION = 2
FOLDERS = ("journal", "kept", "running", "revert")


def who() -> str:
    """The real user: who called doas or sudo, else the login."""
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
        """Add one line and see it on disk. Raises HostError."""
        await add(self.host, self.path, record, **values)

    async def runs(self, step: int, processes: tuple[StartedProcess, ...]) -> None:
        """Tell which processes carry out a step. Raises HostError."""
        rows = [
            [process.pid, round(process.when, 3), process.command, round(process.uptime, 3)]
            for process in processes
        ]
        await self.write("runs", step=step, processes=rows)

    async def end(self, outcome: Outcome) -> None:
        """Write down how the plan ended. Raises HostError."""
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
