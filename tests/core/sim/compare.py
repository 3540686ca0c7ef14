"""Compares two answers of a command by their structure.

What belongs to the run may differ: sizes, ids, times, MACs, guids, sums. What belongs to the
command may not: words, names, addresses, keys, columns, order, types. Which is which is told by
the shape of a value, never by the line that it is in.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jailer_core.simulator.kernel.machine import Done

EXACT = frozenset({"mount", "devfs", "sysrc", "getconf", "which", "id", "uname", "freebsd-version"})
"""Programs whose answers hold nothing that belongs to the run."""

EXACT_KEYS = frozenset({"mtu", "vers_major", "vers_minor"})
"""Numbers in JSON that do not belong to the run."""

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# a number that is a word of its own: no part of an address, version, name or flags
_ALONE = r"(?<![\w./%:@-])(?<!flags=)(?<!options=)(?<!ruleset=)"
SHAPES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        # a shell says that its child was ended before or after the script's last word (04)
        (r"(?m)^\.\nTerminated\n", "Terminated\n.\n"),
        (rf"{_DAY} {_MONTH} +\d+ \d\d:\d\d:\d\d(?: UTC)? \d{{4}}", "<date>"),
        (rf"(?:{_DAY} )?{_MONTH} +\d+ +\d?\d:\d\d(?::\d\d)?", "<date>"),
        (r"\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b", "<mac>"),
        (r"(?<![\w.:])\d+(?::\d\d)+(?:\.\d+)?(?=[\sAP]|$)", "<clock>"),
        (r"fe80::[0-9a-f:]*[0-9a-f](?=%(?!lo))", "<linklocal>"),
        (r"\b[0-9a-f]{64}\b", "<sha256>"),
        (r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "<uuid>"),
        (r"\b\d+(?:\.\d+)?[KMGT]?/s", "<rate>"),
        (r"\bscopeid 0x[0-9a-f]+", "scopeid <n>"),
        (r"\blink#\d+|<Link#\d+>", "<link>"),
        (r"(?m)^\d+:\d+:(?=/|\d{6}:)", "<n>:<n>:"),
        (r"(?<![\w./])\d+\.\d{3}(?:/\d+\.\d{3}){3}(?= ms)", "<times>"),
        (r"(?m)^[0-9a-f]{6}$", "<hex>"),
        (rf"{_ALONE}-?\d+(?:\.\d+)?(?:%|/s|[KMGT]B?|kB)?(?![\w/@-]|\.\w|:\w)", "<n>"),
    )
)
_NUMBER_WORDS = re.compile(r"\b(mtu|metric|prefixlen|include|priority|maxage|holdcnt) (\d+)")


@dataclass(frozen=True)
class Extras:
    """Names (of jails, datasets, interfaces, paths, addresses) that only this machine has."""

    names: frozenset[str] = frozenset()

    def mentioned(self, text: str) -> bool:
        return any(
            re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", text)
            for name in self.names
        )


def compare(
    argv: Sequence[str], expected: Done, got: Done, extras: Extras, *, renamed: bool = False
) -> list[str]:
    """What differs between two answers, in words; nothing when they have the same structure."""
    found = []
    if expected.status != got.status:
        found.append(
            f"exit status {got.status} instead of {expected.status}: {got.stdout}{got.stderr}"
        )
    if argv[0] == "service" and "-e" in argv:
        expected, got = _sorted(expected), _sorted(got)
    exact = argv[0] in EXACT
    blanks = _blanks(argv[0], exact=exact, renamed=renamed)
    for name, left, right in (
        ("stdout", expected.stdout, got.stdout),
        ("stderr", expected.stderr, got.stderr),
    ):
        problem = _compare_text(left, right, extras, exact=exact, blanks=blanks)
        if problem:
            found.append(f"{name}:\n{problem}")
    return found


def _sorted(done: Done) -> Done:
    """Scripts that do not depend on each other come in any order: 01 and 08 differ in it."""
    return Done(done.status, "\n".join(sorted(done.stdout.split("\n"))), done.stderr)


def _blanks(program: str, *, exact: bool, renamed: bool) -> re.Pattern[str] | None:
    """Which blanks only pad a column, whose width follows from numbers and names."""
    if program == "mount":
        return re.compile(r"(?<=\S)[ \t]+") if renamed else None
    return None if exact else re.compile(r"(?<=\S)[ \t]{2,}")


def _compare_text(
    left: str, right: str, extras: Extras, *, exact: bool, blanks: re.Pattern[str] | None
) -> str:
    parsed = _json(left)
    if parsed is not None:
        other = _json(right)
        if other is None:
            return f"not JSON: {right[:200]!r}"
        return "\n".join(_compare_json(parsed, other, extras, "$"))
    one, two = (
        [
            blanks.sub(" ", line) if blanks else line
            for line in (text if exact else normalise(text)).split("\n")
        ]
        for text in (left, without_extras(right, extras))
    )
    if one == two:
        return ""
    return "\n".join(difflib.unified_diff(one, two, "recorded", "simulated", "", "", 2, ""))


def normalise(text: str) -> str:
    """Text with everything that belongs to the run replaced by the name of its shape."""
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        kept.append(found.group(2))
        return f"{found.group(1)} <kept>"

    text = _NUMBER_WORDS.sub(keep, text)
    for pattern, name in SHAPES:
        text = pattern.sub(name, text)
    parts = text.split("<kept>")
    return parts[0] + "".join(number + part for number, part in zip(kept, parts[1:], strict=True))


def without_extras(text: str, extras: Extras) -> str:
    """A listing without the lines, indented blocks and words of things that do not matter."""
    if not extras.names:
        return text
    kept: list[str] = []
    inside = False
    for line in text.split("\n"):
        indented = line[:1] in ("\t", " ")
        if indented and inside:
            continue
        rest = _without_words(line, extras)
        mentioned = rest == "" if rest != line else extras.mentioned(line)
        inside = mentioned and not indented
        if not mentioned:
            kept.append(rest)
    return "\n".join(kept)


def _without_words(line: str, extras: Extras) -> str:
    """`a b.` and `Title: a b.` without some of the words; other lines as they are."""
    if not re.fullmatch(r"(?:[A-Z][a-z ]+:)?[\w. -]*", line):
        return line
    end = "." if line.endswith(".") else ""
    words = line.removesuffix(".").split(" ")
    left = [word for word in words if word not in extras.names]
    return line if left == words else " ".join(left) + (end if left else "")


# --- JSON ------------------------------------------------------------------------------------


def _json(text: str) -> Any:
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        return json.loads(text)
    except ValueError:
        return None


def _compare_json(left: Any, right: Any, extras: Extras, where: str) -> list[str]:
    if isinstance(left, dict) and isinstance(right, dict):
        return _compare_dicts(left, right, extras, where)
    if isinstance(left, list) and isinstance(right, list):
        return _compare_lists(left, right, extras, where)
    if type(left) is not type(right):
        return [f"{where}: {right!r} instead of {left!r}"]
    if isinstance(left, str) and normalise(left) != normalise(right):
        return [f"{where}: {right!r} instead of {left!r}"]
    exact = isinstance(left, bool) or where.rpartition(".")[2] in EXACT_KEYS
    return [f"{where}: {right!r} instead of {left!r}"] if exact and left != right else []


def _compare_dicts(
    left: dict[str, Any], right: dict[str, Any], extras: Extras, where: str
) -> list[str]:
    right = {key: value for key, value in right.items() if not extras.mentioned(key)}
    if list(left) != list(right):
        missing = [key for key in left if key not in right]
        surplus = [key for key in right if key not in left]
        return [f"{where}: keys missing {missing}, surplus {surplus}, or in another order"]
    return [
        problem
        for key, value in left.items()
        for problem in _compare_json(value, right[key], extras, f"{where}.{key}")
    ]


def _compare_lists(left: list[Any], right: list[Any], extras: Extras, where: str) -> list[str]:
    right = [one for one in right if not _about(one, extras)]
    if where.endswith(".process"):
        return _compare_processes(left, right, where)
    if len(left) != len(right):
        return [f"{where}: {len(right)} entries instead of {len(left)}"]
    return [
        problem
        for index, (one, other) in enumerate(zip(left, right, strict=True))
        for problem in _compare_json(one, other, extras, f"{where}[{index}]")
    ]


def _about(value: Any, extras: Extras) -> bool:
    """Whether an entry names an unrelated thing itself, not only deep inside."""
    if isinstance(value, dict):
        return any(
            _about(one, extras) for one in value.values() if not isinstance(one, dict | list)
        )
    return isinstance(value, str) and extras.mentioned(value)


def _compare_processes(left: list[Any], right: list[Any], where: str) -> list[str]:
    """Which processes a host has belongs to the run; what is told of one does not."""
    if bool(left) != bool(right):
        return [f"{where}: {len(right)} processes instead of {len(left)}"]
    shapes = {tuple((key, type(value).__name__) for key, value in one.items()) for one in left}
    odd = [
        one
        for one in right
        if tuple((key, type(value).__name__) for key, value in one.items()) not in shapes
    ]
    found = [f"{where}: {one} has another shape" for one in odd[:1]]
    jails, others = ({one.get("jail-id", "0") != "0" for one in side} for side in (left, right))
    if jails != others:
        found.append(f"{where}: processes of jails {others} instead of {jails}")
    return found


NOT_SIMULATED = {
    ("07", 57): "kernel messages in /var/log/messages: the core never reads them",
    ("07", 63): "top: the core reads ps",
    ("08", 36): "fstat -m tells each mapped file and socket: the core asks fstat -f",
    ("08", 37): "sockstat: the core does not ask for sockets",
    ("08", 38): "sockstat",
    ("08", 39): "sockstat",
    ("08", 53): "top",
}
