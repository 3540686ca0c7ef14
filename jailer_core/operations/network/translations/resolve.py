"""Resolve a request for a rule: fill in family, interface, ports and addresses."""

from __future__ import annotations

import re

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.model import Interface, Inventory
from jailer_core.model.network import NAT, RDR, Translation
from jailer_core.operations import guards
from jailer_core.operations.connection import host_impact
from jailer_core.operations.network.translations import addresses
from jailer_core.operations.network.translations.requests import NatAdd, RedirectAdd
from jailer_core.operations.shared import network_parts
from jailer_core.text import sanitize

Add = NatAdd | RedirectAdd
PROTOCOLS = ("tcp", "udp")
_CARD = re.compile(r"[A-Za-z][A-Za-z0-9_.:-]*")
"""What pf's grammar takes for a word, and no more (pf.conf(5); # not recorded)."""


def family_of(inventory: Inventory, request: Add) -> int:
    """The family of the given address, else of the jail's; IPv4 if it has both."""
    outside = address(request.address)
    if outside:
        family = 6 if ":" in outside else 4
        if request.family not in (0, family):
            raise UsageError(f"address '{outside}' is not IPv{request.family}", "Omit one of them.")
        return family
    if request.family:
        return request.family
    known = addresses.families(guards.require_jail(inventory, request.name))
    return known[0] if known else 4


def address(text: str) -> str:
    """Check a typed address; "" for none. Raises UsageError."""
    return checks.ip(text) if text.strip() else ""


def interface(inventory: Inventory, asked: str, family: int) -> Interface:
    """The named interface, or that of the default route. Raises Refused."""
    firewall = inventory.firewall
    name = asked.strip() or (firewall.ways.get(family, "") if firewall is not None else "")
    if not name:
        raise Refused(f"the host has no default route of IPv{family}", "Name the interface: -i.")
    card = inventory.interface(name)
    if card is not None and not _CARD.fullmatch(name):
        message = f"the name of the interface {sanitize(name)} cannot be used in a pf rule"
        raise Refused(message, "Name another one: -i.")
    if card is None:
        names = ", ".join(sanitize(interface.name) for interface in inventory.interfaces or ())
        raise Refused(f"there is no interface {sanitize(name)}", f"Available: {names}.")
    return card


def ports(request: Add) -> tuple[str, int, int]:
    """Protocol, port outside and port inside; 0 for none. Raises UsageError."""
    if not isinstance(request, RedirectAdd):
        return "", 0, 0
    protocol = request.protocol.strip().lower()
    if protocol and protocol not in PROTOCOLS:
        raise UsageError(f"protocol '{protocol}' is neither tcp nor udp", "Use tcp or udp.")
    if not request.port.strip():
        if protocol or request.inside_port.strip():
            raise UsageError("no port given", "Give the external port: -r")
        if not request.address.strip():
            raise UsageError(
                "neither a port nor an address given",
                "Redirect a port (-p tcp -r 8080), or all traffic to an address (-a ADDR).",
            )
        return "", 0, 0
    port = checks.port(request.port)
    if not protocol:
        raise UsageError("no protocol given", "Use tcp or udp: -p.")
    inside = checks.port(request.inside_port) if request.inside_port.strip() else port
    return protocol, port, inside


def filled(inventory: Inventory, request: Add) -> tuple[Translation, addresses.ChosenAddress]:
    """The rule, and steps that make the jail's address permanent. Raises Refused, UsageError."""
    jail = guards.require_jail(inventory, request.name)
    family = family_of(inventory, request)
    protocol, port, inside_port = ports(request)
    card = interface(inventory, request.interface, family)
    chosen = addresses.choose(inventory, jail, family)
    outside = address(request.address) or _own(inventory, card, family)
    kind = RDR if isinstance(request, RedirectAdd) else NAT
    where = (card.name, family, chosen.address, outside)
    return Translation(kind, *where, protocol, port, inside_port), chosen


def _own(inventory: Inventory, card: Interface, family: int) -> str:
    """The host's own address on an interface, "" where `(IF:0)` means it.

    `(IF:0)` is the first address: it follows one that DHCP changes. The address is written out
    where the first one is a jail's, and for IPv6, whose first one can be link-local.
    """
    own = [
        address
        for address in host_impact.own_addresses(inventory, card)
        if (":" in address) == (family == 6)
    ]
    if family == 4 and network_parts.first_address(card, 4) == (own[0] if own else ""):
        return ""
    if not own:
        message = f"the host itself has no IPv{family} address on {card.name} that others can reach"
        raise Refused(message, "Give one with -a.")
    return own[0]
