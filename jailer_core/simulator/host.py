"""The `Host` protocol on a simulated machine."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

from jailer_core.errors import Busy, CommandMissing, CommandTimedOut, FileFailed, OutputTooLong
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
    StartedProcess,
    Take,
)
from jailer_core.model import FileStamp
from jailer_core.model.trees import Attributes, Roots, TreeEntry
from jailer_core.simulator import commands as _rooms  # noqa: F401 - registers them all
from jailer_core.simulator.demo import incidents, log_writer
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel import background, trees
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import COMMANDS, Call, Machine, Running, Say, Tty
from jailer_core.simulator.kernel.state import Node, SimProcess
from jailer_core.simulator.pty import SimulatedPty
from jailer_core.ssh_client import REVERTER, Connection

FLOOD = 16
"""After this many pieces of output, everything else gets a turn."""


class SimulatedHost:
    """A host in memory.

    `pace` is how many real seconds one second of waiting takes: 0 in tests, where waits only
    move the host's clock; 1 in the demo. `live` makes its clock and its loads move by themselves.
    `log` keeps every command, for counting processes; `attended` are those that run now and
    that someone attends. `connection` is what its user comes over. `detached` makes it the
    client of a program on the host itself (background.py). `skew` is by how many seconds its
    clock was set.
    """

    simulated = True
    connection: Connection | None = None

    def __init__(
        self,
        machine: Machine,
        *,
        pace: float = 0.0,
        live: bool = False,
        user: str = "root",
        detached: bool = False,
    ) -> None:
        self.machine = machine
        machine.live = live
        self.pace = pace
        self.live = live
        self.user = user
        self.name = machine.state.hostname
        self.log: list[tuple[str, ...]] = []
        self.attended: list[tuple[str, ...]] = []
        self.changed: Callable[[], None] = lambda: None
        self._begun = time.monotonic() - machine.state.now
        self.skew = 0.0
        self._terminals: set[SimulatedPty] = set()
        self._roots = Roots()
        self.detached = detached
        self._began = False
        self._behind: set[asyncio.Task[None]] = set()

    # --- commands ----------------------------------------------------------------------------

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        """See Host."""
        result = await self.stream([argv], _unheard, stdin=stdin, timeout=timeout)
        if len(result.stdout) > limit:
            raise OutputTooLong(argv, limit)
        return result

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        """See Host. While someone listens, the command is one of the host's processes."""
        began = self.uptime()
        self._go_on_behind()
        if self.live:
            self.clock()
            incidents.happen(self.machine)
        for argv in commands:
            self.log.append(tuple(argv))
            if argv[0].rpartition("/")[2] not in COMMANDS:
                raise CommandMissing(argv[0])
        pids = self._spawn(commands) if started is not None else []
        try:
            if started is not None:
                processes = self.machine.state.processes
                heard = [processes[pid] for pid in pids if pid in processes]
                await started(tuple(map(self._started, heard)))
            status, out, errors = await self._pipe(commands, line, stdin, timeout)
        finally:
            for pid in pids:
                self.machine.state.processes.pop(pid, None)
        self.changed()
        argv = tuple(commands[-1])
        return Result(argv, status, out, errors, self.uptime() - began)

    def _started(self, process: SimProcess) -> StartedProcess:
        state = self.machine.state
        return StartedProcess(
            process.pid,
            process.started + self.skew,
            process.command,
            process.started - state.boot_time,
        )

    def _spawn(self, commands: Sequence[Sequence[str]]) -> list[int]:
        return [kernel.spawn(self.machine, " ".join(argv), jid=0).pid for argv in commands]

    async def _pipe(
        self, commands: Sequence[Sequence[str]], line: Line, stdin: str | None, limit: float
    ) -> tuple[int, str, str]:
        """One after the other; the last status that is not 0, the last output, all errors."""
        data = (stdin or "").encode(errors="surrogateescape")
        status, out, errors = 0, "", ""
        for argv in commands:
            call = Call(tuple(argv), data, self.user)
            try:
                code, out, said = await self._drive(self.machine.run(call), line, argv, limit)
            finally:
                self._go_on_behind(started=REVERTER in argv)
            errors += said
            status = code or status
            data = out.encode(errors="surrogateescape")
        return status, out, errors

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        """See Host."""
        self.log.append(tuple(argv))
        if argv[0].rpartition("/")[2] not in COMMANDS:
            raise CommandMissing(argv[0])
        tty = Tty(*size, term)
        call = Call(tuple(argv), user=self.user, terminal=tty)
        pty = SimulatedPty(self.machine, self.machine.run(call), tty, self.pace)
        self._terminals.add(pty)
        return pty

    def _go_on_behind(self, *, started: bool = False) -> None:
        """Carry out what was left running, once, and what was just started."""
        if self.detached or (self._began and not started):
            return
        self._began = True
        for pid, words in background.waiting(self.machine):
            client = SimulatedHost(self.machine, pace=self.pace, live=self.live, detached=True)
            self.machine.detached.add(pid)
            task = asyncio.ensure_future(background.attend(client, self.machine, pid, words))
            self._behind.add(task)
            task.add_done_callback(self._behind.discard)

    async def _drive(
        self, running: Running, line: Line, argv: Sequence[str], limit: float
    ) -> tuple[int, str, str]:
        out: list[str] = []
        errors: list[str] = []
        rest = {False: "", True: ""}
        waited = 0.0
        try:
            while True:
                try:
                    chunk = next(running)
                except StopIteration as end:
                    for error, text in rest.items():
                        if text:
                            line(text, error)
                    return end.value or 0, "".join(out), "".join(errors)
                if not isinstance(chunk, Say):
                    waited += chunk.seconds
                    if self.detached and self.pace == 0 and argv[0] == "sleep":
                        await background.passed(self.machine, chunk.seconds)
                        continue
                    await self._wait(chunk.seconds if waited <= limit else math.inf, limit)
                    if waited > limit:
                        raise CommandTimedOut(argv, limit)
                else:
                    await self._say(chunk, out, errors, rest, line)
        finally:
            running.close()
            self.changed()

    @staticmethod
    async def _say(
        chunk: Say, out: list[str], errors: list[str], rest: dict[bool, str], line: Line
    ) -> None:
        (errors if chunk.error else out).append(chunk.text)
        if line is _unheard:
            return
        *whole, rest[chunk.error] = (rest[chunk.error] + chunk.text).split("\n")
        for one in whole:
            if (gate := line(one, chunk.error)) is not None:
                await gate

    async def _wait(self, seconds: float, limit: float) -> None:
        if math.isinf(seconds) and self.pace == 0:
            # a test that hangs: give an abort the chance to come first, then time is up
            for _ in range(50):
                await asyncio.sleep(0)
            self.pass_time(limit)
            return
        await asyncio.sleep(min(seconds, limit) * self.pace)
        if not self.live:
            self.pass_time(min(seconds, limit))

    def pass_time(self, seconds: float) -> None:
        """The host's clock moves."""
        self.machine.state.now += seconds
        background.wake(self.machine)

    async def attend(
        self,
        argv: Sequence[str],
        take: Take,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Result:
        """See Host."""
        began, words = self.uptime(), tuple(argv)
        self.log.append(words)
        if words[0].rpartition("/")[2] not in COMMANDS:
            raise CommandMissing(words[0])
        running = self.machine.run(Call(words, b"", self.user))
        self.attended.append(words)
        try:
            limit = math.inf if timeout is None else timeout
            status = await self._attend(running, take, words, limit)
        finally:
            running.close()
            self.attended.remove(words)
            self.changed()
        return Result(words, status, "", "", self.uptime() - began)

    async def _attend(self, running: Running, take: Take, argv: Sequence[str], limit: float) -> int:
        waited, said = 0.0, 0
        while True:
            try:
                chunk = next(running)
            except StopIteration as end:
                return end.value or 0
            if isinstance(chunk, Say):
                gate = take(chunk.text.encode(errors="surrogateescape"), chunk.error)
                if gate is not None:
                    await gate
                said += 1
                if said % FLOOD == 0:
                    await asyncio.sleep(self.pace * 0.1)
                continue
            waited += chunk.seconds
            if math.isinf(waited) and math.isinf(limit):
                await asyncio.Event().wait()
            await self._wait(chunk.seconds if waited <= limit else math.inf, limit)
            if waited > limit:
                raise CommandTimedOut(argv, limit)

    # --- files -------------------------------------------------------------------------------

    def _fault(self, verb: str, path: str) -> bool:
        """Whether the call is to fail; raises when it is to fail at once."""
        fault = self.machine.take_fault((f"<{verb}>", path))
        if fault is None:
            return False
        if fault.kind == "late":
            return True
        raise FileFailed(verb, path, fault.message)

    def _may(self, verb: str, path: str) -> None:
        if self.user != "root":
            raise FileFailed(verb, path, "Permission denied")

    def learn_roots(self, roots: Iterable[str]) -> None:
        """See Host."""
        self._roots.learn(roots)

    async def read(self, path: str, *, beneath: str = "", limit: int = FILE_LIMIT) -> str:
        """See Host."""
        beneath = self._roots.outermost(path, beneath)
        try:
            data = self.machine.files.read(path, beneath=beneath)
            node = self.machine.files.get(path)
        except SimOSError as error:
            raise FileFailed("read", path, error.reason) from None
        if self.user != "root" and not node.mode & 0o004:
            raise FileFailed("read", path, "Permission denied")
        if len(data) > limit:
            raise FileFailed("read", path, "File too large")
        return data.decode(errors="surrogateescape")

    async def window(self, path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        """See Host. What only stands in for bytes is zeros; there are no inodes."""
        self._wake(path)
        beneath = self._roots.outermost(path, beneath)
        try:
            node = self.machine.files.get(path, beneath=beneath)
            if node.kind != "file":
                raise FileFailed("read", path, "not a regular file")
        except SimOSError as error:
            raise FileFailed("read", path, error.reason) from None
        if self.user != "root" and not node.mode & 0o004:
            raise FileFailed("read", path, "Permission denied")
        begin = max(0, node.length + offset) if offset < 0 else offset
        room = max(0, min(size, node.length - begin))
        data = node.data[begin : begin + room] if node.size is None else bytes(room)
        return FilePart(data, begin, node.length)

    def _wake(self, path: str) -> None:
        """On a live host logs grow."""
        if self.live:
            self.clock()
            log_writer.wake(self.machine, path)

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
        """See Host."""
        late = self._fault("write", path)
        beneath = self._roots.outermost(path, beneath)
        self._may("write", path)
        try:
            data = text.encode(errors="surrogateescape")
            self.machine.files.write(path, data, mode=mode, owner=owner, beneath=beneath, new=new)
        except SimOSError as error:
            raise FileFailed("write", path, error.reason) from None
        self.changed()
        if late:
            raise FileFailed("write", path, "injected fault")

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        """See Host."""
        self._fault("append", path)
        self._may("write", path)
        files = self.machine.files
        try:
            old = files.read(path) if files.exists(path) else None
            data = (old or b"") + text.encode(errors="surrogateescape")
            files.write(path, data, mode=mode if old is None else None)
        except SimOSError as error:
            raise FileFailed("write", path, error.reason) from None
        self.changed()

    async def remove(self, path: str) -> None:
        """See Host."""
        late = self._fault("remove", path)
        self._may("remove", path)
        try:
            if self.machine.files.get(path, follow=False).kind == "dir":
                raise FileFailed("remove", path, "Is a directory")
            self.machine.files.remove(path, beneath=self._roots.outermost(path))
        except SimOSError as error:
            raise FileFailed("remove", path, error.reason) from None
        self.changed()
        if late:
            raise FileFailed("remove", path, "injected fault")

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        """See Host."""
        late = self._fault("mkdir", path)
        self._may("make", path)
        try:
            self.machine.files.mkdir(path, mode, beneath=self._roots.outermost(path))
        except SimOSError as error:
            raise FileFailed("make", path, error.reason) from None
        self.changed()
        if late:
            raise FileFailed("make", path, "injected fault")

    async def rmdir(self, path: str) -> None:
        """See Host."""
        late = self._fault("rmdir", path)
        self._may("remove", path)
        try:
            if self.machine.files.get(path, follow=False).kind != "dir":
                raise FileFailed("remove", path, "Not a directory")
            self.machine.files.remove(path, beneath=self._roots.outermost(path))
        except SimOSError as error:
            raise FileFailed("remove", path, error.reason) from None
        self.changed()
        if late:
            raise FileFailed("remove", path, "injected fault")

    async def listdir(
        self, path: str, *, beneath: str = "", limit: int = NAMES_LIMIT
    ) -> tuple[str, ...]:
        """See Host."""
        self._wake(path)
        files = self.machine.files
        beneath = self._roots.outermost(path, beneath)
        if beneath and files.exists(path):
            try:
                files.get(path, beneath=beneath)
            except SimOSError as error:
                raise FileFailed("read", path, error.reason) from None
        try:
            names = tuple(files.listdir(path))
        except SimOSError:
            names = ()
        if len(names) > limit:
            raise FileFailed("read", path, f"more than {limit} names")
        return names

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        """See Host."""
        return {path: _stamp(node) for path, node in self.machine.files.existing(paths)}

    # --- the rest ----------------------------------------------------------------------------

    async def tree_entries(self, root: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """See Host."""
        tree = trees.below(self.machine, root)
        return {path: trees.entry(tree[path]) for path in paths if path in tree}

    async def tree_walk(
        self, root: str, below: str = ""
    ) -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        """See Host."""
        tree, start = trees.below(self.machine, root), f"{below}/" if below else ""
        names = sorted((path for path in tree if path.startswith(start)), key=trees.order)
        yield [(path, replace(trees.entry(tree[path]), digest="")) for path in names]

    async def tree_remove(self, root: str, paths: Sequence[str]) -> None:
        """See Host."""
        late = self._fault("remove", root)
        self._may("remove", root)
        for path in paths:
            try:
                self.machine.files.remove(f"{root}/{path}", beneath=root)
            except SimOSError as error:
                raise FileFailed("remove", f"{root}/{path}", error.reason) from None
        if late:
            raise FileFailed("remove", root, "injected fault")

    async def tree_set(self, root: str, wanted: Mapping[str, Attributes]) -> None:
        """See Host."""
        late = self._fault("change", root)
        self._may("change", root)
        for path, attributes in wanted.items():
            trees.set_attributes(self.machine, f"{root}/{path}", attributes)
        if late:
            raise FileFailed("change", root, "injected fault")

    def lock(self, name: str = "") -> AbstractAsyncContextManager[None]:
        """See Host."""
        return self._staging(name) if name else self._lock()

    @asynccontextmanager
    async def _lock(self) -> AsyncIterator[None]:
        if self.machine.locked:
            raise Busy("another change is under way on this host", "Wait until it has finished.")
        self.machine.locked = True
        try:
            yield
        finally:
            self.machine.locked = False

    @asynccontextmanager
    async def _staging(self, name: str) -> AsyncIterator[None]:
        if name in self.machine.staging:
            raise Busy("another change is under way on this host", "Wait until it has finished.")
        self.machine.staging.add(name)
        try:
            yield
        finally:
            self.machine.staging.discard(name)

    async def changing(self) -> bool:
        """See Host."""
        return self.machine.locked

    def watch(self) -> AsyncIterator[JailEvent] | None:
        """See Host."""
        return self._watch()

    async def _watch(self) -> AsyncIterator[JailEvent]:
        queue: asyncio.Queue[JailEvent] = asyncio.Queue()

        def hear(what: str, jid: int) -> None:
            queue.put_nowait(JailEvent(what, jid))

        self.machine.listeners.append(hear)
        try:
            while True:
                yield await queue.get()
        finally:
            self.machine.listeners.remove(hear)

    def clock(self) -> float:
        """See Host. A live host's time passes on its own."""
        return self._now() + self.skew

    def uptime(self) -> float:
        """See Host."""
        return self._now() - self.machine.state.boot_time

    def _now(self) -> float:
        if self.live:
            self.machine.state.now = time.monotonic() - self._begun
        return self.machine.state.now

    async def close(self) -> None:
        """See Host."""
        for simulated_pty in list(self._terminals):
            await simulated_pty.close()
        self._terminals.clear()


def _unheard(_line: str, _error: bool) -> None:
    """Where lines go that are only wanted as a whole."""


def _stamp(node: Node) -> FileStamp:
    return FileStamp(
        int(node.mtime),
        node.length,
        node.mode,
        node.uid,
        node.gid,
        is_dir=node.kind == "dir",
        is_link=node.kind == "link",
    )
