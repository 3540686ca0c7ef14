"""devfs(8) rules: built in, from /etc/devfs.rules, or by hand (recordings 01, 04, 12)."""

from __future__ import annotations

import re

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.rc import rcconf
from jailer_core.simulator.rc.service import service

_TERMINALS = [f"{kind}{letter}*" for kind in ("pty", "tty") for letter in "pqrsPQRSlmnoLMNO"]
_LOGIN = [*_TERMINALS, "ptmx", "pts", "pts/*", "fd", "fd/*", "stdin", "stdout", "stderr"]
BUILT_IN: dict[int, tuple[str, list[str]]] = {
    1: ("devfsrules_hide_all", ["100 hide"]),
    2: (
        "devfsrules_unhide_basic",
        [
            f"{number}00 path {name} unhide"
            for number, name in enumerate(
                ("null", "zero", "crypto", "random", "urandom"),
                1,
            )
        ],
    ),
    3: (
        "devfsrules_unhide_login",
        [f"{number}00 path {name} unhide" for number, name in enumerate(_LOGIN, 1)],
    ),
    4: (
        "devfsrules_jail",
        [
            "100 include 1",
            "200 include 2",
            "300 include 3",
            "400 path fuse unhide",
            "500 path zfs unhide",
        ],
    ),
    5: (
        "devfsrules_jail_vnet",
        [
            "100 include 1",
            "200 include 2",
            "300 include 3",
            "400 include 4",
            "500 path pf unhide",
        ],
    ),
}
"""The rules of /etc/defaults/devfs.rules (recording 18); how 4 and 5 are shown: recording 01."""


def load_defaults(machine: Machine) -> None:
    """The rules of /etc/defaults/devfs.rules, which are there after boot."""
    for number, (_name, rules) in BUILT_IN.items():
        machine.state.devfs_rules[number] = list(rules)


@command("devfs")
def devfs(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    if words[:1] != ["rule"]:
        return (yield from fail("devfs", "usage: devfs rule [-s ruleset] ..."))  # not recorded
    words.pop(0)
    ruleset = 0
    if words[:1] == ["-s"]:
        if len(words) < 2 or not words[1].isdigit():
            return (yield from _not_a_number("".join(words[1:2])))
        ruleset, words = int(words[1]), words[2:]
    action, rest = (words[0], words[1:]) if words else ("", [])
    rules = machine.state.devfs_rules
    if action == "showsets":
        yield Say("".join(f"{number}\n" for number in sorted(rules)))
    elif action == "show":
        yield Say("".join(f"{rule}\n" for rule in rules.get(ruleset, [])))
    elif not call.root:
        return (yield from fail("devfs rule", "ioctl DEVFSIO_RADD: Operation not permitted"))
    elif action == "delset":
        rules.pop(ruleset, None)
    elif action == "add":
        return (yield from _add(machine, ruleset, rest))
    else:
        return (yield from fail("devfs", f"rule {action} is not simulated"))
    return 0


def _not_a_number(word: str) -> Running:
    return (yield from fail("devfs rule", f"error converting to number: {word}"))


def _add(machine: Machine, ruleset: int, words: list[str]) -> Running:
    if words[:1] == ["include"] and not "".join(words[1:2]).isdigit():
        return (yield from _not_a_number("".join(words[1:2])))
    rules = machine.state.devfs_rules.setdefault(ruleset, [])
    number = words.pop(0) if words and words[0].isdigit() else ""
    last = int(rules[-1].split()[0]) if rules else 0
    rules.append(f"{number or last + 100} {' '.join(words)}")
    rules.sort(key=lambda rule: int(rule.split()[0]))
    return 0


@service("devfs")
def devfs_service(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    """`service devfs restart` loads /etc/devfs.rules again; names of rulesets work only there.

    Rulesets that were made by hand and are in no file stay.
    """
    if action not in ("start", "restart"):
        return 0
    numbers = {name: number for number, (name, _rules) in BUILT_IN.items()}
    text = rcconf.read_text(machine, "/etc/devfs.rules") or ""
    load_defaults(machine)
    current = 0
    for line in text.splitlines():
        header = re.fullmatch(r"\s*\[(\w+)=(\d+)\]\s*", line)
        if header:
            current = int(header[2])
            numbers[header[1]] = current
            machine.state.devfs_rules[current] = []
        elif line.strip().startswith("add ") and current:
            words = line.replace("'", "").replace('"', "").split("#")[0].split()[1:]
            named = [str(numbers.get(word.removeprefix("$"), word)) for word in words]
            yield from _add(machine, current, named)
    return 0
