"""Quota, reservation and compression of a jail's dataset."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.settings.limit_catalog import BY_WORD, Limit, number, shown
from jailer_core.operations.shared.user_property import OWN, not_set
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import DatasetHasGuid, PropertyIs, Run, Step
from jailer_core.text import human_bytes, sanitize

_NAMES = "quota,reservation,compression"
QUOTA, RESERVATION = BY_WORD["quota"], BY_WORD["reservation"]


def ask(dataset: str) -> tuple[str, ...]:
    """The present values of a dataset with their sources."""
    return ("zfs", "get", "-Hp", "-o", "property,value,source", _NAMES, dataset)


def present(inventory: Inventory, dataset: str) -> dict[str, tuple[str, str]] | None:
    """Value and source by property; None when they are not known."""
    listed = inventory.output(ask(dataset))
    if listed is None:
        return None
    rows = [line.split("\t") for line in listed.splitlines()]
    return {row[0]: (row[1], row[2]) for row in rows if len(row) == 3}


def amount(inventory: Inventory, dataset: str, limit: Limit) -> str | None:
    """The present value of a limit, "" for none, None when it is not known."""
    values = present(inventory, dataset)
    if values is None or limit.zfs not in values:
        return None
    value = values[limit.zfs][0]
    return "" if value == "0" else value


def possible(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> None:
    """Raises Refused where the dataset cannot be so."""
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


def steps(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> list[Step]:
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
