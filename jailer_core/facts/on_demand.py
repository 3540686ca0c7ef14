"""Facts that only some requests need: snapshots, holders, own properties, texts of files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from jailer_core.errors import FileFailed, HostError, ParseError
from jailer_core.facts.config_texts import stamps_of
from jailer_core.facts.probes import Asking, Probe, side_by_side
from jailer_core.host import Host, Result, libzfs
from jailer_core.model import (
    CommandResult,
    FileStamp,
    OpenFile,
    Problem,
    Process,
    Property,
    Snapshot,
)
from jailer_core.needs import PARSE_JAIL_CONF, Needs
from jailer_core.parse import fstat, ps, zfs
from jailer_core.text import sanitize

if TYPE_CHECKING:
    from jailer_core.model.trees import ThreeTrees, TreesQuestion

SNAPSHOTS = ("zfs", "list", "-Hp", "-o", ",".join(zfs.SNAPSHOTS), "-t", "snapshot")
PROCESSES = ("ps", "-ax", "-o", ps.COLUMNS, "--libxo=json")
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
        """Only commands that look, for their answers."""
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
        await self._keep("processes", host, Probe("ps", PROCESSES, ps.processes))
        jids = {process.pid: process.jid for process in self.processes or ()}
        stamps = await stamps_of(host, list(paths))
        if stamps:
            probe = Probe("fstat", ("fstat", "-f", *stamps), fstat.holders)
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
            result = await libzfs.try_run(host, argv) if stdin is None else None
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
