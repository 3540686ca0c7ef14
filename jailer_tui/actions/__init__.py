"""Everything that a key can do, declared once, for footer, help, palette and docs/keys.md.

An action applies in places: `all` (every screen), `tabs` (every tab), `jails` (the table and the
opened jail), `table`, `marks` (rows that can be marked), `detail` (an opened jail), `images`,
`snapshots`, `console` (that tab), `terminal` (inside of one), `history` (looking back in one),
`list` (any list with a cursor), `text` (any text that scrolls), and the dialogs by their names.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

from textual.binding import BindingType

from jailer_core.model import Inventory, Jail
from jailer_tui.actions.action import Action, ActionContext
from jailer_tui.actions.activity import ACTIVITY
from jailer_tui.actions.console import CONSOLE
from jailer_tui.actions.dialogs import DIALOGS
from jailer_tui.actions.everywhere import EVERYWHERE
from jailer_tui.actions.host import HOST
from jailer_tui.actions.jails import JAILS
from jailer_tui.actions.network import NETWORK
from jailer_tui.actions.running import RUNNING
from jailer_tui.actions.snapshots import SNAPSHOTS
from jailer_tui.actions.tabs import TABS

__all__ = [
    "ACTIONS",
    "BY_ID",
    "ONE",
    "TABS",
    "Action",
    "ActionContext",
    "bindings",
    "footer_actions",
    "in_places",
    "key_name",
    "key_names",
    "key_table",
    "why_not",
    "why_not_now",
]

ACTIONS: tuple[Action, ...] = (
    *JAILS,
    *RUNNING,
    *TABS,
    *HOST,
    *SNAPSHOTS,
    *NETWORK,
    *CONSOLE,
    *ACTIVITY,
    *EVERYWHERE,
    *DIALOGS,
)

ONE = ("edit", "clone", "rename", "note", "translate", "go_back", "policy", "address")
"""Actions on the jail under the cursor alone, whatever is marked."""

UNMARKED = (*ONE, "console", "full_terminal")
"""The same, and those that change nothing themselves: they need not wait for other work."""

_OF_THE_HOST = ("boot", "network", "init", "fetch", "use", "unfetch", "snapschedule")
"""Operations that need no jail to be chosen."""

RULES = "jailer_core.operations.registry"
"""What knows why something cannot be done: long to import."""

BY_ID = {one.id: one for one in ACTIONS}


def in_places(*places: str) -> tuple[Action, ...]:
    """The actions that apply in these places, in the order of the table."""
    return tuple(action for action in ACTIONS if any(place in action.where for place in places))


def bindings(*places: str) -> list[BindingType]:
    """The keys of these places, for textual."""
    return [action.binding for action in in_places(*places) if action.keys]


def keys_of(*places: str) -> frozenset[str]:
    """All keys that mean something in these places."""
    return frozenset(key for action in in_places(*places) for key in action.keys)


def why_not_now(inventory: Inventory | None, now: ActionContext) -> str:
    """Why nothing at all can be changed now, or "". Reading only is said before anything else."""
    if now.read_only:
        return "this session is read-only"
    if inventory is None:
        return "the host has not been read yet"
    if now.stale:
        return "the data shown is out of date: the host cannot be read"
    if inventory.host.uid is None:
        return "the user running this program is unknown"
    return "" if inventory.host.root else "only root may change this host"


def why_not(
    action: Action, inventory: Inventory | None, jail: Jail | None, now: ActionContext
) -> str:
    """Why this cannot be done now, or ""."""
    if not action.op:
        return ""
    said = why_not_now(inventory, now)
    if said or inventory is None or action.op in _OF_THE_HOST:
        return said
    if now.marked and "jails" in action.where and action.id not in UNMARKED:
        return ""
    if RULES not in sys.modules:
        return ""  # the first table does not wait for them; a key that is pressed does
    from jailer_core.operations.registry import why_not as core_why_not  # noqa: PLC0415

    return core_why_not(inventory, action.op, jail)


# --- for people ------------------------------------------------------------------------------

_NAMES = {
    "slash": "/",
    "ampersand": "&",
    "colon": ":",
    "question_mark": "?",
    "exclamation_mark": "!",
    "space": "space",
    "escape": "esc",
    "pageup": "pgup",
    "pagedown": "pgdn",
    "shift+tab": "shift-tab",
    "ctrl+right_square_bracket": "ctrl-]",
    "shift+pageup": "shift-pgup",
    "shift+pagedown": "shift-pgdn",
}


def key_name(key: str) -> str:
    """A key as people call it: `/`, `ctrl-l`, `esc`."""
    return _NAMES.get(key, key.replace("ctrl+", "ctrl-"))


def key_names(action: Action) -> str:
    """All keys of an action."""
    return " ".join(key_name(key) for key in action.keys)


def footer_actions(places: Iterable[str]) -> list[Action]:
    """Those shown at the bottom, the most important first."""
    return sorted(
        (one for one in in_places(*places) if one.footer), key=lambda action: action.footer
    )


def key_table() -> str:
    """The table of keys for docs/keys.md."""
    rows = ["| key | does | |", "|---|---|---|"]
    for action in ACTIONS:
        keys = " ".join(f"`{key_name(key)}`" for key in action.keys) or "(palette)"
        rows.append(f"| {keys} | {action.label} | {action.help} |")
    return "\n".join(rows) + "\n"
