"""Commands of this machine, each in a session of its own, ended with all that it started."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ClassVar

from jailer_core.errors import CommandMissing, CommandTimedOut, HostError
from jailer_core.host import Hear, Started

PATH = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
KEPT = ("HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "FreeBSD_mirror")
"""Of the environment only this and proxies go on: a jail without exec.clean inherits it all,
and service(8) starts jails with an empty one too."""

GRACE = 3.0
"""Seconds between SIGTERM and SIGKILL."""
LOOK = 0.1
"""Seconds between two looks at what a command has said meanwhile."""
MUCH, BREATH = 4096, 0.01
"""A paced stream that brings so many bytes at once is left alone for so many seconds."""
LINGER = 0.3
"""Seconds to wait for the end of output once a command has ended: a daemon that it started may
hold the pipe for ever."""


def environment() -> dict[str, str]:
    """What a command sees: fixed PATH, C's messages, UTF-8 characters.

    In the plain C locale libxo mangles names beyond ASCII (not recorded: from its sources); where
    C.UTF-8 is not installed, as on the recorded host, programs fall back to C by themselves.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in KEPT or name.lower().endswith("_proxy")
    }
    return kept | {"PATH": PATH, "LC_ALL": "C.UTF-8"}


@dataclass
class Output:
    """One stream: text up to the limit, handed over line by line when somebody listens.

    `paced`: it is read with pauses, so that a flood leaves time for everything else.
    """

    paced: ClassVar[bool] = False

    limit: int
    line: Callable[[str], None] | None = None
    chunks: list[bytes] = field(default_factory=list)
    size: int = 0
    cut: bool = False
    rest: bytes = b""

    def feed(self, data: bytes) -> None:
        """Take a chunk; what exceeds the limit is dropped, but still told to the listener."""
        room = self.limit - self.size
        if len(data) > room:
            self.cut = True
        if room > 0:
            self.chunks.append(data[:room])
            self.size += min(len(data), room)
        if self.line is not None:
            *whole, self.rest = (self.rest + data).split(b"\n")
            for one in whole:
                self.line(_text(one))

    def end(self) -> None:
        """No more will come: a last line without a line feed is a line too."""
        if self.rest and self.line is not None:
            self.line(_text(self.rest))
        self.rest = b""

    @property
    def text(self) -> str:
        """All that was kept."""
        return _text(b"".join(self.chunks))


class Passing(Output):
    """One stream of which nothing is kept: every piece goes on at once."""

    paced = True

    def __init__(self, take: Callable[[bytes], None]) -> None:
        super().__init__(0)
        self._take = take

    def feed(self, data: bytes) -> None:
        """Hand it on."""
        self._take(data)


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


class _Pipe(asyncio.Protocol):
    """Feeds an Output from a pipe. `ended` is set when the last writer is gone."""

    def __init__(self, output: Output) -> None:
        self.output = output
        self.ended = asyncio.Event()
        self._transport: asyncio.ReadTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See Protocol."""
        if isinstance(transport, asyncio.ReadTransport):
            self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See Protocol."""
        self.output.feed(data)
        if self.output.paced and len(data) >= MUCH and self._transport is not None:
            self._transport.pause_reading()
            asyncio.get_running_loop().call_later(BREATH, self._go_on)

    def _go_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """See Protocol."""
        self.output.end()
        self.ended.set()


class _File:
    """A file without a name that is read into an Output while commands write to it.

    What a command leaves running has its outputs too: a jail without exec.consolelog gives
    them to all its services. A pipe that nobody reads any more would end those as soon as they
    say a word (SIGPIPE), so this is what rc.d/jail does.
    """

    def __init__(self, output: Output) -> None:
        import tempfile  # noqa: PLC0415 - it takes long to import, and what only reads needs none

        self.output = output
        self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - open while it is read
        self._taken = 0

    def writing(self) -> int:
        """A descriptor for a command."""
        return os.dup(self._file.fileno())

    async def follow(self) -> None:
        """Read what comes, until cancelled."""
        while True:
            self._take()
            await asyncio.sleep(LOOK)

    def _take(self) -> None:
        while data := os.pread(self._file.fileno(), 65536, self._taken):
            self._taken += len(data)
            self.output.feed(data)

    def close(self) -> None:
        """Take the rest."""
        self._take()
        self.output.end()
        self._file.close()


class Pipeline:
    """One command, or several joined by pipes, from start to end. `running` is the owner's set."""

    def __init__(
        self,
        commands: Sequence[Sequence[str]],
        running: set[Pipeline],
        hear: Hear | None = None,
    ) -> None:
        self.commands = [tuple(argv) for argv in commands]
        self._running = running
        self._hear = hear
        self._begun: list[Started] = []
        self._processes: list[asyncio.subprocess.Process] = []
        self._readers: list[tuple[asyncio.ReadTransport, _Pipe]] = []
        self._files: list[tuple[asyncio.Task[None], _File]] = []
        self.kept_open: list[asyncio.ReadTransport] = []
        self._ending = False

    async def run(
        self,
        stdout: Output,
        stderr: Output,
        *,
        stdin: str | None,
        timeout: float | None,  # noqa: ASYNC109 - the processes are ended, not only the wait
    ) -> list[int]:
        """Exit statuses in order. Raises CommandMissing, CommandTimedOut, HostError.

        Whatever happens, cancelling too: no process of it is left when this returns.
        """
        self._running.add(self)
        try:
            async with asyncio.timeout(timeout):
                await self._start(stdout, stderr, stdin)
                statuses = [await process.wait() for process in self._processes]
        except TimeoutError:
            await asyncio.shield(self.end())
            raise CommandTimedOut(self.commands[-1], timeout or 0.0) from None
        except BaseException:
            await asyncio.shield(self.end())
            raise
        else:
            await self._drain()
            return statuses
        finally:
            self._running.discard(self)
            for transport, pipe in self._readers:
                self._let_go(transport, pipe)
            for following, file in self._files:
                following.cancel()
                file.close()

    def _let_go(self, transport: asyncio.ReadTransport, pipe: _Pipe) -> None:
        """Close it; a paced one that is still open belongs to something that was left running,
        and stays open: the next word would end that (SIGPIPE).
        """  # noqa: D205 - one sentence
        if pipe.output.paced and not pipe.ended.is_set() and not self._ending:
            pipe.output = Output(0)
            self.kept_open.append(transport)
            return
        transport.close()
        pipe.output.end()

    async def _start(self, stdout: Output, stderr: Output, stdin: str | None) -> None:
        errors = await self._reader(stderr)
        try:
            before: int = asyncio.subprocess.DEVNULL if stdin is None else asyncio.subprocess.PIPE
            for index, argv in enumerate(self.commands):
                if index == len(self.commands) - 1:
                    after, following = await self._reader(stdout), asyncio.subprocess.DEVNULL
                else:
                    following, after = os.pipe()
                try:
                    await self._spawn(argv, before, after, errors)
                finally:
                    for one in (before, after):
                        _close(one)
                    before = following
        finally:
            _close(before)
            _close(errors)
        if self._hear is not None:
            await self._hear(tuple(self._begun))
        if stdin is not None:
            await self._give(stdin.encode("utf-8", "surrogateescape"))

    async def _spawn(self, argv: tuple[str, ...], before: int, after: int, errors: int) -> None:
        try:
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=before,
                stdout=after,
                stderr=errors,
                cwd="/",
                env=environment(),
                start_new_session=True,
                umask=0o022,
            )
        except FileNotFoundError:
            raise CommandMissing(argv[0]) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise HostError(f"{argv[0]}: {reason}") from None
        self._processes.append(process)
        self._begun.append(Started(process.pid, time.time(), " ".join(argv), time.monotonic()))

    async def _reader(self, output: Output) -> int:
        """Where commands write what is read into `output`: a file when somebody listens."""
        if output.line is not None:
            with suppress(OSError):  # no room for it: then a pipe
                return self._file(output)
        reading, writing = os.pipe()
        pipe = _Pipe(output)
        loop = asyncio.get_running_loop()
        transport, _ = await loop.connect_read_pipe(lambda: pipe, os.fdopen(reading, "rb", 0))
        self._readers.append((transport, pipe))
        return writing

    def _file(self, output: Output) -> int:
        file = _File(output)
        self._files.append((asyncio.ensure_future(file.follow()), file))
        return file.writing()

    async def _give(self, data: bytes) -> None:
        pipe = self._processes[0].stdin
        if pipe is None:
            return
        with suppress(BrokenPipeError, ConnectionResetError):
            pipe.write(data)
            await pipe.drain()
        pipe.close()

    async def _drain(self) -> None:
        waits = [asyncio.ensure_future(pipe.ended.wait()) for _, pipe in self._readers]
        try:
            if waits:
                await asyncio.wait(waits, timeout=LINGER)
        finally:
            for one in waits:
                one.cancel()

    async def end(self) -> None:
        """SIGTERM to all, SIGKILL after a grace, to whole process groups."""
        self._ending = True
        self._signal(signal.SIGTERM)
        waits = [asyncio.ensure_future(process.wait()) for process in self._processes]
        if waits:
            await asyncio.wait(waits, timeout=GRACE)
            self._signal(signal.SIGKILL)
            # one that the kernel does not let go is left to it
            await asyncio.wait(waits, timeout=GRACE)
        for one in waits:
            one.cancel()

    def _signal(self, number: int) -> None:
        for process in self._processes:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, number)


def _close(descriptor: int) -> None:
    """Close a descriptor of ours; negative numbers are subprocess's words."""
    if descriptor >= 0:
        os.close(descriptor)
