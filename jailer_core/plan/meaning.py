"""The effect of a plan in a line or two: what changes for which jails, what cannot be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from jailer_core.plan.actions import MakeDir, argv_of
from jailer_core.plan.conditions import JailRuns, JailStopped
from jailer_core.plan.steps import Plan, Step
from jailer_core.text import sanitize

MANY = 4
"""Up to this many names are listed, else only their number."""
_HOUSEKEEPING = frozenset({"mkdir", "chmod", "chown", "touch"})
_OURS = ("/.trash", "/.jailer-tui")


def meaning(plans: Sequence[Plan], where: Sequence[str] = ()) -> str:
    """Which jails stop and start, how many steps there are, and what cannot be undone.

    `where` names the host of each plan where there are several hosts.
    """
    steps = [step for plan in plans for step in plan.steps]
    if not steps:
        return ""
    stopped, started = _jails(plans, _stops, where), _jails(plans, _starts, where)
    both = [name for name in stopped if name in started]
    lines = [
        _said("Restarts", both),
        _said("Stops", [name for name in stopped if name not in both]),
        _said("Starts", [name for name in started if name not in both]),
        _steps(steps),
    ]
    return " ".join(filter(None, lines))


def stopped_jails(plans: Sequence[Plan]) -> list[str]:
    """Names of the jails that these plans stop, or restart."""
    return _jails(plans, _stops)


def _said(verb: str, names: Sequence[str]) -> str:
    if not names:
        return ""
    who = ", ".join(map(sanitize, names)) if len(names) <= MANY else f"{len(names)} jails"
    return f"{verb} {who}."


def _steps(steps: Sequence[Step]) -> str:
    count = "1 step" if len(steps) == 1 else f"{len(steps)} steps"
    lasting = sum(bool(step.irreversible_because) for step in steps)
    if not lasting:
        return f"{count}; {'it' if len(steps) == 1 else 'all'} can be undone."
    if lasting == len(steps):
        which = "it cannot" if len(steps) == 1 else "none can"
    else:
        which = f"{lasting} of them cannot"
    return f"{count}; {which} be undone{_reasons(steps)}."


def _reasons(steps: Sequence[Step]) -> str:
    """Why, once for each reason, unless there are many."""
    reasons = dict.fromkeys(
        step.irreversible_because for step in steps if step.irreversible_because
    )
    return f": {'; '.join(map(sanitize, reasons))}" if len(reasons) <= 2 else ""


def _jails(
    plans: Sequence[Plan], fits: Callable[[Step], bool], where: Sequence[str] = ()
) -> list[str]:
    """Names of the jails of such steps, with their hosts where those are named."""
    hosts = [f"{name}:" if name else "" for name in where] or [""] * len(plans)
    return list(
        dict.fromkeys(
            f"{host}{step.jail}"
            for plan, host in zip(plans, hosts, strict=True)
            for step in plan.steps
            if step.jail and fits(step)
        )
    )


def _stops(step: Step) -> bool:
    ends = any(isinstance(goal, JailStopped) for goal in step.postconditions)
    argv = argv_of(step.action)
    return ends or (argv[:1] == ("jail",) and "-rc" in argv)


def _starts(step: Step) -> bool:
    return any(isinstance(goal, JailRuns) for goal in step.postconditions)


def is_housekeeping(step: Step) -> bool:
    """Whether it only creates directories or places of this program, or sets their modes."""
    if isinstance(step.action, MakeDir):
        return True
    argv = argv_of(step.action)
    if not argv:
        return False
    ours = argv[:2] == ("zfs", "create") and argv[-1].endswith(_OURS)
    return argv[0].rpartition("/")[2] in _HOUSEKEEPING or ours
