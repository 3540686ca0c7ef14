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
        "show what is connected to what: interfaces, bridges, jails, addresses",
        "network:show",
        options=(JSON,),
        text=(
            "A tree of the host's interfaces, bridges and jails, followed by the problems found. "
            "An epair is shown with the jail at its other end and the addresses of that end. JSON "
            "also has routes, counters, forwarding, and what is seen inside jails; null means "
            "unknown."
        ),
    ),
    command(
        NetworkUse,
        "image:network",
        summary="set the default network type of new jails, or show it",
        operands="[TYPE]",
        text="TYPE is eb, new or inherit: see `help create`.",
    ),
    Command(
        "network keep",
        "confirm a pending network change, so that it is kept",
        "confirm:keep",
        changes=True,
        text=(
            "A change that may cut your connection is reverted by the host after 60 seconds "
            "unless you confirm it: with a key where the change was made, or with this command "
            "over any other connection. A script gives an option to the change itself: --keep "
            "keeps it at once, and --keep-if 'ping -c 1 192.0.2.1' keeps it as soon as that "
            "command succeeds. The exit status is 1 if there was nothing left to confirm."
        ),
    ),
)

NAT = (
    Command("nat list", "list the NAT of jails, with counters", "nat:listing", "[NAME]", (JSON,)),
    command(nat.NatAdd),
    command(nat.NatRemove, aliases=("del",)),
    command(nat.LoadRules),
    command(nat.ImportRules),
)

RDR = (
    Command("rdr list", "list redirects to jails, with counters", "nat:listing", "[NAME]", (JSON,)),
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
    Command("nat", "list, add or destroy NAT of jails", below=NAT),
    Command("rdr", "list, add or destroy redirects to jails", below=RDR),
    Command(
        "network", "show what is connected to what; set how new jails are connected", below=NETWORK
    ),
    Command("bridge", "list, add, change or destroy bridges", below=BRIDGE),
    command(bridges.AddressChange),
)
