"""Facts that only some requests need.

Facts that only some requests need: snapshots, holders, own properties, texts of files.

Clients connected to jails that are to be stopped: read for a preview, never on refresh.

`sockstat -j JID` for each: it looks into a jail with its own network only when it is given the
jail (13). So that the number of commands has a limit, it is not read for more than a few jails.

Changes since a snapshot: `zfs diff`, read line by line and ended at a limit.

Details of one jail, read only when it is opened and never on the refresh path.

All of this raises HostError, and ParseError where a command prints what cannot be read.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from jailer_core.errors import FileFailed, HostError, ParseError
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import TIMEOUT, Asking, Probe, side_by_side
from jailer_core.host import Host, Result, optional
from jailer_core.model import (
    CommandResult,
    FileStamp,
    Jail,
    OpenFile,
    Problem,
    Process,
    Property,
    Snapshot,
)
from jailer_core.needs import PARSE_JAIL_CONF, Needs
from jailer_core.parse import process_tables, zfs, zfsdiff
from jailer_core.parse.zfsdiff import Change
from jailer_core.text import decoded, sanitize

if TYPE_CHECKING:
    from jailer_core.model.trees import ThreeTrees, TreesQuestion


SNAPSHOTS = ("zfs", "list", "-Hp", "-o", ",".join(zfs.SNAPSHOTS), "-t", "snapshot")
PROCESSES = ("ps", "-ax", "-o", process_tables.COLUMNS, "--libxo=json")
ASK_TIMEOUT = 60.0
"""Seconds: a mirror may be far away, an archive may be large."""
OWN = ("zfs", "get", "-Hp", "-o", ",".join(zfs.PROPERTIES), "mountpoint,canmount")
"""No choice of sources: see zfs.own_properties."""


class OnDemandFacts:
    """The answers for one request: None for what it did not ask for or what could not be read."""

    def __init__(self) -> None:
        self.snapshots: tuple[Snapshot, ...] | None = None
        self.holders: tuple[OpenFile, ...] | None = None
        self.processes: tuple[Process, ...] | None = None
        self.properties: tuple[Property, ...] | None = None
        self.kept: dict[str, str] = {}
        self.stamps: dict[str, FileStamp] = {}
        self.answers: dict[tuple[str, ...], CommandResult] = {}
        self.problems: list[Problem] = []
        self.incomplete: set[str] = set()
        self.trees: dict[TreesQuestion, ThreeTrees] = {}

    async def read(self, host: Host, needs: Needs, snapshots: Probe[tuple[Snapshot, ...]]) -> None:
        """Ask for all that is needed, side by side."""
        jobs: list[Callable[[], object]] = []
        if needs.snapshots:
            jobs.append(partial(self._keep, "snapshots", host, snapshots))
        if needs.holders:
            jobs.append(partial(self._holders, host, needs.holders))
        if needs.properties:
            probe = Probe("zfs get", (*OWN, *needs.properties), zfs.own_properties)
            jobs.append(partial(self._keep, "properties", host, probe))
        jobs += [partial(self.file, host, path) for path in needs.files]
        jobs += [partial(self._inside, host, root, path) for root, path in needs.files_in_jails]
        if needs.paths:
            jobs.append(partial(self._paths, host, needs.paths))
        jobs += [partial(self._answer, host, argv) for argv in needs.commands]
        jobs += [partial(self._answer, host, PARSE_JAIL_CONF, text) for text in needs.jail_confs]
        jobs += [partial(self._trees, host, question) for question in needs.trees]
        await side_by_side(jobs)  # type: ignore[arg-type]

    async def ask(self, host: Host, asks: tuple[tuple[str, ...], ...]) -> None:
        """Run read-only commands for their output."""
        await side_by_side([partial(self._answer, host, argv) for argv in asks])

    async def _keep(self, part: str, host: Host, probe: Probe[Any]) -> None:
        """Ask, and keep the answer as that attribute."""
        setattr(self, part, await probe.ask(host))
        if probe.problem is not None:
            self.problems.append(probe.problem)
        if probe.incomplete:
            self.incomplete.add(part)

    async def _holders(self, host: Host, paths: tuple[str, ...]) -> None:
        """`fstat -f` of the paths; jids come from ps, which fstat does not tell."""
        await self._keep("processes", host, Probe("ps", PROCESSES, process_tables.processes))
        jids = {process.pid: process.jid for process in self.processes or ()}
        stamps = await stamps_of(host, list(paths))
        if stamps:
            probe = Probe("fstat", ("fstat", "-f", *stamps), process_tables.holders)
            await self._keep("holders", host, probe)
        else:  # nothing can hold what does not exist
            self.holders = ()
        if self.holders:
            self.holders = tuple(replace(file, jid=jids.get(file.pid)) for file in self.holders)

    async def file(self, host: Host, path: str) -> None:
        """Keep a text. A file that does not exist is simply not kept."""
        try:
            if await host.stat([path]):
                self.kept[path] = await host.read(path)
        except (FileFailed, HostError) as error:
            self.problems.append(Problem(path, sanitize(error.message)))

    async def _inside(self, host: Host, root: str, path: str) -> None:
        """A file of a jail; what cannot be read there is not kept."""
        try:
            self.kept[path] = await host.read(path, beneath=root, limit=65536)
        except HostError as error:
            if await host.stat([path]):
                self.problems.append(Problem(path, sanitize(error.message)))

    async def _trees(self, host: Host, question: TreesQuestion) -> None:
        """What cannot be read is unknown, and reported as a problem."""
        from jailer_core.facts import three_trees  # noqa: PLC0415 - hardly ever needed

        try:
            self.trees[question] = await three_trees.read(host, question)
        except (HostError, ParseError) as error:
            self.problems.append(Problem(question.jail, sanitize(error.message)))

    async def _paths(self, host: Host, paths: tuple[str, ...]) -> None:
        self.stamps = await stamps_of(host, list(paths))

    async def _answer(self, host: Host, argv: tuple[str, ...], stdin: str | None = None) -> None:
        """A command that cannot be run has no answer, and a problem."""
        try:
            result = await optional.try_run(host, argv) if stdin is None else None
            if result is None:
                result = await host.run(argv, stdin=stdin, timeout=ASK_TIMEOUT)
        except HostError as error:
            self.problems.append(Problem(argv[0], sanitize(error.message), error.hint))
        else:
            key = argv if stdin is None else (*argv, stdin)
            self.answers[key] = CommandResult(result.status, result.stdout, result.stderr)


class Look(Asking):
    """An examination for one request: what commands left is kept among its answers."""

    def __init__(self, host: Host, extras: OnDemandFacts) -> None:
        super().__init__(host, extras.problems)
        self.extras = extras

    async def run(self, *argv: str) -> Result | None:
        """See Asking."""
        result = await super().run(*argv)
        if result is not None:
            self.extras.answers[argv] = CommandResult(result.status, result.stdout, result.stderr)
        return result


MOST = 4
"""Of more jails than that it is not read."""
CLIENTS_TIMEOUT = 3.0
"""Seconds: a preview does not wait longer for it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """Connections to ports that a jail listens on, by port; None where it could not be read."""

    jail: str
    ports: Mapping[int, int] | None = field(default_factory=dict)


async def clients(host: Host, jails: Sequence[Jail]) -> tuple[Clients, ...]:
    """The clients of each running jail; () if there are too many jails."""
    running = [jail for jail in jails if jail.running and jail.jid]
    if len(running) > MOST:
        return ()
    return tuple(await asyncio.gather(*(_of(host, jail) for jail in running)))


async def _of(host: Host, jail: Jail) -> Clients:
    argv = ("sockstat", "-j", str(jail.jid), "-4", "-6")
    try:
        result = await host.run((*argv, "--libxo=json"), timeout=CLIENTS_TIMEOUT)
        if result.ok:
            sockets = process_tables.tcp_sockets(result.stdout)
        else:
            result = await host.run(argv, timeout=CLIENTS_TIMEOUT)  # before 15 it knows no libxo
            sockets = process_tables.tcp_table(result.stdout)
    except (HostError, ParseError):
        return Clients(jail.name, None)
    if not result.ok or sockets.unread:
        return Clients(jail.name, None)
    listening = {socket.port for socket in sockets.value if not socket.peer}
    ports = Counter(socket.port for socket in sockets.value if socket.peer)
    return Clients(jail.name, {port: ports[port] for port in sorted(ports) if port in listening})


DIFF_TIMEOUT = 3600.0
LIMIT = 20000
"""More lines than anybody reads."""


async def diff(
    host: Host, dataset: str, snapshot: str, other: str = "", limit: int = LIMIT
) -> AsyncGenerator[Change, None]:
    """Changes of a dataset since its snapshot, up to another (later) one or until now.

    Close the generator to end the command; it ends on its own after `limit` changes. Raises
    CommandFailed and other HostErrors; at the end ParseError when lines could not be read.
    """
    argv = (*zfsdiff.COMMAND, f"{dataset}@{snapshot}", *((f"{dataset}@{other}",) if other else ()))
    lines: asyncio.Queue[str | None] = asyncio.Queue()

    room = limit

    def heard(line: str, error: bool) -> None:
        nonlocal room
        if not error and line and room:  # zfs may print faster than they are taken
            room -= 1
            lines.put_nowait(line)

    task = asyncio.create_task(host.stream([argv], heard, timeout=DIFF_TIMEOUT))
    task.add_done_callback(lambda _task: lines.put_nowait(None))
    try:
        seen, unread = 0, ""
        while seen < limit and (line := await lines.get()) is not None:
            if line:
                seen += 1
                try:
                    change = zfsdiff.change(line)
                except ParseError as error:
                    unread = unread or error.message
                    continue
                yield change
        if seen < limit:
            (await task).output()
        if unread:
            raise ParseError(unread)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def all_processes(host: Host) -> tuple[Process, ...]:
    """Processes of the host and of all jails."""
    return process_tables.processes((await host.run(PROCESSES, timeout=TIMEOUT)).output()).value


async def processes(host: Host, jail: Jail) -> tuple[Process, ...]:
    """Processes of a jail, none when it does not run.

    By jid: ps takes a name with a space or comma for a list of jails.
    """
    if jail.jid is None:
        return ()
    argv = ("ps", "-J", str(jail.jid), "-o", process_tables.COLUMNS, "--libxo=json")
    result = await host.run(argv, timeout=TIMEOUT)
    if result.status == 1 and not result.stderr.strip():
        return ()  # not recorded: ps says so when nothing is to be listed
    return process_tables.processes(result.output()).value


async def snapshots(host: Host, dataset: str) -> tuple[Snapshot, ...]:
    """Snapshots of a dataset and those below it."""
    result = await host.run((*SNAPSHOTS, "-r", dataset), timeout=TIMEOUT)
    return zfs.snapshots(result.output()).value


async def note(host: Host, jail: Jail) -> str:
    """The note of a jail, "" for none."""
    from jailer_core.operations.shared.dataset_copies import NOTE  # noqa: PLC0415 - when asked
    from jailer_core.operations.snapshots.dataset_properties import value_ask  # noqa: PLC0415

    if not jail.dataset:
        return ""
    result = await host.run(value_ask(jail.dataset, NOTE), timeout=TIMEOUT)
    text = result.output().removesuffix("\n")
    return "" if text == "-" else text


async def log(host: Host, jail: Jail, size: int = 65536) -> str:
    """The end of its console log, "" when it has none configured."""
    path = jail.config.first("exec.consolelog") if jail.config is not None else ""
    return await end_of(host, path, size) if path else ""


async def end_of(host: Host, path: str, size: int) -> str:
    """The last lines of a console log."""
    from jailer_core.logs import folder_of  # noqa: PLC0415 - with the first log

    window = await host.window(path, -size, size, beneath=folder_of(path))
    data = window.data if window.offset == 0 else window.data.partition(b"\n")[2]
    return decoded(data)


async def config_text(host: Host, jail: Jail) -> str:
    """The file that its block is in, "" when it has none."""
    return await host.read(jail.config.source) if jail.config is not None else ""
