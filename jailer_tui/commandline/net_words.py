"""Words about the network: who is connected to what, NAT, redirections, bridges, addresses."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, Command

NETWORK_USE: tuple[Command, ...] = (
    Command(
        "network use",
        "set the default network type (eb, new, inherit), or show it",
        "image:network",
        "[TYPE]",
        0,
        1,
        CHANGE,
        changes=True,
    ),
)

NET: tuple[Command, ...] = (
    Command(
        "network",
        "how new jails are connected",
        below=NETWORK_USE,
    ),
)
