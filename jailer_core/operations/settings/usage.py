"""Resource usage and limits, for one jail and for all of them.

For all jails no process is asked for each: memory, CPU and processes come from ps, disk space
from the datasets, and one command each tells all rules and all quotas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import limit_hooks, limit_state, limits, rctl_conf
from jailer_core.operations.settings.limit_catalog import LIMITS, WORDS, Limit, number
from jailer_core.parse import jail_settings
from jailer_core.plan import Needs

RULES = ("rctl",)
QUOTAS = ("zfs", "get", "-Hp", "-t", "filesystem", "-o", "name,value", "quota")
COMMON = ("memory", "cpu", "processes", "quota")
"""Limits whose use is known of every jail."""


@dataclass(frozen=True, slots=True)
class Usage:
    """One limit of a jail.

    `used` is None where it is not known; `allowed` is what counts now ("" no limit, None not
    known), `at_start` what its configuration sets at every start ("" nothing).
    """

    limit: Limit
    used: int | None
    allowed: str | None
    at_start: str = ""

    @property
    def share(self) -> float | None:
        """The used share of the limit; None without a limit or a known usage."""
        size = number(self.allowed or "") if self.limit.unit not in WORDS else 0
        return None if self.used is None or not size else self.used / size


def use_ask(name: str) -> tuple[str, ...]:
    """What a jail uses (recordings 03, 08, 17)."""
    return ("rctl", "-u", f"jail:{name}")


# --- one jail ----------------------------------------------------------------------------------


def needs(inventory: Inventory, jail: Jail) -> Needs:
    """What `of` needs."""
    use = inventory.host.racct and jail.running and limit_state.fits(jail.name)
    return limits.needs_of(inventory, jail) | Needs(commands=(use_ask(jail.name),) if use else ())


def of(inventory: Inventory, jail: Jail) -> tuple[Usage, ...]:
    """Every limit with its use, in the order of the catalogue."""
    rules = limit_state.rules(inventory, jail.name)
    used = _counted(inventory, jail)
    start = limits.present(inventory, jail)
    return tuple(
        Usage(
            limit,
            used.get(limit.word),
            _allowed(inventory, jail, limit, rules),
            start.get(limit, ""),
        )
        for limit in LIMITS
    )


def _counted(inventory: Inventory, jail: Jail) -> dict[str, int | None]:
    """Usage by the name of the limit."""
    counted = (
        inventory.parsed(use_ask(jail.name), lambda text: jail_settings.usage(text).value) or {}
    )
    return _common(inventory, jail) | {
        limit.word: counted[limit.resource] for limit in LIMITS if limit.resource in counted
    }


def _common(inventory: Inventory, jail: Jail) -> dict[str, int | None]:
    dataset = inventory.dataset(jail.dataset)
    disk = {"quota": dataset.used, "reservation": dataset.used} if dataset is not None else {}
    if not jail.running:
        return {**disk}
    cpu = None if jail.cpu is None else round(jail.cpu)
    return {"memory": jail.memory, "cpu": cpu, "processes": jail.processes, **disk}


def _allowed(
    inventory: Inventory, jail: Jail, limit: Limit, rules: tuple[jail_settings.Limit, ...] | None
) -> str | None:
    if limit.resource:
        return None if rules is None else _least(rules, limit)
    if limit is limit_state.CPUSET:
        return limit_state.cpus(inventory, jail.name) if jail.running else ""
    if not jail.dataset:
        return ""
    return limit_state.amount(inventory, jail.dataset, limit)


def _least(rules: tuple[jail_settings.Limit, ...], limit: Limit) -> str:
    """Of several rules the least amount counts."""
    return min(jail_settings.amounts(rules, limit.resource, limit.action), key=number, default="")


# --- all jails ---------------------------------------------------------------------------------


def needs_of_all(inventory: Inventory) -> Needs:
    """What `of_all` needs."""
    rules = (RULES,) if inventory.host.racct else ()
    return Needs(commands=(*rules, QUOTAS), files=(rctl_conf.FILE,))


def of_all(inventory: Inventory) -> Mapping[str, tuple[Usage, ...]]:
    """For every jail, the limits with known usage, and all others that are set."""
    rules, quotas = _rules(inventory), _quotas(inventory)
    return {jail.name: tuple(_few(inventory, jail, rules, quotas)) for jail in inventory.jails}


def _few(
    inventory: Inventory,
    jail: Jail,
    rules: Mapping[str, tuple[jail_settings.Limit, ...]] | None,
    quotas: Mapping[str, str] | None,
) -> list[Usage]:
    used = _common(inventory, jail)
    start = limit_hooks.configured(jail.config) if jail.config is not None else {}
    rows = []
    for limit in LIMITS:
        allowed: str | None = ""
        if limit.resource:
            allowed = None if rules is None else _least(rules.get(jail.name, ()), limit)
        elif limit.word == "quota" and jail.dataset:
            allowed = None if quotas is None else quotas.get(jail.dataset, "")
        if limit.word in COMMON or allowed or limit in start:
            rows.append(Usage(limit, used.get(limit.word), allowed, start.get(limit, "")))
    return rows


def _rules(inventory: Inventory) -> dict[str, tuple[jail_settings.Limit, ...]] | None:
    if inventory.host.racct is False:
        return {}
    rules = limit_state.listed(inventory.command_results.get(RULES))
    if rules is None:
        return None
    by_jail: dict[str, tuple[jail_settings.Limit, ...]] = {}
    for rule in rules:
        kind, _, name = rule.subject.partition(":")
        if kind == "jail":
            by_jail[name] = (*by_jail.get(name, ()), rule)
    return by_jail


def _quotas(inventory: Inventory) -> dict[str, str] | None:
    listed = inventory.output(QUOTAS)
    if listed is None:
        return None
    rows = [line.rpartition("\t") for line in listed.splitlines()]
    return {name: "" if value in ("0", "-") else value for name, _, value in rows}
