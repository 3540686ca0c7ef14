"""The tabs, in the order in which they stand: a number opens each."""

from __future__ import annotations

from jailer_tui.actions.action import Action

TABS = (
    Action("jails_tab", ("1",), "Jails", "Show the jails of this host.", ("tabs",)),
    Action(
        "images_tab", ("2",), "Images", "Show the releases that jails can be made from.", ("tabs",)
    ),
    Action(
        "snapshots_tab",
        ("3",),
        "Snapshots",
        "Show the snapshots of all jails, their size and what depends on them.",
        ("tabs",),
    ),
    Action(
        "network_tab",
        ("4",),
        "Network",
        "Show how jails are connected: bridges, interfaces, addresses, NAT.",
        ("tabs",),
    ),
    Action("console_tab", ("5",), "Console", "Show the terminals inside jails.", ("tabs",)),
    Action(
        "activity_tab",
        ("6",),
        "Activity",
        "Show past and running changes with every command, and undo them.",
        ("tabs",),
    ),
)
