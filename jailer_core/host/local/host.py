"""The SSH connection through which this program was started.

sshd(8) says so in the environment. doas, sudo and `su -` drop that; the shell before them, a
parent of this program, still has it: procstat(1) shows the environment of a process to root.
Not recorded: only `SSH_CONNECTION=…` is looked for in what it prints.

The `Host` protocol on this machine.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from jailer_core import ssh_client
from jailer_core.errors import HostError, OutputTooLong, ParseError
from jailer_core.host import (
    DEFAULT_TIMEOUT,
    FILE_LIMIT,
    NAMES_LIMIT,
    OUTPUT_LIMIT,
    FilePart,
    Hear,
    JailEvent,
    Line,
    Pty,
    Result,
    Take,
)
from jailer_core.host.local import files, lock, trees
from jailer_core.host.local.kernel_events import Watch
from jailer_core.host.local.pipes import Lines, Pieces, Whole
from jailer_core.host.local.processes import Pipeline, Running
from jailer_core.host.local.spawn import Spawner
from jailer_core.model import FileStamp
from jailer_core.model.trees import Attributes, Roots, TreeEntry
from jailer_core.parse import process_tables
from jailer_core.ssh_client import VARIABLE, Connection

if TYPE_CHECKING:
    from jailer_core.host.local.pty import LocalPty
    from jailer_core.host.optional import Library


TIMEOUT = 5.0
PARENTS = ("ps", "-ax", "-o", "pid,ppid")
"""With its headings: FreeBSD's ps takes all after a `=` for the heading, commas too."""
ENVIRONMENTS = ("procstat", "-e")
_FOUND = re.compile(rf"\b{VARIABLE}=(\S+ \d+ \S+ \d+)(?!\d)")


def connected(environ: Mapping[str, str]) -> Connection | None:
    """The SSH connection of the current user; None on a local console, or if unknown."""
    if environ.get(VARIABLE) or not sys.platform.startswith("freebsd") or not _remote():
        return ssh_client.of(environ, local=True)
    ancestors = parents(_said(PARENTS), os.getpid())
    environments = (
        in_environments(_said((*ENVIRONMENTS, *map(str, ancestors)))) if ancestors else ""
    )
    return ssh_client.of({**environ, VARIABLE: environments}, local=True)


def _remote() -> bool:
    """Not on the machine's own console, whose terminals are called ttyv0 and so on.

    Without a terminal (`ssh host doas jailer-tui ...`) one may well have come over a network.
    """
    try:
        return os.ttyname(0).startswith("/dev/pts/")
    except OSError:
        return True


def parents(text: str, pid: int) -> list[int]:
    """The processes above one, the nearest first, without init."""
    above: dict[int, int] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 2 and all(word.isdigit() for word in words):
            above[int(words[0])] = int(words[1])
    ancestors: list[int] = []
    while (pid := above.get(pid, 0)) > 1 and pid not in ancestors:
        ancestors.append(pid)
    return ancestors


def in_environments(text: str) -> str:
    """The connection named in the environment of these processes, or ""."""
    match = _FOUND.search(text)
    return match[1] if match else ""


def _said(argv: tuple[str, ...]) -> str:
    """What a command prints, however it ends: some of the processes may be gone."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace")


ERRORS_LIMIT = 512 * 1024
"""Bytes that a command which is asked something may print on standard error."""
LINES_KEPT = 512 * 1024
"""Bytes that are kept of each output of a command whose lines are handed over."""


class LocalHost:
    """This machine; `lock_path` is the lock file for changes."""

    simulated = False

    def __init__(self, lock_path: str = lock.PATH) -> None:
        self.name = os.uname().nodename
        self._lock_path = lock_path
        self._running: Running[Pipeline] = Running()
        self._spawner = Spawner()
        self._terminals: set[LocalPty] = set()
        self._roots = Roots()
        self._told: frozenset[str] = frozenset()

    @cached_property
    def zfs(self) -> Library:
        """A library that can replace zfs commands; searched for when first needed."""
        from jailer_core.host.local.lzc import LibZfsCore  # noqa: PLC0415

        return LibZfsCore(self)

    @cached_property
    def connection(self) -> Connection | None:
        """See Host. Determined when first needed."""
        return connected(os.environ)

    # --- commands ----------------------------------------------------------------------------

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        argv = tuple(argv)
        pipeline = Pipeline((argv,), self._running, self._spawner)
        stdout, stderr = Whole(limit, pipeline.kill), Whole(min(limit, ERRORS_LIMIT), pipeline.kill)
        status, seconds = await pipeline.run(stdout, stderr, stdin=stdin, timeout=timeout)
        if stdout.exceeded or stderr.exceeded:
            raise OutputTooLong(argv, (stdout if stdout.exceeded else stderr).limit)
        return Result(argv, status, stdout.take(), stderr.take(), seconds)

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        parts = [tuple(argv) for argv in commands]
        pipeline = Pipeline(parts, self._running, self._spawner, started)
        stdout = Lines(lambda text: line(text, False), LINES_KEPT)  # noqa: FBT003
        stderr = Lines(lambda text: line(text, True), LINES_KEPT)  # noqa: FBT003
        status, seconds = await pipeline.run(stdout, stderr, stdin=stdin, timeout=timeout)
        cut = stdout.cut or stderr.cut
        return Result(parts[-1], status, stdout.take(), stderr.take(), seconds, cut=cut)

    async def attend(
        self,
        argv: Sequence[str],
        take: Take,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Result:
        argv = tuple(argv)
        pipeline = Pipeline((argv,), self._running, self._spawner)
        stdout = Pieces(lambda data: take(data, False))  # noqa: FBT003
        stderr = Pieces(lambda data: take(data, True))  # noqa: FBT003
        status, seconds = await pipeline.run(stdout, stderr, stdin=None, timeout=timeout)
        return Result(argv, status, "", "", seconds)

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        from jailer_core.host.local.pty import LocalPty  # noqa: PLC0415 - with the first console

        return await LocalPty.open(argv, size, term, self._terminals)

    # --- files -------------------------------------------------------------------------------

    def learn_roots(self, roots: Iterable[str]) -> None:
        """See Host. A root that the host itself reaches through a link counts by both names."""
        told = frozenset(roots)
        if told != self._told:
            self._told = told
            self._roots.learn(told)
            top = [root for root in self._roots.paths if not self._roots.outermost(root)]
            self._roots.learn([*told, *map(os.path.realpath, top)])

    async def read(self, path: str, *, beneath: str = "", limit: int = FILE_LIMIT) -> str:
        beneath = self._roots.outermost(path, beneath)
        return await asyncio.to_thread(files.read, path, beneath, limit)

    async def window(self, path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        beneath = self._roots.outermost(path, beneath)
        return await asyncio.to_thread(files.window, path, beneath, offset, size)

    async def write(  # noqa: PLR0913 - what a file is made of
        self,
        path: str,
        text: str,
        *,
        mode: int | None = None,
        owner: tuple[int, int] | None = None,
        beneath: str = "",
        new: bool = False,
    ) -> None:
        beneath = self._roots.outermost(path, beneath)
        await asyncio.to_thread(files.write, path, text, mode, owner, beneath, new)

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        await asyncio.to_thread(files.append, path, text, mode)

    async def remove(self, path: str) -> None:
        await asyncio.to_thread(files.remove, path, self._roots.outermost(path))

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        await asyncio.to_thread(files.mkdir, path, mode, self._roots.outermost(path))

    async def rmdir(self, path: str) -> None:
        await asyncio.to_thread(files.rmdir, path, self._roots.outermost(path))

    async def listdir(
        self, path: str, *, beneath: str = "", limit: int = NAMES_LIMIT
    ) -> tuple[str, ...]:
        beneath = self._roots.outermost(path, beneath)
        return await asyncio.to_thread(files.listdir, path, beneath, limit)

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        return await asyncio.to_thread(files.stamps, paths)

    async def tree_entries(self, root: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        beneath = self._roots.outermost(f"{root}/.", root)
        return await asyncio.to_thread(trees.entries, root, paths, beneath)

    async def tree_walk(
        self, root: str, below: str = ""
    ) -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        parts = trees.walk(root, below, self._roots.outermost(f"{root}/.", root))
        while (part := await asyncio.to_thread(next, parts, None)) is not None:
            yield part

    async def tree_remove(self, root: str, paths: Sequence[str]) -> None:
        await asyncio.to_thread(trees.remove, root, paths, self._roots.outermost(f"{root}/.", root))

    async def tree_set(self, root: str, by_path: Mapping[str, Attributes]) -> None:
        beneath = self._roots.outermost(f"{root}/.", root)
        await asyncio.to_thread(trees.set_attributes, root, by_path, beneath)

    # --- the rest ----------------------------------------------------------------------------

    @asynccontextmanager
    async def lock(self, name: str = "") -> AsyncIterator[None]:
        with lock.held(f"{self._lock_path}.{name}" if name else self._lock_path):
            yield

    async def changing(self) -> bool:
        return lock.is_held(self._lock_path)

    def watch(self) -> AsyncIterator[JailEvent] | None:
        """See Host. FreeBSD 15 and later; elsewhere None."""
        try:
            watch = Watch()
        except (OSError, AttributeError):
            return None
        return watch.events(self._present)

    async def _present(self) -> Iterable[int]:
        try:
            result = await self.run(("jls", "-d", "--libxo=json", "jid", "name"))
            return [jail.jid for jail in process_tables.jails(result.stdout).value]
        except (HostError, ParseError):
            return []

    def clock(self) -> float:
        return time.time()

    def uptime(self) -> float:
        """See Host. On FreeBSD and Linux it counts from the boot, for every process."""
        return time.monotonic()

    async def close(self) -> None:
        await asyncio.gather(
            *(pipeline.end() for pipeline in self._running),
            *(local_pty.close() for local_pty in list(self._terminals)),
        )
