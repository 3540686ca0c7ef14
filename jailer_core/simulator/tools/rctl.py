"""rctl(8): limits and what jails use (recordings 01, 03, 07, 08).

A rule lives by the jail's name and outlasts the jail.
"""

from __future__ import annotations

import re

from jailer_core.simulator.demo import activity
from jailer_core.simulator.jails import kernel, parameters
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.state import SimJail
from jailer_core.simulator.tools.ps import load

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
        options = Options.parse(call.args, "hunarl")
    except BadOption as bad:
        return (yield from fail("rctl", str(bad)))  # not recorded
    if options.has("l"):
        said = f"failed to get limits for '{' '.join(options.rest)}': Operation not supported"
        return (yield from fail("rctl", said))
    words = [word.removesuffix(f"/{word.partition(':')[0]}") for word in options.rest]
    if machine.state.sysctl.get("kern.racct.enable", "1") == "0":
        # not recorded
        text = "RACCT/RCTL present, but disabled; enable using kern.racct.enable=1 tunable"
        return (yield from fail("rctl", text))
    rule = words[0] if words else ""
    if options.has("u"):
        return (yield from _show_usage(machine, call, rule, human=options.has("h")))
    verb = (
        "add rule" if options.has("a") else "remove rule" if options.has("r") else "show rules for"
    )
    if not call.root:
        text = f"failed to {verb} '{rule or '::'}': Operation not permitted"
        # recording 07: listing ends with 0 all the same
        return (yield from fail("rctl", text, int(verb != "show rules for")))
    if options.has("a"):
        return (yield from _add(machine, rule))
    matching = [one for one in machine.state.rctl if _matches(one, rule)]
    if options.has("r"):
        if not matching:
            text = f"failed to remove rule '{rule}': No such process"  # not recorded
            return (yield from fail("rctl", text))
        machine.state.rctl[:] = [one for one in machine.state.rctl if one not in matching]
        return 0
    yield Say("".join(f"{_shown(one, human=options.has('h'))}\n" for one in matching))
    return 0


def _show_usage(machine: Machine, call: Call, rule: str, *, human: bool) -> Running:
    if not call.root:
        text = f"failed to show resource consumption for '{rule}': Operation not permitted"
        return (yield from fail("rctl", text))
    yield Say(_usage(machine, call, rule, human=human))
    return 0


def _matches(rule: str, wanted: str) -> bool:
    parts = re.split(r"[:=]", rule)
    head, equals, amount = wanted.partition("=")
    words = [*head.split(":"), *([str(_number(amount))] if equals else [])]
    return all(not want or want == part for want, part in zip(words, parts, strict=False))


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
    if not _supported(resource, verb):
        text = f"failed to add rule '{rule}': Operation not supported"  # not recorded
        return (yield from fail("rctl", text))
    # the newest is listed first (recording 03)
    made = f"{subject}:{name}:{resource}:{verb}={number}"
    # only a rule of deny takes the place of another amount (rctl_rule_add of sys/kern)
    same = made if verb != "deny" else made.partition("=")[0]
    old = [one for one in machine.state.rctl if one not in (made, same)]
    machine.state.rctl[:] = [made, *(one for one in old if one.partition("=")[0] != same)]
    return 0


def _supported(resource: str, verb: str) -> bool:
    """What rctl_rule_add of sys/kern/kern_rctl.c takes (# not recorded)."""
    decaying = resource in ("readbps", "writebps", "readiops", "writeiops")
    if verb == "throttle":
        return decaying
    return verb != "deny" or not (decaying or resource in ("cputime", "wallclock"))


def _number(text: str) -> int | None:
    match = re.fullmatch(r"(\d+)([KMGTPEkmgtpe]?)", text)
    if match is None:
        return None
    power = _UNITS.index(match[2].upper()) + 1 if match[2] else 0
    return int(match[1]) << (10 * power)


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
    """Every resource; zeros for a jail that is not there (docs/freebsd-facts.md, Reading)."""
    name = rule.split(":")[1] if ":" in rule else ""
    jail = kernel.find(machine, call, name) if rule.startswith("jail:") else None
    used = dict.fromkeys(RESOURCES, 0)
    if jail is not None:
        used |= _used(machine, jail)
    return "".join(
        f"{key}={_human(value) if human and key in BYTES else value}\n"
        for key, value in used.items()
    )


def _used(machine: Machine, jail: SimJail) -> dict[str, int]:
    all_of_it = machine.processes_of(
        [jail.jid, *(one.jid for one in parameters.children(machine.state, jail))]
    )
    count = len(all_of_it)
    return {
        "cputime": int(
            sum((machine.state.now - process.started) * process.cpu / 100 for process in all_of_it)
        ),
        "datasize": 24576 * count,
        "memoryuse": sum(activity.rss(machine, process) for process in all_of_it) * 1024,
        "maxproc": count,
        "openfiles": 10 * count,
        "vmemoryuse": sum(process.vsz for process in all_of_it) * 1024,
        "nthr": count,
        "wallclock": int(sum(machine.state.now - process.started for process in all_of_it)),
        "pcpu": int(sum(load(machine, process) for process in all_of_it)),
    }
