"""Safety net for a command in a jail: a snapshot before, a health check after."""

from __future__ import annotations

import asyncio

from jailer_core.errors import HostError, JailerError
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.jails.health import HEALTH
from jailer_core.operations.snapshots.dataset_properties import value_ask
from jailer_core.operations.snapshots.requests import Rollback, SnapshotTake
from jailer_core.plan import Request
from jailer_core.text import sanitize

CHECK_TIMEOUT = 120.0


class SafetyNet:
    """Snapshots before a command in jails, and the way back. `stamp` makes their names unique."""

    def __init__(self, reader: Reader, stamp: str) -> None:
        self._reader = reader
        self._stamp = stamp

    @property
    def snapshot(self) -> str:
        """The name of each snapshot, without its dataset."""
        return f"before-pkg-{self._stamp}"

    async def before(self, name: str) -> str:
        """Take the snapshot. Returns why that failed, or ""."""
        return await self._change(SnapshotTake(name, self.snapshot))

    async def check(self, name: str) -> str:
        """Run the jail's health command, if any. Returns why it failed, or ""."""
        try:
            inventory = await self._reader.gather(quick=True)
            jail, host = inventory.jail(name), self._reader.host
            if jail is None or not jail.dataset:
                return ""
            asked = await host.run(value_ask(jail.dataset, HEALTH))
            command = asked.stdout.strip() if asked.ok else "-"
            if command in ("", "-"):
                return ""
            if jail.jid is None or not jail.running:
                return "the jail does not run"
            argv = ("jexec", "-l", str(jail.jid), "/bin/sh", "-c", command)
            result = await host.run(argv, timeout=CHECK_TIMEOUT)
        except HostError as error:
            return sanitize(error.message)
        return "" if result.ok else f"exit status {result.status}"

    async def roll_back(self, name: str) -> str:
        """Roll back to the snapshot. Returns why that failed, or ""."""
        return await self._change(Rollback(name, self.snapshot, self._stamp))

    async def _change(self, request: Request) -> str:
        """A change like any other, with the lock and the journal. Why it failed, or ""."""
        try:
            plan = await prepare(self._reader, request)
            outcome = await execute(self._reader, plan, lambda _event: None, asyncio.Event())
        except JailerError as error:
            return sanitize(error.message)
        return "" if outcome.ok else sanitize(outcome.message or outcome.status.value)
