"""sysctl(8) and kernel modules (recordings 01, 06, 07, 10)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from jailer_core.simulator.demo import activity
from jailer_core.simulator.jails import parameter_sysctl
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.net import network

SETTABLE = {
    "net.inet.ip.forwarding": "0",
    "net.inet6.ip6.forwarding": "0",
    "net.inet6.ip6.rfc6204w3": "0",
    "net.inet6.ip6.no_radr": "0",
    "net.link.bridge.member_ifaddrs": "0",
    "net.link.bridge.pfil_member": "1",
    "net.link.bridge.pfil_bridge": "1",
    "net.link.bridge.pfil_onlyip": "1",
    "security.jail.param.children.max": "0",
    "kern.maxproc": "33100",
    "kern.maxfiles": "128204",
    "vfs.zfs.arc.max": "0",
}
"""What may be set, and its value after boot. Only the forwarding ones are recorded."""

Reader = Callable[[Machine, Call], str]


def _boottime(machine: Machine, call: Call) -> str:
    seconds = machine.state.boot_time
    text = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(seconds))
    return f"{{ sec = {int(seconds)}, usec = {int(seconds % 1 * 1e6) or 893685} }} {text}"


def _hostname(machine: Machine, call: Call) -> str:
    jail = machine.state.jails.get(call.jid)
    return (jail.params.get("host.hostname", [""]))[0] if jail else machine.state.hostname


def _loadavg(machine: Machine, call: Call) -> str:
    return "{ " + " ".join(f"{one:.2f}" for one in activity.load(machine)) + " }"


READERS: Mapping[str, Reader] = {
    "kern.hostname": _hostname,
    "kern.osrelease": lambda machine, _call: machine.state.release,
    "kern.ostype": lambda _machine, _call: "FreeBSD",
    "kern.osreldate": lambda machine, _call: _osreldate(machine.state.release),
    "hw.machine": lambda machine, _call: machine.state.arch,
    "hw.machine_arch": lambda machine, _call: machine.state.arch,
    "hw.ncpu": lambda _machine, _call: str(activity.CPUS),
    "hw.physmem": lambda _machine, _call: str(activity.MEMORY),
    "hw.pagesize": lambda _machine, _call: str(activity.PAGE),
    "vm.loadavg": _loadavg,
    "kern.boottime": _boottime,
    "kern.racct.enable": lambda machine, _call: machine.state.sysctl.get("kern.racct.enable", "1"),
    "security.jail.jailed": lambda _machine, call: str(int(bool(call.jid))),
    "security.jail.vnet": lambda machine, call: str(
        int(bool(call.jid) and network.stack_of(machine.state, call.jid) == call.jid)
    ),
    "kern.features.vimage": lambda machine, _call: machine.state.sysctl.get(
        "kern.features.vimage", "1"
    ),
    "kern.cp_time": lambda machine, _call: " ".join(map(str, activity.cp_time(machine))),
    "vm.stats.vm.v_page_count": lambda machine, _call: str(activity.pages(machine)[0]),
    "vm.stats.vm.v_free_count": lambda machine, _call: str(activity.pages(machine)[1]),
    "vm.stats.vm.v_inactive_count": lambda _machine, _call: "6912",
    "vm.stats.vm.v_laundry_count": lambda _machine, _call: "0",
    "vm.stats.vm.v_active_count": lambda _machine, _call: "8704",
    "vm.stats.vm.v_wire_count": lambda _machine, _call: "157184",
    "kstat.zfs.misc.arcstats.size": lambda _machine, _call: "175112192",
    "kern.securelevel": lambda _machine, _call: "-1",
}


def _osreldate(release: str) -> str:
    major, _, minor = release.partition("-")[0].partition(".")
    return f"{major}{int(minor or 0):02d}000"


def value_of(machine: Machine, call: Call, name: str) -> str | None:
    """The value of a sysctl variable, None when there is none of that name."""
    reader = READERS.get(name)
    if reader is not None:
        return reader(machine, call)
    return machine.state.sysctl.get(name, SETTABLE.get(name))


@command("sysctl")
def sysctl(machine: Machine, call: Call) -> Running:
    letters = {letter for word in call.args if word.startswith("-") for letter in word[1:]}
    status = 0
    for word in call.args:
        if word.startswith("-"):
            continue
        if word == parameter_sysctl.PREFIX:
            yield Say(_parameters(letters))
            continue
        name, sign, wanted = word.partition("=")
        before = value_of(machine, call, name)
        if before is None:
            if "i" not in letters:
                status = yield from fail("sysctl", _unknown(name))
        elif sign:
            status = (yield from _set(machine, call, name, before, wanted)) or status
        else:
            yield Say(before + "\n" if "n" in letters else f"{name}: {before}\n")
    return status


def _unknown(name: str) -> str:
    """A node with variables below it is known; what is printed of it is not simulated."""
    below = (*READERS, *SETTABLE, f"{parameter_sysctl.PREFIX}.")
    if any(known.startswith(f"{name}.") for known in below):
        return f"{name} is not simulated"
    return f"unknown oid '{name}'"  # not recorded


def _parameters(letters: set[str]) -> str:
    """The subtree of jail parameters: -N names, -d descriptions, else values (recording 17)."""
    head = parameter_sysctl.PREFIX
    if "N" in letters:
        names = (name for name, _ in parameter_sysctl.descriptions() if name)
        return "".join(f"{head}{name}\n" for name in names)
    rows = parameter_sysctl.descriptions() if "d" in letters else parameter_sysctl.values()
    return "".join(f"{head}{name}: {text}\n" for name, text in rows)


def _set(machine: Machine, call: Call, name: str, before: str, wanted: str) -> Running:
    if name in READERS:
        return (yield from fail("sysctl", f"oid '{name}' is read only"))  # not recorded
    if not call.root or call.jid:
        # not recorded
        return (yield from fail("sysctl", f"{name}={wanted}: Operation not permitted"))
    machine.state.sysctl[name] = wanted
    if wanted == SETTABLE.get(name):
        machine.state.sysctl.pop(name)
    yield Say(f"{name}: {before} -> {wanted}\n")
    return 0


@command("kldstat")
def kldstat(machine: Machine, call: Call) -> Running:
    words = [word for word in call.args if not word.startswith("-")]
    if "-m" in call.args and words:
        if words[0] in machine.state.modules:
            return 0
        if "-q" in call.args:
            return 1
        # not recorded
        missing = f"can't find module {words[0]}: No such file or directory"
        return (yield from fail("kldstat", missing))
    yield Say("Id Refs Address                Size Name\n")  # not recorded
    for number, name in enumerate(machine.state.modules, 1):
        yield Say(f"{number:2d}    1 0xffffffff82000000    10000 {name}.ko\n")
    return 0


@command("kldload", "kldunload")
def kldload(machine: Machine, call: Call) -> Running:
    program = call.argv[0].rpartition("/")[2]
    modules = machine.state.modules
    for name in [word for word in call.args if not word.startswith("-")]:
        if not call.root:
            # not recorded
            return (yield from fail(program, f"can't load {name}: Operation not permitted"))
        if program == "kldload":
            if name in modules:
                if "-n" in call.args:
                    continue
                said = f"can't load {name}: module already loaded or in kernel"
                return (yield from fail(program, said))
            modules.append(name)
        if program == "kldunload":
            if name not in modules:
                # not recorded
                return (yield from fail(program, f"can't find file {name}"))
            modules.remove(name)
        if name == "pflog":
            _pflog(machine, there=program == "kldload")
        if name == "pf":
            machine.state.pf.loaded = program == "kldload"
            machine.state.pf.enabled = False
            machine.state.pf.nat.clear()
            machine.state.pf.rules.clear()
    return 0


def _pflog(machine: Machine, *, there: bool) -> None:
    """The interface comes and goes with its module (recording 13)."""
    if there:
        network.add(machine.state, "pflog0", "pflog")
    else:
        network.detach(machine.state, network.get(machine.state, 0, "pflog0"))
