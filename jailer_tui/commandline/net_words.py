"""Words about the network: who is connected to what, NAT, redirections, bridges, addresses."""

from __future__ import annotations

from jailer_tui.commandline.word import CHANGE, JSON, Command

NETWORK_SHOW: tuple[Command, ...] = (
    Command(
        "network show",
        "who is connected to what: interfaces, bridges, jails, addresses",
        "network:show",
        options=(JSON,),
        text="A tree of the host's interfaces, bridges and jails, then what is wrong with it. An\n"
        "epair stands with the jail at its other end, and that end's addresses. In JSON also\n"
        "routes, counters, forwarding and what jails show inside; null is not known.",
    ),
)

KEEP = Command(
    "network keep",
    "confirm that the host can still be reached after a change that waits for it",
    "still:keep",
    changes=True,
    text="A change that may cut the connection of whoever made it is taken back by the host\n"
    "itself after 60 seconds, unless it is confirmed: by a key where it was made, or by this\n"
    "command over any other connection.",
)

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
    KEEP,
)

NET: tuple[Command, ...] = (
    Command(
        "network",
        "who is connected to what; how new jails are",
        below=(*NETWORK_SHOW, *NETWORK_USE),
    ),
)
