"""Single facts of FreeBSD 15.0 (recordings 13 to 17): what is simulated answers as recorded.

They are of another host than the first twelve and not one story: each recording has a machine of
its own, on which the recorded jail `teb` has another name.
"""

from __future__ import annotations

import re

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from tests.core.sim.replay import Renaming, read_recording, replay, run_pipe

NAMES = Renaming({"teb": "app0"})

OTHER = "other jails, interfaces, programs and files than on the recorded host"
UNUSED = "the core never asks it"
NOT_SIMULATED: dict[str, dict[str, str]] = {
    "13": {
        "ifconfig (-a.*|-l ether)": OTHER,
        "(netstat|arp|sockstat) .*": OTHER,
        "ndp .*": UNUSED,
        "kldload if_lagg": "why that host could not load it is not recorded",
        "ifconfig vlan0": "an IPv6 address is tentative in its first second",
        "ifconfig bridge1": "the bridge id of a bridge that is down, and other port numbers",
    },
    "14": {
        "zfs (create -V|list|get|destroy -nvpr) .*": "volumes, bookmarks, encryption: refused",
        "zfs (bookmark|jail|unjail|unload-key|userspace|send|allow) .*": "refused",
        "zfs (create -o|unmount|mount|rename) .*": "datasets with keys, or lent to a jail",
        "zfs holds .*": "the month that compare.py takes for a word",
        "zfs diff .*": "what was done to the files in between is not recorded",
        "jexec .*": "a jail without /dev/zfs",
        "zpool .*": UNUSED,
    },
    "15": {
        "service (jail status|-e)": OTHER,
        "(sysrc -ae?|service jail rcvar)": "a shell complains about lines that set nothing",
    },
    "16": {
        "(13|14) pfctl -nvf -": "pass and match are read loosely",
        "(30|33) pfctl -a jailer -s Anchors": "15.0 complains besides, 15.1 does not (06)",
    },
    "17": {
        "sysctl .*": "parameters of jails and counters that the core never asks for",
        "jls .*": "meta and env",
        "jexec app0 mount": OTHER,
        "mount -p": OTHER,
        "(ps|procstat|top|vmstat|iostat|gstat|killall) .*": UNUSED,
        "(service|freebsd-version) .*": OTHER,
        "read /bin/freebsd-version": OTHER,
    },
}


def prepared(session: str) -> Machine:
    """The small host in the state in which that recording begins, as far as it matters."""
    machine = build("small")
    if session == "15":
        main = next(entry.text for entry in read_recording("15") if "hostname=" in entry.text)
        machine.files.write("/etc/rc.conf", NAMES.text(main).encode())
    if session == "16":
        anchors = 'nat-anchor "jailer/*"\nrdr-anchor "jailer/*"\n'
        run_pipe(machine, [("kldload", "-n", "pf"), ("pfctl", "-e")])
        run_pipe(machine, [("pfctl", "-f", "-")], anchors)
    return machine


@pytest.mark.parametrize("session", NOT_SIMULATED)
def test_it_answers_as_recorded(session: str) -> None:
    known = NOT_SIMULATED[session]
    needed: set[str] = set()
    for difference in replay(prepared(session), session, renaming=NAMES):
        words = (difference.command, f"{difference.line} {difference.command}")
        fitting = [
            one for one in known if any(re.fullmatch(one, word, re.DOTALL) for word in words)
        ]
        assert fitting, str(difference)
        needed |= set(fitting)
    assert needed == set(known)
