"""Choose the host that the program works on: this machine, or a simulated one."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jailer_core import ssh_client
from jailer_core.errors import FileFailed, Refused, UsageError

if TYPE_CHECKING:
    from jailer_core.host import Host
    from jailer_core.host.ssh.definitions import Chosen, HostEntry

SCENARIOS = ("fresh", "small", "busy", "wired", "trouble", "large")
"""The same as in simulated.scenarios (a test compares), which takes long to import."""

DEFAULT = "busy"
SSH = "JAILER_TUI_DEMO_SSH"
"""The environment's name for the connection over which one comes to a simulated host, written
like SSH_CONNECTION: to see what a change does that may cut it."""
PACE = 0.3
"""Seconds that a user of the demo waits for one second of the simulated host."""


@dataclass(frozen=True, slots=True)
class Choice:
    """`scenario` is "" for this machine; `state` is the file that a simulated one is kept in."""

    scenario: str = ""
    state: str = ""


def is_freebsd() -> bool:
    """Whether this machine can have jails."""
    return sys.platform.startswith("freebsd")


def system() -> str:
    """What this machine runs, for messages."""
    return os.uname().sysname


def open_host(choice: Choice, *, live: bool = False, pace: float | None = None) -> Host:
    """Open the host. `live` makes a simulated one's clock and loads move by themselves.

    `pace` is how many real seconds one second of a simulated host takes (default PACE).

    Raises Refused where there are no jails, UsageError for a state file that is none.
    """
    if choice.scenario:
        return _simulated(choice, live=live, pace=PACE if pace is None else pace)
    if not is_freebsd():
        raise Refused(
            f"this is {system()}, not FreeBSD: there are no jails here",
            "Add --demo to work on a simulated host.",
        )
    from jailer_core.host.local import LocalHost  # noqa: PLC0415 - one kind of host is enough

    return LocalHost()


def chosen(words: Sequence[str]) -> Chosen:
    """The hosts for the words after --host. Raises UsageError."""
    from jailer_core import settings  # noqa: PLC0415 - only for other hosts
    from jailer_core.host.ssh import definitions as hosts  # noqa: PLC0415

    known = hosts.known(settings.require(os.environ, "host").hosts)
    return hosts.choose(words, known, SCENARIOS)


async def open_entry(entry: HostEntry, *, live: bool = False) -> Host:
    """Open a host, and connect to it. Raises ConnectFailed, Refused, UsageError."""
    if not entry.remote:
        return open_host(Choice(entry.demo), live=live)
    from jailer_core.host.ssh.connect import connect  # noqa: PLC0415 - only for other hosts
    from jailer_core.host.ssh.keeper import SingleHost  # noqa: PLC0415
    from jailer_tui import __version__  # noqa: PLC0415

    return await SingleHost.opened(entry.name, await connect(entry, __version__))


def _simulated(choice: Choice, *, live: bool, pace: float) -> Host:
    from jailer_core.simulator import persist, scenarios  # noqa: PLC0415
    from jailer_core.simulator.host import SimulatedHost  # noqa: PLC0415

    if choice.state and os.path.lexists(choice.state):
        try:
            machine = persist.load(choice.state)
        except FileFailed as error:
            raise UsageError(
                f"--state {choice.state}: {error.reason}",
                "Give the name of a new file, or of one that --state made.",
            ) from None
    else:
        machine = scenarios.build(choice.scenario)
    host = SimulatedHost(machine, pace=pace, live=live)
    host.connection = ssh_client.of({ssh_client.VARIABLE: os.environ.get(SSH, "")})
    return host


def keep(host: Host, choice: Choice) -> None:
    """Write the simulated host to its state file, if any. Raises UsageError."""
    if not choice.state:
        return
    from jailer_core.simulator import persist  # noqa: PLC0415
    from jailer_core.simulator.host import SimulatedHost  # noqa: PLC0415

    if isinstance(host, SimulatedHost):
        try:
            persist.save(host.machine, choice.state)
        except FileFailed as error:
            raise UsageError(f"--state {choice.state}: {error.reason}") from None


def program(host: Host) -> str:
    """The absolute path of this program for cron, or "" if it is not installed."""
    if host.simulated:
        return "/usr/local/bin/jailer-tui"
    from jailer_core.host import optional  # noqa: PLC0415 - rarely needed

    if optional.executor_of(host) is not None:
        return ""  # another machine: what is installed here says nothing
    import shutil  # noqa: PLC0415 - rarely needed

    called = sys.argv[0] if sys.argv[0].endswith(("jailer-tui", ".pyz")) else "jailer-tui"
    path = shutil.which(called)
    return os.path.abspath(path) if path else ""  # noqa: PTH100 - links stay as they are
