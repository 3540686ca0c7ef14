"""The interface to a host: run a command, read and write a file, wait for jail events.

Kinds: `local` (this machine), `simulated` (a FreeBSD in memory, for demo and tests).
A command is always a list of arguments; nothing here ever sees a shell.
"""

from __future__ import annotations

from asyncio import Future
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from jailer_core.errors import CommandFailed, first_line
from jailer_core.model import FileStamp

if TYPE_CHECKING:
    from jailer_core.model.trees import Attributes, TreeEntry
    from jailer_core.ssh_client import Connection

DEFAULT_TIMEOUT = 60.0
OUTPUT_LIMIT = 7 * 1024 * 1024
"""Bytes of output that may be read whole: some twenty times what jls prints of a
thousand jails. As bytes and as text they take less than 16 MiB."""
FILE_LIMIT = 32 * 1024 * 1024
"""Bytes of a file that is read whole."""
NAMES_LIMIT = 100_000
"""Names in one directory."""

Gate = Future[None] | None
"""What must be done before more output is wanted; None: more can come at once."""

Line = Callable[[str, bool], Gate]
"""Called with each line of output and whether it came on standard error."""

Take = Callable[[bytes, bool], Gate]
"""Called with a piece of output as it came, and whether it came on standard error."""


@dataclass(frozen=True, slots=True)
class StartedProcess:
    """A process that began, and when, because pids are reused.

    `when` is in seconds since 1970 and `uptime` by the clock of that name (see Host), which is the
    one to compare. The process leads a process group of its number, and `command` is what ps(1)
    shows of it.
    """

    pid: int
    when: float
    command: str
    uptime: float


Hear = Callable[[tuple[StartedProcess, ...]], Awaitable[None]]
"""Called with the processes of a command, or of all commands of a pipe, right after they began."""


class Result(NamedTuple):
    """What a command left: exit status (negative: ended by that signal), both outputs.

    `cut` tells that the middle is missing, which is so only for what is streamed. Bytes that are
    not UTF-8 survive as surrogate escapes.
    """

    argv: tuple[str, ...]
    status: int
    stdout: str
    stderr: str
    seconds: float = 0.0
    cut: bool = False

    @property
    def ok(self) -> bool:
        """Exit status 0."""
        return self.status == 0

    @property
    def complaint(self) -> str:
        """Why it failed: the first line of its standard error, else its exit status."""
        return first_line(self.stderr) or f"exit status {self.status}"

    def output(self) -> str:
        """The output. Raises CommandFailed if the command failed."""
        if not self.ok:
            raise CommandFailed(self.argv, self.status, self.stderr)
        return self.stdout


@dataclass(frozen=True, slots=True)
class JailEvent:
    """The kernel reports that a jail was created, removed or changed; `jid` 0 if unknown."""

    what: str
    jid: int = 0


@dataclass(frozen=True, slots=True)
class FilePart:
    """A piece of a file from `offset` on, and how the file is now.

    Another `inode` at the same path, or a smaller `size`, tells that a log was rotated or cut.
    """

    data: bytes
    offset: int
    size: int
    inode: int = 0


class Pty(Protocol):
    """From the program's start to its end; `Host.open_pty` makes it."""

    async def read(self, most: int) -> bytes:
        """What it prints next, at most that many bytes; b"" when it will print no more.

        What is not read makes the program wait.
        """

    def write(self, data: bytes) -> bool:
        """Type something without waiting. False: too much is pending, and nothing was typed."""

    @property
    def waiting(self) -> int:
        """How many typed bytes the program has not read yet."""

    def resize(self, columns: int, rows: int) -> None:
        """Set the size of the terminal, and tell the program."""

    async def wait(self) -> int:
        """Wait for its end. Returns the exit status (negative: the signal that ended it)."""

    async def close(self) -> None:
        """Hang up: ends the program and its foreground processes."""


class Host(Protocol):
    """The calls that the core makes on a host. Each may raise errors.HostError."""

    name: str
    simulated: bool

    @property
    def connection(self) -> Connection | None:
        """The SSH connection of the current user; None on a local console."""

    async def run(
        self,
        argv: Sequence[str],
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109 - the host ends the process group
        limit: int = OUTPUT_LIMIT,
    ) -> Result:
        """Run a command to its end. A status other than 0 is no error here: see Result.

        One that prints more than `limit` bytes is ended. Raises CommandMissing, CommandTimedOut,
        OutputTooLong. Cancelling ends the process group.
        """

    async def stream(
        self,
        commands: Sequence[Sequence[str]],
        line: Line,
        *,
        stdin: str | None = None,
        timeout: float = DEFAULT_TIMEOUT,  # noqa: ASYNC109
        started: Hear | None = None,
    ) -> Result:
        """Run one command, or a pipe of several, and hand over each line as it comes.

        The status is the last one that is not 0. Cancelling ends all of them. `started` is
        awaited once they run. Lines are read no faster than `line` takes them, so a flood waits;
        very long ones come in pieces. The Result has only the first and the last of them.
        """

    async def attend(
        self,
        argv: Sequence[str],
        take: Take,
        *,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Result:
        """Run a command that may say anything for any time: nothing of it is kept here.

        Its outputs are pipes that are read no faster than the rest of the program can bear, so a
        flood waits. What it leaves running can go on writing there. The Result has no text.

        Raises CommandMissing, CommandTimedOut. Cancelling ends the process group.
        """

    async def open_pty(self, argv: Sequence[str], size: tuple[int, int], term: str) -> Pty:
        """Start a program on a terminal with that many columns and rows, of that kind.

        Raises CommandMissing, HostError. `close` of the host ends it.
        """

    def learn_roots(self, roots: Iterable[str]) -> None:
        """Tell the root directories of all jails.

        No symbolic link below the outermost of them is followed from then on, whatever reads,
        writes, makes or removes a file or directory there. (`stat` only looks.)
        """

    async def read(self, path: str, *, beneath: str = "", limit: int = FILE_LIMIT) -> str:
        """Text of a file. With `beneath`: no symbolic link is followed below that directory.

        The same holds for all files below the roots of jails: see `learn_roots`.
        Raises FileFailed, also for one of more than `limit` bytes.
        """

    async def window(self, path: str, offset: int, size: int, *, beneath: str = "") -> FilePart:
        """At most `size` bytes of a regular file from `offset` on, however long the file is.

        A negative offset counts from its end. With `beneath` (a jail's root): no symbolic link is
        followed below it. Raises FileFailed.
        """

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
        """Replace a file at once, or leave it as it was. Raises FileFailed.

        With `new` nothing may exist at the path: "File exists" otherwise.

        With `beneath` (a jail's root): no symbolic link is followed below it, and one that
        stands at the path itself is replaced.

        Neither given: mode and owner of the file that was there are kept (0644, root otherwise).
        The temporary file beside it begins with `.jailer-tui.` so that no glob of jail.conf.d
        matches it.
        """

    async def append(self, path: str, text: str, *, mode: int = 0o600) -> None:
        """Append to a file and sync it to disk; creates a missing file."""

    async def remove(self, path: str) -> None:
        """Remove a file. Raises FileFailed."""

    async def mkdir(self, path: str, mode: int = 0o755) -> None:
        """Create one directory. Raises FileFailed if it exists."""

    async def rmdir(self, path: str) -> None:
        """Remove an empty directory. Raises FileFailed."""

    async def listdir(
        self, path: str, *, beneath: str = "", limit: int = NAMES_LIMIT
    ) -> tuple[str, ...]:
        """Names in a directory, sorted; nothing when there is no such directory.

        With `beneath` (a jail's root): no symbolic link is followed below it. Raises FileFailed,
        also for one of more than `limit` names.
        """

    async def stat(self, paths: Sequence[str]) -> dict[str, FileStamp]:
        """Stamps of the paths that exist. Links are not followed."""

    async def tree_entries(self, root: str, paths: Sequence[str]) -> dict[str, TreeEntry]:
        """Entries of a file tree, with digests; paths are relative to its root.

        No link is followed below the root: what is below one does not exist. Raises FileFailed.
        """

    def tree_walk(self, root: str, below: str = "") -> AsyncIterator[list[tuple[str, TreeEntry]]]:
        """Everything in a file tree, or below a path of it, in batches and without digests.

        A directory comes before what is in it, names in the order of their bytes. Other file
        systems that are mounted in it are left out. Raises FileFailed.
        """

    async def tree_remove(self, root: str, paths: Sequence[str]) -> None:
        """Remove files and empty directories of a file tree, in that order, whatever their flags.

        No link is followed below the root. Raises FileFailed.
        """

    async def tree_set(self, root: str, by_path: Mapping[str, Attributes]) -> None:
        """Set mode, owner, group and flags of files in a file tree. Raises FileFailed."""

    def lock(self, name: str = "") -> AbstractAsyncContextManager[None]:
        """One change at a time on this host, by any user.

        Raises Busy at once, naming the holder, when another one is under way. With a name it is a
        lock of its own, for a file of that name that is made before the change.
        """

    async def changing(self) -> bool:
        """Whether a change is running on this host, without taking the lock. Raises FileFailed."""

    def watch(self) -> AsyncIterator[JailEvent] | None:
        """Jail events as they happen, or None if the host has none (then poll)."""

    def clock(self) -> float:
        """Seconds since 1970 on that host. The clock can be set: not for durations."""

    def uptime(self) -> float:
        """Seconds since that host was booted, the same for all its processes.

        Setting the date does not change it: deadlines, durations and the ages that ps(1) prints
        are measured with it.
        """

    async def close(self) -> None:
        """End what is still running."""
