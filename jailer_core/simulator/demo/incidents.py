"""Incidents on a live host, at times that the scenario sets."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimIncident

LAST_WORDS = "pid 4242 (nginx), jid 7, uid 80, was killed: failed to reclaim memory\n"
"""# not recorded"""


def happen(machine: Machine) -> None:
    """Carry out what is due."""
    due = [incident for incident in machine.state.incidents if incident.due <= machine.state.now]
    for incident in due:
        machine.state.incidents.remove(incident)
        KINDS[incident.kind](machine, incident)


def _dies(machine: Machine, incident: SimIncident) -> None:
    """A jail is gone, without any command of its configuration."""
    jail = machine.jail_named(incident.name)
    if jail is None:
        return
    path = f"/var/log/jail/{incident.name}.log"
    old = machine.files.read(path) if machine.files.exists(path) else b""
    machine.files.write(path, old + LAST_WORDS.encode())
    kernel.remove(machine, jail)


def _degrades(machine: Machine, incident: SimIncident) -> None:
    machine.state.pools[incident.name].health = "DEGRADED"


def _grows(machine: Machine, incident: SimIncident) -> None:
    """A program of a jail takes more and more memory."""
    jail = machine.jail_named(incident.name)
    if jail is not None:
        process = kernel.spawn(machine, "/usr/local/bin/ruby leak.rb", jid=jail.jid)
        process.rss = 96 * 1024


KINDS: Mapping[str, Callable[[Machine, SimIncident], None]] = {
    "dies": _dies,
    "degrades": _degrades,
    "grows": _grows,
}
