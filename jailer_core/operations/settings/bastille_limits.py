"""Limits of Bastille's jails through its own program, which keeps them in rctl.conf of the jail.

`bastille limits NAME add memoryuse 512M` and `… remove memoryuse` (limits.sh of Bastille 1.0 and
later; # not recorded). It knows only rules that deny, and only for running jails.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import kernel_limits
from jailer_core.operations.settings.limit_catalog import Limit, number
from jailer_core.operations.steps.reversible import reversible
from jailer_core.parse import rctl
from jailer_core.plan import JailRuns, LimitIs, Run, Step
from jailer_core.text import sanitize


def steps(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> list[Step]:
    """Steps that set the limits."""
    for limit in amounts:
        if not limit.resource or limit.action != "deny":
            raise Refused(
                f"bastille manages {sanitize(jail.name)}, and its limit {limit.word} is not set "
                "here",
                f"Use bastille: bastille limits {jail.name}",
            )
    known = kernel_limits.require_rules(inventory, jail)
    steps: list[Step] = []
    for limit, amount in amounts.items():
        old = "".join(rctl.amounts(known, limit.resource, limit.action)[:1])
        steps += _steps(jail, limit, old, str(number(amount)) if amount else "")
    return steps


def _steps(jail: Jail, limit: Limit, old: str, new: str) -> list[Step]:
    """`add` of a limit that is there leaves the old line in its file, so it is removed first."""
    if old == new:
        return []
    if old and new:
        return [*_steps(jail, limit, old, ""), *_steps(jail, limit, "", new)]
    title, back = kernel_limits.titles(jail, limit, old, new)
    step = reversible(
        (_run(jail, limit, new), f"{title}, through bastille"),
        (_run(jail, limit, old), f"{back}, through bastille"),
        before=(LimitIs(jail.name, limit.resource, limit.action, old),),
        after=(LimitIs(jail.name, limit.resource, limit.action, new),),
        same=(JailRuns(jail.name, jail.jid),),
        jail=jail.name,
    )
    return [
        replace(step, side_effect=f"{sanitize(jail.name)}: how bastille wrote it to its rctl.conf")
    ]


def _run(jail: Jail, limit: Limit, amount: str) -> Run:
    verb = ("add", limit.resource, amount) if amount else ("remove", limit.resource)
    return Run(("bastille", "limits", jail.name, *verb))
