"""Commands about the network: interfaces, bridges, addresses, NAT and redirects."""

from __future__ import annotations

from jailer_core.operations.images.requests import NetworkUse
from jailer_core.operations.network.bridges import requests as bridges
from jailer_core.operations.network.translations import requests as nat
from jailer_tui.cli.command import JSON, Command
from jailer_tui.cli.derive import command

NETWORK = (
    Command(
        "network show",
        "show who is connected to what: interfaces, bridges, jails, addresses",
        "network:show",
        options=(JSON,),
        text="A tree of the host's interfaces, bridges and jails, followed by the problems found.\n"
        "An epair is shown with the jail at its other end, and that end's addresses. JSON also\n"
        "has routes, counters, forwarding and what jails show inside; null is unknown.",
    ),
    command(
        NetworkUse,
        "image:network",
        summary="set the default network type (eb, new, inherit), or show it",
        operands="[TYPE]",
    ),
    Command(
        "network keep",
        "confirm a change that waits for it, so that it is kept",
        "confirm:keep",
        changes=True,
        text="A change that may cut your connection is undone by the host itself after 60 seconds\n"
        "unless it is confirmed: by a key where it was made, or by this command over any other\n"
        "connection. A script decides beforehand: --keep keeps the change at once, and\n"
        "--keep-if 'ping -c 1 192.0.2.1' keeps it once that command succeeds. Status 1: undone.",
    ),
)

NAT = (
    Command("nat list", "list the NAT of jails, with counters", "nat:nat_list", "[NAME]", (JSON,)),
    command(nat.NatAdd),
    command(nat.NatRemove, aliases=("del",)),
    command(nat.LoadRules),
    command(nat.ImportRules),
)

RDR = (
    Command(
        "rdr list", "list redirects to jails, with counters", "nat:rdr_list", "[NAME]", (JSON,)
    ),
    command(nat.RedirectAdd),
    command(nat.RedirectRemove, "nat:rdr_destroy", aliases=("del",)),
)

BRIDGE = (
    Command(
        "bridge list",
        "list bridges, with addresses, members and jails",
        "bridges:listing",
        options=(JSON,),
    ),
    command(bridges.BridgeAdd, "bridges:add"),
    command(bridges.BridgeChange, "bridges:change"),
    command(bridges.BridgeRemove, aliases=("remove",)),
    command(bridges.MemberAdd),
    command(bridges.MemberRemove),
)

NET: tuple[Command, ...] = (
    Command("nat", "NAT of jails", below=NAT),
    Command("rdr", "redirects of ports and addresses to jails", below=RDR),
    Command(
        "network", "show who is connected to what; set how new jails are connected", below=NETWORK
    ),
    Command("bridge", "bridges between jails and interfaces of the host", below=BRIDGE),
    command(bridges.AddressChange),
)
