"""Give a jail another address: its configuration, its own rc.conf, what redirects to it.

One that runs is stopped with the file that it was started with, and started again: what runs
in it would keep the old address, and the commands of its stop know only the bridge that its
start put it into.
"""

from __future__ import annotations

from dataclasses import replace

from jailer_core import checks
from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, JailConfig, JailState
from jailer_core.model.host import OF_NETWORK
from jailer_core.operations import guards
from jailer_core.operations.jails import create, lifecycle, network_options, starting, stopping
from jailer_core.operations.jails.clone import card_of
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.network.bridges import address_fields, placement
from jailer_core.operations.network.bridges.placement import Placement
from jailer_core.operations.network.bridges.requests import AddressChange
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.shared import (
    config_check,
    file_steps,
    jailconf_edit,
    network_parts,
    starting_context,
)
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.operations.shared.leftovers import of_running
from jailer_core.parse.rcconf import with_settings
from jailer_core.plan import Needs, Plan, Run, Step
from jailer_core.text import sanitize
from jailer_core.topology.epairs import joins


def needs(inventory: Inventory, request: AddressChange) -> Needs:
    """Its files, what jail(8) reads in the new one, and redirects to it."""
    jail = guards.require_jail(inventory, request.name)
    live = lifecycle.needs_of(inventory, jail)
    config = jail.config
    root = config.root.rstrip("/") if config is not None else ""
    own = root and config is not None and config.has("vnet")
    insides = tuple((root, f"{root}{path}") for path in OF_NETWORK) if own else ()
    confs: tuple[str, ...] = ()
    if config is not None and config.text and inventory.interfaces is not None:
        try:
            place = placement.place(inventory, request.name)
            text = _text(
                place, network_options.cleaned(inventory, placement.full(inventory, place, request))
            )
        except (JailerError, ValueError):
            text = config.text  # `readdress` says why
        changes = {guards.source(config): text}
        confs = starting_context.confs(inventory, changes) if text != config.text else ()
    return Needs(
        jails=(jail.name,),
        files=live.files,
        files_in_jails=insides,
        jail_confs=confs,
        firewall=True,
    )


def _text(place: Placement, full: Create) -> str:
    """Its configuration as it will be."""
    text = place.config.text or ""
    own = full.network == "eb"
    if full.bridge != place.now.bridge:
        change = jailconf_edit.rebridged if own else jailconf_edit.recarded
        text = change(text, place.now.bridge, full.bridge)
    for param, old, new in (
        ("ip4.addr", place.now.address, full.address),
        ("ip6.addr", place.now.address6, full.address6),
    ):
        if not own and new != old:
            text = jailconf_edit.with_address(text, place.config.name, param, new)
    return text


def readdress(inventory: Inventory, request: AddressChange) -> Plan:
    """The plan that changes a jail's address. Raises Refused."""
    place = placement.place(inventory, request.name)
    guards.refuse(address_fields.problems(inventory, request))
    full = network_options.cleaned(inventory, placement.full(inventory, place, request))
    title = f"Change the address of {sanitize(place.jail.name)}"
    fresh, files_ = place.config, list[Step]()
    if _alike(place.now) != _alike(full):
        fresh, files_ = _configuration(inventory, place, full)
        files_ += _inside(place, full)
    if not files_:
        return Plan.unchanged(request, title, place.jail.name)
    rules = _redirections(inventory, place, full)
    looks = [step for step in rules if isinstance(step.action, Run)]  # before anything is done
    files_ += [step for step in rules if step not in looks]
    steps, notes = [], _notes(inventory, place, full)
    if place.jail.running:
        down, notes_down = stopping.take_down(inventory, place.jail)
        network_parts.not_taken(inventory, place.jail.name, fresh)
        made = of_running(inventory, fresh)
        start = starting.start_step(fresh.path, place.jail.name, fresh, made)
        again = "The running jail is restarted so that its services use the new address."
        steps, notes = [*looks, *down, *files_, start], [again, *notes_down, *notes]
    else:
        steps = [*looks, *files_]
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=place.jail.name)


def _alike(request: Create) -> tuple[str, ...]:
    """What counts of it, however it is written."""
    bits = (
        str(checks.prefix(request.netmask, 4))
        if request.netmask and request.network == "eb"
        else ""
    )
    gateways = (request.gateway, request.gateway6) if request.network == "eb" else ()
    return (request.bridge, request.address, bits, request.address6, *gateways)


# --- files -----------------------------------------------------------------------------------


def _configuration(
    inventory: Inventory, place: Placement, full: Create
) -> tuple[JailConfig, list[Step]]:
    """Its configuration as jail(8) will read it, and the step that writes it."""
    config = place.config
    path, old = guards.source(config), guards.require_text(config)
    text = _text(place, full)
    if text == old:
        return config, []
    fresh = jailconf_edit.configured(inventory, config.name, path, {path: text})
    _is_so(fresh, full, path)
    _nothing_else(config, fresh, full)
    title = f"Write the new address into {sanitize(path)}"
    return fresh, [file_steps.change_config(config, text, title)]


def _is_so(fresh: JailConfig, full: Create, path: str) -> None:
    """jail(8) itself says whether the text now means what is wanted. Raises Refused."""
    if full.network == "eb":
        right = {bridge for bridge, _ in joins(fresh)} == {full.bridge}
    else:
        used = {(alias.interface, alias.address) for alias in network_parts.addresses(fresh)}
        pairs = {(full.bridge, address) for address in (full.address, full.address6) if address}
        right = used == pairs and card_of(fresh, "new") == full.bridge
    if not right:
        raise Refused(
            f"the addresses in {sanitize(path)} cannot be edited automatically",
            "Change them by hand: edit.",
        )


def _nothing_else(old: JailConfig, fresh: JailConfig, full: Create) -> None:
    """Raises Refused where jail(8) reads more than the address and the card differently."""
    if full.network == "eb":
        bridge = Name(card_of(old, "eb"), full.bridge)
        config_check.follows(replace(bridge, jail=old.name), old.params, fresh.params, {})
        return
    may = ("interface", "ip4.addr", "ip6.addr")
    expected, read = (
        {param: values for param, values in config.params.items() if param not in may}
        for config in (old, fresh)
    )
    config_check.must_be(old.name, expected, read)


def _inside(place: Placement, full: Create) -> list[Step]:
    """Its own rc.conf: no link in it is followed, nothing of it is run."""
    if full.network != "eb":
        return []
    values, old = dict(create.inside(full, place.card)), place.text
    card = f"ifconfig_{place.card}"
    ours = (card, f"{card}_ipv6", "defaultrouter", "ipv6_defaultrouter")
    drop = [name for name in ours if name not in values]
    moved = full.bridge != place.now.bridge
    drop += [f"{card}_alias"] if moved else []
    new = with_settings(old or "", values, drop)
    if new == (old or ""):
        return []
    title = "Set up its network"
    return [file_steps.change_below(place.file, place.root, old, new, title, place.jail.name)]


# --- what follows ------------------------------------------------------------------------------


def _redirections(inventory: Inventory, place: Placement, full: Create) -> list[Step]:
    """Rules of the packet filter go along; the start loads them."""
    if inventory.firewall is None:
        return []
    moves = {
        network_options.plain(old): network_options.plain(new)
        for old, new in ((place.now.address, full.address), (place.now.address6, full.address6))
        if old not in ("", network_options.DHCP)
        and new not in ("", network_options.DHCP)
        and old != new
    }
    stopped = replace(place.jail, state=JailState.STOPPED)
    return jail_hooks.readdressed(inventory.firewall, stopped, moves) if moves else []


def _notes(inventory: Inventory, place: Placement, full: Create) -> list[str]:
    notes = [f"{_said(place.now, full)} becomes {_said(full, place.now)}."]
    if full.address == network_options.DHCP and not network_options.served(inventory, full.bridge):
        message = f"This host's DHCP server does not answer on {full.bridge}"
        notes.append(f"{message}: without another DHCP server there, the jail gets no address.")
    rules = inventory.firewall.stored if inventory.firewall is not None else {}
    lost = place.jail.name in rules and network_options.DHCP in (full.address, place.now.address)
    if lost and full.address != place.now.address:
        notes.append(
            "It has NAT or redirect rules: check them afterwards with nat list and rdr list."
        )
    return notes


def _said(request: Create, other: Create) -> str:
    """What it is called in a sentence; the gateway where that is another one."""
    text = ", ".join(filter(None, (request.address, request.address6))) or "No address"
    ways = [
        mine
        for mine, yours in ((request.gateway, other.gateway), (request.gateway6, other.gateway6))
        if mine and mine != yours and request.network == "eb"
    ]
    by = f" by {', '.join(ways)}" if ways else ""
    return f"{text} on {request.bridge}{by}"
