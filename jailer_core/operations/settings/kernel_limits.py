"""The limits in force in the kernel: rules of rctl(8), and the CPUs of cpuset(1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import ParseError, Refused
from jailer_core.model import CommandResult, Inventory, Jail
from jailer_core.operations.settings.limit_catalog import BY_WORD, Limit, number, shown
from jailer_core.operations.steps.reversible import reversible
from jailer_core.parse import cpuset, rctl
from jailer_core.plan import CpusAre, JailRuns, JailStopped, LimitIs, Run, Step
from jailer_core.text import sanitize

CPUSET = BY_WORD["cpuset"]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}", re.ASCII)


def fits(name: str) -> bool:
    """Whether a name can be part of a rule, and of a command that a shell reads."""
    return _NAME.fullmatch(name) is not None


def rules_ask(name: str) -> tuple[str, ...]:
    """All rules about a jail (recording 03)."""
    return ("rctl", f"jail:{name}")


def cpus_ask(name: str) -> tuple[str, ...]:
    """The CPUs of a running jail (recordings 08, 17)."""
    return ("cpuset", "-g", "-j", name)


def asks(inventory: Inventory, jail: Jail) -> tuple[tuple[str, ...], ...]:
    """The questions about a jail's present limits."""
    if not fits(jail.name):
        return ()
    rules = (rules_ask(jail.name),) if inventory.host.racct else ()
    return (*rules, *((cpus_ask(jail.name),) if jail.running else ()))


def rules(inventory: Inventory, name: str) -> tuple[rctl.Limit, ...] | None:
    """The rules about a jail; none where nothing is counted, None when they are not known."""
    if inventory.host.racct is False:
        return ()
    return listed(inventory.command_results.get(rules_ask(name)))


def require_rules(inventory: Inventory, jail: Jail) -> tuple[rctl.Limit, ...]:
    """The same. Raises Refused when they are not known."""
    known = rules(inventory, jail.name)
    if known is None:
        raise Refused(f"the current limits of {sanitize(jail.name)} could not be read")
    return known


def listed(result: CommandResult | None) -> tuple[rctl.Limit, ...] | None:
    """The rules that rctl lists, None when they are not known."""
    if result is None:
        return None
    try:
        return rctl.listed(result.status, result.stdout, result.stderr)
    except ParseError:
        return None


def cpus(inventory: Inventory, name: str) -> str | None:
    """The CPUs of a running jail (0-2,5), None when they are not known."""
    return inventory.parsed(cpus_ask(name), lambda text: cpuset.ranges(cpuset.mask(text)))


def steps(
    inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str], *, persistent: bool
) -> list[Step]:
    """Steps that make the limits so at once; `persistent` rules are there without the jail too."""
    steps: list[Step] = []
    of_kernel = {limit: amount for limit, amount in amounts.items() if limit.resource}
    known = require_rules(inventory, jail) if of_kernel else ()
    for limit, amount in of_kernel.items():
        now = rctl.amounts(known, limit.resource, limit.action)
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
    new = cpu_list or cpuset.ranges(tuple(range(count)))
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
