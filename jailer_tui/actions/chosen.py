"""The table of actions with the user's settings applied: other keys, and custom commands."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from textual.keys import Keys, _character_to_key

from jailer_core.request import Danger
from jailer_core.settings.schema import OwnCommand
from jailer_tui.actions.action import Action, ui
from jailer_tui.actions.guards import may_change, needs_jail
from jailer_tui.chosen_keys import Chosen
from jailer_tui.key_hints import key_name

OWN = "own_command_{}"
"""The id of an own command, by its number."""
ALIASES = {
    "esc": "escape",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "ins": "insert",
    "del": "delete",
    "ctrl+space": "ctrl+@",  # what a terminal sends for it
}
TOGETHER = (
    {"jails", "table", "tabs", "marks"},
    {"jails", "detail"},
    {"images", "tabs"},
    {"snapshots", "marks", "tabs"},
    {"network", "tabs"},
    {"console", "tabs"},
    {"activity", "tabs"},
    {"overview", "tabs"},
)
"""Places that are on one screen."""
EVERYWHERE = frozenset({"all", "list", "text"})

_NAMED = frozenset(key.value for key in Keys)
_MODIFIED = re.compile(r"((?:ctrl|shift|alt)\+)+(.+)\Z")


def key_of(text: str) -> str:
    """Textual's name of a key such as `ctrl-t`, `/`, `F7` or `esc`; "" if there is no such key."""
    if len(text) == 1:
        return text if text.isalnum() else _character_to_key(text)
    lower = re.sub(r"\b(ctrl|shift|alt)-", r"\1+", text.lower())
    name = ALIASES.get(lower, lower)
    modified = _MODIFIED.match(name)
    if modified is not None:
        last = key_of(modified[2])
        return f"{name[: modified.start(2)]}{last}" if last else ""
    return name if name in _NAMED else ""


def with_chosen(actions: Iterable[Action], chosen: Chosen) -> tuple[Action, ...]:
    """The actions with the keys of the settings and the user's commands, without conflicts."""
    table = {action.id: action for action in actions}
    for name, keys in chosen.keys.items():
        if name in table:
            _rebind(table, name, keys, chosen)
    for number, command in enumerate(chosen.commands):
        action, wrong = _own(command, OWN.format(number))
        wrong = wrong or _clash(action, table.values())
        if wrong:
            chosen.wrong["command", command.key] = wrong
        else:
            table[action.id] = action
    return tuple(table.values())


def _rebind(table: dict[str, Action], name: str, keys: tuple[str, ...], chosen: Chosen) -> None:
    """Give an action other keys, unless that is not possible."""
    wrong = wrong_keys(table.values(), name, keys)
    if wrong:
        chosen.wrong["keys", name] = wrong
    else:
        table[name] = replace(table[name], keys=tuple(map(key_of, keys)))


def wrong_keys(actions: Iterable[Action], name: str, keys: tuple[str, ...]) -> str:
    """Why an action cannot have these keys, or ""."""
    table = {action.id: action for action in actions}
    unknown = next((key for key in keys if not key_of(key)), None)
    if unknown is not None:
        return f"there is no key {unknown}"
    return _clash(replace(table.pop(name), keys=tuple(map(key_of, keys))), table.values())


def _own(command: OwnCommand, name: str) -> tuple[Action, str]:
    """A command of the user's own as an action."""
    key = key_of(command.key)
    of_jail = command.where == "jail" or any("{jail}" in word for word in command.argv)
    guards = (may_change, needs_jail) if of_jail else (may_change,)
    action = ui(
        name,
        key,
        command.label,
        "jails" if of_jail else "tabs",
        f"Run your own command: {' '.join(command.argv)}",
        *guards,
        danger=Danger.CHANGES,
    )
    return action, "" if key else f"there is no key {command.key}"


def _clash(rebound: Action, others: Iterable[Action]) -> str:
    """The action that has one of the keys in the same place, or ""."""
    for other in others:
        shared = set(rebound.keys) & set(other.keys)
        if shared and _meet(set(rebound.where), set(other.where)):
            return f"the key {key_name(min(shared))} already means {other.label} ({other.id})"
    return ""


def _meet(left: set[str], other: set[str]) -> bool:
    """Whether both are on one screen somewhere."""
    if left & other or left & EVERYWHERE or other & EVERYWHERE:
        return True
    return any(left & places and other & places for places in TOGETHER)
