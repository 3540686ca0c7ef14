"""A console on the terminal that this program was started in: no tab, no emulator of ours.

on_this_terminal   the simulated host's shell, typed to directly
in_order           the terminal as it was before, whatever a program left it in
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import termios
import tty
from collections.abc import Iterator, Sequence

from jailer_core.errors import CommandMissing, HostError
from jailer_core.host import Host, Pty, optional
from jailer_core.host.local.spawn import PATH

SIZE = (80, 24)

RESET = (
    "\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1004l\x1b[?2004l"
    "\x1b[?1l\x1b>\x1b[?7h\x1b[?25h\x1b(B\x1b[0m\x1b[!p"
)
"""Off with all that a program may have switched on: it may have been killed."""


async def on_this_terminal(host: Host, argv: Sequence[str]) -> int:
    """Run it on standard input and output. Returns the exit status. Raises HostError."""
    if not sys.stdin.isatty():
        result = await host.run(argv, stdin=sys.stdin.read())
        sys.stdout.write(result.stdout)
        sys.stderr.write(result.stderr)
        return result.status
    size = _size()
    pty = await host.open_pty(argv, size, os.environ.get("TERM", "") or "dumb")
    loop = asyncio.get_running_loop()
    source = sys.stdin.fileno()
    with _raw(source):
        with contextlib.suppress(RuntimeError, ValueError):  # not in the main thread: see _type
            loop.add_signal_handler(signal.SIGWINCH, lambda: pty.resize(*_size()))
        loop.add_reader(source, lambda: _type(loop, source, pty))
        try:
            while data := await pty.read(65536):
                _say(data)
            return await pty.wait()
        finally:
            loop.remove_reader(source)
            with contextlib.suppress(RuntimeError, ValueError):
                loop.remove_signal_handler(signal.SIGWINCH)
            await pty.close()


def whole(host: Host, argv: Sequence[str], name: str) -> str:
    """On this terminal, from within the program that had the screen: it waits until this ends.

    What went wrong, or "". Raises HostError.
    """
    sys.stdout.write(f"{name}: ctrl-d or exit returns to jailer-tui\n")
    sys.stdout.flush()
    with in_order(sys.stdin.fileno()):
        if optional.executor_of(host) is not None:
            status = _run(_over_there(host, argv))
        else:
            status = _in_a_loop(host, argv) if host.simulated else _run(argv)
    return "" if status == 0 else f"the console ended with status {status}"


def _over_there(host: Host, argv: Sequence[str]) -> Sequence[str]:
    """The command that runs it on another host. Raises HostError."""
    terminal = getattr(host, "terminal", None)
    if host.simulated or terminal is None:
        raise HostError(
            f"{host.name} cannot use the whole terminal", "Open a console in a tab instead."
        )
    over_there: Sequence[str] = terminal(argv)
    return over_there


def _run(argv: Sequence[str]) -> int:
    try:
        done = subprocess.run(argv, check=False, env={**os.environ, "PATH": PATH})
    except FileNotFoundError:
        raise CommandMissing(argv[0]) from None
    except OSError as error:
        raise HostError(f"{argv[0]}: {error.strerror}") from None
    return done.returncode


def _in_a_loop(host: Host, argv: Sequence[str]) -> int:
    """The loop of the screen stands still, so the simulated shell has one of its own."""
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only for a demo

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, on_this_terminal(host, argv)).result()


def _type(loop: asyncio.AbstractEventLoop, source: int, pty: Pty) -> None:
    data = os.read(source, 4096)
    if not data:
        loop.remove_reader(source)
    pty.resize(*_size())
    pty.write(data or b"\x04")


def _say(data: bytes) -> None:
    while data:
        data = data[os.write(sys.stdout.fileno(), data) :]


def _size() -> tuple[int, int]:
    try:
        return tuple(os.get_terminal_size(sys.stdout.fileno()))  # type: ignore[return-value]
    except OSError:
        return SIZE


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    """Every key at once, and none of them a signal."""
    before = termios.tcgetattr(descriptor)
    try:
        tty.setraw(descriptor)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


@contextlib.contextmanager
def in_order(descriptor: int) -> Iterator[None]:
    """The terminal is ours again afterwards, with its settings and modes as they were.

    A shell inside makes the terminal its own; one that is killed does not give it back, and then
    our first output would stop us (SIGTTOU). ctrl-c during that time is for the program that runs
    there, so it must not end us; a handler, unlike "ignore", is not inherited.
    """
    before = termios.tcgetattr(descriptor)
    heard = signal.signal(signal.SIGINT, lambda _number, _frame: None)
    try:
        yield
    finally:
        held = signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        with contextlib.suppress(OSError):
            os.tcsetpgrp(descriptor, os.getpgrp())
        with contextlib.suppress(termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
        signal.signal(signal.SIGTTOU, held)
        signal.signal(signal.SIGINT, heard)
        with contextlib.suppress(OSError):
            os.write(descriptor, RESET.encode())
