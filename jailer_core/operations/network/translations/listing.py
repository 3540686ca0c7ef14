"""Every translation of the host as one list: stored, loaded, or both, with what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jailer_core.model.firewall import NAT, Firewall, LoadedRule, Translation
from jailer_core.operations.network.translations import rules
from jailer_core.operations.network.translations.rules import Rule

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
        """Tells it from every other one."""
        return f"{self.jail}\n{self.index}\n{self.state}\n{self.text}"


def rows(firewall: Firewall) -> tuple[Row, ...]:
    """All of them: by jail, NAT first, then by index."""
    names = sorted({*firewall.stored, *(firewall.loaded or {})})
    table = [row for name in names for row in _of(firewall, name)]
    table += [
        Row(jail, rule.text, ORIGINAL, rule.translation, rule.index)
        for jail, rule in rules.originals(firewall)
    ]
    return tuple(sorted(table, key=lambda row: (row.jail, row.kind != NAT, row.index)))


def _of(firewall: Firewall, name: str) -> Iterator[Row]:
    loaded = list((firewall.loaded or {}).get(name, ()))
    for own in rules.of(firewall, name):
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
