"""Add NAT or a redirection: the rule kept in the jail's file, loaded by its start and at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jailer_core import checks
from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.firewall import NAT, RDR, Firewall, Translation
from jailer_core.model import Interface, Inventory, Jail
from jailer_core.operations import files, guards, nets
from jailer_core.operations.firewall import addresses, anchors, conflicts, hooks, ready, rules
from jailer_core.operations.firewall.requests import NatAdd, RdrAdd
from jailer_core.operations.firewall.rules import Rule
from jailer_core.operations.guards import named
from jailer_core.operations.setup import dhcp
from jailer_core.plan import Needs, Plan, Step

Add = NatAdd | RdrAdd
_FIELDS = {"port": "port", "neither": "address", "protocol": "protocol", "address": "address"}
"""Which field a message about a value belongs to, by its first word."""
PROTOCOLS = ("tcp", "udp")


def needs(inventory: Inventory, request: Add) -> Needs:
    """The packet filter, the jail's file, what jail(8) reads in the new one, its rc.conf."""
    jail = guards.the_jail(inventory, request.name)
    return needs_of(jail)


def needs_of(jail: Jail) -> Needs:
    """The same for any jail whose rules are to change."""
    config = jail.config
    confs: tuple[str, ...] = ()
    if config is not None and config.text is not None and not hooks.there(config):
        confs = tuple(filter(None, (hooks.added(config, config.text),)))
    return Needs(
        jails=(jail.name,),
        files=(dhcp.CONF,),
        paths=(dhcp.CONF,),
        confs=confs,
        insides=addresses.insides(jail),
        firewall=True,
    )


# --- what is wanted --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A request with everything filled in."""

    jail: Jail
    rule: Translation
    chosen: addresses.Chosen


def wanted(inventory: Inventory, request: Add) -> Translation:
    """The rule that a request means, everything filled in. Raises JailerError."""
    jail = guards.the_jail(inventory, request.name)
    return _filled(inventory, request, jail).rule


def problems(inventory: Inventory, request: Add) -> dict[str, tuple[str, str]]:
    """Message and hint of the field that is wrong: name, interface, address, protocol or port."""
    steps = (
        ("name", lambda: _may(inventory, request)),
        ("address", lambda: _address(request.address)),
        (
            "interface",
            lambda: _interface(inventory, request.interface, _family(inventory, request)),
        ),
        ("protocol", lambda: _ports(request)),
        ("name", lambda: wanted(inventory, request)),
    )
    for field, look in steps:
        try:
            look()
        except UsageError as error:
            where = _FIELDS.get(error.message.split(" ", 1)[0].rstrip(":"), field)
            return {where: (error.message, error.hint)}
        except JailerError as error:
            return {field: (error.message, error.hint)}
    if isinstance(request, RdrAdd) and inventory.firewall is not None:
        try:
            _fits(inventory, inventory.firewall, wanted(inventory, request), request.name)
        except JailerError as error:
            return {"port" if request.port else "address": (error.message, error.hint)}
    return {}


def _may(inventory: Inventory, request: Add) -> Jail:
    jail = guards.the_jail(inventory, request.name)
    guards.owned(jail)
    addresses.with_stack(jail)
    rules.must_fit(jail.name)
    return jail


def _family(inventory: Inventory, request: Add) -> int:
    """Of the address that was given, else the jail's: IPv4 where it has both."""
    address = _address(request.address)
    if address:
        family = 6 if ":" in address else 4
        if request.family not in (0, family):
            word = "IPv6" if request.family == 6 else "IPv4"
            raise UsageError(f"address '{address}' is not {word}", "Leave one of them out.")
        return family
    if request.family:
        return request.family
    jail = guards.the_jail(inventory, request.name)
    known = addresses.families(jail)
    return known[0] if known else 4


def _address(text: str) -> str:
    return checks.ip(text) if text.strip() else ""


def _interface(inventory: Inventory, wanted: str, family: int) -> Interface:
    """That one, or the one of the default route."""
    firewall = inventory.firewall
    name = wanted.strip() or (firewall.ways.get(family, "") if firewall is not None else "")
    if not name:
        word = "IPv6" if family == 6 else "IPv4"
        raise Refused(f"the host has no default route of {word}", "Name the interface: -i.")
    card = nets.interface(inventory, name)
    if card is None:
        there = ", ".join(named(one.name) for one in inventory.interfaces or ())
        raise Refused(f"there is no interface {named(name)}", f"There are: {there}.")
    return card


def _ports(request: Add) -> tuple[str, int, int]:
    """Protocol, port outside and port inside; 0 for none. Raises UsageError."""
    if not isinstance(request, RdrAdd):
        return "", 0, 0
    protocol = request.protocol.strip().lower()
    if protocol and protocol not in PROTOCOLS:
        raise UsageError(f"protocol '{protocol}' is neither tcp nor udp", "Use tcp or udp.")
    if not request.port.strip():
        if protocol or request.inside_port.strip():
            raise UsageError("port: none is given", "Name the port outside: -r.")
        if not request.address.strip():
            raise UsageError(
                "neither a port nor an address is given",
                "Redirect a port (-p tcp -r 8080), or all that comes to an address (-a ADDR).",
            )
        return "", 0, 0
    port = checks.port(request.port)
    if not protocol:
        raise UsageError("protocol: none is given", "Use tcp or udp: -p.")
    inside = checks.port(request.inside_port) if request.inside_port.strip() else port
    return protocol, port, inside


def _filled(inventory: Inventory, request: Add, jail: Jail) -> _Wanted:
    family = _family(inventory, request)
    protocol, port, inside_port = _ports(request)
    card = _interface(inventory, request.interface, family)
    chosen = addresses.choose(inventory, jail, family)
    outside = _address(request.address)
    kind = RDR if isinstance(request, RdrAdd) else NAT
    if kind == NAT and family == 6 and not outside:
        outside = _own_six(card)
    rule = Translation(
        kind, card.name, family, chosen.address, outside, protocol, port, inside_port
    )
    return _Wanted(jail, rule, chosen)


def _own_six(card: Interface) -> str:
    """`(IF:0)` could be a link-local address there, so the address is written out."""
    found = own_address(card, 6)
    if not found:
        said = f"{card.name} has no IPv6 address that others can reach"
        raise Refused(said, "Name one with -a.")
    return found


def own_address(card: Interface | None, family: int) -> str:
    """The first address of an interface itself, no alias and not link-local; "" for none."""
    for one in card.addresses if card is not None else ():
        address = ipaddress.ip_address(one.address.partition("%")[0])
        alias = one.prefix in (None, 32, 128)
        if one.family == family and not alias and not address.is_link_local:
            return str(address)
    return ""


# --- whether it can be -----------------------------------------------------------------------


def _fits(inventory: Inventory, firewall: Firewall, rule: Translation, jail: str) -> None:
    """Raises Refused when somebody has it already, or the host would be cut off."""
    if rule.outside:
        who = nets.used(inventory).get(ipaddress.ip_address(rule.outside), "")
        if who.startswith("the jail"):
            raise Refused(f"{rule.outside} is the address of {who}", "Use an address of the host.")
    if not rule.port:
        card = nets.interface(inventory, rule.interface)
        if own_address(card, rule.family) == rule.outside:
            raise Refused(
                f"{rule.outside} is the address of the host itself: everything that comes to it, "
                "logins too, would go to the jail",
                "Redirect single ports (-p tcp -r 8080), or use a second address.",
            )
    conflicts.must_be_free(inventory, firewall, rule, jail)


def _not_there(firewall: Firewall, rule: Translation, jail: str) -> None:
    for one in rules.of(firewall, jail):
        known = one.translation
        if known is None or known.kind != rule.kind:
            continue
        if rule.kind == NAT and (known.interface, known.family) == (rule.interface, rule.family):
            where = f"with {known.outside}" if known.outside else f"with {known.interface}'s own"
            raise Refused(
                f"{named(jail)} has NAT on {rule.interface} already, {where} address",
                f"Take it away first: nat del {named(jail)}",
            )


def _unseen(inventory: Inventory, rule: Translation) -> list[str]:
    """An address that the interface does not have: nothing comes back to it."""
    card = nets.interface(inventory, rule.interface)
    own = [one.address.partition("%")[0] for one in card.addresses] if card is not None else []
    if rule.outside in ("", "any") or rule.outside in own:
        return []
    return [f"{rule.interface} does not have {rule.outside}: until it has, nothing comes to it."]


# --- the plan --------------------------------------------------------------------------------


def add(inventory: Inventory, request: Add) -> Plan:
    """The plan that adds one rule."""
    jail = _may(inventory, request)
    firewall = ready.known(inventory)
    try:
        want = _filled(inventory, request, jail)
    except UsageError as error:
        raise Refused(error.message, error.hint) from None
    rule = want.rule
    if rule.kind == RDR:
        _fits(inventory, firewall, rule, jail.name)
    else:
        _not_there(firewall, rule, jail.name)
    index = rules.next_index(firewall) if rule.kind == RDR else 0
    every = (*rules.of(firewall, jail.name), Rule("", rule, index))
    steps, notes = ready.make(inventory, jail, rule.family)
    steps = [*steps, *want.chosen.steps, *anchors.folders(inventory)]
    steps += stored(inventory, firewall, jail, every)
    notes += [*want.chosen.notes, *_unseen(inventory, rule)]
    if not jail.running:
        notes.append(f"{named(jail.name)} does not run: this takes effect when it starts.")
    return Plan(request, title(rule, jail.name), tuple(steps), notes=tuple(notes), jail=jail.name)


def title(rule: Translation, jail: str) -> str:
    """What a rule does, as the title of a plan."""
    if rule.kind == NAT:
        what = rule.outside or f"the address of {rule.interface}"
        return f"Let {named(jail)} go out with {what}"
    return f"Redirect {rule.came_to} to {named(jail)}"


def stored(
    inventory: Inventory, firewall: Firewall, jail: Jail, every: Sequence[Rule]
) -> list[Step]:
    """Check these rules, keep them, let the jail's start load them; load them if it runs.

    The directory is there by then (anchors.folders).
    """
    text = rules.text(jail.name, every)
    steps = [anchors.check(jail.name, text), anchors.store(firewall, jail.name, text)]
    steps += hooked(inventory, jail)
    if jail.running:
        fresh = replace(firewall, stored={**firewall.stored, jail.name: text})
        steps.append(anchors.load(fresh, jail.name))
    return steps


def hooked(inventory: Inventory, jail: Jail) -> list[Step]:
    """Put the lines that load the rules into the jail's file, when they are not there."""
    config = guards.configured(jail)
    if hooks.there(config):
        return []
    path = guards.source(config)
    if config.text is None:
        raise Refused(f"{named(path)} could not be read", "Its text is needed to change it.")
    new = hooks.added(config, config.text)
    hooks.must_be_read(inventory, config, new, there=True)
    write = files.change_file(
        path, config.text, new, config.stamp, f"Let {named(jail.name)} load them when it starts"
    )
    return [replace(write, jail=jail.name)]
