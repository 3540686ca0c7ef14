"""Packet filter rules: what pfctl(8) accepts, and how it prints them back (recordings 06, 10).

Translation rules and anchors are recorded; `pass`, `block` and the settings are read loosely:
their words are checked and kept, `# not recorded`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_network

SERVICES = {
    21: "ftp",
    22: "ssh",
    25: "smtp",
    53: "domain",
    80: "http",
    110: "pop3",
    123: "ntp",
    143: "imap",
    443: "https",
    587: "submission",
    993: "imaps",
    995: "pop3s",
    3306: "mysql",
    5432: "postgresql",
    8080: "http-alt",
}
"""An excerpt of /etc/services: ports in the from and to part of a rule are shown by name."""

NAT, FILTER, LOAD = "nat", "rules", "load"
_TOKEN = re.compile(r'"[^"]*"|->|[(){},=!<>]|[^\s(){},=!<>"-]+(?:-[^\s(){},=!<>"]+)*|-(?!>)\S*|\S')
_SETTINGS = ("set", "scrub", "table", "altq", "queue", "antispoof", "match", "include")


_SECTIONS = {
    "options": ("set",),
    "ethernet": ("ether", "ether-anchor"),
    "normalization": ("scrub",),
    "queueing": ("altq", "queue"),
    "translation": ("nat", "rdr", "binat", "nat-anchor", "rdr-anchor", "binat-anchor", "no"),
    "filtering": ("pass", "block", "match", "anchor", "antispoof"),
}


class PfError(Exception):
    """A rule that pfctl refuses: the lines it prints, without the place."""

    def __init__(self, message: str, before: str = "") -> None:
        super().__init__(message)
        self.before = before


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
        """As `pfctl -s nat` lists them: those of nat first, then those of rdr, each in order."""
        return sorted(self.nat, key=lambda rule: "rdr" in " ".join(rule.split()[:2]))


@dataclass(slots=True)
class _Words:
    """The tokens of one rule, taken from the left."""

    tokens: list[str]

    def peek(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def take(self, *wanted: str) -> str:
        """The next token; a syntax error when it is none of those wanted."""
        if not self.tokens or (wanted and self.tokens[0] not in wanted):
            raise PfError("syntax error")
        return self.tokens.pop(0)

    def has(self, word: str) -> bool:
        """Take the word when it comes next."""
        if self.peek() != word:
            return False
        self.tokens.pop(0)
        return True


def parse(text: str, name: str) -> Rules:
    """Read rules; `name` is what errors call the place. PfError with all its lines."""
    rules = Rules()
    macros: dict[str, str] = {}
    problems: list[str] = []
    stage = ""
    for number, line in _lines(text):
        try:
            stage = _in_order(stage, line)
            for one in _each_port(line):
                _line(rules, macros, one)
        except PfError as error:
            before = [error.before] if error.before else []
            problems += [*before, f"{name}:{number}: {error}"]
    if problems:
        raise PfError("\n".join(problems))
    return rules


def _each_port(line: str) -> list[str]:
    """A translation for each port of a list: that is what pfctl makes of it (16)."""
    ports = re.search(r"\bport\s*\{([^{}]*)\}", line) if line.startswith(("nat", "rdr")) else None
    if ports is None:
        return [line]
    names = [word for word in re.split(r"[\s,]+", ports[1]) if word]
    return [f"{line[: ports.start()]}port {name}{line[ports.end() :]}" for name in names]


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
    words = _Words(_TOKEN.findall(line))
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


def _anchor(rules: Rules, words: _Words, kind: str) -> None:
    name = words.take()
    if not name.startswith('"'):
        name = f'"{name}"'
    rest = " ".join(words.tokens) or "all"
    words.tokens.clear()
    target = rules.filter if kind == "anchor" else rules.nat
    target.append(f"{kind} {name} {rest}")


def _load(rules: Rules, words: _Words, kind: str) -> None:
    words.take("anchor")
    name = words.take().strip('"')
    words.take("from")
    rules.load.append((name, words.take().strip('"')))


def _translation(rules: Rules, words: _Words, kind: str) -> None:
    """`nat` and `rdr`: on IF, family, protocol, from, to, and where it goes."""
    said = [kind]
    if words.has("pass"):
        said.append("pass")
    if words.has("on"):
        said += ["on", words.take()]
    family = words.take() if words.peek() in ("inet", "inet6") else ""
    protocol = _protocol(words)
    ends: list[str] = []
    if not words.has("all"):
        words.take("from")
        source = _endpoint(words)
        goal = _endpoint(words) if words.has("to") else ["any"]
        ends = ["from", *source, "to", *goal]
    words.take("->")
    target = _target(words)
    if kind == "nat" and re.fullmatch(r"\(\w+\)", target):
        target += " round-robin"  # an interface may have several addresses (16)
    family = family or _family(" ".join([*ends, target]))
    said += ([family] if family else []) + protocol + (ends or ["all"]) + ["->", target]
    rules.nat.append(" ".join(said))


def _negated(rules: Rules, words: _Words, kind: str) -> None:
    rules.nat.append(" ".join([kind, *words.tokens]))  # not recorded
    words.tokens.clear()


def _filter(rules: Rules, words: _Words, kind: str) -> None:
    said = [kind] + (["drop"] if kind == "block" and words.peek() not in ("drop", "return") else [])
    said += words.tokens
    words.tokens.clear()
    if not {"all", "from", "to"} & set(said):
        said.append("all")
    tail = ["flags", "S/SA", "keep", "state"] if kind == "pass" and "state" not in said else []
    rules.filter.append(" ".join(said + tail))


def _setting(rules: Rules, words: _Words, kind: str) -> None:
    match [kind, *words.tokens]:
        case "table", "<", name, ">", "{", *addresses, "}":
            rules.settings.append(f"table <{name}> {{ {' '.join(addresses)} }}")
        case "set", "skip", "on", interface:
            rules.settings.append(f"set skip on {{ {interface} }}")
    words.tokens.clear()


_READERS: dict[str, Callable[[Rules, _Words, str], None]] = {
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
    **dict.fromkeys(_SETTINGS, _setting),
}


# --- parts of rules --------------------------------------------------------------------------


def _protocol(words: _Words) -> list[str]:
    if not words.has("proto"):
        return []
    if not words.has("{"):
        return ["proto", words.take()]
    names = []
    while not words.has("}"):
        if not words.has(","):
            names.append(words.take())
    return ["proto", names[0]] if len(names) == 1 else ["proto", "{", *names, "}"]


def _endpoint(words: _Words) -> list[str]:
    said = ["any" if words.peek() == "port" else _host(words)]  # not recorded: no address
    if words.has("port"):
        words.has("=")
        port = _port(words.take())
        said += ["port", port] if ":" in port else ["port", "=", port]
    return said


def _host(words: _Words) -> str:
    if words.has("!"):
        return f"! {_host(words)}"
    if words.has("("):
        name = words.take()
        while words.peek() not in (")", ""):
            name += words.take()
        words.take(")")
        return f"({name})"
    if words.has("<"):
        name = words.take()
        words.take(">")
        return f"<{name}>"
    return _address(words.take())


def _host_list(words: _Words) -> str:
    hosts = []
    while not words.has("}"):
        if not words.has(","):
            hosts.append(_host(words))
    return f"{{ {', '.join(hosts)} }}"


def _address(word: str) -> str:
    """An address, a network or a name; what looks like an address must be one."""
    if word == "any" or not re.search(r"^[\d.]+(/\d+)?$|:", word) or re.fullmatch(r"\w+:\w+", word):
        return word
    try:
        ip_network(word, strict=False)
    except ValueError:
        raise PfError(
            "could not parse host specification", f"no IP address found for {word}"
        ) from None
    return word


def _port(word: str) -> str:
    """A port by name where /etc/services has one."""
    if not word.isdigit():
        if not re.fullmatch(r"[a-z][\w-]*|\d+:\d+", word):
            raise PfError("syntax error")
        return word
    if int(word) > 65535:
        raise PfError(f"illegal port value {word}")
    return SERVICES.get(int(word), word)


def _target(words: _Words) -> str:
    said = _host_list(words) if words.has("{") else _host(words)
    if words.has("port"):
        port = words.take()
        if port.isdigit() and int(port) > 65535:
            raise PfError(f"illegal port value {port}")
        said += f" port {port}"
    while words.peek() in ("static-port", "round-robin", "random", "source-hash", "sticky-address"):
        said += f" {words.take()}"
    return said


def _family(text: str) -> str:
    """The family that addresses in a rule imply."""
    if re.search(r"(?:^|\s)[\da-f]*:[\da-f:]+(?:/|\s|$)", text):
        return "inet6"
    return "inet" if re.search(r"\b\d+\.\d+\.\d+\.\d+\b", text) else ""
