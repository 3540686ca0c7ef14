"""Build two command lines: ssh(1)'s here, and the one that the remote login shell reads.

This is the only place that quotes for a shell. The login shell may be sh, csh, tcsh, bash, zsh or
fish: a word is put in single quotes, and what one of these shells reads in single quotes (a quote,
an exclamation mark, a backslash) is written outside of them with a backslash before it.
"""

from __future__ import annotations

import os
import re
import shlex
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

from jailer_core.errors import UsageError
from jailer_core.host.ssh.definitions import HostEntry

ALIVE = 5
"""Seconds between two signs of life; after three that were not answered, ssh gives up."""
TIMEOUT = 15
"""Seconds for a connection to come about."""
PERSIST = "60"
"""Seconds that an unused connection is kept. ssh keeps it in a process of its own, so that the
program that made it can end without taking it from others."""
PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11", "python3")
NO_PYTHON = "jailer-tui: no Python 3.11 or newer was found"
BECOME = {"doas": ("doas", "-n", "--"), "sudo": ("sudo", "-n", "--")}
"""What makes root of a login, and fails where that needs a password."""
_SPECIAL = re.compile(r"(['!\\]+)")
_FIRST = "import sys; f = sys.stdin.buffer; exec(f.read(int(f.readline())))"
"""What Python runs: as many bytes of source as its first line of input says."""
_PATH = "/usr/local/bin:/usr/local/sbin:/usr/bin:/bin:/usr/sbin:/sbin"


def quoted(word: str) -> str:
    """Quote a word for any login shell. Raises UsageError if that is impossible."""
    if "\n" in word or "\r" in word or "\0" in word:
        raise UsageError("a word of a remote command has a line break in it")
    made = ""
    for index, part in enumerate(_SPECIAL.split(word)):
        special = index % 2
        made += "".join(f"\\{letter}" for letter in part) if special else f"'{part}'" * bool(part)
    return made or "''"


def joined(argv: Sequence[str]) -> str:
    """A command for the login shell. Raises UsageError."""
    return " ".join(map(quoted, argv))


def remote(entry: HostEntry) -> str:
    """The command line for the login shell of that host. Raises UsageError."""
    become = BECOME.get(entry.become, ())
    if entry.agent:
        return joined((*become, *entry.agent))
    return joined(("/bin/sh", "-c", _script(become)))


def missing(program: str) -> str:
    """What is printed where doas or sudo is not installed."""
    return f"jailer-tui: {program} was not found"


def _script(become: Sequence[str]) -> str:
    """For sh(1): find a Python that is new enough, become root, and run what comes next."""
    fits = '"$p" -c "import sys; sys.exit(sys.version_info < (3, 11))" 2>/dev/null'
    run = f'"$p" -I -S -B -c "{_FIRST}"'
    start = f"exec {run}"
    if become:
        lacks = f"{{ echo {missing(become[0])} >&2; exit 127; }}"
        start = (
            f'if test "$(id -u)" -eq 0; then exec {run}; fi; '
            f"command -v {become[0]} >/dev/null || {lacks}; exec {' '.join(become)} {run}"
        )
    return (
        f"PATH={_PATH}:$PATH; export PATH; cd /; "
        f"for n in {' '.join(PYTHONS)}; do "
        f'if p=$(command -v "$n") && {fits}; then {start}; fi; done; '
        f"echo {NO_PYTHON} >&2; exit 127"
    )


def ssh(entry: HostEntry, environ: Mapping[str, str], *, shared: bool = True) -> list[str]:
    """The command that connects. `shared`: another connection to the same host may be used."""
    folder = runtime_folder(environ) if shared else None
    options = {
        "BatchMode": "yes",
        "ConnectTimeout": str(TIMEOUT),
        "ServerAliveInterval": str(ALIVE),
        "ServerAliveCountMax": "3",
        "ControlMaster": "auto" if folder else "no",
        "ControlPath": f"{folder}/%C" if folder else "none",
        "ControlPersist": PERSIST if folder else "no",
        "ClearAllForwardings": "yes",
        "ForwardAgent": "no",
        "PermitLocalCommand": "no",
        "RequestTTY": "no",
        "RemoteCommand": "none",
        "EscapeChar": "none",
    }
    return ["ssh", *_where(entry), *(f"-o{name}={value}" for name, value in options.items())]


def _where(entry: HostEntry) -> list[str]:
    config = ["-F", entry.config] if entry.config else []
    port = ["-p", str(entry.port)] if entry.port else []
    return [*config, *port, *(["-l", entry.user] if entry.user else [])]


def connecting(entry: HostEntry, environ: Mapping[str, str], *, shared: bool = True) -> list[str]:
    """The whole command. Raises UsageError."""
    return [*ssh(entry, environ, shared=shared), "--", entry.ssh, remote(entry)]


def terminal(entry: HostEntry, environ: Mapping[str, str], argv: Sequence[str]) -> list[str]:
    """A command there on the terminal of this program. Raises UsageError."""
    become = {"doas": ("doas",), "sudo": ("sudo",)}.get(entry.become, ())
    options = ssh(entry, environ)
    options[options.index("-oRequestTTY=no")] = "-oRequestTTY=yes"
    return [*options, "--", entry.ssh, joined((*become, *argv))]


def by_hand(entry: HostEntry) -> str:
    """The command that a user runs once by hand to answer ssh's questions."""
    return shlex.join(["ssh", *_where(entry), entry.ssh])


def runtime_folder(environ: Mapping[str, str]) -> str | None:
    """A directory that only this user can write to, for the sockets of connections."""
    given = environ.get("XDG_RUNTIME_DIR", "")
    base = Path(given) if given.startswith("/") else Path("/tmp")  # noqa: S108 - checked below
    folder = base / (f"jailer-tui-{os.geteuid()}" if not given.startswith("/") else "jailer-tui")
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        status = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(status.st_mode) and not status.st_mode & 0o077
    if status.st_uid != os.geteuid() or not private or len(str(folder)) > 50:
        return None
    return str(folder)
