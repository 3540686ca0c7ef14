"""Shared by plans about bridges: what exists, which names are taken, how rc.conf is written."""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Interface, Inventory, JailConfig, SetupFacts
from jailer_core.model.network import Route
from jailer_core.operations import guards
from jailer_core.operations.setup.plan_builder import PlanBuilder
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.operations.steps import reversible
from jailer_core.parse.network_tables import routes
from jailer_core.plan import (
    BridgeHasMember,
    InterfaceDescribed,
    InterfaceExists,
    InterfaceHasAddress,
    Needs,
    NotInUse,
    Run,
    Step,
    Undo,
)
from jailer_core.plan.conditions.users import names as names_of_users
from jailer_core.text import sanitize
from jailer_core.topology.epairs import joins

NETSTAT = ("netstat", "-rn", "--libxo=json")
ADDRESSED = ("sysctl", "-n", "net.link.bridge.member_ifaddrs")
"""if_bridge(4) of FreeBSD 15: 0 refuses members with an address of their own; # not recorded."""
NEEDS = Needs(commands=(NETSTAT, ADDRESSED))
NAME = re.compile(r"bridge(?:0|[1-9]\d{0,4})\Z")
CLONED = "cloned_interfaces"


CIDR = "The host's address on it, with prefix length; empty: none."
FOR = "What it is for, in a few words."
"""Help of the fields of forms."""


def bridge(inventory: Inventory, name: str) -> Interface:
    """The bridge of that name. Raises Refused."""
    interfaces = guards.require_interfaces(inventory)
    card = inventory.interface(name)
    if card is None:
        names = [sanitize(interface.name) for interface in interfaces if interface.is_bridge]
        listed = ", ".join(names) or "none"
        raise Refused(f"there is no bridge {sanitize(name)}", f"There are: {listed}.")
    if not card.is_bridge:
        raise Refused(f"{sanitize(name)} is not a bridge", "See the Network tab.")
    return card


def free_name(inventory: Inventory) -> str:
    """The first name bridgeN that neither exists nor is in rc.conf."""
    taken = {interface.name for interface in inventory.interfaces or ()} | set(cloned(inventory))
    number = 0
    while f"bridge{number}" in taken or f"ifconfig_bridge{number}" in (inventory.rc or {}):
        number += 1
    return f"bridge{number}"


def cloned(inventory: Inventory) -> list[str]:
    """The interfaces that rc.conf creates at boot."""
    return (inventory.rc or {}).get(CLONED, "").split()


def at_boot(inventory: Inventory, name: str) -> bool:
    """Whether rc.conf creates that bridge at boot."""
    return name in cloned(inventory)


def draft(inventory: Inventory) -> PlanBuilder:
    """A plan builder; it knows the host's routes if they were read."""
    route_list = known_routes(inventory)
    four = tuple(route.destination for route in route_list if route.family == 4)
    return PlanBuilder(inventory, SetupFacts(routes=four))


def known_routes(inventory: Inventory) -> tuple[Route, ...]:
    """Routes of the host; () if they could not be read."""
    return inventory.parsed(NETSTAT, lambda text: routes(text).value) or ()


def users(inventory: Inventory, name: str) -> list[str]:
    """Jails whose configuration adds an interface to that bridge."""
    return sorted({config.name for config in inventory.configs if joined(config, name)})


def joined(config: JailConfig | None, name: str) -> bool:
    """Whether a configuration joins something to that bridge."""
    return any(bridge == name for bridge, _ in joins(config))


def description(text: str) -> str:
    """A description in a form that rc.conf can hold. Raises UsageError."""
    cleaned = text.strip()
    if len(cleaned) > 60 or not re.fullmatch(r"[A-Za-z0-9_.,:/@%+=~ -]*", cleaned, re.ASCII):
        raise UsageError(
            f"the description '{sanitize(cleaned)[:60]}' is too long, or contains special "
            "characters",
            "Use up to 60 letters, digits, spaces and . , : / @ % + = ~ - _",
        )
    return cleaned


# --- words of rc.conf --------------------------------------------------------------------------


def with_member(value: str, member: str) -> str:
    """`ifconfig_bridgeN` with one more member."""
    words = value.split()
    at = len(words) - 1 if words[-1:] == ["up"] else len(words)
    return " ".join([*words[:at], "addm", member, *words[at:]])


def without_member(value: str, member: str) -> str:
    """`ifconfig_bridgeN` without that member."""
    words = re.sub(rf"(?<!\S)addm\s+{re.escape(member)}(?!\S)", "", value)
    return " ".join(words.split())


def members_in(value: str) -> list[str]:
    """The members that `ifconfig_bridgeN` adds."""
    words = value.split()
    return [words[at + 1] for at, word in enumerate(words[:-1]) if word == "addm"]


def with_address(value: str, address: str) -> str:
    """`ifconfig_bridgeN` with another IPv4 address, "" for none."""
    words, at = value.split(), 0
    if "inet" in words[:-1]:
        at = words.index("inet")
        masked = words[at + 2 : at + 3] == ["netmask"]
        del words[at : at + (4 if masked else 2)]
    return " ".join([*words[:at], *(["inet", address] if address else []), *words[at:]])


def made_at_boot(inventory: Inventory, card: Interface) -> list[str]:
    """A note if nothing in rc.conf creates a VLAN that a bridge needs at boot."""
    words = {word for value in (inventory.rc or {}).values() for word in value.split()}
    if "vlan" not in card.groups or card.name in words:
        return []
    return [
        f"rc.conf does not seem to create {sanitize(card.name)}: it may be missing after a reboot."
    ]


# --- steps -----------------------------------------------------------------------------------


def address_step(card: str, address: str, *, add: bool) -> Step:
    """Add an address with its prefix to an interface, or remove it."""
    plain, _, bits = address.partition("/")
    alias = Alias(card, plain, bits)
    return _switched(
        (Run(alias.argv(add=True)), f"Give {card} the address {address}"),
        (Run(alias.argv(add=False)), f"Remove the address {address} from {card}"),
        InterfaceHasAddress(card, plain),
        InterfaceExists(card),
        add=add,
    )


def _switched(
    on: tuple[Run, str],
    off: tuple[Run, str],
    present: InterfaceHasAddress | BridgeHasMember,
    *exists: InterfaceExists,
    add: bool,
) -> Step:
    """Do the one, with the other as its undo; what comes back needs what it belongs to."""
    absent = replace(present, present=False)
    if add:
        return reversible(on, off, before=(absent,), after=(present,))
    return reversible(off, on, before=(present,), after=(absent,), undo_if=exists)


def describe_step(card: Interface | None, name: str, text: str) -> Step:
    """Set or remove the description of an interface."""
    old = card.description if card is not None else ""
    back = Undo(
        Run(_described(name, old)),
        f"Describe {name} as before",
        preconditions=(InterfaceDescribed(name, text),),
        done_when=(InterfaceDescribed(name, old),),
        or_done_when=(InterfaceExists(name, exists=False),),
    )
    return Step(Run(_described(name, text)), f"Describe {name}", undo=(back,))


def _described(name: str, text: str) -> tuple[str, ...]:
    return ("ifconfig", name, *(("description", text) if text else ("-description",)))


def member_step(name: str, member: str, *, add: bool) -> Step:
    """Add an interface to a bridge, or remove it."""
    return _switched(
        (Run(("ifconfig", name, "addm", member)), f"Add {member} to {name}"),
        (Run(("ifconfig", name, "deletem", member)), f"Remove {member} from {name}"),
        BridgeHasMember(name, member),
        InterfaceExists(name),
        InterfaceExists(member),
        add=add,
    )


def up_step(inventory: Inventory, card: Interface) -> Step:
    """Bring an interface up."""
    others = names_of_users(inventory, "interface", card.name)
    down = Undo(
        Run(("ifconfig", card.name, "down")),
        f"Take {card.name} down again",
        preconditions=(InterfaceExists(card.name), NotInUse("interface", card.name, others)),
        or_done_when=(InterfaceExists(card.name, exists=False),),
    )
    return Step(Run(("ifconfig", card.name, "up")), f"Bring {card.name} up", undo=(down,))


def unread(inventory: Inventory) -> str:
    """Why nothing can be planned for bridges, or ""."""
    return "the interfaces could not be read" if inventory.interfaces is None else ""
