"""When the program itself fails: one line for the user, the rest in a file that only he reads.

    report(error)   writes the log, returns the line

The log holds no local variables and no environment: those of a program that manages hosts hold
passwords. What looks like a secret in the message or the arguments is blanked.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
import traceback
from collections.abc import Sequence
from pathlib import Path

from jailer_core.text import visible

HINT = "Please report it with this file, after a look at what it holds."

_SECRET = re.compile(
    r"(?i)(pass(?:word|wd|phrase)?|secret|token|credential|api[-_]?key|auth\w*)"
    r"(['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|\S+)"
)
_URL_LOGIN = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)[^/\s@]+@")
_LONGEST = 2000


def report(error: BaseException) -> str:
    """Write the log and say in one line what happened and where the log is; never raises."""
    said = redacted(summary(error))
    try:
        path = _write(_text(error))
    except OSError as failure:
        return f"internal error: {said} (no log could be written: {failure.strerror})"
    return f"internal error: {said}; details are in {visible(path)}"


def summary(error: BaseException) -> str:
    """The kind of the error and the first line of what it says, safe to print."""
    lines = str(error).splitlines()
    kind = type(error).__name__
    return visible(f"{kind}: {lines[0][:200]}" if lines else kind)


def redacted(text: str) -> str:
    """The text without what looks like a secret, and without the home directory's name."""
    text = _SECRET.sub(r"\1\2[redacted]", text)
    text = _URL_LOGIN.sub(r"\1[redacted]@", text)
    home = os.environ.get("HOME", "")
    return text.replace(home, "~") if len(home) > 1 else text


def _text(error: BaseException) -> str:
    system = os.uname()
    lines = [
        f"when      {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}",
        f"version   {_version()}",
        f"python    {sys.version.split()[0]}",
        f"system    {system.sysname} {system.release} {system.machine}",
        f"terminal  {os.environ.get('TERM', '')}",
        f"arguments {_arguments(sys.argv)}",
        "",
        *(_shortened(line) for line in traceback.format_exception(error)),
    ]
    return redacted("\n".join(lines)) + "\n"


def _shortened(text: str) -> str:
    """Messages of exceptions may quote whole files."""
    safe = "\n".join(visible(line) for line in text.rstrip("\n").split("\n"))
    return safe if len(safe) <= _LONGEST else safe[:_LONGEST] + " [cut]"


def _arguments(argv: Sequence[str]) -> str:
    return " ".join(visible(repr(one)) for one in argv[1:])


def _version() -> str:
    from jailer_tui import __version__  # noqa: PLC0415 - needed only here

    return __version__


def _write(text: str) -> str:
    """A new file of mode 0600, in the user's state directory or where temporary files go."""
    stamp = time.strftime("%Y%m%d-%H%M%S-", time.gmtime())
    error: OSError | None = None
    for folder in (_folder(), tempfile.gettempdir()):
        try:
            Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, path = tempfile.mkstemp(".log", f"crash-{stamp}", folder)
        except OSError as failure:
            error = failure
            continue
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
        return path
    raise error or OSError("no folder")


def _folder() -> str:
    base = os.environ.get("XDG_STATE_HOME", "")
    if not base.startswith("/"):
        base = f"{os.environ.get('HOME') or tempfile.gettempdir()}/.local/state"
    return f"{base}/jailer-tui"
