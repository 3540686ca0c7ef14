"""Losses of the host's own network when a jail starts or stops, and their repair."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Sequence
from dataclasses import replace

from jailer_core.latest import of_latest
from jailer_core.model import Interface, Inventory, Network
from jailer_core.operations.connection.impact import is_address
from jailer_core.operations.shared import jail_commands, network_parts
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.plan import CommandSucceeds, InterfaceHasAddress, Plan, Run, Step, Undo
from jailer_core.text import command_line, sanitize
from jailer_core.topology.nodes import defaults

_OWN = "the host's own address"
_REMOVES = ("-alias", "delete", "remove")
_TAKES_DOWN = ("down", "destroy", "unplumb")
_ROUTES = ("add", "change", "del", "delete", "replace")


def losses(inventory: Inventory, plan: Plan) -> dict[int, tuple[str, ...]]:
    """By step index: sentences that say what the host loses of its own network."""
    by_step: dict[int, tuple[str, ...]] = {}
    for place, step in enumerate(plan.steps):
        run = jail_commands.jail_run(step)
        if run is None:
            continue
        does = [
            _loss(inventory, argv) for argv in jail_commands.network_commands(inventory, run, plan)
        ]
        who = f"{run.verb} {sanitize(run.name)}"
        sentences = tuple(dict.fromkeys(f"{who} {doe}." for doe in does if doe))
        if sentences:
            by_step[place] = sentences
    return by_step


def _loss(inventory: Inventory, argv: tuple[str, ...]) -> str:
    """What the host loses by a command, as the end of a sentence; "" for nothing."""
    match (argv[0].rpartition("/")[2], *argv[1:]):
        case ("ifconfig", name, *words) if not name.startswith("-") and words:
            return _loss_on(inventory, name, words)
        case ("route", *words) if "-j" not in words:
            plain = [word for word in words if not word.startswith("-")]
            default = {"default", "0.0.0.0/0", "::/0"}.intersection(plain)
            if plain[:1] == ["flush"] or (default and plain[0] in _ROUTES):
                return f"changes the host's default route: {command_line(argv)}"
    return ""


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
    """The host's own addresses of an interface, without those of jails and loopback."""
    theirs = _of_jails(inventory)
    addresses = []
    for address in card.addresses if "lo" not in card.groups else ():
        alias = Alias.on(card.name, address)
        own = address.address not in theirs or network_parts.of_host(inventory, alias)
        if own and not alias.address.startswith("fe80:"):
            addresses.append(alias.address)
    return tuple(addresses)


@of_latest
def _own_by_interface(inventory: Inventory) -> dict[str, tuple[str, ...]]:
    cards = reversed(inventory.interfaces or ())  # of two with a name the first counts
    return {card.name: own_addresses(inventory, card) for card in cards}


@of_latest
def _of_jails(inventory: Inventory) -> set[str]:
    return {address.address for jail in inventory.jails for address in jail.addresses or ()}


def removal(inventory: Inventory, alias: Alias) -> str:
    """What the host loses if that address is removed from its interface, or ""."""
    if inventory.interfaces is None:
        return f"removes {alias.address} from {sanitize(alias.interface)}, which could not be read"
    alias = _present(inventory, alias)
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
    """Whether the host certainly needs that address."""
    needed = _connected(inventory, alias) or bool(gateways_behind(inventory, alias))
    return needed or inventory.rc is not None


def _present(inventory: Inventory, alias: Alias) -> Alias:
    """The address with the prefix that it has on the host now, "" when it is not there."""
    prefix = _prefixes(inventory).get((alias.interface, alias.address.lower()), "")
    return replace(alias, prefix=prefix)


@of_latest
def _prefixes(inventory: Inventory) -> dict[tuple[str, str], str]:
    """The prefixes of all addresses of the host, by interface and address."""
    prefixes: dict[tuple[str, str], str] = {}
    for card in inventory.interfaces or ():
        for alias in (Alias.on(card.name, address) for address in card.addresses):
            prefixes.setdefault((card.name, alias.address.lower()), alias.prefix)
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
    gateways += [route.gateway for route in defaults(inventory, 0) or ()]
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
    undos: list[Undo] = []
    for alias in jail_commands.removed_addresses(inventory, name, config):
        whole = _present(inventory, alias)
        if removal(inventory, alias) and surely_own(inventory, whole):
            undos += _back(whole, gateways_behind(inventory, whole))
    steps = tuple(
        Step(
            undo.action,
            undo.title,
            preconditions=undo.preconditions,
            postconditions=undo.done_when,
            skip_if=undo.done_when,
        )
        for undo in undos
    )
    return steps, tuple(undos)


def _back(alias: Alias, routes: Sequence[str]) -> Iterator[Undo]:
    """What puts an address back, and the default routes by it."""
    title = f"Put {alias.address} back on {sanitize(alias.interface)}: it is {_OWN}"
    present = InterfaceHasAddress(alias.interface, alias.address)
    missing = replace(present, present=False)
    yield Undo(Run(alias.argv(add=True)), title, (missing,), (present,))
    for gateway in routes:
        family = ("-6",) if ":" in gateway else ()
        action = Run(("route", "-n", *family, "add", "default", gateway))
        has_route = CommandSucceeds(("route", "-n", *family, "get", "default"))
        no_route = replace(has_route, succeeds=False)
        title = f"Set the default route by {gateway} again"
        yield Undo(action, title, (no_route,), (has_route,))


def restoring(inventory: Inventory, step: Step) -> Step:
    """The step with undos that give the host back what its packets leave by, when that is gone.

    What hooks did is not known in full: so all of it is looked at, whatever they did.
    """
    undos: list[Undo] = []
    for card in inventory.interfaces or ():
        for address in own_addresses(inventory, card):
            whole = _present(inventory, Alias(card.name, address, ""))
            routes = gateways_behind(inventory, whole)
            if not whole.prefix or not (routes or _connected(inventory, whole)):
                continue
            up = Run(("/sbin/ifconfig", card.name, "up"))
            undos += [Undo(up, f"Set {sanitize(card.name)} up"), *_back(whole, routes)]
    actions = [undo.action for undo in step.undo]
    return replace(step, undo=(*step.undo, *(undo for undo in undos if undo.action not in actions)))
