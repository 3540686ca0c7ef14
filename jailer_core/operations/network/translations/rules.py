"""A jail's rule file: its lines as values and back, and its name.

The file is what pfctl(8) reads; `#3` after a redirection is its index, as `jailer` has it.
Other lines in it are kept as they are.

Every translation of the host as one list: stored, loaded, or both, with what is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from jailer_core.errors import Refused
from jailer_core.model.network import NAT, RDR, Firewall, LoadedRule, Translation, anchor
from jailer_core.parse.pf import line, translation
from jailer_core.templates import render
from jailer_core.text import sanitize

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,62}\Z")
"""A word that sh(1) and pfctl(8) take as it is: part of an anchor is at most 63 bytes long
(PF_ANCHOR_NAME_SIZE; # not recorded)."""
_INDEX = re.compile(r"#(\d{1,9})(?:\s|\Z)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of a rule file; `translation` None: another form than ours. `index`: of an rdr."""

    text: str
    translation: Translation | None = None
    index: int = 0


def fits(name: str) -> bool:
    """Whether a jail of that name can have an anchor, and a line in its file that loads it."""
    return _NAME.match(name) is not None


def must_fit(name: str) -> None:
    """Raises Refused for a name that cannot be part of a command of the jail's start."""
    if not fits(name):
        raise Refused(
            f"the name {sanitize(name)} cannot be used for a packet filter anchor",
            "Rename the jail: letters, digits, - and _, at most 63 of them.",
        )


@lru_cache(maxsize=2048)
def parse(text: str) -> tuple[Rule, ...]:
    """The rules of a file, without comments and empty lines."""
    lines = []
    for raw in text.split("\n"):
        plain = raw.partition("#")[0].strip()
        if plain:
            index = _INDEX.search(raw)
            known = translation(raw)
            number = int(index[1]) if index and known and known.kind == RDR else 0
            lines.append(Rule(plain, known, number))
    return _numbered(lines)


def _numbered(rules: list[Rule]) -> tuple[Rule, ...]:
    """Redirections whose line bears no index, or one twice, get the next free ones."""
    taken: set[int] = set()
    done = []
    for other in rules:
        if not redirects(other):
            done.append(other)
            continue
        index = other.index
        if not index or index in taken:
            index = max([*taken, *(rule.index for rule in rules)], default=0) + 1
        taken.add(index)
        done.append(replace(other, index=index))
    return tuple(done)


def head(jail: str) -> str:
    """The first line of a jail's rule file."""
    return f"# jailer-tui: NAT and redirections of {jail}, loaded into {anchor(jail)} by its start"


def text(jail: str, rules: Iterable[Rule]) -> str:
    """The file; NAT before redirections, as pfctl lists them."""
    ordered = sorted(rules, key=redirects)
    return render("pf.anchor.j2", head=head(jail), lines=[_line(rule) for rule in ordered])


def redirects(rule: Rule) -> bool:
    """Whether it is a redirection."""
    return rule.translation is not None and rule.translation.kind == RDR


def _line(rule: Rule) -> str:
    plain = line(rule.translation) if rule.translation is not None else rule.text
    return f"{plain} #{rule.index}" if rule.index else plain


def of(firewall: Firewall, jail: str) -> tuple[Rule, ...]:
    """The stored rules of a jail."""
    return parse(firewall.stored.get(jail, ""))


def next_index(firewall: Firewall) -> int:
    """The next index of a redirection: `jailer` counts over all jails."""
    theirs = [rule.index for jail, rule in originals(firewall)]
    ours = [rule.index for jail in firewall.stored for rule in of(firewall, jail)]
    return max([*theirs, *ours], default=0) + 1


def originals(firewall: Firewall) -> tuple[tuple[str, Rule], ...]:
    """The rules of jailer's files, each with its jail's name (`#JAIL`, `#INDEX JAIL`)."""
    lines = []
    for content in firewall.originals.values():
        for raw in content.split("\n"):
            plain, _, comment = raw.partition("#")
            words = comment.split()
            if not plain.strip() or not words:
                continue
            known = translation(raw)
            number = words[0] if len(words) > 1 and words[0].isdigit() else ""
            jail = words[1] if number else words[0]
            rdr = known is not None and known.kind == RDR
            lines.append((jail, Rule(plain.strip(), known, int(number or 0) if rdr else 0)))
    return tuple(lines)


BOTH, STORED, LOADED, ORIGINAL = "loaded", "stored", "not stored", "original's"


@dataclass(frozen=True, slots=True)
class Row:
    """One rule. `state`: loaded (and stored), stored (not loaded), not stored (but loaded), or in
    jailer's files. `index` is what `rdr destroy -i` takes, 0 for none. `loaded`: its counters.
    """  # noqa: D205 - one sentence

    jail: str
    text: str
    state: str
    translation: Translation | None = None
    index: int = 0
    loaded: LoadedRule | None = None

    @property
    def kind(self) -> str:
        """`nat`, `rdr`, or the first word of a rule of another form."""
        return self.translation.kind if self.translation else self.text.split(" ", 1)[0]

    @property
    def key(self) -> str:
        """A unique key."""
        return f"{self.jail}\n{self.index}\n{self.state}\n{self.text}"


def rows(firewall: Firewall) -> tuple[Row, ...]:
    """All rules: by jail, NAT first, then by index."""
    names = sorted({*firewall.stored, *(firewall.loaded or {})})
    table = [row for name in names for row in _of(firewall, name)]
    table += [
        Row(jail, rule.text, ORIGINAL, rule.translation, rule.index)
        for jail, rule in originals(firewall)
    ]
    return tuple(sorted(table, key=lambda row: (row.jail, row.kind != NAT, row.index)))


def _of(firewall: Firewall, name: str) -> Iterator[Row]:
    loaded = list((firewall.loaded or {}).get(name, ()))
    for own in of(firewall, name):
        match = next((rule for rule in loaded if _equal(own, rule)), None)
        if match is not None:
            loaded.remove(match)
        state = BOTH if match is not None else STORED
        yield Row(name, own.text, state, own.translation, own.index, match)
    for rule in loaded:
        yield Row(name, rule.text, LOADED, rule.translation, 0, rule)


def _equal(own: Rule, rule: LoadedRule) -> bool:
    if own.translation is None:
        return " ".join(own.text.split()) == rule.text
    return own.translation == rule.translation
