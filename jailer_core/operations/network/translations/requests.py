"""Operations on NAT and redirects: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations import fields
from jailer_core.operations.spec import Kind, Scope, operand, operation, option, switch
from jailer_core.request import Request

INTERFACE = "The external interface (default: that of the default route)."
ADDRESS = "An external address (default: the interface's own)."

HELP = (
    "The rule is kept in a file of the jail. It is loaded now if the jail runs, and each time the "
    "jail starts. If the packet filter is off, it is switched on with anchors for jails; the "
    "preview shows that first."
)


@operation(
    "nat",
    command="nat add",
    summary="let a jail reach the outside with an address of the host",
    label="NAT",
    help=HELP,
    scope=Scope.JAIL,
    plan="network.translations.add:add",
    configures=True,
)
class NatAdd(Request):
    """Let a jail reach the network with an address of the host.

    `family` 0: that of `address`, else 4 if the jail has an IPv4 address, else 6.
    """

    name: str = operand("Jail", kind=Kind.JAIL)
    interface: str = fields.interface(INTERFACE)
    address: str = option("Address", ADDRESS, "-a", "--address", kind=Kind.ADDRESS, metavar="ADDR")
    family: int = option(
        "IPv6", "For the jail's IPv6 address.", "-6", "--ipv6", kind=Kind.FAMILY, default=0
    )


@operation(
    "unnat",
    command="nat destroy",
    summary="remove the NAT of a jail",
    label="Remove",
    scope=Scope.RULE,
    plan="network.translations.remove:nat",
    configures=True,
)
class NatRemove(Request):
    """Remove the NAT of a jail; `family` 0 means both, `interface` "" all."""

    name: str = operand("Jail", kind=Kind.JAIL)
    family: int = option("IPv6", "Only the IPv6 NAT.", "-6", "--ipv6", kind=Kind.FAMILY, default=0)
    interface: str = fields.interface("Only the NAT on this interface.")


@operation(
    "rdr",
    command="rdr add",
    summary="redirect a port, or all traffic for an address, to a jail",
    label="Redirect",
    help=HELP,
    scope=Scope.JAIL,
    plan="network.translations.add:add",
    configures=True,
)
class RedirectAdd(Request):
    """Redirect a port of the host, or all traffic to one of its addresses, to a jail.

    `protocol` is tcp or udp; "" without a port, then `address` is needed. `port` and
    `inside_port` are as typed, "" for none and for the same port. The others: as in NatAdd.
    """

    name: str = operand("Jail", kind=Kind.JAIL)
    interface: str = fields.interface(INTERFACE)
    address: str = option("Address", ADDRESS, "-a", "--address", kind=Kind.ADDRESS, metavar="ADDR")
    protocol: str = option(
        "Protocol", "The protocol: tcp or udp.", "-p", "--protocol", metavar="PROTO"
    )
    port: str = option("Port", "The external port.", "-r", "--port", metavar="PORT")
    inside_port: str = option(
        "Port in jail",
        "The port in the jail (default: the same).",
        "-d",
        "--to-port",
        metavar="PORT",
    )
    family: int = option(
        "IPv6", "For the jail's IPv6 address.", "-6", "--ipv6", kind=Kind.FAMILY, default=0
    )


@operation(
    "unrdr",
    command="rdr destroy",
    summary="remove redirects of a jail",
    label="Remove",
    help="`rdr list` shows the index.",
    scope=Scope.RULE,
    plan="network.translations.remove:rdr",
    configures=True,
)
class RedirectRemove(Request):
    """Remove redirects of a jail: the one of that index, or all of them (`every`)."""

    name: str = operand("Jail", kind=Kind.JAIL)
    index: int = option(
        "Index",
        "The redirect with this index.",
        "-i",
        "--index",
        kind=Kind.COUNT,
        metavar="INDEX",
        default=0,
    )
    every: bool = switch("All", "All redirects of the jail.", "-f", "--all", default=False)


@operation(
    "takeover",
    command="nat takeover",
    summary="import NAT and redirect rules from jailer's shared files",
    label="Import rules",
    plan="network.translations.import_rules:takeover",
    configures=True,
)
class ImportRules(Request):
    """Import the rules that `jailer` keeps in two files for all jails."""


@operation(
    "loadrules",
    command="nat load",
    summary="load the stored rules of running jails",
    label="Load rules",
    help="Use it for rules that `nat list` and `rdr list` do not show as loaded.",
    scope=Scope.RULE,
    plan="network.translations.remove:load",
)
class LoadRules(Request):
    """Load the stored rules of a jail again, so that the loaded rules are the stored ones."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
