"""Filter rules: `pass`, `block` and `match`, as pfctl(8) prints them back (recording 16).

What pf.conf(5) allows beyond this is said not to be simulated. Recorded are in, out, on, proto,
from, to, rdr-to and nat-to; the order of all else is that of pf.conf(5), # not recorded.
"""

from __future__ import annotations

from jailer_core.simulator.pf.words import PfError, Words, endpoint, family_of, take_target

_ACTIONS = ("drop", "return", "return-rst", "return-icmp", "return-icmp6")
_VALUED = ("label", "tag", "tagged", "icmp-type", "icmp6-type", "user", "group", "queue", "prio")
_STATES = ("keep", "modulate", "synproxy", "no")


def read(words: Words, kind: str) -> str:
    """One rule, all of its words."""
    said = [kind]
    if kind == "block":
        said.append(words.take() if words.peek() in _ACTIONS else "drop")
    if words.peek() in ("in", "out"):
        said.append(words.take())
    if words.has("log"):
        said += ["log", *_in_brackets(words)]
    if words.has("quick"):
        said.append("quick")
    if words.has("on"):
        said += ["on", *(["!"] if words.has("!") else []), words.take()]
    family = words.take() if words.peek() in ("inet", "inet6") else ""
    protocol = ["proto", words.take()] if words.has("proto") else []
    ends = _ends(words)
    options, states, target = _options(words, kind)
    family = family or family_of(" ".join([*ends, *target]))
    stateful = kind == "pass" and not states
    if stateful:
        flags = [] if protocol[1:] not in ([], ["tcp"]) or "flags" in options else ["flags", "S/SA"]
        states = [*flags, "keep", "state"]
    family_words = [family] if family else []
    parts = (said, family_words, protocol, ends, options, states, target)
    return " ".join(word for part in parts for word in part)


def _in_brackets(words: Words) -> list[str]:
    """`(all, to pflog1)`: what is told of, or how many states there may be."""
    if not words.has("("):
        return []
    inner = ""
    while not words.has(")"):
        word = words.take()
        inner += ", " if word == "," else f" {word}" if inner and inner[-1] != " " else word
    return [f"({inner})"]


def _ends(words: Words) -> list[str]:
    if words.has("all"):
        return ["all"]
    source, goal = ["any"], ["any"]
    named = words.peek() in ("from", "to")
    if words.has("from"):
        source = endpoint(words)
    if words.has("to"):
        goal = endpoint(words)
    return ["from", *source, "to", *goal] if named else ["all"]


def _options(words: Words, kind: str) -> tuple[list[str], list[str], list[str]]:
    """Its other options, how it keeps state, and where packets are routed."""
    options: list[str] = []
    states: list[str] = []
    target: list[str] = []
    while words.tokens:
        word = words.take()
        if word in _STATES:
            words.take("state")
            states = [word, "state", *_in_brackets(words)]
        elif word == "flags" or word in _VALUED:
            options += [word, words.take()]
        elif word in ("rdr-to", "nat-to"):
            goes = take_target(words)
            many = word == "nat-to" and goes.startswith("(") and ":" not in goes
            target = [word, goes, *(["round-robin"] if many else [])]
        elif word == "allow-opts":
            options.append(word)
        else:
            raise PfError(f"{kind} … {word} is not simulated")
    return options, states, target
