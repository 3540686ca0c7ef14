"""The session of a command on a host: the host, its reader, the terminal, signals."""

from __future__ import annotations

import asyncio
import importlib
import os
import shlex
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from jailer_core import journal_peek
from jailer_core.errors import Refused
from jailer_core.facts import Reader
from jailer_core.host import Host, optional
from jailer_core.model import Inventory, Problem
from jailer_core.needs import Needs
from jailer_core.request import Request
from jailer_tui import host_selection
from jailer_tui.cli import fleet
from jailer_tui.cli.commands import PROGRAM, Command, Flags
from jailer_tui.cli.interrupts import Interrupts
from jailer_tui.cli.parser import Invocation
from jailer_tui.cli.terminal import Terminal, table

if TYPE_CHECKING:
    from jailer_core.host.ssh.definitions import HostEntry

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Session:
    """One command at work on one host. `say` prints progress: not where JSON is expected.

    `entry` is the host that --host named; `answers` gathers the results of several.
    """

    host: Host
    reader: Reader
    flags: Flags
    terminal: Terminal
    interrupts: Interrupts
    command: Command
    entry: HostEntry | None = None
    answers: fleet.Answers | None = None

    @property
    def request(self) -> type[Request]:
        """The request class that the command is derived from."""
        assert self.command.request is not None  # noqa: S101 - such commands have one
        return self.command.request

    def say(self, line: str) -> None:
        """Print a line of progress."""
        if self.flags.on("silent"):
            return
        (self.terminal.err if self.flags.json else self.terminal.out)(line)

    def json(self, value: Any) -> None:
        """A result for a program."""
        if self.answers is not None:
            self.answers.values[self.name] = value
        else:
            self.terminal.json(value)

    def show(self, value: Any, text: str) -> int:
        """A result as JSON or as lines that are safe to print. The exit status."""
        if self.flags.json:
            self.json(value)
        else:
            self.terminal.out(text)
        return 0

    def table(self, header: fleet.Row, rows: Iterable[fleet.Row], *, script: bool = False) -> None:
        """Print a table, one for all hosts. For scripts: cells separated by tabs, no heading."""
        listed = tuple(rows)
        if self.answers is not None:
            self.answers.tables.setdefault((header, script), {})[self.name] = listed
        elif not script:
            self.terminal.out(table([header, *listed]))
        elif listed:
            self.terminal.out("\n".join("\t".join(row) for row in listed))

    def listing(
        self,
        header: fleet.Row,
        things: Sequence[T],
        row: Callable[[T], fleet.Row],
        as_json: Callable[[T], Any],
        *,
        none: str = "",
    ) -> int:
        """Print items as JSON or as a table; `none` is printed if there are none."""
        if self.flags.json:
            self.json(list(map(as_json, things)))
        elif things or not none:
            self.table(header, map(row, things))
        else:
            self.terminal.out(none)
        return 0

    def may_change(self) -> None:
        """Raises Refused if nothing may be changed, before any question is asked."""
        if self.flags.dry_run:
            return
        if self.entry is not None and self.entry.read_only:
            raise Refused(f"{self.name} is marked read-only", "Its settings say so.")
        if self.flags.read_only:
            raise Refused("--read-only is set: nothing can be changed", "Omit --read-only.")
        if self.as_root:
            return
        if optional.executor_of(self.host) is not None:
            raise Refused(
                "only root may change jails, and the login there is another user",
                "Set become in its settings, or log in as root.",
            )
        raise Refused("only root may change jails", _as_root())

    @property
    def name(self) -> str:
        """The name by which the host was named."""
        return self.entry.name if self.entry is not None else ""

    @property
    def as_root(self) -> bool:
        """Whether commands on the host run as root."""
        return self.host.simulated or getattr(self.host, "uid", os.geteuid()) == 0

    def warn(self, problems: Iterable[Problem]) -> int:
        """Say what could not be read. The exit status: a list without it is no failure."""
        for problem in problems:
            self.terminal.fail(f"{problem.source}: {problem.message}", problem.hint)
        return 0

    async def warn_cut_off(self, inventory: Inventory) -> None:
        """Warn of an interrupted change."""
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
        """The inventory. Raises Refused if not even the jails can be read."""
        return self._with_jails(await self.reader.gather(needs, quick=quick))

    async def listed(self) -> Inventory:
        """The inventory for `list -j`. Raises Refused if not even the jails can be read."""
        return self._with_jails(await self.reader.listed())

    @staticmethod
    def _with_jails(inventory: Inventory) -> Inventory:
        unread = next((problem for problem in inventory.problems if problem.source == "jls"), None)
        if unread is not None and not inventory.jails:
            raise Refused(f"{unread.source}: {unread.message}", unread.hint)
        return inventory


Run = Callable[[Session, tuple[str, ...]], Awaitable[int]]


async def run(name: str, invocation: Invocation, terminal: Terminal) -> int:
    """Run the function `module:function` of this package on the requested host."""
    module, _, function = name.partition(":")
    command: Run = getattr(importlib.import_module(f"{__package__}.{module}"), function)
    interrupts = Interrupts(terminal.err)
    flags, called = invocation.flags, invocation.command
    assert called is not None  # noqa: S101 - the screen has none

    async def work(
        entry: HostEntry | None, host: Host, told: Terminal, answers: fleet.Answers | None = None
    ) -> int:
        session = Session(host, Reader(host), flags, told, interrupts, called, entry, answers)
        return await command(session, await _with_names(session, invocation.operands))

    with interrupts.heard():
        try:
            if flags.hosts:
                return await _on_hosts(work, flags, called, terminal)
            choice = host_selection.Choice(flags.demo, flags.state)
            host = host_selection.open_host(choice)
            try:
                return await work(None, host, terminal)
            finally:
                if called.changes and not flags.dry_run:
                    host_selection.keep(host, choice)
                await host.close()
        except asyncio.CancelledError:
            terminal.fail("interrupted: nothing more was started")
            return 1


async def _on_hosts(
    work: Callable[..., Awaitable[int]], flags: Flags, called: Command, terminal: Terminal
) -> int:
    """On the hosts that were named. With one name everything is as on this machine."""
    chosen = host_selection.chosen(flags.hosts)
    if not chosen.several:
        host = await host_selection.open_entry(chosen.entries[0])
        try:
            return await work(chosen.entries[0], host, terminal)
        finally:
            await host.close()
    answers = fleet.Answers()
    order = fleet.Order.LIVE if flags.on("follow") else fleet.Order.AT_ONCE
    order = fleet.Order.IN_TURN if called.changes else order
    with_answers = partial(work, answers=answers)
    status = await fleet.run(chosen.entries, terminal, answers, with_answers, order=order)
    names = [entry.name for entry in chosen.entries]
    answers.show(terminal, names, as_json=flags.json)
    return status


async def _with_names(session: Session, operands: tuple[str, ...]) -> tuple[str, ...]:
    """The operands with names in place of tags, where the command takes several jails."""
    if not any("@" in word for word in operands):
        return operands
    from jailer_tui.cli import tagged  # noqa: PLC0415 - only with a tag

    request = session.command.request
    if request is None or not tagged.has_tags(request, operands):
        return operands
    inventory = await session.inventory()
    return tagged.expanded(inventory, request, operands, session.terminal.fail)


def _as_root() -> str:
    program = next((word for word in ("doas", "sudo") if shutil.which(word)), "")
    words = [program, PROGRAM, *sys.argv[1:]] if program else []
    return f"Run it again as root: {shlex.join(words)}" if words else "Run it again as root."
