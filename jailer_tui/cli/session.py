"""What every command that looks at a host has: the host, its reader, the terminal, signals."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jailer_core import journal_peek
from jailer_core.errors import Refused
from jailer_core.facts import Reader
from jailer_core.host import Host
from jailer_core.model import Inventory, Problem
from jailer_core.plan import Needs, Request
from jailer_tui import host_selection
from jailer_tui.cli.commands import PROGRAM, Command, Flags
from jailer_tui.cli.interrupts import Interrupts
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Session:
    """One command at work. `say` prints progress: not where JSON is expected."""

    host: Host
    reader: Reader
    flags: Flags
    terminal: Terminal
    interrupts: Interrupts
    command: Command

    @property
    def request(self) -> type[Request]:
        """The operation that the command is derived from."""
        assert self.command.request is not None  # noqa: S101 - such commands have one
        return self.command.request

    def say(self, line: str) -> None:
        """A line of progress."""
        if self.flags.on("silent"):
            return
        (self.terminal.err if self.flags.json else self.terminal.out)(line)

    def json(self, value: Any) -> None:
        """A result for a program: ASCII only, so nothing in it can act on a terminal."""
        self.terminal.out(json.dumps(value, indent=2))

    def may_change(self) -> None:
        """Raises Refused when nothing may be changed, before anybody is asked anything."""
        if self.flags.dry_run:
            return
        if self.flags.read_only:
            raise Refused("--read-only is set: nothing can be changed", "Omit --read-only.")
        if not self.host.simulated and os.geteuid() != 0:
            raise Refused("only root may change jails", _as_root())

    def warn(self, problems: Iterable[Problem]) -> None:
        """Say what could not be read."""
        for problem in problems:
            self.terminal.fail(f"{problem.source}: {problem.message}", problem.hint)

    async def warn_cut_off(self, inventory: Inventory) -> None:
        """Say that an earlier change has no end, when one has not."""
        title = await journal_peek.interrupted_names(self.host, inventory.layout)
        if title:
            self.terminal.fail(
                f"an earlier change was interrupted: {title}", "To resolve it: activity recover"
            )

    async def inventory(
        self,
        *,
        quick: bool = False,
        needs: Needs = Needs(),  # noqa: B008 - frozen
    ) -> Inventory:
        """What is there. Raises Refused when not even the jails can be read."""
        return self._with_jails(await self.reader.gather(needs, quick=quick))

    async def listed(self) -> Inventory:
        """What `list -j` tells. Raises Refused when not even the jails can be read."""
        return self._with_jails(await self.reader.listed())

    @staticmethod
    def _with_jails(found: Inventory) -> Inventory:
        unread = next((problem for problem in found.problems if problem.source == "jls"), None)
        if unread is not None and not found.jails:
            raise Refused(f"{unread.source}: {unread.message}", unread.hint)
        return found


Run = Callable[[Session, tuple[str, ...]], Awaitable[int]]


async def run(name: str, invocation: Invocation, terminal: Terminal) -> int:
    """Carry out the function `module:function` of this package on the host that is asked for."""
    module, _, function = name.partition(":")
    command: Run = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    flags = invocation.flags
    choice = host_selection.Choice(flags.demo, flags.state)
    host = host_selection.open_host(choice)
    interrupts = Interrupts(terminal.err)
    assert invocation.command is not None  # noqa: S101 - the screen has none
    session = Session(host, Reader(host), flags, terminal, interrupts, invocation.command)
    with interrupts.heard():
        try:
            operands = await _with_names(session, invocation.operands)
            return await command(session, operands)
        except asyncio.CancelledError:
            terminal.fail("interrupted: nothing more was started")
            return 1
        finally:
            if invocation.command is not None and invocation.command.changes and not flags.dry_run:
                host_selection.keep(host, choice)
            await host.close()


async def _with_names(session: Session, operands: tuple[str, ...]) -> tuple[str, ...]:
    """The operands with names in place of tags, where the command takes several jails."""
    if not any("@" in word for word in operands):
        return operands
    from jailer_tui.cli import tagged  # noqa: PLC0415 - only with a tag

    request = session.command.request
    if request is None or not tagged.has_tags(request, operands):
        return operands
    return tagged.expanded(await session.inventory(), request, operands)


def _as_root() -> str:
    program = next((one for one in ("doas", "sudo") if shutil.which(one)), "")
    words = [program, PROGRAM, *sys.argv[1:]] if program else []
    return f"Run it again as root: {shlex.join(words)}" if words else "Run it again as root."
