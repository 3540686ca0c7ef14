"""The rc scripts of the host except for jail: pf, sysctl and the daemons of the base system.

pf is recorded in 06 and 10, cron in 12; the other daemons follow rc.subr's same words.
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core.simulator.kernel import messages
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say
from jailer_core.simulator.rc import daemons, rcconf
from jailer_core.simulator.rc.service import service


@service("pf")
def pf(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    if action == "stop":
        if machine.state.pf.enabled:
            yield Say("Disabling pf.\n")
            yield from _quietly(machine, call, "pfctl", "-d")
        return 0
    if action == "status":
        yield from machine.exec(replace(call, argv=("pfctl", "-s", "info")))
        return 0 if machine.state.pf.enabled else 1
    rules = rcconf.variables(machine, "", "pf").get("pf_rules", "/etc/pf.conf")
    if action not in ("start", "reload", "check", "resync"):
        return 0
    if not machine.files.exists(rules):
        warning = f"/etc/rc.d/pf: WARNING: {rules} is not readable."
        messages.log(machine.state, f"root[{machine.state.next('pid')}]", warning)
        yield Say(f"{warning}\n", error=True)
        return 1
    if action == "start":
        yield Say("Enabling pf.\n")
        status = yield from machine.exec(replace(call, argv=("pfctl", "-f", rules)))
        if not machine.state.pf.enabled:
            yield from _quietly(machine, call, "pfctl", "-e")
        return status
    yield Say({"check": "Checking pf rules.\n"}.get(action, "Reloading pf rules.\n"))
    status = yield from machine.exec(replace(call, argv=("pfctl", "-n", "-f", rules)))
    if status == 0 and action != "check":
        status = yield from machine.exec(replace(call, argv=("pfctl", "-f", rules)))
    return status


def _quietly(machine: Machine, call: Call, *argv: str) -> Running:
    yield from ()
    machine.now_run(argv, call)
    return 0


@service("sysctl")
def sysctl(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    """Set what /etc/sysctl.conf says."""
    for line in (rcconf.read_text(machine, "/etc/sysctl.conf") or "").splitlines():
        word = line.partition("#")[0].replace(" ", "")
        if "=" in word:
            yield from machine.exec(replace(call, argv=("sysctl", word)))
    return 0


def _daemon(machine: Machine, call: Call, name: str, action: str) -> Running:
    """start, stop, restart and status of a daemon, as rc.subr does them."""
    values = rcconf.variables(machine, rcconf.root_of(machine, call), name)
    if action in ("stop", "restart"):
        pids = daemons.stop(machine, name, call.jid)
        if pids:
            yield Say(f"Stopping {name}.\nWaiting for PIDS: {pids[0]}.\n")
        else:
            yield Say(f"{name} not running? (check /var/run/{name}.pid).\n")  # not recorded
    running = daemons.running(machine, name, call.jid)
    if action in ("start", "restart"):
        if running:
            # not recorded
            yield Say(f"{name} already running?  (pid={running[0].pid}).\n")
            return 1
        yield Say(f"Starting {name}.\n")
        daemons.start(machine, name, values, call.jid)
    if action == "status":
        if not running:
            yield Say(f"{name} is not running.\n")  # not recorded
            return 1
        yield Say(f"{name} is running as pid {running[0].pid}.\n")
    return 0


def _register(name: str) -> None:
    @service(name)
    def script(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
        return (yield from _daemon(machine, call, name, action))


for _name in (*daemons.BASE, *daemons.PACKAGES):
    _register(_name)
