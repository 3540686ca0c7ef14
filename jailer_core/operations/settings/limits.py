"""Set and lift the limits of a jail: in its configuration, in the kernel, on its dataset."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, Jail, JailConfig, Owner
from jailer_core.operations import guards
from jailer_core.operations.guards import source, word
from jailer_core.operations.jails.limits import OFF
from jailer_core.operations.settings import limit_catalog, limit_hooks, limit_state, rctl_conf
from jailer_core.operations.settings.limit_catalog import BY_WORD, Limit
from jailer_core.operations.settings.requests import SetLimits
from jailer_core.operations.shared import bastille, file_steps, jailconf_settings
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize

Amounts = Mapping[Limit, str]
_NO = ("no", "false", "off", "0")
"""What rc takes for no; rctl_enable is YES in /etc/defaults/rc.conf."""


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose limits cannot be set."""
    if jail.owner is Owner.BASTILLE:
        guards.require_startable(jail)
        guards.require_running(jail)
        return
    guards.require_owned(jail)
    if not limit_state.fits(jail.name):
        raise Refused(
            f"the name {sanitize(jail.name)} cannot be part of a rule of rctl(8)",
            "Rename the jail: letters, digits, - and _, at most 63 of them.",
        )


def problems(inventory: Inventory, request: SetLimits) -> dict[str, tuple[str, str]]:
    """Problems by the name of the limit; {} if there are none."""
    wrong: dict[str, tuple[str, str]] = {}
    for setting in request.settings:
        name = setting.partition("=")[0]
        try:
            amounts = limit_catalog.parse((setting,), inventory.host.cpus)
            jail = guards.require_jail(inventory, request.name)
            _possible(inventory, jail, amounts)
        except JailerError as error:
            wrong[name] = (error.message, error.hint)
    return wrong


def needs(inventory: Inventory, request: SetLimits) -> Needs:
    """Its file, its current limits, and what jail(8) reads in the new file."""
    jail = guards.require_jail(inventory, request.name)
    asked = needs_of(inventory, jail)
    config = jail.config
    try:
        amounts = limit_catalog.parse(request.settings, inventory.host.cpus)
        change = _places(inventory, jail, amounts)
    except JailerError:
        return asked  # `change` says why
    if config is not None and change.text and change.text != config.text:
        asked |= jailconf_settings.needs(inventory, config, change.text)
    return asked


def needs_of(inventory: Inventory, jail: Jail) -> Needs:
    """What must be read for the current limits of a jail."""
    asks = limit_state.kernel_asks(inventory, jail)
    if jail.dataset:
        asks = (*asks, limit_state.dataset_ask(jail.dataset))
    return Needs(jails=(jail.name,), files=(rctl_conf.FILE,), commands=asks)


def change(inventory: Inventory, request: SetLimits) -> Plan:
    """The plan that sets limits of a jail, or removes them."""
    jail = guards.require_jail(inventory, request.name, refusal)
    amounts = limit_catalog.parse(request.settings, inventory.host.cpus)
    _possible(inventory, jail, amounts)
    sets = [f"{limit.word}={amount or 'none'}" for limit, amount in amounts.items()]
    title = f"Limit {sanitize(jail.name)}: {', '.join(sets)}"
    if jail.owner is Owner.BASTILLE:
        steps = bastille.limit_steps(inventory, jail, amounts)
    else:
        steps = [
            *_file_steps(inventory, jail, amounts),
            *limit_state.kernel_steps(
                inventory, jail, amounts, persistent=_in_conf(inventory, jail)
            ),
        ]
    steps += limit_state.dataset_steps(inventory, jail, amounts)
    if not steps:
        return Plan.unchanged(request, title, jail.name)
    return Plan(
        request, title, tuple(steps), notes=tuple(_notes(inventory, jail, amounts)), jail=jail.name
    )


def _possible(inventory: Inventory, jail: Jail, amounts: Amounts) -> None:
    """Raises Refused where the host cannot hold such limits."""
    rules = [limit for limit, amount in amounts.items() if limit.resource and amount]
    if rules and inventory.host.racct is None:
        raise Refused("whether resource accounting (racct) is on could not be read")
    if rules and not inventory.host.racct:
        raise Refused(*OFF)
    if any(limit.zfs for limit in amounts):
        limit_state.possible(inventory, jail, amounts)


def _notes(inventory: Inventory, jail: Jail, amounts: Amounts) -> list[str]:
    notes = []
    rules = any(limit.resource or limit.word == "cpuset" for limit in amounts)
    if rules and not jail.running and not _in_conf(inventory, jail):
        notes.append(f"{sanitize(jail.name)} is not running: the limits apply when it starts.")
    if _in_conf(inventory, jail) and (inventory.rc_value("rctl_enable") or "").lower() in _NO:
        notes.append(f"{rctl_conf.FILE} is not loaded at boot: rctl_enable is off in rc.conf.")
    memory = amounts.get(BY_WORD["memory"], "")
    if memory and jail.running and (jail.memory or 0) > limit_catalog.number(memory):
        notes.append("It uses more memory than that now: memory beyond the limit is paged out.")
    return notes


# --- where the limits are kept -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Change:
    """The new texts, "" where there is none or its block is not plain to see."""

    text: str
    rctl_conf: str
    in_hooks: Amounts


def _in_conf(inventory: Inventory, jail: Jail) -> bool:
    config = jail.config
    return config is not None and bool(
        rctl_conf.rules_of(rctl_conf.text_of(inventory), config.name)
    )


def _places(inventory: Inventory, jail: Jail, amounts: Amounts) -> _Change:
    """Changes to the jail's file, and to rctl.conf where that has rules for the jail."""
    config = guards.require_configured(jail)
    conf = rctl_conf.text_of(inventory)
    hooks = limit_hooks.configured(config)
    in_conf = rctl_conf.configured(conf, config.name)
    to_conf = {
        limit: amount
        for limit, amount in amounts.items()
        if limit.resource
        and (limit in in_conf or (limit not in hooks and _in_conf(inventory, jail)))
    }
    to_hooks = {
        limit: amount
        for limit, amount in amounts.items()
        if not limit.zfs and (limit in hooks or limit not in to_conf)
    }
    text = config.text or ""
    fresh = limit_hooks.changed(config, text, to_hooks) if to_hooks else text
    return _Change(fresh, rctl_conf.changed(conf, config.name, to_conf), to_hooks)


def _file_steps(inventory: Inventory, jail: Jail, amounts: Amounts) -> list[Step]:
    config = guards.require_configured(jail)
    text = guards.require_text(config)
    change = _places(inventory, jail, amounts)
    steps = []
    if change.text != text:
        expected = limit_hooks.meant(config, text, change.in_hooks)
        fresh = jailconf_settings.must_read(
            inventory,
            config,
            change.text,
            {hook: expected.get(hook) for hook in (*limit_hooks.HOOKS, limit_hooks.POSTSTOP)},
        )
        _must_set(fresh, change.in_hooks)
        title = f"Write the limits to {sanitize(source(config))}"
        steps.append(file_steps.change_config(config, change.text, title))
    conf = rctl_conf.text_of(inventory)
    if change.rctl_conf != conf:
        title = f"Write the limits to {rctl_conf.FILE}"
        steps.append(file_steps.change_file(rctl_conf.FILE, conf, change.rctl_conf, None, title))
    return steps


def _must_set(fresh: JailConfig, amounts: Amounts) -> None:
    """Raises Refused unless the start sets these limits: another place may set them later."""
    now = limit_hooks.configured(fresh)
    for limit, amount in amounts.items():
        if now.get(limit, "") != amount:
            raise Refused(
                f"the start of {sanitize(fresh.name)} would still set {limit.word} otherwise",
                f"Change it by hand: edit {word(fresh.name)}",
            )


def present(inventory: Inventory, jail: Jail) -> dict[Limit, str]:
    """The limits that its configuration sets at every start."""
    config = jail.config
    if config is None:
        return {}
    conf = rctl_conf.configured(rctl_conf.text_of(inventory), config.name)
    return conf | limit_hooks.configured(config)
