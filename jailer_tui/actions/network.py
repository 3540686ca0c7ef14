"""What the tab of the network offers."""

from __future__ import annotations

from jailer_tui.actions.action import MAY, Action

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
        "The next view of the network: tree, addresses, routes, NAT.",
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
        "net_translate",
        ("N",),
        "NAT",
        "Redirect a port of the host to a jail, or let it go out with the host's address.",
        ("network",),
        op="nat",
        danger=MAY,
        footer=3,
    ),
    Action(
        "net_remove",
        ("d",),
        "Remove",
        "Take away the NAT or redirection under the cursor.",
        ("network",),
        op="unnat",
        danger=MAY,
        footer=7,
    ),
    Action(
        "net_load",
        ("L",),
        "Load rules",
        "Load what is stored for the jail under the cursor, and nothing else.",
        ("network",),
        op="loadrules",
        danger=MAY,
    ),
    Action(
        "net_takeover",
        ("T",),
        "Take over",
        "Take over NAT and redirections that the original keeps in files for all jails.",
        ("network",),
        op="takeover",
        danger=MAY,
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
