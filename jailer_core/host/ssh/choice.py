"""Resolve the arguments of --host to hosts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from jailer_core.errors import UsageError
from jailer_core.host.ssh.entry import DEMO, LOCAL, HostEntry, destined, of_table
from jailer_core.text import sanitize

ALL = "all"
TAG = "@"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The hosts, each once. `several` tells that more than one could be meant."""

    entries: tuple[HostEntry, ...]
    several: bool


def known(tables: Mapping[str, Mapping[str, object]]) -> dict[str, HostEntry]:
    """The hosts of the settings. Raises UsageError."""
    try:
        return {name: of_table(name, table) for name, table in tables.items()}
    except ValueError as error:
        raise UsageError(f"host: {error}") from None


def choose(
    words: Sequence[str], hosts: Mapping[str, HostEntry], scenarios: Iterable[str]
) -> Chosen:
    """The hosts that are meant. Raises UsageError for a word that means none."""
    entries: dict[str, HostEntry] = {}
    several = len(words) > 1
    for word in words:
        several = several or word == ALL or word.startswith(TAG) or "*" in word
        for entry in _meant(word, hosts, tuple(scenarios)):
            entries.setdefault(entry.name, entry)
    return Chosen(tuple(entries.values()), several)


def _meant(word: str, hosts: Mapping[str, HostEntry], scenarios: Sequence[str]) -> list[HostEntry]:
    if word in hosts:
        return [hosts[word]]
    if word == LOCAL:
        return [HostEntry(LOCAL)]
    if word.startswith(DEMO):
        return [_demo(word, scenarios)]
    if word == ALL:
        matches = list(hosts.values())
    elif word.startswith(TAG):
        matches = [entry for entry in hosts.values() if word[1:] in entry.tags]
    elif "*" in word or "?" in word:
        matches = [entry for name, entry in hosts.items() if fnmatchcase(name, word)]
    else:
        try:
            return [destined(word)]
        except ValueError as error:
            raise UsageError(f"--host {sanitize(word)}: {error}") from None
    if not matches:
        raise UsageError(
            f"--host {sanitize(word)}: there is no such host",
            f"Hosts are set as [host.NAME]: {', '.join(hosts) or 'none is set'}.",
        )
    return matches


def _demo(word: str, scenarios: Sequence[str]) -> HostEntry:
    scenario = word.removeprefix(DEMO)
    if scenario not in scenarios:
        raise UsageError(
            f"--host {sanitize(word)}: there is no such simulated host",
            f"Simulated hosts: {', '.join(DEMO + name for name in scenarios)}.",
        )
    return HostEntry(scenario, demo=scenario)
