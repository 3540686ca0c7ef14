"""Remove NAT and redirections; the last rule takes its file and the lines that load it along.

Undo an added rule after later changes: remove that rule and nothing else.

Where the rule is still the only one, the steps that added it are undone one by one: the
packet filter goes off again too, if it came on for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from jailer_core.errors import Already, Refused
from jailer_core.model import Inventory, Jail
from jailer_core.model.network import NAT, Firewall, file_of
from jailer_core.operations import guards
from jailer_core.operations.network.translations import anchors, jail_hooks, pf_setup, rules
from jailer_core.operations.network.translations.requests import (
    LoadRules,
    NatAdd,
    NatRemove,
    RedirectAdd,
    RedirectRemove,
)
from jailer_core.operations.network.translations.rules import Rule
from jailer_core.operations.shared import file_steps, starting_context
from jailer_core.plan import Needs, Plan, Step, WriteFile
from jailer_core.text import sanitize

Goes = Callable[[Rule], bool]


def needs(inventory: Inventory, request: NatRemove | RedirectRemove | LoadRules) -> Needs:
    """The packet filter, and the jail's file, which jail(8) reads without our lines."""
    jail = inventory.jail(request.name)
    config = jail.config if jail is not None else None
    confs: tuple[str, ...] = ()
    if config is not None and config.text:
        changes = {guards.source(config): jail_hooks.removed(config.text)}
        confs = starting_context.confs(inventory, changes)
    return Needs(jails=(request.name,), jail_confs=confs, firewall=True)


def nat(inventory: Inventory, request: NatRemove) -> Plan:
    """The plan that removes a jail's NAT."""
    firewall = pf_setup.known(inventory)

    def goes(rule: Rule) -> bool:
        translation = rule.translation
        return (
            translation is not None
            and translation.kind == NAT
            and request.family in (0, translation.family)
            and request.interface in ("", translation.interface)
        )

    return _without(inventory, firewall, request, goes, "NAT")


def rdr(inventory: Inventory, request: RedirectRemove) -> Plan:
    """The plan that removes redirects of a jail."""
    firewall = pf_setup.known(inventory)
    if not request.index and not request.every:
        known = [rule for rule in rules.of(firewall, request.name) if rule.index]
        if len(known) != 1:
            numbers = ", ".join(f"-i {rule.index}" for rule in known)
            if not known:
                _nothing(inventory, firewall, request, rules.redirects, "redirect")
            raise Refused(
                f"{sanitize(request.name)} has {len(known)} redirects: which one?",
                f"Use {numbers}, or -f for all of them.",
            )

    def goes(rule: Rule) -> bool:
        return rules.redirects(rule) and (request.every or request.index in (0, rule.index))

    what = "redirects" if not request.index else f"redirect {request.index}"
    return _without(inventory, firewall, request, goes, what)


def _without(
    inventory: Inventory,
    firewall: Firewall,
    request: NatRemove | RedirectRemove,
    goes: Goes,
    what: str,
) -> Plan:
    name = request.name
    every = rules.of(firewall, name)
    removed = [rule for rule in every if goes(rule)]
    if not removed:
        _nothing(inventory, firewall, request, goes, what)
    jail = inventory.jail(name)
    rest = [rule for rule in every if not goes(rule)]
    steps = _rest(inventory, firewall, name, jail, rest)
    title = f"Remove {_said(removed, what)} of {sanitize(name)}"
    return Plan(request, title, tuple(steps), jail=name)


def _said(removed: Sequence[Rule], what: str) -> str:
    if what == "NAT":
        return "the NAT"
    translation = removed[0].translation
    if len(removed) == 1 and translation is not None:
        return f"the redirect of {translation.came_to}"
    return f"{len(removed)} redirects"


def _nothing(
    inventory: Inventory,
    firewall: Firewall,
    request: NatRemove | RedirectRemove,
    goes: Goes,
    what: str,
) -> None:
    """Raises Refused with what there is instead; Already unless an index was given."""
    name = request.name
    if any(jail == name and goes(rule) for jail, rule in rules.originals(firewall)):
        raise Refused(
            f"this rule of {sanitize(name)} is in jailer's shared file",
            "Import it first: nat takeover",
        )
    if inventory.jail(name) is None and name not in firewall.stored:
        guards.require_jail(inventory, name)
    by_index = isinstance(request, RedirectRemove) and bool(request.index)  # it may be wrong
    kind = Refused if by_index else Already
    raise kind(f"{sanitize(name)} has no {what}", "See nat list and rdr list.")


def _rest(
    inventory: Inventory, firewall: Firewall, name: str, jail: Jail | None, rest: Sequence[Rule]
) -> list[Step]:
    running = jail is not None and jail.running
    if rest:
        text = rules.text(name, rest)
        store = anchors.store(firewall, name, text)
        if not firewall.module:
            return [store]
        runs = running or bool((firewall.loaded or {}).get(name))
        load_it = [anchors.load(firewall, name, text, running=running)] if runs else []
        return [anchors.check(name, text), store, *load_it]
    steps = [*anchors.forget(firewall, name), *anchors.drop(firewall, name, running=running)]
    return [*(unhooked(inventory, jail) if jail is not None else []), *steps]


def unhooked(inventory: Inventory, jail: Jail) -> list[Step]:
    """Remove the lines that load the rules from the jail's file; leaving them is harmless."""
    config = jail.config
    if config is None or config.text is None:
        return []
    new = jail_hooks.removed(config.text)
    try:
        starting_context.read(inventory, {guards.source(config): new})
    except Refused:
        return []
    if new == config.text:
        return []
    title = f"Stop loading rules when {sanitize(jail.name)} starts"
    return [replace(file_steps.change_config(config, new, title), jail=jail.name)]


def load(inventory: Inventory, request: LoadRules) -> Plan:
    """The plan that loads the stored rules."""
    firewall = pf_setup.known(inventory)
    name, jail = request.name, inventory.jail(request.name)
    if jail is None and name not in (firewall.loaded or {}):
        guards.require_jail(inventory, name)
    title = f"Load the stored rules of {sanitize(name)}"
    if name not in firewall.stored or jail is None or not jail.running:
        running = jail is not None and jail.running
        steps = anchors.drop(firewall, name, running=running)
        notes = ("No rules are stored for a running jail with that name.",)
        return Plan(request, title, tuple(steps), notes=notes, jail=name)
    if not firewall.module:
        raise Refused("the packet filter is not in the kernel", "Enable it: init fix filter")
    text = firewall.stored[name]
    steps = [anchors.check(name, text), anchors.load(firewall, name, text)]
    return Plan(request, title, tuple(steps), jail=name)


def opposite(
    firewall: Firewall | None, request: NatAdd | RedirectAdd, steps: Iterable[Step]
) -> NatRemove | RedirectRemove | None:
    """The request that removes the rule; None if the change's own steps can be undone."""
    path = file_of(request.name)
    wrote = [
        step.action
        for step in steps
        if isinstance(step.action, WriteFile) and step.action.path == path
    ]
    if firewall is None or not wrote:
        return None
    present = firewall.stored.get(request.name)
    others = {*firewall.stored, *(firewall.loaded or {})} - {request.name}
    if present == wrote[0].text and not others:
        return None
    old = rules.parse(wrote[0].before or "")
    added = [rule for rule in rules.parse(wrote[0].text) if rule not in old]
    present_rules = rules.parse(present or "")
    for rule in added:
        translation = rule.translation
        if translation is not None and rule in present_rules:
            if rule.index:
                return RedirectRemove(request.name, rule.index)
            return NatRemove(request.name, translation.family, translation.interface)
    raise Refused(f"that rule of {sanitize(request.name)} no longer exists", "See nat list.")
