"""The matches of the palette: actions by name, synonym or a few letters; jails."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

SYNONYMS: Mapping[str, str] = {
    "destroy": "delete remove rm kill",
    "snapdestroy": "delete remove rm prune",
    "unfetch": "delete remove rm prune",
    "net_remove": "delete remove rm nat rdr",
    "purge": "delete prune empty",
    "trash": "bin deleted restore undelete prune",
    "console": "shell login terminal jexec enter",
    "full_terminal": "shell login terminal jexec",
    "exec": "jexec execute run shell command",
    "nat": "forward redirect rdr port pf translate expose publish",
    "goback": "revert rollback restore",
    "snap": "backup save checkpoint",
    "snap_take": "backup save checkpoint",
    "snappolicy": "retention keep prune schedule",
    "snapschedule": "cron auto timer",
    "create": "new add jail make",
    "clone": "copy duplicate",
    "rename": "move mv",
    "edit": "config configuration conf change",
    "stop": "halt shutdown down off",
    "start": "boot up on run",
    "restart": "reboot reload",
    "pkg": "install upgrade audit",
    "service": "rc daemon",
    "processes": "ps top kill",
    "log": "logs tail messages",
    "fetch": "download release image",
    "use": "default image",
    "bridge": "network switch new",
    "address": "ip move network",
    "boot": "autostart order enable",
    "undo": "revert back",
    "doctor": "setup init check fix",
    "theme": "colours colors dark light",
    "bind_keys": "shortcuts hotkeys bindings remap keyboard",
    "edit_settings": "preferences options configure toml",
    "quit": "exit leave",
    "work": "jobs background tasks",
    "elevate": "root sudo doas",
    "limits": "rctl quota memory cpu",
    "tag": "label group",
    "sort": "order columns",
}
"""Other words that people type for an action, by its id."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice: `key` identifies it, `words` are synonyms of its label."""

    key: str
    label: str
    about: str
    words: str = ""
    shortcut: str = ""
    why_not: str = ""


def search(words: str, choices: Sequence[Choice], recent: Sequence[str]) -> list[Choice]:
    """The matching choices, the best first; without words, the last used ones first."""
    if not words.strip():
        order = {key: place for place, key in enumerate(recent)}
        return sorted(choices, key=lambda choice: order.get(choice.key, len(order)))
    scored = [(_score(words.casefold(), choice), choice) for choice in choices]
    return [choice for score, choice in sorted(scored, key=lambda pair: pair[0]) if score < NONE]


NONE = 9


def _score(words: str, choice: Choice) -> int:
    """How well it matches: 0 is best, NONE is not at all."""
    label, about = choice.label.casefold(), choice.about.casefold()
    if label.startswith(words):
        return 0 if label == words else 1
    parts = words.split()
    other = choice.words.split()
    if all(any(part.startswith(word) for part in (*label.split(), *other)) for word in parts):
        return 2
    text = f"{label} {about} {choice.words}"
    if all(word in text for word in parts):
        return 3
    return 4 if _in_order(words.replace(" ", ""), label) else NONE


def _in_order(letters: str, text: str) -> bool:
    """Whether the letters are in the text in that order."""
    rest = iter(text)
    return len(letters) > 1 and all(letter in rest for letter in letters)


def with_arguments(
    words: str, choices: Iterable[Choice], jails: Sequence[str]
) -> tuple[Choice, tuple[str, ...]] | None:
    """Parse `stop www*` into the choice and the jails; None if it is something else."""
    verb, _, patterns = words.strip().partition(" ")
    if not patterns:
        return None
    named = tuple(
        name for name in jails if any(fnmatchcase(name, pattern) for pattern in patterns.split())
    )
    listed = list(choices)
    meant = [choice for choice in listed if choice.label.casefold() == verb.casefold()]
    meant += [choice for choice in listed if verb.casefold() in choice.words.split()]
    return (meant[0], named) if meant and named else None
