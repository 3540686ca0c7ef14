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
        "A terminal inside the jail, in the tab Console; goes to the one that is open.",
        ("jails",),
        op="console",
        danger=MAY,
        footer=2,
    ),
    Action(
        "full_terminal",
        ("f",),
        "Full terminal",
        "A console on the whole real terminal; the screen comes back when it ends.",
        ("jails", "console"),
        op="console",
        danger=MAY,
    ),
    # --- the tab
    Action(
        "console_enter",
        ("enter",),
        "Go in",
        "Open a console in the jail under the cursor, or type in the one that is shown.",
        ("console",),
        op="console",
        danger=MAY,
        footer=1,
    ),
    Action(
        "console_more",
        ("c",),
        "Another",
        "Choose a jail for one more console; a jail can have several.",
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
        "Before",
        "Show the console before.",
        ("console",),
    ),
    Action(
        "console_close",
        ("d",),
        "Close",
        "Hang up: what runs in it ends. Asks while something runs.",
        ("console",),
        footer=5,
    ),
    # --- inside
    Action(
        "console_leave",
        ("ctrl+right_square_bracket", "f12"),
        "Leave",
        "Out of the terminal, to the other consoles and tabs; what runs in it goes on.",
        ("terminal",),
        footer=1,
    ),
    Action(
        "console_full",
        ("f11",),
        "Full terminal",
        "One more console in this jail, on the whole real terminal.",
        ("terminal",),
        footer=2,
    ),
    Action(
        "history:page_up",
        ("shift+pageup",),
        "Look back",
        "What was printed before; then / searches, and space and y copy.",
        ("terminal",),
        footer=3,
    ),
    Action(
        "history:page_down",
        ("shift+pagedown",),
        "Look on",
        "A page further; at the end back to what is printed now.",
        ("terminal",),
    ),
    Action(
        "sight:leave",
        ("escape", "q"),
        "Now",
        "Back to what is printed now; drops a selection first.",
        ("history",),
        footer=1,
    ),
    Action(
        "sight_search",
        ("slash",),
        "Search",
        "Look for words in what was printed.",
        ("history",),
        footer=2,
    ),
    Action(
        "sight:older", ("n",), "Next", "The next place of the words, further back.", ("history",)
    ),
    Action("sight:newer", ("N",), "Before", "The place of the words before.", ("history",)),
    Action(
        "sight:mark",
        ("space", "v"),
        "Select",
        "Begin to select at the cursor; again: select nothing.",
        ("history",),
        footer=3,
    ),
    Action(
        "sight:copy",
        ("y", "enter"),
        "Copy",
        "Take what is selected, or the line, to the clipboard.",
        ("history",),
        footer=4,
    ),
    Action("sight:left", ("left", "h"), "Left", "One character left.", ("history",)),
    Action("sight:right", ("right", "l"), "Right", "One character right.", ("history",)),
)
