"""The limits of a jail as they are: of its dataset, and in the kernel.

Quota, reservation and compression of a jail's dataset.

The limits in force in the kernel: rules of rctl(8), and the CPUs of cpuset(1).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import ParseError, Refused
from jailer_core.model import CommandResult, Dataset, Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.settings.limit_catalog import BY_WORD, Limit, number, shown
from jailer_core.operations.shared.user_property import OWN, not_set
from jailer_core.operations.steps import reversible
from jailer_core.parse import jail_settings
from jailer_core.plan import (
    CpusAre,
    DatasetHasGuid,
    JailRuns,
    JailStopped,
    LimitIs,
    PropertyIs,
    Run,
    Step,
)
from jailer_core.text import human_bytes, sanitize

_NAMES = "quota,reservation,compression"
QUOTA, RESERVATION = BY_WORD["quota"], BY_WORD["reservation"]


def dataset_ask(dataset: str) -> tuple[str, ...]:
    """The current values of a dataset with their sources."""
    return ("zfs", "get", "-Hp", "-o", "property,value,source", _NAMES, dataset)


def present(inventory: Inventory, dataset: str) -> dict[str, tuple[str, str]] | None:
    """Value and source by property; None if unknown."""
    listed = inventory.output(dataset_ask(dataset))
    if listed is None:
        return None
    rows = [line.split("\t") for line in listed.splitlines()]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


def amount(inventory: Inventory, dataset: str, limit: Limit) -> str | None:
    """The current value of a limit, "" for none; None if unknown."""
    values = present(inventory, dataset)
    if values is None or limit.zfs not in values:
        return None
    value = values[limit.zfs][0]
    return "" if value == "0" else value


def possible(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> None:
    """Raises Refused if the dataset cannot have these values."""
    guards.require_owned(jail)
    guards.require_datasets(inventory)
    dataset = inventory.dataset(jail.dataset)
    if dataset is None:
        raise Refused(
            f"{sanitize(jail.name)} has no dataset of its own",
            f"Quota and compression belong to a dataset; the files are in {sanitize(jail.path)}.",
        )
    quota, reservation = number(amounts.get(QUOTA, "")), number(amounts.get(RESERVATION, ""))
    if quota and quota < dataset.used:
        raise Refused(
            f"{sanitize(dataset.name)} uses {human_bytes(dataset.used)} already",
            "Use a larger quota, or destroy snapshots first.",
        )
    if reservation:
        _room(inventory, dataset, reservation, quota)


def _room(inventory: Inventory, dataset: Dataset, reservation: int, quota: int) -> None:
    limit = quota or number(amount(inventory, dataset.name, QUOTA) or "")
    if limit and reservation > limit:
        raise Refused(
            f"a reservation of {human_bytes(reservation)} is more than the quota of "
            f"{human_bytes(limit)}",
            "Use a smaller reservation, or a larger quota.",
        )
    if reservation > dataset.used + dataset.available and not quota:
        raise Refused(
            f"the pool has only {human_bytes(dataset.used + dataset.available)} for "
            f"{sanitize(dataset.name)}",
            "Use a smaller reservation.",
        )


def dataset_steps(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> list[Step]:
    """Steps that change the dataset's properties; a quota that shrinks comes last."""
    of_dataset = {limit: amount for limit, amount in amounts.items() if limit.zfs}
    dataset = inventory.dataset(jail.dataset)
    if not of_dataset or dataset is None:
        return []
    values = present(inventory, dataset.name)
    if values is None or any(limit.zfs not in values for limit in of_dataset):
        raise Refused(f"the properties of {sanitize(dataset.name)} could not be read")
    steps: list[Step] = []
    for limit, amount in of_dataset.items():
        steps += _step(dataset, jail, limit, values[limit.zfs], amount)
    return steps


def _step(
    dataset: Dataset, jail: Jail, limit: Limit, old: tuple[str, str], amount: str
) -> list[Step]:
    value, origin = old
    sized = limit in (QUOTA, RESERVATION)
    new = str(number(amount)) if sized else amount
    if value == new or (not amount and not sized and origin not in OWN):
        return []
    what = f"{limit.zfs} of {sanitize(dataset.name)}"
    back = _setting(limit, value, inherit=not sized and origin not in OWN)
    after = (PropertyIs(dataset.name, limit.zfs, new),) if new else ()
    title = f"Set {what} to {shown(limit, amount)}" if amount else f"Remove the {what}"
    step = reversible(
        (Run((*_setting(limit, new, inherit=not new), dataset.name)), title),
        (Run((*back, dataset.name)), f"Set {what} as it was"),
        before=(PropertyIs(dataset.name, limit.zfs, value),),
        after=after,
        same=(DatasetHasGuid(dataset.name, dataset.guid),),
        undo_if=after or (not_set(limit.zfs, dataset.name),),
        jail=jail.name,
    )
    return [step]


def _setting(limit: Limit, value: str, *, inherit: bool) -> tuple[str, ...]:
    """Quotas are not reset by `inherit` (docs/freebsd-facts.md, ZFS), and 0 is written none."""
    if inherit:
        return ("zfs", "inherit", limit.zfs)
    return ("zfs", "set", f"{limit.zfs}={'none' if value == '0' else value}")


CPUSET = BY_WORD["cpuset"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)


def fits(name: str) -> bool:
    """Whether a name can be part of a rule, and of a shell command."""
    return _NAME.fullmatch(name) is not None


def rules_ask(name: str) -> tuple[str, ...]:
    """All rules about a jail (recording 03)."""
    return ("rctl", f"jail:{name}")


def cpus_ask(name: str) -> tuple[str, ...]:
    """The CPUs of a running jail (recordings 08, 17)."""
    return ("cpuset", "-g", "-j", name)


def kernel_asks(inventory: Inventory, jail: Jail) -> tuple[tuple[str, ...], ...]:
    """The queries for a jail's current limits."""
    if not fits(jail.name):
        return ()
    rules = (rules_ask(jail.name),) if inventory.host.racct else ()
    return (*rules, *((cpus_ask(jail.name),) if jail.running else ()))


def rules(inventory: Inventory, name: str) -> tuple[jail_settings.Limit, ...] | None:
    """The rules about a jail; () if resources are not counted, None if unknown."""
    if inventory.host.racct is False:
        return ()
    return listed(inventory.command_results.get(rules_ask(name)))


def require_rules(inventory: Inventory, jail: Jail) -> tuple[jail_settings.Limit, ...]:
    """The same. Raises Refused when they are not known."""
    known = rules(inventory, jail.name)
    if known is None:
        raise Refused(f"the current limits of {sanitize(jail.name)} could not be read")
    return known


def listed(result: CommandResult | None) -> tuple[jail_settings.Limit, ...] | None:
    """The rules that rctl lists; None if unknown."""
    if result is None:
        return None
    try:
        return jail_settings.listed_amounts(result.status, result.stdout, result.stderr)
    except ParseError:
        return None


def cpus(inventory: Inventory, name: str) -> str | None:
    """The CPUs of a running jail (0-2,5), None when they are not known."""
    return inventory.parsed(
        cpus_ask(name), lambda text: jail_settings.cpu_ranges(jail_settings.cpu_mask(text))
    )


def kernel_steps(
    inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str], *, persistent: bool
) -> list[Step]:
    """Steps that set the limits at once; `persistent` rules exist even without the jail."""
    steps: list[Step] = []
    of_kernel = {limit: amount for limit, amount in amounts.items() if limit.resource}
    known = require_rules(inventory, jail) if of_kernel else ()
    for limit, amount in of_kernel.items():
        now = jail_settings.amounts(known, limit.resource, limit.action)
        if len(now) > 1:
            raise Refused(
                f"there are several rules about {limit.word} of {sanitize(jail.name)}",
                f"Remove them first: rctl -r jail:{jail.name}:{limit.resource}",
            )
        if jail.running or persistent or now:
            steps += _rule(jail, limit, "".join(now), str(number(amount)) if amount else "")
    if CPUSET in amounts and jail.running:
        steps += _cpus(inventory, jail, amounts[CPUSET])
    return steps


def _rule(jail: Jail, limit: Limit, old: str, new: str) -> list[Step]:
    """From one amount to another; "" is no rule.

    A new rule of `deny` takes the place of the old one, one of `throttle` does not
    (rctl_rule_add of sys/kern/kern_rctl.c).
    """
    if old == new:
        return []
    if old and new and limit.action != "deny":
        return [*_rule(jail, limit, old, ""), *_rule(jail, limit, "", new)]
    rule = (jail.name, limit.resource, limit.action)
    step = rule_step(rule, (old, new), titles(jail, limit, old, new), JailStopped(jail.name))
    return [replace(step, jail=jail.name)]


def titles(jail: Jail, limit: Limit, old: str, new: str) -> tuple[str, str]:
    """What a step does that sets another amount, "" for none, and what its undo does."""
    what = f"{limit.word} of {sanitize(jail.name)}"
    title = f"Limit {what} to {shown(limit, new)}" if new else f"Lift the limit on {what}"
    back = f"Limit {what} to {shown(limit, old)} again" if old else f"Lift the limit on {what}"
    return title, back


def rule_step(
    rule: tuple[str, str, str],
    amounts: tuple[str, str],
    titles: tuple[str, str],
    *or_undone: JailStopped,
) -> Step:
    """From one amount of a rule (jail, resource, action) to another; "" is no rule.

    `or_undone`: the rules of a jail go when it stops.
    """
    (old, new), (title, back) = amounts, titles

    def action(amount: str) -> Run:
        text = f"jail:{':'.join(rule)}"
        return Run(("rctl", "-a", f"{text}={amount}") if amount else ("rctl", "-r", text))

    return reversible(
        (action(new), title),
        (action(old), back),
        before=(LimitIs(*rule, old),),
        after=(LimitIs(*rule, new),),
        or_undone=or_undone,
    )


def _cpus(inventory: Inventory, jail: Jail, cpu_list: str) -> list[Step]:
    old, count = cpus(inventory, jail.name), inventory.host.cpus
    if old is None or count is None:
        raise Refused(f"the CPUs of {sanitize(jail.name)} could not be read")
    new = cpu_list or jail_settings.cpu_ranges(tuple(range(count)))
    if old == new:
        return []
    title = f"Let {sanitize(jail.name)} run on the CPUs"
    step = reversible(
        (Run(("cpuset", "-l", new, "-j", jail.name)), f"{title} {new}"),
        (Run(("cpuset", "-l", old, "-j", jail.name)), f"{title} {old} again"),
        before=(CpusAre(jail.name, old),),
        after=(CpusAre(jail.name, new),),
        same=(JailRuns(jail.name, jail.jid),),
        or_undone=(JailStopped(jail.name),),
        jail=jail.name,
    )
    return [step]
