"""Words about the network: who is connected to what, NAT, redirections, bridges, addresses."""

from __future__ import annotations

from jailer_tui.commandline.bridge_words import BRIDGES
from jailer_tui.commandline.word import CHANGE, JSON, Command, Option

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
    "command over any other connection. A script says beforehand who decides: --keep keeps it at\n"
    "once, and --keep-if 'ping -c 1 192.0.2.1' once that command succeeds. Status 1: taken back.",
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

_INTERFACE = Option(
    "interface",
    "--interface",
    "the interface outside (default: the default route's)",
    "-i",
    takes="IF",
)
_ADDRESS = Option(
    "address",
    "--address",
    "an address outside (default: the interface's own)",
    "-a",
    takes="ADDR",
)
_IPV6 = Option("ipv6", "--ipv6", "for the jail's IPv6 address", "-6")

NAT = (
    Command(
        "nat list", "NAT of jails, with what is counted", "nat:nat_list", "[NAME]", 0, 1, (JSON,)
    ),
    Command(
        "nat add",
        "let a jail go out with an address of the host",
        "nat:nat_add",
        "NAME",
        1,
        1,
        (_INTERFACE, _ADDRESS, _IPV6, *CHANGE),
        "The rule is kept in a file of the jail, loaded now if it runs, and at each start of it.\n"
        "Where the packet filter is off, it is switched on with anchors for jails: that is shown\n"
        "and asked about first.",
        changes=True,
    ),
    Command(
        "nat del",
        "take the NAT of a jail away",
        "nat:nat_del",
        "NAME",
        1,
        1,
        (
            Option("interface", "--interface", "only that of this interface", "-i", takes="IF"),
            Option("ipv6", "--ipv6", "only that of IPv6", "-6"),
            *CHANGE,
        ),
        changes=True,
    ),
    Command(
        "nat load",
        "load what is stored for jails that run",
        "nat:load",
        "NAME...",
        1,
        None,
        CHANGE,
        "For rules that `nat list` and `rdr list` show as stored, or as not stored.",
        changes=True,
    ),
    Command(
        "nat takeover",
        "take over the rules of the original's two files",
        "nat:takeover",
        options=CHANGE,
        changes=True,
    ),
)

RDR = (
    Command(
        "rdr list",
        "redirections to jails, with what is counted",
        "nat:rdr_list",
        "[NAME]",
        0,
        1,
        (JSON,),
    ),
    Command(
        "rdr add",
        "redirect a port, or all that comes to an address, to a jail",
        "nat:rdr_add",
        "NAME",
        1,
        1,
        (
            _INTERFACE,
            _ADDRESS,
            Option("protocol", "--protocol", "tcp or udp", "-p", takes="PROTO"),
            Option("port", "--port", "the port outside", "-r", takes="PORT"),
            Option(
                "inside_port",
                "--to-port",
                "the port inside (default: the same)",
                "-d",
                takes="PORT",
            ),
            _IPV6,
            *CHANGE,
        ),
        "As `nat add`. A port that the host or another jail has already is refused. Without a\n"
        "port, all that comes to the address given by -a goes to the jail.",
        changes=True,
    ),
    Command(
        "rdr del",
        "take redirections of a jail away",
        "nat:rdr_del",
        "NAME",
        1,
        1,
        (
            Option("index", "--index", "the one with that number in the list", "-i", takes="INDEX"),
            Option("every", "--all", "all of them", "-f"),
            *CHANGE,
        ),
        "Of a jail that has only one, that one.",
        changes=True,
    ),
)

NET: tuple[Command, ...] = (
    Command("nat", "source NAT of jails", below=NAT),
    Command("rdr", "redirections of ports and addresses to jails", below=RDR),
    Command(
        "network",
        "who is connected to what; how new jails are",
        below=(*NETWORK_SHOW, *NETWORK_USE),
    ),
    *BRIDGES,
)
