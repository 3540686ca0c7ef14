"""The tabs, in the order in which they stand: a number opens each."""

from __future__ import annotations

from jailer_tui.actions.action import Action

TABS = (
    Action("jails_tab", ("1",), "Jails", "The jails of this host.", ("tabs",)),
    Action("images_tab", ("2",), "Images", "Releases that jails can be made from.", ("tabs",)),
    Action(
        "snapshots_tab",
        ("3",),
        "Snapshots",
        "Snapshots of all jails: what they hold, what depends on them, the way back.",
        ("tabs",),
    ),
    Action(
        "network_tab",
        ("4",),
        "Network",
        "Who is connected to what: bridges, interfaces, addresses, translations.",
        ("tabs",),
    ),
    Action("console_tab", ("5",), "Console", "Terminals inside jails.", ("tabs",)),
    Action(
        "activity_tab",
        ("6",),
        "Activity",
        "What was changed and what is being changed, with every command; undo it from here.",
        ("tabs",),
    ),
)
