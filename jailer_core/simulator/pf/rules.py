"""Packet filter rules: what pfctl(8) accepts, and how it prints them back (recordings 06, 10).

Translation rules and anchors are here, filter rules in filters.py. The settings are read loosely:
their words are kept, `# not recorded`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from jailer_core.simulator.pf import filters
from jailer_core.simulator.pf.words import (
    PfError,
    Words,
    endpoint,
    family_of,
    protocol,
    take_target,
)

NAT, FILTER, LOAD = "nat", "rules", "load"
_TOKEN = re.compile(r'"[^"]*"|->|[(){},=!<>]|[^\s(){},=!<>"-]+(?:-[^\s(){},=!<>"]+)*|-(?!>)\S*|\S')
_SETTINGS = ("set", "scrub", "table", "altq", "queue", "antispoof", "include")


_EXPANDED = ("nat", "rdr", "binat", "no", "pass", "block", "match")
_SECTIONS = {
    "options": ("set",),
    "ethernet": ("ether", "ether-anchor"),
    "normalization": ("scrub",),
    "queueing": ("altq", "queue"),
    "translation": ("nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "binat-anchor", "no"),
    "filtering": ("pass", "block", "match", "anchor", "antispoof"),
}


@dataclass(slots=True)
class Rules:
    """What a file says: rules as pfctl prints them, and anchors that it loads from files."""

    settings: list[str] = field(default_factory=list)
    nat: list[str] = field(default_factory=list)
    filter: list[str] = field(default_factory=list)
    load: list[tuple[str, str]] = field(default_factory=list)

    def shown(self) -> str:
        """What `pfctl -nv` prints: of settings only what is recorded (16)."""
        return "".join(f"{rule}\n" for rule in (*self.settings, *self.nat, *self.filter))

    def ordered_nat(self) -> list[str]:
        """As `pfctl -s nat` lists them: nat first, then rdr, each in order; binat last.

        # not recorded: where binat comes
        """
        return sorted(self.nat, key=_place)


def _place(rule: str) -> int:
    words = " ".join(rule.split()[:2])
    return 2 if "binat" in words else int("rdr" in words)


def parse(text: str, name: str) -> Rules:
    """Read rules; `name` is what errors call the place. PfError with all its lines."""
    rules = Rules()
    macros: dict[str, str] = {}
    problems: list[str] = []
    stage = ""
    for number, line in _lines(text):
        try:
            stage = _in_order(stage, line)
            for rule in _each(line):
                _line(rules, macros, rule)
        except PfError as error:
            before = [error.before] if error.before else []
            problems += [*before, f"{name}:{number}: {error}"]
    if problems:
        raise PfError("\n".join(problems))
    return rules


def _each(line: str) -> list[str]:
    """A rule for each word of a list, but for where packets go: pfctl makes that of it (16)."""
    if line.split(" ", 1)[0] not in _EXPANDED:
        return [line]
    head = re.split(r"->|\b(?:rdr|nat)-to\b", line, maxsplit=1)[0]
    several = re.search(r"\{([^{}]*)\}", head)
    if several is None:
        return [line]
    names = [word for word in re.split(r"[\s,]+", several[1]) if word]
    before, after = line[: several.start()], line[several.end() :]
    return [rule for name in names for rule in _each(f"{before}{name}{after}")]


def _in_order(before: str, line: str) -> str:
    """The section of pf.conf that a rule belongs to; it may not come behind a later one (16)."""
    kind = line.split(" ", 1)[0].split("\t", 1)[0]
    section = next((name for name, kinds in _SECTIONS.items() if kind in kinds), before)
    order = ["", *_SECTIONS]
    if order.index(section) < order.index(before):
        raise PfError(f"Rules must be in order: {', '.join(_SECTIONS)}")
    return section


def _lines(text: str) -> list[tuple[int, str]]:
    """Logical lines with the number of their first one; a backslash joins lines.

    So does an open brace, as pf.conf(5)'s grammar has it (optnl); not recorded.
    """
    found: list[tuple[int, str]] = []
    joined, first, depth = "", 0, 0
    for number, line in enumerate(text.split("\n"), 1):
        plain = re.sub(r'("[^"]*")|#.*', lambda part: part[1] or "", line)
        first = first if joined else number
        depth = max(0, depth + plain.count("{") - plain.count("}"))
        if plain.endswith("\\") or depth:
            joined += plain.removesuffix("\\") + " "
            continue
        if (joined + plain).strip():
            found.append((first, (joined + plain).strip()))
        joined = ""
    if joined.strip():
        found.append((first, joined.strip()))
    return found


def _line(rules: Rules, macros: dict[str, str], line: str) -> None:
    macro = re.fullmatch(r'(\w+)\s*=\s*"?([^"]*)"?', line)
    if macro:
        macros[macro[1]] = macro[2]
        return
    line = re.sub(r"\$(\w+)", lambda name: _macro(macros, name[1]), line)
    words = Words(_TOKEN.findall(line))
    kind = words.take()
    reader = _READERS.get(kind)
    if reader is None:
        raise PfError("syntax error")
    reader(rules, words, kind)
    if words.tokens:
        raise PfError("syntax error")


def _macro(macros: dict[str, str], name: str) -> str:
    if name not in macros:
        raise PfError("syntax error", f"macro '{name}' not defined")  # not recorded
    return macros[name]


# --- kinds of rules --------------------------------------------------------------------------


def _anchor(rules: Rules, words: Words, kind: str) -> None:
    name = words.take()
    if not name.startswith('"'):
        name = f'"{name}"'
    rest = " ".join(words.tokens) or "all"
    words.tokens.clear()
    target = rules.filter if kind == "anchor" else rules.nat
    target.append(f"{kind} {name} {rest}")


def _load(rules: Rules, words: Words, kind: str) -> None:
    words.take("anchor")
    name = words.take().strip('"')
    words.take("from")
    rules.load.append((name, words.take().strip('"')))


def _translation(rules: Rules, words: Words, kind: str) -> None:
    """`nat` and `rdr`: on IF, family, protocol, from, to, and where it goes."""
    said = [kind]
    if words.has("pass"):
        said.append("pass")
    if words.has("on"):
        said += ["on", words.take()]
    family = words.take() if words.peek() in ("inet", "inet6") else ""
    proto = protocol(words)
    ends: list[str] = []
    if not words.has("all"):
        words.take("from")
        source = endpoint(words)
        goal = endpoint(words) if words.has("to") else ["any"]
        ends = ["from", *source, "to", *goal]
    words.take("->")
    target = take_target(words)
    if kind == "nat" and re.fullmatch(r"\(\w+\)", target):
        target += " round-robin"  # an interface may have several addresses (16)
    family = family or family_of(" ".join([*ends, target]))
    said += ([family] if family else []) + proto + (ends or ["all"]) + ["->", target]
    rules.nat.append(" ".join(said))


def _negated(rules: Rules, words: Words, kind: str) -> None:
    rules.nat.append(" ".join([kind, *words.tokens]))  # not recorded
    words.tokens.clear()


def _filter(rules: Rules, words: Words, kind: str) -> None:
    rules.filter.append(filters.read(words, kind))


def _setting(rules: Rules, words: Words, kind: str) -> None:
    match [kind, *words.tokens]:
        case "table", "<", name, ">", "{", *addresses, "}":
            rules.settings.append(f"table <{name}> {{ {' '.join(addresses)} }}")
        case "set", "skip", "on", interface:
            rules.settings.append(f"set skip on {{ {interface} }}")
    words.tokens.clear()


_READERS: dict[str, Callable[[Rules, Words, str], None]] = {
    "anchor": _anchor,
    "nat-anchor": _anchor,
    "rdr-anchor": _anchor,
    "load": _load,
    "nat": _translation,
    "rdr": _translation,
    "binat": _translation,
    "no": _negated,
    "pass": _filter,
    "block": _filter,
    "match": _filter,
    **dict.fromkeys(_SETTINGS, _setting),
}
