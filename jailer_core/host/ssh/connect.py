"""Connect to an agent over ssh, or give the reason why that failed."""

from __future__ import annotations

import asyncio
import os
import re
from asyncio.subprocess import Process
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from enum import StrEnum
from importlib import resources

from jailer_core.errors import HostError
from jailer_core.host.remote.channel import Channel, ConnectionLost
from jailer_core.host.remote.messages import ProtocolError
from jailer_core.host.ssh import archive, bootstrap, command
from jailer_core.host.ssh.definitions import HostEntry
from jailer_core.text import sanitize

PATIENCE = 30.0
"""Seconds from the start of ssh until the agent must have greeted."""
STDERR = 16 * 1024
NOISE = 256
"""Lines that a login shell may print before the agent is heard."""
GOODBYE = 3.0
"""Seconds for ssh to end on its own."""


_EXPECTED = (ConnectionLost, ProtocolError, OSError, EOFError, asyncio.LimitOverrunError)
"""What a connection that does not come about looks like from here."""


class Trouble(StrEnum):
    """The kind of reason why there is no connection."""

    UNREACHABLE = "unreachable"
    NOT_TRUSTED = "not trusted"
    NO_ACCESS = "no access"
    NO_PYTHON = "no Python"
    VERSION = "other version"


class ConnectFailed(ConnectionLost):
    """Connecting failed. `trouble` is the kind of reason."""

    def __init__(self, trouble: Trouble, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.trouble = trouble


class Link:
    """An open connection: its channel, and its ssh process."""

    def __init__(self, channel: Channel, process: Process, errors: asyncio.Task[str]) -> None:
        self.channel = channel
        self._process = process
        self._errors = errors

    async def close(self, *, kill: bool = False) -> None:
        """Close the connection; `kill` if the other end does not answer."""
        await self.channel.close()
        if not kill:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), GOODBYE)
        if self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        self._errors.cancel()
        await asyncio.wait({self._errors})


async def connect(
    entry: HostEntry,
    version: str,
    *,
    environ: Mapping[str, str] = os.environ,
    shared: bool = True,
    lost: Callable[[HostError], None] = lambda _error: None,
) -> Link:
    """Connect, and start the agent. Raises ConnectFailed, UsageError."""
    sent = None if entry.agent else await asyncio.to_thread(archive.build)
    process, reading = await _started(command.connecting(entry, environ, shared=shared))
    assert process.stdin is not None  # noqa: S101 - pipes were asked for
    assert process.stdout is not None  # noqa: S101
    errors = asyncio.create_task(_tail(reading))
    channel: Channel | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            if sent is not None:
                await _send(sent, version, process.stdin, process.stdout)
            channel = Channel(process.stdout, process.stdin, lost)
            hello = await channel.hello()
            _compare(entry, hello.text("version"), version)
    except BaseException as error:
        if isinstance(error, _EXPECTED) and not isinstance(error, ConnectFailed):
            # ssh says why it ended
            await asyncio.wait({errors}, timeout=GOODBYE)
        words = errors.result() if errors.done() else ""
        link = Link(channel or Channel(process.stdout, process.stdin), process, errors)
        await asyncio.shield(link.close(kill=True))
        if isinstance(error, (*_EXPECTED, TimeoutError)) and not isinstance(error, ConnectFailed):
            raise why(entry, words, process.returncode, error) from None
        raise
    return Link(channel, process, errors)


async def _started(argv: Sequence[str]) -> tuple[asyncio.subprocess.Process, int]:
    """ssh, and where its standard error is read. Raises ConnectFailed."""
    # no pipe of asyncio's: the process that keeps a shared connection may hold it for long, and
    # asyncio takes a process for running as long as one of its pipes is open
    reading, saying = os.pipe()
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=saying,
            start_new_session=True,  # ctrl-c is meant for this program
        )
    except OSError as error:
        os.close(reading)
        raise ConnectFailed(
            Trouble.UNREACHABLE, f"ssh cannot be started: {error.strerror}"
        ) from None
    finally:
        os.close(saying)
    return process, reading


async def _send(
    sent: archive.Archive,
    version: str,
    writer: asyncio.StreamWriter,
    reader: asyncio.StreamReader,
) -> None:
    """The program that starts the agent, and the agent where the host has it not."""
    source = resources.files("jailer_core.host.ssh").joinpath("bootstrap.py").read_bytes()
    source += b"\nmain(%r, %d, %r)\n" % (sent.name, len(sent.data), version)
    writer.write(b"%d\n" % len(source) + source)
    await writer.drain()
    for _ in range(NOISE):
        line = (await reader.readuntil(b"\n")).decode("utf-8", "replace").strip()
        if line == bootstrap.NEED:
            writer.write(sent.data)
            await writer.drain()
            return
        if line == bootstrap.HAVE:
            return
    raise ConnectionLost("the login shell prints too much")


def _compare(entry: HostEntry, theirs: str, ours: str) -> None:
    if theirs != ours:
        raise ConnectFailed(
            Trouble.VERSION,
            f"the agent of {entry.name} is of version {sanitize(theirs)}, this is {ours}",
            "Install the same version there, or remove `agent` from its settings.",
        )


async def _tail(descriptor: int) -> str:
    """The end of what ssh and the other end print on standard error."""
    reader, kept = asyncio.StreamReader(), b""
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    try:
        while data := await reader.read(4096):
            kept = (kept + data)[-STDERR:]
    finally:
        transport.close()
    return kept.decode("utf-8", "replace")


_NOT_TRUSTED = re.compile(r"Host key verification failed|IDENTIFICATION HAS CHANGED", re.IGNORECASE)
_NO_ACCESS = re.compile(r"Permission denied|Too many authentication failures")
_CHANGED = re.compile(r"IDENTIFICATION HAS CHANGED")
_NOT_ROOT = re.compile(
    r"^(?:doas|sudo): (?!unable to resolve host).*|.* not in the sudoers file.*"
    r"|^Sorry, user .* not allowed to .*",
    re.MULTILINE,
)
_NO_SUCH = (
    r"(?m)^.*\b{0}: (?:Command |command )?not found|command not found: {0}$|Unknown command:? {0}"
)
"""What the login shells print where a program is missing."""
_ALLOW = {
    "doas": "in /usr/local/etc/doas.conf: permit nopass {0}",
    "sudo": "with visudo: {0} ALL=(root) NOPASSWD: ALL",
}


def why(entry: HostEntry, message: str, status: int | None, error: BaseException) -> ConnectFailed:
    """The reason, derived from OpenSSH's messages."""
    name, by_hand = entry.name, command.by_hand(entry)
    if command.NO_PYTHON in message:
        return ConnectFailed(
            Trouble.NO_PYTHON,
            f"{name} has no Python 3.11 or newer",
            f"Install it once: {by_hand} {f'{entry.become} ' * bool(entry.become)}"
            "pkg install python311",
        )
    if _CHANGED.search(message):
        return ConnectFailed(
            Trouble.NOT_TRUSTED,
            f"the host key of {name} has changed",
            f"If that is expected, remove the old one with ssh-keygen -R, then run once: {by_hand}",
        )
    if _NOT_TRUSTED.search(message):
        return ConnectFailed(
            Trouble.NOT_TRUSTED,
            f"the host key of {name} is not known",
            f"Compare and accept it once: {by_hand}",
        )
    if entry.become and (reason := _not_root(entry, message)) is not None:
        return reason
    if _NO_ACCESS.search(message):
        return ConnectFailed(
            Trouble.NO_ACCESS,
            f"{name} accepts none of the keys that need no password",
            f"Run ssh-add, or copy a key there; then try it once: {by_hand}",
        )
    return ConnectFailed(Trouble.UNREACHABLE, f"{name}: {_words(message, status, error)}")


def _not_root(entry: HostEntry, message: str) -> ConnectFailed | None:
    """Why doas or sudo did not make root of the login, and how it would."""
    become = entry.become
    if command.missing(become) in message or re.search(_NO_SUCH.format(become), message):
        return ConnectFailed(
            Trouble.NO_ACCESS,
            f"{become} is not installed on {entry.name}",
            f"Install it there (pkg install {become}), or log in as root and remove `become`.",
        )
    refused = _NOT_ROOT.search(message)
    if refused is None:
        return None
    allow = _ALLOW[become].format(entry.user or "LOGIN")
    return ConnectFailed(
        Trouble.NO_ACCESS,
        f"{entry.name}: {sanitize(refused[0].strip())}",
        f"Let the login become root without a password there, {allow}",
    )


def _words(message: str, status: int | None, error: BaseException) -> str:
    """The last line that was printed, without the name of the program."""
    lines = [sanitize(line.strip()) for line in message.splitlines() if line.strip()]
    if lines:
        return lines[-1].removeprefix("ssh: ")
    if isinstance(error, TimeoutError):
        return f"no answer within {PATIENCE:g} s"
    if isinstance(error, HostError) and not isinstance(error, ConnectionLost):
        return error.message
    return f"ssh ended with status {status}" if status else "the connection was closed"
