"""Operations on bridges and on the addresses of jails: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations import fields
from jailer_core.operations.spec import Confirm, Kind, Scope, operand, operation, option, switch
from jailer_core.request import Request

CIDR = "with its prefix (next: a free private network)"


@operation(
    "bridge",
    command="bridge add",
    summary="create a bridge, now and at boot",
    label="New bridge",
    help=(
        "NAME is bridge followed by a number, such as bridge1; without NAME, the first free "
        "number is used. rc.conf and the running host are changed together. Without an address "
        "the host cannot be the gateway of its jails."
    ),
    confirm=Confirm.PLAN,
    plan="network.bridges.add:add",
    refusal_of_host="network.bridges.common:unread",
)
class BridgeAdd(Request):
    """Create a bridge; `name` "" is the first free one.

    `members` are the host's interfaces and VLANs that it connects jails with.
    """

    name: str = operand("Name", kind=Kind.NEW_NAME, default="")
    address: str = fields.address(f"The host's address on it, {CIDR}.")
    address6: str = fields.address6(f"The host's IPv6 address on it, {CIDR}.", "-6", "--address6")
    description: str = option(
        "Description", "What it is for.", "-d", "--description", metavar="TEXT"
    )
    members: tuple[str, ...] = option(
        "Members",
        "Interfaces and VLANs that become its members, separated by commas.",
        "-i",
        "--interface",
        kind=Kind.INTERFACE,
        metavar="IF",
        many=True,
        default=(),
    )


@operation(
    "bridgechange",
    command="bridge change",
    summary="change the addresses or the description of a bridge",
    label="Change",
    help="Values that are not given are kept; none removes a value. The preview names jails that\n"
    "lose their network.",
    scope=Scope.BRIDGE,
    confirm=Confirm.PLAN,
    plan="network.bridges.change:change",
    refusal_of_host="network.bridges.common:unread",
)
class BridgeChange(Request):
    """Change addresses and description of a bridge; None keeps a value, "" removes it."""

    name: str = operand("Bridge", kind=Kind.BRIDGE)
    address: str | None = fields.address(f"{CIDR.capitalize()}, or none.", default=None)
    address6: str | None = fields.address6(
        f"{CIDR.capitalize()}, or none.", "-6", "--address6", default=None
    )
    description: str | None = option(
        "Description",
        "What it is for, or none.",
        "-d",
        "--description",
        metavar="TEXT",
        default=None,
    )


@operation(
    "bridgeremove",
    command="bridge destroy",
    summary="destroy a bridge that no jail uses",
    label="Destroy",
    scope=Scope.BRIDGE,
    confirm=Confirm.PLAN,
    plan="network.bridges.remove:remove",
    refusal_of_host="network.bridges.common:unread",
)
class BridgeRemove(Request):
    """Destroy a bridge that no jail uses; `release` removes its members first."""

    name: str = operand("Bridge", kind=Kind.BRIDGE)
    release: bool = switch("Release", "Remove its members first.", "--release", default=False)


@operation(
    "memberadd",
    command="bridge addm",
    summary="add interfaces or VLANs to a bridge, now and at boot",
    label="Add member",
    help="Since FreeBSD 15 a member must not have an address of its own.",
    scope=Scope.BRIDGE,
    confirm=Confirm.PLAN,
    plan="network.bridges.members:add",
    refusal_of_host="network.bridges.common:unread",
)
class MemberAdd(Request):
    """Add an interface or VLAN of the host to a bridge, now and at boot."""

    bridge: str = operand("Bridge", kind=Kind.BRIDGE)
    member: str = operand("Interface", kind=Kind.INTERFACE, metavar="IF", each=True)


@operation(
    "memberremove",
    command="bridge deletem",
    summary="remove members from a bridge, now and at boot",
    label="Remove member",
    scope=Scope.BRIDGE,
    confirm=Confirm.PLAN,
    plan="network.bridges.members:remove",
    refusal_of_host="network.bridges.common:unread",
)
class MemberRemove(Request):
    """Remove a member from a bridge, now and at boot."""

    bridge: str = operand("Bridge", kind=Kind.BRIDGE)
    member: str = operand("Interface", kind=Kind.INTERFACE, metavar="IF", each=True)


@operation(
    "address",
    command="address",
    summary="give a jail another address, or move it to another bridge",
    label="Address",
    help="Values that are not given are kept; on another bridge the next free addresses are used.\n"
    "The jail's configuration, its own rc.conf and its packet filter rules follow. A running\n"
    "jail is stopped and started again.",
    scope=Scope.JAIL,
    plan="network.bridges.readdress:readdress",
    form="network.bridges.address_fields",
    refusal="network.bridges.placement:may_move",
    configures=True,
)
class AddressChange(Request):
    """Move a jail to another bridge or interface, or give it other addresses.

    "" keeps a field; on another bridge the addresses become the next free ones there. Words do
    for addresses: next is the lowest free one, same the present one, none removes it, and dhcp
    (IPv4 only) asks for one. A gateway may be none, too.
    """

    name: str = operand("Jail", kind=Kind.JAIL)
    bridge: str = fields.bridge()
    address: str = fields.address("IPv4 address, dhcp, next or none.")
    netmask: str = fields.netmask()
    gateway: str = fields.gateway()
    address6: str = fields.address6("IPv6 address, next or none.", "-6", "--address6")
    gateway6: str = fields.gateway6()
