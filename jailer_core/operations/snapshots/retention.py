"""Names of snapshots: those made from the time, and those that the user gives.

The retention policy of a jail, kept as a user property of its dataset.

    jailer:keep   hourly=24,daily=7,weekly=4,monthly=6     on the dataset, inherited as ZFS does
    jailer:auto   hourly                                   on a snapshot that the policy made

Both names have a colon, as ZFS wants of user properties, and the program's beginning.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.shared import user_property
from jailer_core.operations.shared.user_property import TextProperty
from jailer_core.operations.snapshots import schedule, selection
from jailer_core.operations.snapshots.requests import SnapshotPolicy
from jailer_core.plan import Plan
from jailer_core.text import sanitize

KINDS = ("hourly", "daily", "weekly", "monthly")


def by_default(seconds: float) -> str:
    """The name of a snapshot when none is given: the time in UTC, `20261126T130501Z`.

    UTC, so that names sort and none comes twice when the clocks are put back.
    """
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


def automatic(kind: str, seconds: float) -> str:
    """The name of a snapshot that `snap auto` takes: `auto-hourly-20261126T1300Z` (UTC)."""
    return time.strftime(f"auto-{kind}-%Y%m%dT%H%MZ", time.gmtime(seconds))


KEEP = "jailer:keep"
MARK = "jailer:auto"
MOST = 10000
"""More of one kind are a mistake."""

_TEXT = re.compile(r"[a-z]+=\d{1,5}(?:,[a-z]+=\d{1,5})*")
NONE = "none"
TEXT = TextProperty(KEEP, "policy")
needs = TEXT.needs


@dataclass(frozen=True, slots=True)
class Policy:
    """How many of each kind are kept; `inherited` is the dataset that it comes from, or ""."""

    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    inherited: str = ""

    def count(self, kind: str) -> int:
        """How many of that kind are kept."""
        return int(getattr(self, kind))

    @property
    def any(self) -> bool:
        """Whether it keeps anything at all."""
        return any(self.count(kind) for kind in KINDS)

    @property
    def text(self) -> str:
        """The value of the property."""
        given = [f"{kind}={self.count(kind)}" for kind in KINDS if self.count(kind)]
        return ",".join(given) or NONE

    def __str__(self) -> str:
        return ", ".join(f"{self.count(kind)} {kind}" for kind in KINDS if self.count(kind)) or NONE


def parsed(text: str, inherited: str = "") -> Policy | None:
    """The policy in a value of the property; None if it is not valid."""
    if text == NONE:
        return Policy(inherited=inherited)
    if not _TEXT.fullmatch(text):
        return None
    counts = [word.split("=") for word in text.split(",")]
    given = {kind: int(count) for kind, count in counts}
    if len(given) != len(counts) or not set(given) <= set(KINDS):
        return None
    return Policy(**given, inherited=inherited)


# --- reading ---------------------------------------------------------------------------------


def jails(inventory: Inventory) -> tuple[Jail, ...]:
    """Our jails with a dataset of their own, each dataset once."""
    policies = {
        jail.dataset: jail
        for jail in inventory.jails
        if jail.dataset and guards.starts_by_itself(jail)
    }
    return tuple(sorted(policies.values(), key=lambda jail: jail.name))


def asks(inventory: Inventory) -> tuple[tuple[str, ...], ...]:
    """What must be asked for `policies`: one process for all jails."""
    names = [jail.dataset for jail in jails(inventory)]
    return (user_property.ask(KEEP, names),) if names else ()


def policies(inventory: Inventory) -> dict[str, Policy] | None:
    """The policy of each jail that has one, by name; None if unknown."""
    questions = asks(inventory)
    if not questions:
        return {}
    answer = inventory.command_results.get(questions[0])
    if answer is None:
        return None
    values = unique_rows(answer.stdout)
    policies = {}
    for jail in jails(inventory):
        value, source = values.get(jail.dataset, ("-", "-"))
        inherited = source.removeprefix("inherited from ")
        policy = parsed(value, "" if source == inherited else inherited)
        if policy is not None and source != "-":
            policies[jail.name] = policy
    return policies


def unique_rows(text: str) -> dict[str, tuple[str, str]]:
    """Value and source by name of `zfs get -Hp -o name,value,source`, where there is one row.

    A value of several lines, set inside a jail, may pretend to be another row: every
    dataset and snapshot has exactly one, so a name that comes twice tells nothing.
    """
    wrong: dict[str, tuple[str, str]] = {}
    twice: set[str] = set()
    for line in text.split("\n"):
        name, _, rest = line.partition("\t")
        value, _, source = rest.rpartition("\t")
        if name in wrong:
            twice.add(name)
        wrong[name] = (value, source)
    return {name: row for name, row in wrong.items() if name not in twice}


# --- setting ---------------------------------------------------------------------------------


def problems(_inventory: Inventory, request: SnapshotPolicy) -> dict[str, tuple[str, str]]:
    """The numbers that are out of range."""
    return {
        kind: (
            f"{getattr(request, kind)} is not a number from 0 to {MOST}",
            "Only snapshots made by the policy are removed.",
        )
        for kind in KINDS
        if not 0 <= getattr(request, kind) <= MOST
    }


def form_values(inventory: Inventory, request: SnapshotPolicy) -> dict[str, str]:
    """The current policy; empty for kinds that are not kept."""
    jail = guards.require_jail(inventory, request.name)
    value, _ = user_property.current(inventory, KEEP, jail.dataset) or (NONE, "")
    policy = parsed(value) or Policy()
    return {kind: str(policy.count(kind) or "") for kind in KINDS}


def form_hints(_inventory: Inventory, request: SnapshotPolicy) -> dict[str, FieldHint]:
    """How far back the kept snapshots reach."""
    return {
        kind: FieldHint(
            suggestion="0",
            beside=_covers(unit, getattr(request, kind)),
            help="How many to keep; 0 or empty: none.",
        )
        for kind, unit in zip(KINDS, ("hour", "day", "week", "month"), strict=True)
    }


def _covers(unit: str, count: int) -> str:
    if not count:
        return "none"
    return f"the last {unit}" if count == 1 else f"the last {count} {unit}s"


def form_results(inventory: Inventory, _request: SnapshotPolicy) -> dict[str, str]:
    """Whether the policy has any effect."""
    on = schedule.scheduled(inventory)
    return {"Runs": "by cron, every hour" if on else "not yet: cron does not run `snap auto`"}


def change(inventory: Inventory, request: SnapshotPolicy) -> Plan:
    """The plan that sets a jail's policy, or (all 0) removes it."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    selection.parts_of(inventory, jail)
    policy = Policy(request.hourly, request.daily, request.weekly, request.monthly)
    for kind, (message, _) in problems(inventory, request).items():
        raise Refused(f"{kind}: {message}")
    top, (old, source) = TEXT.require(inventory, jail)
    title = f"Policy of {sanitize(jail.name)}: {policy}"
    notes = _notes(policy)
    if (old == policy.text and source == "local") or (not policy.any and source == "-"):
        return Plan.unchanged(request, title, jail.name)
    drop = not policy.any and source in user_property.OWN
    step = user_property.change(
        top,
        KEEP,
        old=(old, source),
        new="" if drop else policy.text,
        title="Remove the policy" if drop else f"Set the policy to {policy}",
        undo_title="Restore the policy",
        jail=jail.name,
    )
    return Plan(request, title, (step,), notes=notes, jail=jail.name)


def _notes(policy: Policy) -> tuple[str, ...]:
    if not policy.any:
        return ("Its snapshots are kept; no more are taken or removed.",)
    return (
        "`snap auto` takes them and removes older ones of its own; others are never touched.",
        "Have cron run it: snap schedule on.",
    )
