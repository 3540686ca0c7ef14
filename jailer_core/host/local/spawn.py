"""Start programs of this machine cheaply, each in its own group with a clean environment.

posix_spawn(3) does not copy this large process, but FreeBSD's cannot start a session. So what may
run programs of a jail gets its session from subprocess there (a jail must not inherit a terminal
of the host's), and everything else only a process group. Which way works is found out by using it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from jailer_core.errors import CommandMissing, HostError
from jailer_core.host.local.kernel_events import Child

PATH = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
KEPT = ("HOME", "USER", "LOGNAME", "TERM", "TMPDIR", "FreeBSD_mirror")
"""Of the environment only this and proxies go on: a jail without exec.clean inherits it all,
and service(8) starts jails with an empty one too."""

NOTHING = -1
"""In place of a descriptor: /dev/null."""

_NULL = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
_DUP2 = os.POSIX_SPAWN_DUP2
_SESSION: dict[str, Any] = {"setsid": True}
_GROUP: dict[str, Any] = {"setpgroup": 0}


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


def program(name: str) -> str:
    """The path of a program. Raises CommandMissing, and PermissionError if it cannot be run."""
    if "/" in name:
        return name
    paths = [f"{folder}/{name}" for folder in PATH.split(":")]
    for path in paths:
        if os.access(path, os.X_OK) and not os.path.isdir(path):
            return path
    if any(map(os.path.exists, paths)):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    raise CommandMissing(name)


class Spawner:
    """Starts programs in the cheapest way that works here, with the environment of its making."""

    def __init__(self) -> None:
        self._environ = environment()
        self._bytes = {name.encode(): os.fsencode(value) for name, value in self._environ.items()}
        self._paths: dict[str, str] = {}
        # what this program or its caller ignores (Python itself: SIGPIPE) must not stay ignored in
        # what it starts: a service of a jail would inherit that
        handlers = {number: signal.getsignal(number) for number in signal.valid_signals()}
        ignored = [number for number, handler in handlers.items() if handler == signal.SIG_IGN]
        clean = {"setsigdef": ignored}
        self._verified = False
        self._ways: dict[bool, list[dict[str, Any]]] = {
            True: [_SESSION | clean, _SESSION],
            False: [_SESSION | clean, _GROUP | clean, _SESSION, _GROUP],
        }

    def start(
        self,
        argv: tuple[str, ...],
        streams: Sequence[int] = (NOTHING, NOTHING, NOTHING),
        *,
        session: bool = False,
    ) -> Child:
        """Start a program as the leader of a process group.

        With `session` as that of a session, too, in / and with the usual umask: it may start
        others that stay. What is only asked something needs none of that.
        Needs a running event loop. Raises CommandMissing, HostError.
        """
        try:
            if not session:
                return self._start(argv, streams, self._ways[False])
            umask, before = os.umask(0o022), _here()
            try:
                os.chdir("/")
                return self._start(argv, streams, self._ways[True])
            finally:
                os.fchdir(before)
                os.close(before)
                os.umask(umask)
        except (OSError, ValueError) as error:
            raise _host_error(argv[0], error) from None

    def _start(
        self, argv: tuple[str, ...], streams: Sequence[int], ways: list[dict[str, Any]]
    ) -> Child:
        path = self._paths.get(argv[0]) or self._path(argv[0])
        stdin, stdout, stderr = streams
        actions = (
            _NULL[0] if stdin == NOTHING else (_DUP2, stdin, 0),
            _NULL[1] if stdout == NOTHING else (_DUP2, stdout, 1),
            _NULL[2] if stderr == NOTHING else (_DUP2, stderr, 2),
        )
        while ways:
            try:
                pid = os.posix_spawn(path, argv, self._bytes, file_actions=actions, **ways[0])
                return Child(pid, leads=self._verified or self._leads(pid, ways))
            except FileNotFoundError:
                moved = self._path(argv[0])
                if moved == path:
                    raise
                path = moved
            except NotImplementedError:
                ways.pop(0)
            except OSError as error:
                if error.errno not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
                    raise
                ways.pop(0)
        return _fork(path, argv, streams, self._environ)

    def _path(self, name: str) -> str:
        path = self._paths[name] = program(name)
        return path

    def _leads(self, pid: int, ways: list[dict[str, Any]]) -> bool:
        """Whether it leads a group, as was asked for; if not, that way is not used again."""
        try:
            leads = os.getpgid(pid) == pid
        except ProcessLookupError:  # it has ended already, and FreeBSD no longer knows it
            return True
        self._verified = leads
        if not leads:
            ways.pop(0)
        return leads


def _fork(
    path: str,
    argv: Sequence[str],
    descriptors: Sequence[int],
    environ: Mapping[str, str],
    before: Callable[[], object] | None = None,
) -> Child:
    """The slow way, which works everywhere. `before` is called right before the program runs."""
    stdin, stdout, stderr = (
        subprocess.DEVNULL if descriptor == NOTHING else descriptor for descriptor in descriptors
    )
    process = subprocess.Popen(
        argv,
        executable=path,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        cwd="/",
        env=environ,
        umask=0o022,
        start_new_session=True,
        preexec_fn=before,  # noqa: PLW1509 - see start_on_terminal
    )
    process.returncode = 0  # a Child waits for it: subprocess must not do so, too
    return Child(process.pid)


def start_on_terminal(argv: Sequence[str], terminal: int, environ: Mapping[str, str]) -> Child:
    """Start a program as the leader of a session whose terminal that is.

    Raises CommandMissing, HostError.
    """
    # between fork and exec only this one call of C's is made: no Python code, no lock
    own_terminal = partial(fcntl.ioctl, 0, termios.TIOCSCTTY, 0)
    try:
        return _fork(program(argv[0]), argv, (terminal,) * 3, environ, own_terminal)
    except (OSError, ValueError) as error:
        raise _host_error(argv[0], error) from None


def keep_reading(descriptor: int) -> bool:
    """Have cat(1) read a pipe until its last writer ends; whether it does.

    Services that a jail's start leaves running may have its output. They would die of SIGPIPE
    when nothing reads it, and a file that they write to could grow forever.
    """
    os.set_blocking(descriptor, True)
    try:
        Spawner().start(("cat",), (descriptor, NOTHING, NOTHING), session=True)
    except HostError:
        return False
    return True


def _host_error(name: str, error: OSError | ValueError) -> HostError:
    if isinstance(error, FileNotFoundError):
        return CommandMissing(name)
    reason = getattr(error, "strerror", None) or str(error)
    return HostError(f"{name}: {reason}")


def _here() -> int:
    """The working directory, open: what is started inherits another one, this program keeps it.

    The root where there is no way back, because it may not be read or is gone.
    """
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
    try:
        return os.open(".", flags)
    except OSError:
        return os.open("/", flags)
