"""top(1) in batch mode (recordings 07 and 08)."""

from __future__ import annotations

import time

from jailer_core.host.simulated import life
from jailer_core.host.simulated.kernel import Call, Machine, Running, Say, command
from jailer_core.host.simulated.sockstat import program
from jailer_core.host.simulated.state import SimProcess

_COMPLAINT = "top: invalid locale, check your environment\n"


@command("top")
def top(machine: Machine, call: Call) -> Running:
    yield Say(_COMPLAINT, error=True)
    words = list(call.args)
    jid = call.jid
    if "-J" in words:
        name = "".join(words[words.index("-J") + 1 : words.index("-J") + 2])
        jail = machine.jail_named(name)
        if jail is None:
            yield Say(f"{name}: unknown jail\n", error=True)
            return 1
        jid = jail.jid
    limit = int(words[-1]) if words and words[-1].isdigit() else 18
    mine = [one for one in machine.state.processes.values() if one.jid == jid or not jid]
    mine.sort(key=lambda one: (-life.cpu(machine, one), -one.pid))
    me = SimProcess(machine.state.next("pid"), 1, jid, "top", rss=3040, vsz=15360, state="R")
    yield Say(_head(machine, len(mine) + 1))
    for one in [me, *mine][:limit]:
        yield Say(_line(machine, one))
    yield Say("\n")
    return 0


def _head(machine: Machine, count: int) -> str:
    state = machine.state
    up = int(state.now - state.boot_time)
    clock = time.strftime("%H:%M:%S", time.gmtime(state.now))
    days = f"{up // 86400}+{up // 3600 % 24:02d}:{up // 60 % 60:02d}:{up % 60:02d}"
    loads = ",".join(f"  {one:6.2f}" for one in life.load(machine))
    used = life.busy(machine) / life.CPUS
    free = life.pages(machine)[1] * life.PAGE >> 20
    return (
        f"last pid: {state.counters['pid']:>5};  load averages:{loads}  up {days}    {clock}\n"
        f"{count} processes:   1 running, {count - 1} sleeping\n"
        f"CPU: {used * 2 / 3:4.1f}% user,  0.0% nice, {used / 3:4.1f}% system,  0.1% interrupt, "
        f"{100 - used:4.1f}% idle\n"
        f"Mem: 34M Active, 27M Inact, 614M Wired, 91M Buf, {free}M Free\n"
        "ARC: 167M Total, 101M MFU, 49M MRU, 896K Anon, 1454K Header, 10M Other\n"
        "     120M Compressed, 276M Uncompressed, 2.31:1 Ratio\n\n"
        "  PID USERNAME    THR PRI NICE   SIZE    RES STATE    C   TIME    WCPU COMMAND\n"
    )


def _line(machine: Machine, one: SimProcess) -> str:
    state = "CPU0" if one.state == "R" else "nanslp" if "cron" in one.command else "kqread"
    return (
        f"{one.pid:5d} {one.user:<11} {1:3d} {20:3d} {0:4d} {one.vsz >> 10:5d}M "
        f"{life.rss(machine, one):5d}K {state:<8} 0   0:00 {life.cpu(machine, one):6.2f}% "
        f"{program(one)}\n"
    )
