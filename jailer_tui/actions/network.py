"""What the tab of the network offers."""

from __future__ import annotations

from jailer_tui.actions.action import Action

NETWORK: tuple[Action, ...] = (
    Action(
        "net_open",
        ("enter",),
        "Open",
        "Show everything about the interface or jail: addresses, routes, traffic, problems.",
        ("network",),
        footer=1,
    ),
    Action(
        "net_next",
        ("v", "right", "l"),
        "View",
        "The next view of the network: tree, addresses, routes.",
        ("network",),
        footer=2,
    ),
    Action(
        "net_previous",
        ("V", "left", "h"),
        "View before",
        "The view before.",
        ("network",),
    ),
    Action(
        "net_problems",
        ("exclamation_mark",),
        "Problems",
        "Everything that is wrong with the network, with what to do about it.",
        ("network",),
        footer=5,
    ),
    Action(
        "net_jail",
        ("J",),
        "Jail",
        "Open the jail under the cursor, or at the other end of the epair.",
        ("network",),
        footer=6,
    ),
)
