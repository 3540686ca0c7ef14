"""A simulated host on which tests run requests."""

from __future__ import annotations

import asyncio

from jailer_core import journal, journal_peek
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.undo.entry import Entry
from jailer_core.plan import Event, Outcome, Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.plancases import PLANS as ROOT, Case


class Bench:
    """A simulated host, `small` unless said otherwise, and requests to it."""

    def __init__(self, user: str = "root", scenario: str = "small") -> None:
        case = Case(ROOT / "x" / "x.json", {"scenario": scenario})
        self.machine = case.machine()
        self.host = SimulatedHost(self.machine, user=user)
        self.reader = Reader(self.host)
        self.abort = asyncio.Event()
        self.events: list[Event] = []

    def run_now(self, *argv: str) -> None:
        assert self.machine.now_run(argv).status == 0, argv

    def write(self, path: str, text: str) -> None:
        self.machine.files.write(path, text.encode())

    def text(self, path: str) -> str:
        return self.machine.files.read(path).decode()

    def running(self) -> set[str]:
        return {one.name for one in self.machine.state.jails.values() if not one.dying}

    def journal(self) -> list[str]:
        """The ids of all changes, the oldest first."""
        folders = ("/var/db/jailer-tui/journal", "/usr/local/jails/.jailer-tui/journal")
        files = self.machine.files
        names = [
            name for folder in folders if files.is_dir(folder) for name in files.listdir(folder)
        ]
        return [name.removesuffix(".jsonl") for name in sorted(names)]

    def hook(self, lines: str, name: str = "hook") -> None:
        """A jail on a clone, as in recording 12."""
        self.run_now("zfs", "clone", "zroot/jails/image/15.1-RELEASE@base", f"zroot/jails/{name}")
        self.write(
            f"/etc/jail.conf.d/{name}.conf",
            f'{name} {{ path = "/usr/local/jails/{name}"; ip4 = inherit; persist;\n'
            f'  exec.consolelog = "/var/log/jail/{name}.log";\n{lines}\n}}\n',
        )

    async def carry_out(self, plan: Plan) -> Outcome:
        return await execute(self.reader, plan, self.events.append, self.abort, pause=0)

    async def do(self, request: Request) -> Outcome:
        return await self.carry_out(await prepare(self.reader, request))


STAMP = "20261124T120000"

OPPOSITES = ("create", "clone", "destroy", "fetch", "snap", "goback", "goforward", "rebase")
"""Their undo is an operation of its own: test_undo.py has their steps."""


class There:
    """A host, and requests to it, each by a program of its own."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    async def do(self, request: Request) -> tuple[Plan, Outcome]:
        reader = Reader(SimulatedHost(self.machine))
        plan = await prepare(reader, request)
        done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
        assert done.ok, done
        return plan, done

    async def last(self) -> Entry:
        host = SimulatedHost(self.machine)
        layout = (await Reader(host).gather(quick=True)).layout
        entry = await journal.read_path(host, (await journal_peek.names(host, layout))[0])
        assert entry is not None
        return entry
