"""The SSH connection through which this program was started.

sshd(8) says so in the environment. doas, sudo and `su -` drop that; the shell before them, a
parent of this program, still has it: procstat(1) shows the environment of a process to root.
Not recorded: only `SSH_CONNECTION=…` is looked for in what it prints.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping

from jailer_core import ssh_client
from jailer_core.ssh_client import VARIABLE, Connection

TIMEOUT = 5.0
PARENTS = ("ps", "-ax", "-o", "pid,ppid")
"""With its headings: FreeBSD's ps takes all after a `=` for the heading, commas too."""
ENVIRONMENTS = ("procstat", "-e")
_FOUND = re.compile(rf"\b{VARIABLE}=(\S+ \d+ \S+ \d+)(?!\d)")


def connected(environ: Mapping[str, str]) -> Connection | None:
    """The connection, None for who sits in front of the machine (or where nothing tells)."""
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
    """What the environments of processes say of a connection, "" when nothing."""
    match = _FOUND.search(text)
    return match[1] if match else ""


def _said(argv: tuple[str, ...]) -> str:
    """What a command prints, however it ends: some of the processes may be gone."""
    try:
        done = subprocess.run(argv, capture_output=True, timeout=TIMEOUT, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace")
