"""`/bin/sh /etc/rc` and `/etc/rc.shutdown` inside a jail: effects and output (03, 04, 12)."""

from __future__ import annotations

import time

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait
from jailer_core.simulator.net import netif
from jailer_core.simulator.rc import daemons, rcconf

SCRIPTS = ("/etc/rc", "/etc/rc.shutdown")
_LDCONFIG = (
    "ELF ldconfig path: /lib /usr/lib /usr/lib/compat\n32-bit compatibility ldconfig path:\n"
)
_RELEASE = "Updating /var/run/os-release done.\n"
_LOGS = "Creating and/or trimming log files.\n"
_TMP = "Clearing /tmp (X related).\n"
_MOTD = "Updating motd:.\n"


def boot(machine: Machine, call: Call) -> Running:
    """Run /etc/rc in the jail of the call; about two seconds, more when it asks for DHCP."""
    values = rcconf.variables(machine, rcconf.root_of(machine, call))
    jail = machine.state.jails[call.jid]
    yield Wait(0.3)
    yield Say(_LDCONFIG)
    if jail.vnet:
        yield from netif.boot_network(machine, call)
        order = (_RELEASE, _LOGS, _TMP, _MOTD)
    else:
        order = (_TMP, _LOGS, _MOTD, _RELEASE)
    for line in order:
        yield Wait(0.15)
        yield Say(line)
    for name in daemons.enabled(values):
        yield Wait(0.2)
        daemons.start(machine, name, values, call.jid)
        yield Say(f"Starting {name}.\n")
    yield Say(f"\n{today(machine)}\n")
    return 0


def shutdown(machine: Machine, call: Call) -> Running:
    """Run /etc/rc.shutdown in the jail of the call: daemons end, the last started first."""
    values = rcconf.variables(machine, rcconf.root_of(machine, call))
    yield Wait(0.2)
    for name in reversed(daemons.enabled(values)):
        pids = daemons.running(machine, name, call.jid)
        if name in daemons.KEPT_AT_SHUTDOWN or not pids:
            continue
        yield Say(f"Stopping {name}.\n")
        yield Wait(0.3)
        daemons.stop(machine, name, call.jid)
        yield Say(f"Waiting for PIDS: {pids[0].pid}.\nTerminated\n.\n")
    return 0


def today(machine: Machine) -> str:
    """The present time as date(1) shows it."""
    return time.strftime("%a %b %e %H:%M:%S UTC %Y", time.gmtime(machine.state.now))
