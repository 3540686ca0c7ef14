"""Report a crash of the program: one line for the user, the rest in a file only they can read.

    report(error)   writes the log, returns the line
    logs()          the logs that were written

The log holds no local variables and no environment: those of a program that manages hosts hold
passwords. What looks like a secret in the message or the arguments is blanked.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import sys
import tempfile
import time
import traceback

from jailer_core.text import sanitize

HINT = "Please report it and attach this file; check it for private data first."

_SECRET = re.compile(
    r"(?i)(pass(?:word|wd|phrase)?|secret|token|credential|api[-_]?key|auth\w*)"
    r"(['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)
_URL_LOGIN = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@]+@")
_LONGEST = 2000


def report(error: BaseException) -> str:
    """Write the crash log. Returns one line about the error and the log; never raises."""
    message = redacted(summary(error))
    try:
        path = _write(_text(error))
    except OSError as failure:
        return f"internal error: {message} (no log could be written: {failure.strerror})"
    return f"internal error: {message}; details are in {sanitize(path)}"


def summary(error: BaseException) -> str:
    """The type of the error and the first line of its message, sanitized."""
    lines = str(error).splitlines()
    kind = type(error).__name__
    return sanitize(f"{kind}: {lines[0][:200]}" if lines else kind)


def redacted(text: str) -> str:
    """The text without what looks like a secret, and without the home directory's name."""
    text = _SECRET.sub(r"\1\2[redacted]", text)
    text = _URL_LOGIN.sub(r"\1[redacted]@", text)
    home = os.environ.get("HOME", "")
    return text.replace(home, "~") if len(home) > 1 else text


def logs() -> list[str]:
    """The logs of this user, the latest first; never raises."""
    try:
        path, below = _state_directory()
        folder = "/".join((path, *below))
        names = os.listdir(folder)  # noqa: PTH208 - a path of text, as in the rest of this file
    except OSError:
        return []
    logs = sorted(name for name in names if name.startswith("crash-") and name.endswith(".log"))
    return [f"{folder}/{name}" for name in reversed(logs)]


def _text(error: BaseException) -> str:
    from jailer_tui import __version__  # noqa: PLC0415 - needed only here

    system = os.uname()
    arguments = " ".join(sanitize(repr(word)) for word in sys.argv[1:])
    lines = [
        f"when      {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"version   {__version__}",
        f"python    {sys.version.split()[0]}",
        f"system    {system.sysname} {system.release} {system.machine}",
        f"terminal  {os.environ.get('TERM', '')}",
        f"arguments {arguments}",
        "",
        *(_shortened(line) for line in traceback.format_exception(error)),
    ]
    return redacted("\n".join(lines)) + "\n"


def _shortened(text: str) -> str:
    """Messages of exceptions may quote whole files."""
    safe = "\n".join(sanitize(line) for line in text.rstrip("\n").split("\n"))
    return safe if len(safe) <= _LONGEST else safe[:_LONGEST] + " [cut]"


def _write(text: str) -> str:
    """A new file of mode 0600, in the user's state directory or where temporary files go."""
    prefix = time.strftime("crash-%Y%m%d-%H%M%S-", time.gmtime())
    try:
        descriptor, path = _in_state_directory(f"{prefix}{os.urandom(4).hex()}.log")
    except OSError:
        descriptor, path = tempfile.mkstemp(".log", prefix)
    with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
        file.write(text)
    return path


def _in_state_directory(name: str) -> tuple[int, str]:
    """A new file there. Raises OSError: also where the directory is another user's, or a link.

    Under sudo or doas `$HOME` may still be the home of the user who called them, who could turn
    what root writes there into any file of the host.
    """
    path, below = _state_directory()
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _refuse_others(folder)
        for part in below:
            with contextlib.suppress(FileExistsError):
                os.mkdir(part, 0o700, dir_fd=folder)
            flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            inner = os.open(part, flags, dir_fd=folder)
            os.close(folder)
            folder = inner
            _refuse_others(folder)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=folder), "/".join((path, *below, name))
    finally:
        os.close(folder)


def _state_directory() -> tuple[str, tuple[str, ...]]:
    """An existing directory, and what is made below it."""
    base = os.environ.get("XDG_STATE_HOME", "")
    if base.startswith("/"):
        return base.rstrip("/") or "/", ("jailer-tui",)
    home = os.environ.get("HOME", "")
    if not home.startswith("/"):
        raise FileNotFoundError(errno.ENOENT, "no home directory")
    return home.rstrip("/") or "/", (".local", "state", "jailer-tui")


def _refuse_others(folder: int) -> None:
    status = os.fstat(folder)
    if status.st_uid != os.geteuid() or status.st_mode & stat.S_IWOTH:
        raise PermissionError(errno.EPERM, "it belongs to another user")
