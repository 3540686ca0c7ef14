"""What consoles offer, and how they are opened.

Places: `jails` (the table, an opened jail), `console` (the tab, outside of a terminal), `terminal`
(inside of one: every other key is the program's), `history` (looking back in one).
"""

from __future__ import annotations

from jailer_tui.actions.action import MAY, Action

CONSOLE: tuple[Action, ...] = (
    Action(
        "console",
        ("e",),
        "Console",
        "Open a console in the jail, or go to the one that is already open.",
        ("jails",),
        op="console",
        danger=MAY,
        footer=2,
    ),
    Action(
        "full_terminal",
        ("f",),
        "Full terminal",
        "Open the console on the real terminal; this screen returns when it exits.",
        ("jails", "console"),
        op="console",
        danger=MAY,
    ),
    # --- the tab
    Action(
        "console_enter",
        ("enter",),
        "Open",
        "Open a console in the selected jail, or type in the one that is shown.",
        ("console",),
        op="console",
        danger=MAY,
        footer=1,
    ),
    Action(
        "console_more",
        ("c",),
        "New",
        "Open another console in a jail of your choice.",
        ("console",),
        footer=2,
    ),
    Action(
        "console_turn:next",
        ("tab", "right"),
        "Next",
        "Show the next console.",
        ("console",),
        footer=4,
    ),
    Action(
        "console_turn:previous",
        ("shift+tab", "left"),
        "Previous",
        "Show the previous console.",
        ("console",),
    ),
    Action(
        "console_close",
        ("d",),
        "Close",
        "Close this console and end what runs in it. Asks first.",
        ("console",),
        footer=5,
    ),
    # --- inside
    Action(
        "console_leave",
        ("ctrl+right_square_bracket", "f12"),
        "Leave",
        "Go back to the other consoles and tabs; the console keeps running.",
        ("terminal",),
        footer=1,
    ),
    Action(
        "console_full",
        ("f11",),
        "Full terminal",
        "Open another console in this jail, on the real terminal.",
        ("terminal",),
        footer=2,
    ),
    Action(
        "history:page_up",
        ("shift+pageup",),
        "Scroll back",
        "Scroll back; / searches, space selects, y copies.",
        ("terminal",),
        footer=3,
    ),
    Action(
        "history:page_down",
        ("shift+pagedown",),
        "Scroll forward",
        "Scroll forward one page, back to live output at the end.",
        ("terminal",),
    ),
    Action(
        "sight:leave",
        ("escape", "q"),
        "Live",
        "Clear the selection, or return to live output.",
        ("history",),
        footer=1,
    ),
    Action(
        "sight_search",
        ("slash",),
        "Search",
        "Search the scrollback.",
        ("history",),
        footer=2,
    ),
    Action(
        "sight:older", ("n",), "Next match", "Go to the next match (further back).", ("history",)
    ),
    Action(
        "sight:newer",
        ("N",),
        "Previous match",
        "Go to the previous match (towards the end).",
        ("history",),
    ),
    Action(
        "sight:mark",
        ("space", "v"),
        "Select",
        "Start selecting at the cursor, or clear the selection.",
        ("history",),
        footer=3,
    ),
    Action(
        "sight:copy",
        ("y", "enter"),
        "Copy",
        "Copy the selection, or the current line, to the clipboard.",
        ("history",),
        footer=4,
    ),
    Action("sight:left", ("left", "h"), "Left", "Move one character left.", ("history",)),
    Action("sight:right", ("right", "l"), "Right", "Move one character right.", ("history",)),
)
