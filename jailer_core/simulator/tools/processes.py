"""kill(1) and cpuset(1) (recordings 03, 08, 12)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.simulator.demo import activity
from jailer_core.simulator.jails import kernel, parameters
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options

_NUMBERS = "HUP:1 INT:2 QUIT:3 KILL:9 TERM:15 STOP:17 CONT:19 INFO:29 USR1:30 USR2:31"
SIGNALS: Mapping[str, int] = {
    name: int(number) for name, number in (one.split(":") for one in _NUMBERS.split())
}


@command("kill")
def kill(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    number = SIGNALS["TERM"]
    if words[:1] == ["-s"] and len(words) > 1:
        words[:2] = [f"-{words[1]}"]
    if words and words[0].startswith("-") and words[0] != "--":
        name = words.pop(0)[1:].upper().removeprefix("SIG")
        if not name.isdigit() and name not in SIGNALS:
            return (yield from fail("kill", f"unknown signal {name}"))  # not recorded
        number = int(name) if name.isdigit() else SIGNALS[name]
    status = 0
    jail = machine.state.jails.get(call.jid)
    seen = (
        {call.jid, *(one.jid for one in parameters.children(machine.state, jail))} if jail else None
    )
    for text in [one for one in words if one != "--"]:
        word = text.removeprefix("-")  # a group is led by the process of its number, not recorded
        process = machine.state.processes.get(int(word)) if word.isdigit() else None
        if process is None or (seen is not None and process.jid not in seen):
            yield Say(f"kill: {word}: No such process\n", error=True)
            status = 1
        elif not call.root and process.user != call.user:
            yield Say(f"kill: {word}: Operation not permitted\n", error=True)  # not recorded
            status = 1
        elif number:
            kernel.signal(machine, process, number)
    return status


# --- cpuset ----------------------------------------------------------------------------------


def _cpus(machine: Machine) -> int:
    return int(machine.state.sysctl.get("hw.ncpu", str(activity.CPUS)))


@command("cpuset")
def cpuset(machine: Machine, call: Call) -> Running:
    try:
        options = Options.parse(call.args, "gicr", "ljpdsnx")
    except BadOption as bad:
        return (yield from fail("cpuset", str(bad), 64))  # not recorded
    name = options.value("j")
    jail = kernel.find(machine, call, name)
    if jail is None:
        return (yield from fail("cpuset", f"jail {name} not found"))  # not recorded
    if options.has("l"):
        wanted = _cpu_list(options.value("l"), _cpus(machine))
        if not wanted or max(wanted) >= _cpus(machine):
            return (yield from fail("cpuset", "setaffinity: Invalid argument"))
        if not call.root:
            # not recorded
            return (yield from fail("cpuset", "setaffinity: Operation not permitted"))
        jail.params["cpuset.cpus"] = [str(one) for one in wanted]
        if len(wanted) == _cpus(machine):
            del jail.params["cpuset.cpus"]
        return 0
    mask = jail.params.get("cpuset.cpus") or [str(one) for one in range(_cpus(machine))]
    yield Say(
        f"jail {jail.jid} mask: {', '.join(mask)}\n"
        f"jail {jail.jid} domain policy: first-touch mask: 0\n"
    )
    return 0


def _cpu_list(text: str, count: int) -> list[int]:
    """`0-2,4` or `all`; nothing when it is neither."""
    if text == "all":
        return list(range(count))
    found: set[int] = set()
    for part in text.split(","):
        ends = re.fullmatch(r"(\d+)(?:-(\d+))?", part)
        if ends is None:
            return []
        found |= set(range(int(ends[1]), int(ends[2] or ends[1]) + 1))
    return sorted(found)
