"""What can be asked for inside jails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register

AT_ONCE = 4
"""How many jails a command runs in at the same time when nobody says otherwise."""


@register
@dataclass(frozen=True, slots=True)
class Exec(Request):
    """Run one command in jails, side by side.

    `user` is one of the jail's ("" is root), `seconds` how long it may take in each (0: for
    ever), `at_once` in how many jails it runs at the same time.
    """

    names: tuple[str, ...]
    argv: tuple[str, ...]
    user: str = ""
    seconds: float = 0.0
    at_once: int = AT_ONCE
    op: ClassVar[str] = "exec"


@register
@dataclass(frozen=True, slots=True)
class Packages(Request):
    """Let pkg(8) do something in jails; `words` are what follows the verb, names or options."""

    names: tuple[str, ...]
    verb: str
    words: tuple[str, ...] = ()
    seconds: float = 0.0
    at_once: int = AT_ONCE
    op: ClassVar[str] = "pkg"


@register
@dataclass(frozen=True, slots=True)
class Services(Request):
    """Let service(8) do something in jails; without a service: tell which start at boot."""

    names: tuple[str, ...]
    service: str = ""
    action: str = ""
    seconds: float = 0.0
    at_once: int = AT_ONCE
    op: ClassVar[str] = "service"


Command = Exec | Packages | Services


@register
@dataclass(frozen=True, slots=True)
class Signal(Request):
    """Send a signal to a process of a jail; `command` is how ps shows it now."""

    name: str
    pid: int
    command: str
    signal: str = "TERM"
    op: ClassVar[str] = "signal"
