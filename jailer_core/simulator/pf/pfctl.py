"""pfctl(8) with anchors (recordings 01, 06, 10)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.state import SimPf
from jailer_core.simulator.pf import rules as pfrules
from jailer_core.simulator.pf.rules import Rules
from jailer_core.simulator.pf.words import PfError

_COUNTERS = (
    "match bad-offset fragment short normalize memory bad-timestamp congestion ip-option "
    "proto-cksum state-mismatch state-insert state-limit src-limit synproxy map-failed translate"
)
_FLUSHED = (
    "Ethernet rules cleared",
    "rules cleared",
    "nat cleared",
    "0 tables deleted.",
    "rules cleared",
    "0 states cleared",
    "source tracking entries cleared",
    "pf: statistics cleared",
    "pf: interface flags reset",
)
_ALTQ = "No ALTQ support in kernel\nALTQ related functions disabled\n"


@dataclass(slots=True)
class _Options:
    """What was asked for; `anchor` without its trailing /*."""

    anchor: str = ""
    show: str = ""
    flush: str = ""
    file: str = ""
    kill: str = ""
    enable: bool = False
    disable: bool = False
    check: bool = False
    verbose: bool = False
    quiet: bool = False


_LETTERS = {"a": "anchor", "s": "show", "F": "flush", "f": "file", "k": "kill"}
_SWITCHES = {"e": "enable", "d": "disable", "n": "check", "v": "verbose", "q": "quiet"}


def _options(args: tuple[str, ...]) -> _Options:
    found, words = _Options(), list(args)
    while words:
        letters = words.pop(0)[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in _LETTERS:
                value = letters or (words.pop(0) if words else "")
                letters = ""
                setattr(found, _LETTERS[letter], value)
            elif letter in _SWITCHES:
                setattr(found, _SWITCHES[letter], True)
    found.anchor = found.anchor.removesuffix("*").rstrip("/")
    return found


@command("pfctl")
def pfctl(machine: Machine, call: Call) -> Running:
    options = _options(call.args)
    if not machine.state.pf.loaded:
        return (yield from fail("pfctl", "/dev/pf: No such file or directory"))
    if not call.root:
        return (yield from fail("pfctl", "/dev/pf: Permission denied"))
    if options.verbose and not options.quiet and not options.check:
        yield Say(_ALTQ, error=True)
    if options.flush:
        return (yield from _flush(machine.state.pf, options))
    if options.file:
        status = yield from _load(machine, call, options)
        if status:
            return status
    if options.enable or options.disable:
        return (yield from _switch(machine, options))
    if options.kill:
        yield Say("killed 0 states from 1 sources and 0 destinations\n", error=True)
    if options.show:
        return (yield from _show(machine, options))
    return 0


def _switch(machine: Machine, options: _Options) -> Running:
    pf = machine.state.pf
    if pf.enabled == options.enable:
        word = "already enabled" if options.enable else "not enabled"
        return (yield from fail("pfctl", f"pf {word}"))  # not recorded
    pf.enabled = options.enable
    machine.state.counters["pf since"] = int(machine.state.now)
    yield Say("pf enabled\n" if options.enable else "pf disabled\n", error=True)
    return 0


# --- anchors ---------------------------------------------------------------------------------


def anchors(pf: SimPf) -> list[str]:
    """Every anchor there is: those with rules, those above them, those that the main rules name."""
    found = {name for rules in (pf.nat, pf.rules) for name, lines in rules.items() if lines}
    for rule in [*pf.nat.get("", []), *pf.rules.get("", [])]:
        words = rule.split('"')
        if words[0].strip().endswith("anchor"):
            found.add(words[1].removesuffix("*").rstrip("/"))
    for name in list(found):
        parts = name.split("/")
        found |= {"/".join(parts[:count]) for count in range(1, len(parts))}
    return sorted(found - {""})


def _show(machine: Machine, options: _Options) -> Running:
    pf = machine.state.pf
    what = options.show.lower()
    if what == "info":
        yield Say(_info(machine))
    elif what == "anchors" and options.anchor and options.anchor not in anchors(pf):
        return (yield from fail("pfctl", "Anchor does not exist."))  # recording 16
    elif what == "anchors":
        prefix = f"{options.anchor}/" if options.anchor else ""
        if prefix and machine.state.release.startswith("15.0"):
            yield Say(f"Anchor '{options.anchor}' not found.\n", error=True)  # recording 16
        yield Say("".join(f"  {name}\n" for name in anchors(pf) if name.startswith(prefix)))
    elif what in ("nat", "rules", "sr"):
        if options.anchor and options.anchor not in anchors(pf):
            yield Say("pfctl: DIOCGETRULES: Invalid argument\n", error=True)
            return 0
        rules = (pf.nat if what == "nat" else pf.rules).get(options.anchor, [])
        for rule in rules:
            yield Say(rule + "\n" + (_statistics(machine, rule) if options.verbose else ""))
    elif what not in ("states", "ss", "tables", "sources"):
        # not recorded
        return (yield from fail("pfctl", f"Unknown show modifier '{options.show}'"))
    return 0


def _statistics(machine: Machine, rule: str) -> str:
    """What was counted since pf came on: more for one rule than for another, always the same."""
    state = machine.state
    since = state.counters.get("pf since", int(state.boot_time))
    looks = max(0, int(state.now) - since) if state.pf.enabled else 0
    pace = hashlib.sha256(rule.encode(errors="surrogateescape")).digest()[0] % 5
    packets = looks // 4 * pace if rule.startswith(("nat ", "rdr ")) else 0
    states = min(pace, packets)
    return (
        f"  [ Evaluations: {looks * 3:<9} Packets: {packets:<9} Bytes: {packets * 388:<11} "
        f"States: {states:<5} ]\n"
        "  [ Source Nodes: 0      Limit: 0      NAT/RDR: 0      Route: 0      ]\n"
        f"  [ Inserted: uid 0 pid 0 State Creations: {states:<5} ]\n"
    )


def _info(machine: Machine) -> str:
    state = machine.state
    since = state.counters.get("pf since", int(state.boot_time))
    seconds = max(0, int(state.now) - since)
    days, hours, rest = seconds // 86400, seconds // 3600 % 24, seconds % 3600
    word = "Enabled" if state.pf.enabled else "Disabled"
    clock = f"{hours:02d}:{rest // 60:02d}:{rest % 60:02d}"
    status = f"Status: {word} for {days} days {clock}"
    looks = seconds * 13 if state.pf.enabled else 0
    rate = looks / max(1, seconds)
    lines = [
        f"{status:<45} Debug: Urgent",
        "",
        "State Table                          Total             Rate",
        f"  current entries               {0:10d}               ",
        *(
            f"  {name:<30}{count:10d}     {count and rate:10.1f}/s"
            for name, count in (("searches", looks), ("inserts", 0), ("removals", 0))
        ),
        "Counters",
        *(
            f"  {name:<30}{count:10d}     {count and rate:10.1f}/s"
            for name, count in (
                (counter, looks * (counter == "match")) for counter in _COUNTERS.split()
            )
        ),
    ]
    return "\n".join(lines) + "\n"


# --- flushing and loading --------------------------------------------------------------------


def _flush(pf: SimPf, options: _Options) -> Running:
    what, anchor = options.flush, options.anchor
    if what in ("nat", "all"):
        pf.nat.pop(anchor, None)
    if what in ("rules", "all"):
        pf.rules.pop(anchor, None)
    if what == "all" and anchor:
        yield Say("".join(f"{line}\n" for line in _FLUSHED[:3]), error=True)
        return (yield from fail("pfctl", "Operation not supported by device"))
    if options.quiet:
        return 0
    said = {"all": _FLUSHED, "nat": ("nat cleared",), "rules": ("rules cleared",)}
    yield Say("".join(f"{line}\n" for line in said.get(what, ("0 states cleared",))), error=True)
    return 0


def _load(machine: Machine, call: Call, options: _Options) -> Running:
    """Load a file into an anchor, all or nothing; with -n only look at it."""
    name = "stdin" if options.file == "-" else options.file
    try:
        text = call.stdin.decode(errors="surrogateescape")
        if name != "stdin":
            text = _read(machine, name)
        text, missing_includes = _included(machine, text, name)
        rules = pfrules.parse(text, name)
        more = {anchor: pfrules.parse(_read(machine, path), path) for anchor, path in rules.load}
    except _Missing as missing:
        yield Say(
            f"pfctl: pushfile: {missing}: {missing.reason}\n"
            f"pfctl: cannot open the main config file!: {missing.reason}\npfctl: load anchors\n",
            error=True,
        )
        return 1
    except PfError as error:
        yield Say(f"{error}\n", error=True)
        if not options.check:
            yield Say("pfctl: Syntax error in config file: pf rules not loaded\n", error=True)
        return 1
    if options.check and options.verbose:
        yield Say(rules.shown())
    if missing_includes:
        yield Say(missing_includes, error=True)
        return 1
    if not options.check:
        for anchor, one in {options.anchor: rules, **more}.items():
            _store(machine.state.pf, anchor, one)
    return 0


class _Missing(Exception):  # noqa: N818 - a word of pfctl
    """A file that cannot be opened."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path)
        self.reason = reason


_INCLUDE = re.compile(r'^[ \t]*include[ \t]+"([^"]*)"[ \t]*(?:#.*)?$', re.MULTILINE)


def _included(machine: Machine, text: str, name: str) -> tuple[str, str]:
    """The text with what it includes in its place, and what is said of files that are missing."""
    said = []

    def replaced(found: re.Match[str]) -> str:
        try:
            return _read(machine, found[1]).rstrip("\n")
        except _Missing as missing:
            line = text.count("\n", 0, found.start()) + 1
            said.append(
                f"pfctl: pushfile: {missing}: {missing.reason}\n"
                f"{name}:{line}: failed to include file {missing}\n"
            )
            return ""

    return _INCLUDE.sub(replaced, text), "".join(said)


def _read(machine: Machine, path: str) -> str:
    try:
        return machine.files.read(path).decode(errors="surrogateescape")
    except SimOSError as error:
        raise _Missing(path, error.reason) from None


def _store(pf: SimPf, anchor: str, rules: Rules) -> None:
    for held, lines in ((pf.nat, rules.ordered_nat()), (pf.rules, rules.filter)):
        if lines:
            held[anchor] = lines
        else:
            held.pop(anchor, None)
