"""One letter has one meaning on every tab, list, dialog and text (tests hold the exceptions)."""

from __future__ import annotations

import pytest

from jailer_core.request import Danger
from jailer_tui.actions import ACTIONS, BY_ID
from jailer_tui.dialogs.help import TITLES

TOGETHER = (
    ("jails", "table", "tabs", "all", "list"),
    ("jails", "detail", "all", "text", "copyable"),
    ("images", "tabs", "all", "list"),
    ("snapshots", "marks", "tabs", "all", "list"),
    ("network", "tabs", "all", "list"),
    ("console", "tabs", "all", "list"),
    ("activity", "tabs", "all", "list"),
    ("overview", "tabs", "all", "list"),
    ("storage", "all", "list"),
    ("space", "all", "list"),
    ("hosts", "tabs", "all", "list"),
    ("fleet", "marks", "tabs", "all", "list"),
    ("doctor", "all", "list"),
    ("processes", "all", "list"),
    ("logs", "all", "text", "logtext", "copyable"),
    ("compare", "all", "text", "copyable"),
    ("log", "all", "text", "logtext", "copyable"),
    ("diff", "all", "list"),
    ("node", "all", "text", "copyable"),
)
"""Places whose keys are heard at the same time."""

MEANINGS = {
    "q": ("go back", {"leave", "back", "cancel", "close", "leave_dialog", "sight:leave"}),
    "n": ("next match", {"find_older", "sight:older"}),
    "N": ("previous match", {"find_newer", "sight:newer"}),
    "a": ("mark all", {"mark_all", "mark_fixes", "settle_all:ours"}),
    "i": ("invert marks", {"mark_invert"}),
    "u": ("no marks, no choices", {"mark_none", "usual_columns", "usual_key"}),
    "o": ("sort", {"sort"}),
    "O": ("reverse the order", {"reverse"}),
    "y": ("copy the value", {"copy:value", "sight:copy"}),
    "Y": ("copy everything", {"copy:all"}),
    "g": ("go to", {"go_to", "top"}),
    "c": ("create", {"create", "fetch", "bridge", "snap_take", "console_more"}),
    "d": ("destroy or remove", {"destroy", "snapdestroy", "unfetch", "net_remove", "purge",
                                "roll_back", "space_older"}),
    "e": ("edit", {"edit", "net_change", "choices", "settle:text"}),
    "s": ("start", {"start", "fleet_start"}),
    "S": ("stop", {"stop", "end_all", "fleet_stop"}),
    "r": ("restart", {"restart"}),
    "t": ("a terminal", {"console", "fleet_console"}),
    "T": ("the whole terminal", {"full_terminal"}),
    "x": ("run it", {"exec", "fix_one", "fleet_command"}),
    "X": ("end what runs", {"abort", "abort_change", "console_close", "end_process", "end_one",
                            "end_this", "diff_stop"}),
    "E": ("parameters", {"set"}),
    "Q": ("limits", {"limits"}),
    "R": ("rename", {"rename"}),
    "C": ("clone", {"clone"}),
    "b": ("roll back", {"goback", "run_back"}),
    "B": ("take a snapshot", {"snap"}),
    "z": ("undo", {"undo", "restore", "fleet_undo"}),
    "Z": ("the trash", {"trash"}),
    "p": ("packages", {"pkg", "fleet_packages", "packages_after"}),
    "v": ("services", {"service"}),
    "P": ("processes", {"processes", "all_processes"}),
    "L": ("logs", {"log", "other_log", "fleet_log"}),
    "A": ("address", {"address"}),
    "D": ("set-up", {"doctor"}),
    "F": ("forward and NAT", {"nat"}),
    "G": ("the last line", {"move:bottom"}),
    "H": ("hold", {"snaphold"}),
    "I": ("import", {"takeover"}),
    "J": ("move down", {"lift:down", "shift_column:down"}),
    "K": ("policy", {"snappolicy"}),
    "M": ("detach", {"memberremove", "unmount"}),
    "U": ("order at boot", {"boot"}),
    "V": ("versions", {"outdated"}),
    "W": ("wrap", {"wrap"}),
    "f": ("follow", {"follow", "follow_row"}),
    "h": ("left", {"unfold:close", "net_previous", "tab:previous", "shift:left", "sight:left",
                   "choose:previous"}),
    "j": ("down", {"move:down"}),
    "k": ("up", {"move:up"}),
    "l": ("right", {"unfold:open", "net_next", "tab:next", "shift:right", "sight:right",
                    "choose:next"}),
    "m": ("attach", {"memberadd", "mount"}),
    "w": ("jobs", {"work"}),
}  # fmt: skip
EXCEPTIONS = {
    ("y", "run"): "a question is answered with the letters of yes and no",
    ("y", "yes"): "a question is answered with the letters of yes and no",
    ("y", "keep"): "a question is answered with the letters of yes and no",
    ("n", "cancel"): "a question is answered with the letters of yes and no",
    ("o", "settle:ours"): "git's words for the two versions: ours and theirs",
    ("t", "settle:theirs"): "git's words for the two versions: ours and theirs",
    ("K", "lift:up"): "J and K move a row where j and k move the cursor",
    ("K", "shift_column:up"): "J and K move a row where j and k move the cursor",
}
TABS = {action.id for action in ACTIONS if action.id.endswith("_tab")} | {"snapshots_of"}


def test_a_letter_has_one_meaning() -> None:
    for action in ACTIONS:
        for key in action.keys:
            if len(key) != 1:
                continue
            if key.isdigit():
                assert action.id in TABS, f"{key}: {action.id}"
            elif (key, action.id) not in EXCEPTIONS:
                assert key in MEANINGS, f"{key} ({action.id}) has no meaning yet"
                assert action.id in MEANINGS[key][1], f"{key} is {MEANINGS[key][0]}: {action.id}"


def test_no_ctrl_chord_changes_anything() -> None:
    """tmux and screen send some, and fingers slip."""
    for action in ACTIONS:
        if any(key.startswith(("ctrl+", "alt+")) for key in action.keys):
            assert action.danger is Danger.NONE, action.id


def test_help_has_a_title_for_every_place_with_keys() -> None:
    places = {place for action in ACTIONS if action.keys for place in action.where}
    assert sorted(places - set(TITLES)) == []


def test_every_meaning_and_exception_is_used() -> None:
    for key, (_, names) in MEANINGS.items():
        assert all(key in BY_ID[name].keys for name in names), key
    assert all(key in BY_ID[name].keys for key, name in EXCEPTIONS)


@pytest.mark.parametrize("places", TOGETHER)
def test_no_two_actions_share_a_key(places: tuple[str, ...]) -> None:
    seen: dict[str, str] = {}
    for action in ACTIONS:
        if any(place in action.where for place in places):
            for key in action.keys:
                assert seen.setdefault(key, action.id) == action.id, key
