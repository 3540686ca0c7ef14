"""Consoles in jails: the command to run, and its terminal environment.

argv(jid, user)   the command; jexec(8) is given the number of the jail, so that no name can be
                  taken for a flag
bare(jid)         the same for a jail that has no login(1): a small image may have only a shell
lacks_login       whether that is what a program said in place of a session
checked(user)     the user's name, or UsageError

login(1) inside makes the session (recording 12: `jexec -l www0 /usr/bin/login -f root`); `-l`
leaves of the environment HOME, SHELL, TERM and USER.
"""

from __future__ import annotations

import re

from jailer_core.errors import UsageError

TERM = "xterm-256color"
"""What our own emulator answers to."""
LOGIN = "/usr/bin/login"
SHELL = "/bin/sh"
ROOT = "root"

_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,31}")


def argv(jid: int, user: str = ROOT) -> tuple[str, ...]:
    """A login session in the jail with that number. Raises UsageError for a bad user name."""
    return ("jexec", "-l", str(jid), LOGIN, "-f", checked(user))


def bare(jid: int) -> tuple[str, ...]:
    """A shell in the jail with that number, as root."""
    return ("jexec", "-l", str(jid), SHELL)


def lacks_login(output: bytes, status: int) -> bool:
    """Whether jexec(8) ended because it found no login(1) (its words as in recording 03)."""
    return status == 1 and f"execvp: {LOGIN}: No such file".encode() in output


def checked(user: str) -> str:
    """The name as it is. Raises UsageError for one that could be a flag or more than a word."""
    if not _USER.fullmatch(user):
        raise UsageError(f"{user!r} is not a user name", "Give a login name, such as root.")
    return user
