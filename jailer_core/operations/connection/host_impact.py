"""Losses of the host's own network when a jail starts or stops, and their repair."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jailer_core.latest import of_latest
from jailer_core.model import Interface, Inventory, Network
from jailer_core.operations.connection.impact import is_address
from jailer_core.operations.shared import jail_commands, network_parts
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.plan import CommandSucceeds, Condition, InterfaceHasAddress, Plan, Run, Step, Undo
from jailer_core.text import command_line, sanitize

_OWN = "the host's own address"
_REMOVES = ("-alias", "delete", "remove")
_TAKES_DOWN = ("down", "destroy", "unplumb")
_ROUTES = ("add", "change", "del", "delete", "replace")


def losses(inventory: Inventory, plan: Plan) -> dict[int, tuple[str, ...]]:
    """By step index: sentences that say what the host loses of its own network."""
    by_jid: dict[int, tuple[str, ...]] = {}
    for place, step in enumerate(plan.steps):
        run = jail_commands.jail_run(step)
        if run is None:
            continue
        does = [_loss(inventory, argv) for argv in jail_commands.commands(inventory, run, plan)]
        who = f"{run.verb} {sanitize(run.name)}"
        sentences = tuple(dict.fromkeys(f"{who} {doe}." for doe in does if doe))
        if sentences:
            by_jid[place] = sentences
    return by_jid


def _loss(inventory: Inventory, argv: tuple[str, ...]) -> str:
    """What the host loses by a command, as the end of a sentence; "" for nothing."""
    match (argv[0].rpartition("/")[2], *argv[1:]):
        case ("ifconfig", name, *words) if not name.startswith("-") and words:
            return _loss_on(inventory, name, words)
        case ("route", *words) if "-j" not in words:
            plain = [word for word in words if not word.startswith("-")]
            if plain[:1] == ["flush"] or (plain[:1] and plain[0] in _ROUTES and _default(plain)):
                return f"changes the host's default route: {command_line(argv)}"
    return ""


def _default(words: Sequence[str]) -> bool:
    return bool({"default", "0.0.0.0/0", "::/0"}.intersection(words))


def _loss_on(inventory: Inventory, name: str, words: Sequence[str]) -> str:
    address = next((word for word in words if is_address(word)), "")
    if address and any(word in _REMOVES for word in words):
        plain, _, prefix = address.partition("/")
        return removal(inventory, Alias(name, plain, prefix))
    own = _own_by_interface(inventory).get(name, ())
    if address:
        return _loss_of_address(inventory, name, address, words, own)
    if not own:
        return ""
    what = f"{sanitize(name)} ({', '.join(own)})"
    if words[0] == "vnet":
        return f"takes {what} away from the host"
    if any(word in _TAKES_DOWN for word in words):
        return f"takes {what} down"
    return f"asks DHCP again on {what}" if "DHCP" in words else ""


def _loss_of_address(
    inventory: Inventory, name: str, address: str, words: Sequence[str], own: Sequence[str]
) -> str:
    plain, _, prefix = address.partition("/")
    alias = Alias(name, plain, prefix)
    if "alias" in words or "add" in words:
        again = plain in own and network_parts.of_host(inventory, alias)
        return f"sets {plain} of {sanitize(name)} again, {_OWN}" if again else ""
    return f"changes the address of {sanitize(name)} ({', '.join(own)})" if own else ""


def own_addresses(inventory: Inventory, card: Interface) -> tuple[str, ...]:
    """Addresses of an interface that no jail brings: the host's own, without loopback's."""
    theirs = _of_jails(inventory)
    addresses = []
    for address in card.addresses:
        plain = address.address.partition("%")[0]
        if plain.startswith("fe80:") or "lo" in card.groups:
            continue
        prefix = "" if address.prefix is None else str(address.prefix)
        if address.address not in theirs or network_parts.of_host(
            inventory, Alias(card.name, plain, prefix)
        ):
            addresses.append(plain)
    return tuple(addresses)


@of_latest
def _own_by_interface(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    cards = reversed(inventory.interfaces or ())  # of two with a name the first counts
    return {card.name: own_addresses(inventory, card) for card in cards}


@of_latest
def _of_jails(inventory: Inventory) -> set[str]:
    return {address.address for jail in inventory.jails for address in jail.addresses or ()}


def removal(inventory: Inventory, alias: Alias) -> str:
    """What the host loses when that address is taken from its interface, "" for nothing."""
    if inventory.interfaces is None:
        return f"removes {alias.address} from {sanitize(alias.interface)}, which could not be read"
    alias = replace(alias, prefix=_prefix(inventory, alias) or "")
    if not alias.prefix:
        return ""  # it is not there
    routes = gateways_behind(inventory, alias)
    if not routes and not network_parts.of_host(inventory, alias):
        return ""
    whose = "the address you are connected to" if _connected(inventory, alias) else _OWN
    if not surely_own(inventory, alias):
        whose = "which may be the host's own address: rc.conf could not be read"
    way = f", and with it the default route by {', '.join(routes)}" if routes else ""
    return f"removes {alias.address} from {sanitize(alias.interface)}, {whose}{way}"


def _connected(inventory: Inventory, alias: Alias) -> bool:
    return inventory.ssh_client is not None and inventory.ssh_client.server == alias.address


def surely_own(inventory: Inventory, alias: Alias) -> bool:
    """Whether the host is known to need that address."""
    needed = _connected(inventory, alias) or bool(gateways_behind(inventory, alias))
    return needed or inventory.rc is not None


def _prefix(inventory: Inventory, alias: Alias) -> str | None:
    """The prefix that the address has on the host now, None when it is not there."""
    return _prefixes(inventory).get((alias.interface, alias.address.lower()))


@of_latest
def _prefixes(inventory: Inventory) -> dict[tuple[str, str], str]:
    """The prefixes of all addresses of the host, by interface and address."""
    prefixes: dict[tuple[str, str], str] = {}
    for card in inventory.interfaces or ():
        for address in card.addresses:
            prefix = "" if address.prefix is None else str(address.prefix)
            prefixes.setdefault((card.name, address.address.partition("%")[0].lower()), prefix)
    return prefixes


def gateways_behind(inventory: Inventory, alias: Alias) -> tuple[str, ...]:
    """Default routers that the host reaches by this address alone."""
    return tuple(
        gateway
        for gateway in gateways(inventory)
        if _reaches(gateway, alias.address, alias.prefix)
        and not _other_way(inventory, gateway, alias)
    )


@of_latest
def gateways(inventory: Inventory) -> tuple[str, ...]:
    """The host's default routers, as far as they are known."""
    gateways = [
        (inventory.rc or {}).get(name, "") for name in ("defaultrouter", "ipv6_defaultrouter")
    ]
    gateways += [
        jail.gateway or ""
        for jail in inventory.jails
        if jail.jid is not None and jail.network in (Network.SHARED, Network.INHERIT)
    ]
    seen = inventory.connections
    stack = seen.stacks.get(0) if seen is not None else None
    gateways += [
        route.gateway
        for route in (stack.routes or () if stack else ())
        if route.destination == "default"
    ]
    return tuple(dict.fromkeys(text for text in gateways if is_address(text)))


def _other_way(inventory: Inventory, gateway: str, alias: Alias) -> bool:
    return any(
        _reaches(gateway, address.address.partition("%")[0], str(address.prefix))
        for card in inventory.interfaces or ()
        for address in card.addresses
        if (card.name, address.address.partition("%")[0]) != (alias.interface, alias.address)
    )


def _reaches(gateway: str, address: str, prefix: str) -> bool:
    try:
        net = ipaddress.ip_interface(f"{address}/{prefix}").network
        return ipaddress.ip_address(gateway.partition("%")[0]) in net
    except ValueError:
        return False


# --- what is put back --------------------------------------------------------------------------


def put_back(inventory: Inventory, name: str) -> tuple[tuple[Step, ...], tuple[Undo, ...]]:
    """Steps that give the host back what the stop of a jail takes, and the same as undos.

    The undos are for a stop that was done when what follows fails: the start that undoes it sets
    the address again, but not the route.
    """
    config = jail_commands.config_of(inventory, name)
    if config is None or inventory.interfaces is None:
        return (), ()
    steps: list[Step] = []
    undos: list[Undo] = []
    for alias in jail_commands.removed_addresses(inventory, name, config):
        whole = replace(alias, prefix=_prefix(inventory, alias) or "")
        if not removal(inventory, alias) or not surely_own(inventory, whole):
            continue
        routes = gateways_behind(inventory, whole)
        for back in (_address_back(whole), *(_route_back(gateway) for gateway in routes)):
            steps.append(
                Step(
                    back.action,
                    back.title,
                    postconditions=(back.there,),
                    skip_if=(back.there,),
                    preconditions=(back.missing,),
                )
            )
            undos.append(
                Undo(
                    back.action, back.title, preconditions=(back.missing,), done_when=(back.there,)
                )
            )
    return tuple(steps), tuple(undos)


@dataclass(frozen=True, slots=True)
class _Back:
    """One thing to put back, and the states that tell whether it is there."""

    action: Run
    title: str
    there: Condition
    missing: Condition


def _address_back(alias: Alias) -> _Back:
    title = f"Put {alias.address} back on {sanitize(alias.interface)}: it is {_OWN}"
    has_address = InterfaceHasAddress(alias.interface, alias.address)
    return _Back(Run(alias.argv(add=True)), title, has_address, replace(has_address, present=False))


def _route_back(gateway: str) -> _Back:
    family = ("-6",) if ":" in gateway else ()
    action = Run(("route", "-n", *family, "add", "default", gateway))
    has_route = CommandSucceeds(("route", "-n", *family, "get", "default"))
    title = f"Set the default route by {gateway} again"
    return _Back(action, title, has_route, replace(has_route, succeeds=False))


def restoring(inventory: Inventory, step: Step) -> Step:
    """The step with undos that give the host back what its packets leave by, when that is gone.

    What hooks did is not known in full: so all of it is looked at, whatever they did.
    """
    undos: list[Undo] = []
    for card in inventory.interfaces or ():
        for address in own_addresses(inventory, card):
            alias = Alias(card.name, address, "")
            whole = replace(alias, prefix=_prefix(inventory, alias) or "")
            routes = gateways_behind(inventory, whole)
            if not whole.prefix or not (routes or _connected(inventory, whole)):
                continue
            up = Run(("/sbin/ifconfig", card.name, "up"))
            undos.append(Undo(up, f"Set {sanitize(card.name)} up"))
            undos += [
                Undo(back.action, back.title, (back.missing,), (back.there,))
                for back in (_address_back(whole), *map(_route_back, routes))
            ]
    actions = [undo.action for undo in step.undo]
    return replace(step, undo=(*step.undo, *(undo for undo in undos if undo.action not in actions)))
