"""Add NAT or a redirection: the rule kept in the jail's file, loaded by its start and at once."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import replace

from jailer_core.errors import Already, JailerError, Refused, UsageError
from jailer_core.model import FileStamp, Inventory, Jail
from jailer_core.model.network import NAT, RDR, Firewall, Translation
from jailer_core.operations import guards
from jailer_core.operations.guards import word
from jailer_core.operations.network.translations import (
    addresses,
    anchors,
    conflicts,
    jail_hooks,
    pf_setup,
    resolve,
    rules,
)
from jailer_core.operations.network.translations.resolve import Add
from jailer_core.operations.network.translations.rules import Rule
from jailer_core.operations.setup import dhcp
from jailer_core.operations.shared import addresses as nets, file_steps, paths, starting_context
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize

_FIELDS = {"port": "port", "neither": "address", "protocol": "protocol", "address": "address"}
"""Which field a message about a value belongs to, by its first word."""


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail that can have neither NAT nor redirects."""
    guards.require_owned(jail)
    addresses.with_stack(jail)
    rules.must_fit(jail.name)


def needs(inventory: Inventory, request: Add) -> Needs:
    """The packet filter, the jail's file, what jail(8) reads in the new one, its rc.conf."""
    return needs_of(inventory, guards.require_jail(inventory, request.name))


def needs_of(inventory: Inventory, jail: Jail) -> Needs:
    """The same for any jail whose rules change."""
    config = jail.config
    confs: tuple[str, ...] = ()
    if config is not None and config.text is not None and not jail_hooks.there(config):
        text = jail_hooks.added(config, config.text)
        confs = starting_context.confs(inventory, {guards.source(config): text}) if text else ()
    return Needs(
        jails=(jail.name,),
        files=(dhcp.CONF, *paths.running_files(inventory.layout, jail)),
        paths=(dhcp.CONF,),
        jail_confs=confs,
        files_in_jails=addresses.insides(jail),
        firewall=True,
    )


def problems(inventory: Inventory, request: Add) -> dict[str, tuple[str, str]]:
    """Message and hint of the invalid field: name, interface, address, protocol or port."""
    field = "name"
    try:
        guards.require_jail(inventory, request.name, refusal)
        field = "interface"
        family = resolve.family_of(inventory, request)
        resolve.interface(inventory, request.interface, family)
        field = "name"
        rule, _ = resolve.filled(inventory, request)
        field = "port" if rule.port else "address"
        if inventory.firewall is not None:
            _fits(inventory, inventory.firewall, rule, request.name)
    except UsageError as error:
        field = _FIELDS.get(error.message.split(" ", 1)[0].rstrip(":"), field)
        return {field: (error.message, error.hint)}
    except JailerError as error:
        return {field: (error.message, error.hint)}
    return {}


# --- whether it can be -----------------------------------------------------------------------


def _fits(inventory: Inventory, firewall: Firewall, rule: Translation, jail: str) -> None:
    """Raises Refused when it is in use, or the host would become unreachable."""
    if rule.outside:
        who = nets.used(inventory).get(ipaddress.ip_address(rule.outside), "")
        if who.startswith("the jail"):
            raise Refused(f"{rule.outside} is the address of {who}", "Use an address of the host.")
    if rule.kind == NAT:
        _only_one(firewall, rule, jail)
        return
    if not rule.port:
        _not_the_host(inventory, rule)
    conflicts.must_be_free(inventory, firewall, rule, jail)


def _not_the_host(inventory: Inventory, rule: Translation) -> None:
    """Raises Refused where all that comes to the host would go to the jail, logins too."""
    card = inventory.interface(rule.interface)
    own = {nets.own_address(card, rule.family)}
    own |= {inventory.ssh_client.server} if inventory.ssh_client is not None else set()
    if rule.outside in own:
        raise Refused(
            f"{rule.outside} is the address of the host itself: all traffic to it, including "
            "logins, would go to the jail",
            "Redirect single ports (-p tcp -r 8080), or use a second address.",
        )


def _only_one(firewall: Firewall, rule: Translation, jail: str) -> None:
    for other in rules.of(firewall, jail):
        translation = other.translation
        if translation is None or translation.kind != NAT:
            continue
        if (translation.interface, translation.family) == (rule.interface, rule.family):
            if translation == rule:
                raise Already(f"{sanitize(jail)} already has this NAT rule")
            whose = translation.outside or f"{translation.interface}'s own"
            raise Refused(
                f"{sanitize(jail)} already has NAT on {rule.interface}, with {whose} address",
                f"Remove it first: nat destroy {word(jail)}",
            )


def _unseen(inventory: Inventory, rule: Translation) -> list[str]:
    """An address that the interface does not have: nothing comes back to it."""
    card = inventory.interface(rule.interface)
    addresses = card.addresses if card is not None else ()
    own = [address.address.partition("%")[0] for address in addresses]
    if rule.outside in ("", "any") or rule.outside in own:
        return []
    return [f"{rule.interface} does not have {rule.outside}: no traffic arrives until it does."]


# --- the plan --------------------------------------------------------------------------------


def add(inventory: Inventory, request: Add) -> Plan:
    """The plan that adds one rule."""
    jail = guards.require_jail(inventory, request.name, refusal)
    firewall = pf_setup.known(inventory)
    rule, chosen = resolve.filled(inventory, request)
    _fits(inventory, firewall, rule, jail.name)
    index = rules.next_index(firewall) if rule.kind == RDR else 0
    every = (*rules.of(firewall, jail.name), Rule("", rule, index))
    steps, notes = pf_setup.make(inventory, jail, rule.family)
    steps = [*steps, *chosen.steps, *anchors.folders(inventory)]
    steps += stored(inventory, firewall, jail, every)
    notes += [*chosen.notes, *_unseen(inventory, rule), *conflicts.covered(firewall, rule)]
    notes += conflicts.beside(inventory, firewall, rule) if rule.port else []
    if firewall.listeners is None and rule.port:
        notes.append(
            "Whether a program on the host uses that port could not be determined (sockstat)."
        )
    if not jail.running:
        notes.append(f"{sanitize(jail.name)} is not running: this takes effect when it starts.")
    return Plan(request, title(rule, jail.name), tuple(steps), notes=tuple(notes), jail=jail.name)


def title(rule: Translation, jail: str) -> str:
    """The effect of a rule, as the title of a plan."""
    if rule.kind == NAT:
        what = rule.outside or f"the address of {rule.interface}"
        return f"Add outgoing NAT for {sanitize(jail)} with {what}"
    return f"Redirect {rule.came_to} to {sanitize(jail)}"


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
        steps.append(anchors.load(firewall, jail.name, text))
    return steps


def hooked(inventory: Inventory, jail: Jail) -> list[Step]:
    """Add the lines that load the rules to the jail's file if they are missing."""
    config = guards.require_configured(jail)
    if jail_hooks.there(config):
        return []
    new = jail_hooks.added(config, guards.require_text(config))
    jail_hooks.must_be_read(inventory, config, new)
    title = f"Load them when {sanitize(jail.name)} starts"
    write = file_steps.change_config(config, new, title)
    return [replace(write, jail=jail.name), *_kept(inventory, jail)]


def _kept(inventory: Inventory, jail: Jail) -> list[Step]:
    """A jail whose file was edited while it ran is stopped with the old one: it must drop them."""
    path = paths.started_with(inventory, jail)
    old = inventory.file_texts.get(path, "")
    new = jail_hooks.added(guards.require_configured(jail), old) if path else ""
    if not new or jail_hooks.removed(old) != old:
        return []
    stamp = FileStamp(0, 0, mode=0o600)
    return [file_steps.change_file(path, old, new, stamp, "Unload them when it stops")]
