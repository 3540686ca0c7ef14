"""kill(1), cpuset(1), rctl(8): signals and limits (recordings 01, 03, 07, 08, 12)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.host.simulated import jail_kernel, jail_life, jail_params, life
from jailer_core.host.simulated.kernel import Call, Machine, Running, Say, command, fail
from jailer_core.host.simulated.options import BadOption, Options
from jailer_core.host.simulated.ps import load
from jailer_core.host.simulated.state import SimJail

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
        {call.jid, *(one.jid for one in jail_params.children(machine.state, jail))}
        if jail
        else None
    )
    for word in [one for one in words if one != "--"]:
        process = machine.state.processes.get(int(word)) if word.isdigit() else None
        if process is None or (seen is not None and process.jid not in seen):
            yield Say(f"kill: {word}: No such process\n", error=True)
            status = 1
        elif not call.root and process.user != call.user:
            yield Say(f"kill: {word}: Operation not permitted\n", error=True)  # not recorded
            status = 1
        elif number:
            jail_kernel.signal(machine, process, number)
    return status


# --- cpuset ----------------------------------------------------------------------------------


def _cpus(machine: Machine) -> int:
    return int(machine.state.sysctl.get("hw.ncpu", str(life.CPUS)))


@command("cpuset")
def cpuset(machine: Machine, call: Call) -> Running:
    try:
        options = Options.parse(call.args, "gicr", "ljpdsnx")
    except BadOption as bad:
        return (yield from fail("cpuset", str(bad), 64))  # not recorded
    name = options.value("j")
    jail = jail_life.find(machine, call, name)
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


# --- rctl ------------------------------------------------------------------------------------

RESOURCES = (
    *("cputime", "datasize", "stacksize", "coredumpsize", "memoryuse", "memorylocked", "maxproc"),
    *("openfiles", "vmemoryuse", "pseudoterminals", "swapuse", "nthr", "msgqqueued", "msgqsize"),
    *("nmsgq", "nsem", "nsemop", "nshm", "shmsize", "wallclock", "pcpu"),
    *("readbps", "writebps", "readiops", "writeiops"),
)
BYTES = frozenset(
    {"datasize", "stacksize", "coredumpsize", "memoryuse", "memorylocked", "vmemoryuse", "swapuse"}
    | {"msgqsize", "shmsize", "readbps", "writebps"}
)
SUBJECTS = ("jail", "user", "process", "loginclass")
_UNITS = "KMGTPE"


@command("rctl")
def rctl(machine: Machine, call: Call) -> Running:
    try:
        options = Options.parse(call.args, "hunar")
    except BadOption as bad:
        return (yield from fail("rctl", str(bad)))  # not recorded
    words = options.rest
    if machine.state.sysctl.get("kern.racct.enable", "1") == "0":
        # not recorded
        text = "RACCT/RCTL present, but disabled; enable using kern.racct.enable=1 tunable"
        return (yield from fail("rctl", text))
    human = options.has("h")
    rule = words[0] if words else ""
    if options.has("u"):
        if not call.root:
            text = f"failed to show resource consumption for '{rule}': Operation not permitted"
            return (yield from fail("rctl", text))
        yield Say(_usage(machine, call, rule, human=human))
        return 0
    if not call.root:
        verb = (
            "add rule"
            if options.has("a")
            else "remove rule"
            if options.has("r")
            else "show rules for"
        )
        text = f"failed to {verb} '{rule or '::'}': Operation not permitted"
        # recording 07: only listing without a filter ends with 0
        return (yield from fail("rctl", text, 0 if verb == "show rules for" else 1))
    if options.has("a"):
        return (yield from _add(machine, rule))
    matching = [one for one in machine.state.rctl if _matches(one, rule)]
    if options.has("r"):
        machine.state.rctl[:] = [one for one in machine.state.rctl if one not in matching]
        return 0
    yield Say("".join(f"{_shown(one, human=human)}\n" for one in matching))
    return 0


def _matches(rule: str, wanted: str) -> bool:
    parts = re.split(r"[:=]", rule)
    return all(
        not want or want == part
        for want, part in zip(re.split("[:=]", wanted), parts, strict=False)
    )


def _add(machine: Machine, rule: str) -> Running:
    yield from ()
    subject, name, resource, action, *_ = *rule.split(":", 3), "", "", "", ""
    verb, equals, amount = action.partition("=")
    number = _number(amount)
    if equals and number is None:
        return (
            yield from fail("rctl", f"malformed rule '{rule}': invalid numeric value '{amount}'")
        )
    if subject not in SUBJECTS or resource not in RESOURCES or not equals:
        return (yield from fail("rctl", f"failed to add rule '{rule}': Invalid argument"))
    # the newest is listed first (recording 03)
    made = f"{subject}:{name}:{resource}:{verb}={number}"
    machine.state.rctl[:] = [made, *(one for one in machine.state.rctl if one != made)]
    return 0


def _number(text: str) -> int | None:
    found = re.fullmatch(r"(\d+)([KMGTPEkmgtpe]?)", text)
    if found is None:
        return None
    power = _UNITS.index(found[2].upper()) + 1 if found[2] else 0
    return int(found[1]) << (10 * power)


def _shown(rule: str, *, human: bool) -> str:
    head, equals, amount = rule.partition("=")
    if not human or head.split(":")[2] not in BYTES:
        return rule
    return f"{head}{equals}{_human(int(amount))}"


def _human(size: int) -> str:
    """As humanize_number(3) writes sizes of up to four digits."""
    power = 0
    value = float(size)
    while value >= 9999.5 and power < len(_UNITS):
        value /= 1024
        power += 1
    return f"{round(value)}{_UNITS[power - 1] if power else ''}"


def _usage(machine: Machine, call: Call, rule: str, *, human: bool) -> str:
    """Every resource; zeros for a jail that is not there (freebsd.md)."""
    name = rule.split(":")[1] if ":" in rule else ""
    jail = jail_life.find(machine, call, name) if rule.startswith("jail:") else None
    used = dict.fromkeys(RESOURCES, 0)
    if jail is not None:
        used |= _used(machine, jail)
    return "".join(
        f"{key}={_human(value) if human and key in BYTES else value}\n"
        for key, value in used.items()
    )


def _used(machine: Machine, jail: SimJail) -> dict[str, int]:
    all_of_it = machine.processes_of(
        [jail.jid, *(one.jid for one in jail_params.children(machine.state, jail))]
    )
    count = len(all_of_it)
    return {
        "cputime": int(sum((machine.state.now - one.started) * one.cpu / 100 for one in all_of_it)),
        "datasize": 24576 * count,
        "memoryuse": sum(life.rss(machine, one) for one in all_of_it) * 1024,
        "maxproc": count,
        "openfiles": 10 * count,
        "vmemoryuse": sum(one.vsz for one in all_of_it) * 1024,
        "nthr": count,
        "wallclock": int(sum(machine.state.now - one.started for one in all_of_it)),
        "pcpu": int(sum(load(machine, one) for one in all_of_it)),
    }
