"""top(1) in batch mode (recordings 07 and 08), and on a terminal (not recorded)."""

from __future__ import annotations

import time

from jailer_core.simulator.demo import activity
from jailer_core.simulator.kernel.machine import Call, Listen, Machine, Running, Say, Tty, command
from jailer_core.simulator.kernel.state import SimProcess
from jailer_core.simulator.net.sockstat import program

REFRESH = 2.0
_COMPLAINT = "top: invalid locale, check your environment\n"


@command("top")
def top(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    if call.terminal is not None and not any(word.startswith("-b") for word in words):
        return (yield from _on_terminal(machine, call, call.terminal))
    yield Say(_COMPLAINT, error=True)
    jid = call.jid
    if "-J" in words:
        name = "".join(words[words.index("-J") + 1 : words.index("-J") + 2])
        jail = machine.jail_named(name)
        if jail is None:
            yield Say(f"{name}: unknown jail\n", error=True)
            return 1
        jid = jail.jid
    limit = int(words[-1]) if words and words[-1].isdigit() else 18
    processes = _busiest(machine, jid)
    me = SimProcess(machine.state.next("pid"), 1, jid, "top", rss=3040, vsz=15360, state="R")
    yield Say(_head(machine, len(processes) + 1))
    for process in [me, *processes][:limit]:
        yield Say(_line(machine, process))
    yield Say("\n")
    return 0


def _busiest(machine: Machine, jid: int) -> list[SimProcess]:
    processes = [
        process for process in machine.state.processes.values() if process.jid == jid or not jid
    ]
    return sorted(processes, key=lambda one: (-activity.cpu(machine, one), -one.pid))


def _on_terminal(machine: Machine, call: Call, terminal: Tty) -> Running:
    """The whole screen, again every two seconds, until q."""
    me = SimProcess(machine.state.next("pid"), 1, call.jid, "top", rss=3040, vsz=15360, state="R")
    yield Say("\x1b[?1049h\x1b[?25l")
    while True:
        processes = [me, *_busiest(machine, call.jid)]
        lines = (
            _head(machine, len(processes))
            + "".join(_line(machine, process) for process in processes)
        ).split("\n")
        shown = [line[: terminal.columns] for line in lines[: terminal.rows - 1]]
        yield Say("\x1b[H" + "\n".join(f"{line}\x1b[K" for line in shown) + "\x1b[J")
        typed = (yield Listen(REFRESH)) or b""
        if b"q" in typed or b"\x03" in typed or call.jid not in {0, *machine.state.jails}:
            break
    yield Say("\x1b[?25h\x1b[?1049l")
    return 0


def _head(machine: Machine, count: int) -> str:
    state = machine.state
    up = int(state.now - state.boot_time)
    clock = time.strftime("%H:%M:%S", time.gmtime(state.now))
    days = f"{up // 86400}+{up // 3600 % 24:02d}:{up // 60 % 60:02d}:{up % 60:02d}"
    loads = ",".join(f"  {one:6.2f}" for one in activity.load(machine))
    used = activity.busy(machine) / activity.CPUS
    free = activity.pages(machine)[1] * activity.PAGE >> 20
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
        f"{activity.rss(machine, one):5d}K {state:<8} 0   0:00 {activity.cpu(machine, one):6.2f}% "
        f"{program(one)}\n"
    )
