"""The host of the recordings 13 to 18 (15.0), as far as they tell of it, and what is not simulated.

They are single facts, not one story: each session begins on the same host.
"""

from __future__ import annotations

from functools import cache

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from jailer_core.simulator.tools.archives import archive
from tests.core.sim.replay import Renaming, read_recording
from tests.core.sim.seeds import run
from tests.mould import Mould

SESSIONS = ("13", "14", "15", "16", "17", "18")
_NAMES = Renaming(
    {
        "fd1dafdc": "teb",
        "app0": "web01",
        "www0": "web",
        "10.0.2.21": "10.0.2.40",
        "15.1-RELEASE-p1": "15.0-RELEASE",
        "15.1-RELEASE": "15.0-RELEASE",
        "epair4": "epair1",
        "epair4a": "epair1a",
        "epair4b": "epair1b",
    }
)
_OF_THAT_HOST = "which jails, cards, services and mounts that host had"
_OF_THAT_MINUTE = "what was busy in that minute"
_OTHER_WORDS = "a file of the base system that the simulated host has in other words, or not at all"
_NOT_ASKED = "the core does not ask for it"
_CHANGED_BY_HAND = "files were changed in between, which is not recorded"

DIFFERENT: dict[tuple[str, int], str] = {
    **{("13", line): _OF_THAT_HOST for line in (27, 30, 32, 35, 39)},
    ("13", 12): "a module that could not be loaded there",
    **{("13", line): _NOT_ASKED for line in (29, 33, 34)},
    ("14", 26): "children are listed in the order of a hash",
    **{("14", line): _CHANGED_BY_HAND for line in (28, 29, 30, 32)},
    **{("14", line): _NOT_ASKED for line in (61, 63, 65, 68)},
    **{("15", line): _OF_THAT_HOST for line in (10, 12, 18)},
    **{("17", line): "parameters of System V IPC" for line in (20, 21, 22)},
    **{("17", line): _NOT_ASKED for line in (23, 49, 54, 55, 57, 63)},
    **{("17", line): _OF_THAT_HOST for line in (40, 41, 59, 64)},
    **{("17", line): _OF_THAT_MINUTE for line in (50, 51, 52, 53)},
    **{("18", line): _OTHER_WORDS for line in (2, 3, 4, 5, 7, 8)},
    **{("18", line): _OF_THAT_HOST for line in (11, 20)},
    **{("18", line): _NOT_ASKED for line in (12, 18)},
}
"""Recorded answers that the simulated host does not give, and why."""

_LISTED = ("fetch", "-o", "-", "http://10.0.2.2:8099/releases/amd64/")

SAYS_SO = (
    *(("14", line) for line in (61, 63, 65, 68)),
    *(("13", line) for line in (29, 33, 34)),
    *(("17", line) for line in (23, 49, 54, 57, 63)),
    *(("18", line) for line in (12, 18)),
)
"""Commands to which it must answer that they are not simulated."""


@cache
def _host() -> Mould:
    machine = Machine(_NAMES.state(build("small").state))
    run(machine, "jail", "-f", "/etc/jail.conf.d/99d6c13c.conf", "-r", "99d6c13c")
    run(machine, "rm", "/etc/jail.conf.d/99d6c13c.conf")
    run(machine, "zfs", "destroy", "-r", "zroot/jails/99d6c13c")
    run(machine, "sysrc", "jail_list=teb")
    run(machine, "rm", "/usr/local/etc/dhcpd.conf")
    run(machine, "mkdir", "-m", "0700", "/usr/local/etc/jailer-tui")
    machine.files.write("/etc/pf.conf", b'nat-anchor "jailer/*"\nrdr-anchor "jailer/*"\n')
    run(machine, "pfctl", "-q", "-f", "/etc/pf.conf")
    run(machine, "pfctl", "-e")
    machine.state.mirror |= _served()
    for words in (["include", "1"], ["include", "2"], ["include", "3"], ["path", "bpf*", "unhide"]):
        run(machine, "devfs", "rule", "-s", "61", "add", *words)
    (inside,) = (one for one in machine.state.mounts if one.path == "/usr/local/jails/teb/dev")
    inside.ruleset = 61
    return Mould(machine)


def _served() -> dict[str, str]:
    """What the mirror of recording 18 holds."""
    releases = "http://10.0.2.2:8099/releases/amd64/"
    (listing,) = (entry for entry in read_recording("18") if entry.pipe[-1:] == (_LISTED,))
    base = archive("base 15.0-RELEASE -", 25083872)
    return {releases: listing.stdout, f"{releases}15.0-RELEASE/base.txz": base}


def host() -> Machine:
    """That host, as each session finds it."""
    return _host().cast()
