"""Everything that a key can do, declared once, for footer, help, palette and docs/keys.md."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache

from textual.binding import BindingType

from jailer_core.operations.spec import Role, declared
from jailer_tui import key_hints
from jailer_tui.actions.action import Action as Action, operation
from jailer_tui.actions.chosen import with_chosen, wrong_keys as wrong_keys
from jailer_tui.actions.guards import RULES as RULES, why_not_now as why_not_now
from jailer_tui.actions.keymap import HOST_TABS as HOST_TABS, KEYMAP, TABS as TABS
from jailer_tui.actions.selection import Selection as Selection, Situation as Situation
from jailer_tui.chosen_keys import CHOSEN
from jailer_tui.key_hints import key_name as key_name

PROVIDED = {"stamp", "mac"}
"""Fields of requests that the screen fills in for any operation."""


def _rest() -> tuple[Action, ...]:
    """The operations that the table of keys does not name: without a key, by their scope.

    A derived form must be able to ask for all that they need.
    """
    named = {kind for action in KEYMAP for kind in action.covers}
    rest = []
    for kind, spec in declared().items():
        provided = {field.name for field in spec.fields if field.role is Role.PROVIDED}
        if kind not in named and spec.label and spec.command and provided <= PROVIDED:
            rest.append(kind)
    # in the order of their names: that of the declarations is that of imports
    return tuple(operation(kind) for kind in sorted(rest, key=lambda kind: declared()[kind].op))


def _all() -> tuple[Action, ...]:
    """All actions; keys that a help text names are the chosen ones."""
    actions = with_chosen((*KEYMAP, *_rest()), CHOSEN)
    key_hints.fill(
        {action.id: tuple(map(key_name, action.keys)) for action in actions},
        {action.id: action.label for action in actions},
    )
    return tuple(replace(action, help=key_hints.told(action.help)) for action in actions)


ACTIONS: list[Action] = list(_all())

BY_ID = {action.id: action for action in ACTIONS}

_AT_START = {action.id: action.keys for action in ACTIONS}
"""The keys with which the classes of screens and dialogs were made."""


def use_keys(keys: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Use these keys from now on. Returns textual's keymap for them, by action."""
    CHOSEN.keys = keys
    CHOSEN.wrong.clear()
    ACTIONS[:] = _all()
    BY_ID.update({action.id: action for action in ACTIONS})
    keys_of.cache_clear()
    return {
        action.id: ",".join(action.keys)
        for action in ACTIONS
        if action.keys != _AT_START[action.id]
    }


def in_places(*places: str) -> tuple[Action, ...]:
    """The actions that apply in these places, in the order of the table."""
    return tuple(action for action in ACTIONS if any(place in action.where for place in places))


def bindings(*places: str) -> list[BindingType]:
    """The key bindings of these places, for textual."""
    return [action.binding for action in in_places(*places)]


@cache
def keys_of(*places: str) -> frozenset[str]:
    """All keys that are bound in these places."""
    return frozenset(key for action in in_places(*places) for key in action.keys)


def first_key(action: Action) -> str:
    """The key that the footer and the palette show; "" for none."""
    keys = action.keys
    if keys == _AT_START.get(action.id):  # it may have others by now
        keys = BY_ID[action.id].keys
    return key_name(keys[0]) if keys else ""


def key_names(action: Action) -> str:
    """All keys of an action."""
    return " ".join(dict.fromkeys(key_name(key) for key in action.keys))


def footer_actions(places: Sequence[str]) -> list[Action]:
    """The actions of the footer, the most important first."""
    weights = {
        action.id: min(shown)
        for action in ACTIONS
        if action.keys
        and (shown := [action.where[place] for place in places if action.where.get(place)])
    }
    return sorted((BY_ID[name] for name in weights), key=lambda action: weights[action.id])
