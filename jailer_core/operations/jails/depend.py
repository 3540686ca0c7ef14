"""Set the dependencies of a jail: `depend` in its configuration (jail(8)), and our own variable.

Jails that the same file defines are named by `depend`, which jail(8) knows; those of other files
by a variable that it ignores (dependencies.py tells why).
"""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import OURS, Inventory, Jail, JailConfig
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.guards import source
from jailer_core.operations.jails.dependencies import PARAMETER, in_its_file
from jailer_core.operations.jails.identity_requests import SetDepend
from jailer_core.operations.shared import file_steps, jailconf_settings
from jailer_core.parse.statements import DEPENDS
from jailer_core.plan import Needs, Plan
from jailer_core.text import sanitize

_EXAMPLE = "+JAIL adds a jail, -JAIL removes it: +db01"


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose dependencies cannot be changed."""
    guards.require_owned(jail, f"bastille config {guards.word(jail.name)} set depend")


def problems(inventory: Inventory, request: SetDepend) -> dict[str, tuple[str, str]]:
    """Problems of the changes; {} if there are none."""
    jail = inventory.jail(request.name)
    if jail is None or jail.config is None:
        return {}
    return guards.problem("changes", _new, inventory, jail, request.changes)


def form_facts(inventory: Inventory, request: SetDepend) -> Mapping[str, str]:
    """What it depends on now, and what depends on it."""
    jail = inventory.jail(request.name)
    if jail is None or jail.config is None:
        return {}
    users = [config.name for config in inventory.configs if jail.name in config.depends]
    return {
        "Now": ", ".join(jail.config.depends) or "nothing",
        "Needed by": ", ".join(users) or "no jail",
    }


def form_hints(inventory: Inventory, request: SetDepend) -> Mapping[str, FieldHint]:
    """Jails that it may depend on, and those that it depends on."""
    jail = inventory.jail(request.name)
    if jail is None or jail.config is None:
        return {}
    now = jail.config.depends
    may = (
        other.name
        for other in inventory.jails
        if other.owner in OURS and other.config is not None and other.name not in (jail.name, *now)
    )
    words = (*(f"+{name}" for name in sorted(may)), *(f"-{name}" for name in now))
    return {"changes": FieldHint(words=words)}


def needs(inventory: Inventory, request: SetDepend) -> Needs:
    """The text of its configuration, and what jail(8) reads in the new one."""
    jail = guards.require_jail(inventory, request.name)
    config = guards.require_configured(jail)
    if config.text is None:
        return Needs(jails=(jail.name,))
    try:
        text = _text(inventory, jail, _new(inventory, jail, request.changes))
    except JailerError:  # the plan says why
        return Needs(jails=(jail.name,))
    return jailconf_settings.needs(inventory, config, text)


def change(inventory: Inventory, request: SetDepend) -> Plan:
    """The plan that changes what a jail depends on."""
    jail = guards.require_jail(inventory, request.name, refusal)
    guards.refuse(problems(inventory, request))
    config = guards.require_readable(jail)
    new = _new(inventory, jail, request.changes)
    names = ", ".join(map(sanitize, new)) or "nothing"
    title = f"Change what {sanitize(jail.name)} depends on: {names}"
    known, other = _split(inventory, config, new)
    if (known, other) == (config.params.get(PARAMETER, ()), config.after):
        return Plan.unchanged(request, title, jail.name)
    text = _text(inventory, jail, new)
    settings = {PARAMETER: known or None}
    jailconf_settings.must_read(inventory, config, text, settings, "Change depend by hand: edit.")
    written = f"Write the dependencies to {sanitize(source(config))}"
    step = file_steps.change_config(config, text, written)
    return Plan(request, title, (step,), notes=_notes(inventory, jail, new), jail=jail.name)


def _split(
    inventory: Inventory, config: JailConfig, names: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Those that jail(8) finds in the file of the jail, and the others."""
    known = tuple(name for name in names if in_its_file(inventory, config, name))
    return known, tuple(name for name in names if name not in known)


def _text(inventory: Inventory, jail: Jail, names: tuple[str, ...]) -> str:
    config = guards.require_configured(jail)
    known, other = _split(inventory, config, names)
    text = config.text or ""
    for param, values, listed, old in (
        (PARAMETER, known, known, config.params.get(PARAMETER, ())),
        (DEPENDS, other, (" ".join(other),), config.after),
    ):
        if values and values != old:
            text = jailconf_settings.set_value(text, config.name, param, listed)
        elif old and not values:
            text = jailconf_settings.unset(text, config.name, param)
    return text


def _new(inventory: Inventory, jail: Jail, changes: tuple[str, ...]) -> tuple[str, ...]:
    """What it depends on after the changes. Raises UsageError and Refused."""
    config = guards.require_configured(jail)
    names = list(config.depends)
    if not changes:
        raise UsageError("no jails were given", _EXAMPLE)
    for change in changes:
        sign, name = ("-", change[1:]) if change[:1] == "-" else ("+", change.removeprefix("+"))
        if not name:
            raise UsageError(f"no jail was given after {sign}", _EXAMPLE)
        if sign == "-" and name not in names:
            raise Refused(
                f"{sanitize(jail.name)} does not depend on {sanitize(name)}",
                f"It depends on: {', '.join(map(sanitize, names)) or 'nothing'}.",
            )
        if sign == "-":
            names.remove(name)
        elif name not in names:
            _may_depend(inventory, jail, name)
            names.append(name)
    return tuple(names)


def _may_depend(inventory: Inventory, jail: Jail, name: str) -> None:
    other = guards.require_jail(inventory, name)
    if other.owner not in OURS or other.config is None:
        raise Refused(
            f"{sanitize(name)} is not a jail that jail(8) can start by itself",
            "A jail can only depend on jails in jail.conf.",
        )
    if not set(name).isdisjoint(" \t,;\"'$\\"):
        raise Refused(f"{sanitize(name)} cannot be named in a list of jails", "Rename it first.")
    chain = _chain(inventory, name, jail.name)
    if chain:
        circle = " needs ".join(map(sanitize, (jail.name, *chain)))
        raise Refused(
            f"that would be a circular dependency: {circle}", "None of these jails could start."
        )


def _chain(inventory: Inventory, start: str, goal: str) -> tuple[str, ...]:
    """From a jail over what it depends on to another one; () where there is no such way."""
    configs = {config.name: config for config in inventory.configs}
    ways: list[tuple[str, ...]] = [(start,)]
    seen = {start}
    for way in ways:
        if way[-1] == goal:
            return way
        config = configs.get(way[-1])
        for name in config.depends if config is not None else ():
            if name not in seen or name == goal:
                seen.add(name)
                ways.append((*way, name))
    return ()


def _notes(inventory: Inventory, jail: Jail, names: tuple[str, ...]) -> tuple[str, ...]:
    """Warnings about the boot order."""
    order = inventory.boot_list
    if jail.name not in order:
        return ()
    later = order[order.index(jail.name) + 1 :]
    late = [name for name in names if name in later]
    absent = [name for name in names if name not in order]
    warnings = [f"At boot, {sanitize(name)} is listed after it: see boot order." for name in late]
    warnings += [f"{sanitize(name)} does not start at boot by itself." for name in absent]
    return tuple(warnings)
