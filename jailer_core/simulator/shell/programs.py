"""Run a program by its path, found as by execvp(2): a command of the host, or a script."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import COMMANDS, Call, Machine, Running, fail
from jailer_core.simulator.kernel.paths import Paths


class LeftBehind(Exception):  # noqa: N818 - no error, a way out
    """A command in the background would wait now: it remains as a process."""


Missing = Callable[[tuple[str, ...]], Running]


BASE = ("/bin", "/sbin", "/usr/bin", "/usr/sbin")


def script(machine: Machine, call: Call, name: str) -> str | None:
    """The text of a script at a path, seen from where the caller is; None when there is none."""
    if "/" not in name:
        return None
    try:
        text = Paths(machine, call).read(name).decode(errors="surrogateescape")
    except SimOSError:
        return None
    return text if text.startswith("#!") else None


def execute(machine: Machine, call: Call, missing: Missing | None = None) -> Running:
    """Run a program; `missing` says so when there is none, else sh's words do.

    A script of one's own goes before a program of the same name.
    """
    name = call.argv[0] if call.argv else ""
    folder, _, last = name.rpartition("/")
    if folder not in BASE and script(machine, call, name) is not None:
        return (yield from machine.exec(replace(call, argv=("sh", *call.argv))))
    if last in COMMANDS:
        return (yield from machine.exec(call))
    if missing is not None:
        return (yield from missing(call.argv))
    return (yield from fail("sh", f"{name}: not found", 127))
