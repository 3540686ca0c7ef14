"""Take a dataset away from a jail."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, Mount
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.delegation import records
from jailer_core.operations.delegation.requests import DatasetTake
from jailer_core.operations.shared import jail_commands, jail_mounts, user_property
from jailer_core.plan import Needs, Plan, Step
from jailer_core.text import sanitize


def problems(_inventory: Inventory, request: DatasetTake) -> dict[str, tuple[str, str]]:
    """Problems by field; {} if there are none."""
    return guards.problem("dataset", records.checked, request.dataset)


def form_facts(inventory: Inventory, request: DatasetTake) -> dict[str, str]:
    """The datasets that the jail has."""
    return {"Datasets": ", ".join(map(sanitize, _given(inventory, request))) or "none"}


def form_values(inventory: Inventory, request: DatasetTake) -> dict[str, str]:
    """The dataset, if only one is possible."""
    given = _given(inventory, request)
    return {"dataset": given[0]} if len(given) == 1 else {}


def form_hints(inventory: Inventory, request: DatasetTake) -> dict[str, FieldHint]:
    """Completions: the datasets that the jail has."""
    return {"dataset": FieldHint(words=_given(inventory, request))}


def _given(inventory: Inventory, request: DatasetTake) -> tuple[str, ...]:
    jail = inventory.jail(request.name)
    return (
        jail_commands.delegated(jail.config) if jail is not None and jail.config is not None else ()
    )


def needs(inventory: Inventory, request: DatasetTake) -> Needs:
    """The properties of the dataset, and the processes that use it."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    name = records.checked(request.dataset)
    config = guards.require_configured(jail)
    asks = [user_property.ask("jailed", [name])]
    if jail.running:
        asks.append(records.attached(jail, name).argv)
    text, changes = records.removed(config, name) if config.text is not None else ("", {})
    return (records.needs(inventory, jail, text) if changes or not text else Needs()) | Needs(
        jails=(jail.name,),
        commands=tuple(asks),
        paths=records.seen_by(jail),
        holders=tuple(mount.path for mount in _mounts(inventory, name)),
    )


def take(inventory: Inventory, request: DatasetTake) -> Plan:
    """The plan that takes a dataset away from a jail."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    name = records.checked(request.dataset)
    config = guards.require_readable(jail)
    guards.require_datasets(inventory)
    dataset = inventory.dataset(name)
    recorded = name in jail_commands.delegated(config)
    if dataset is None:
        raise Refused(
            f"there is no dataset {sanitize(name)}",
            "Remove it from the configuration by hand: edit." if recorded else "See: zfs list.",
        )
    if not recorded:
        given = ", ".join(map(sanitize, jail_commands.delegated(config))) or "none"
        raise Refused(
            f"{sanitize(jail.name)} does not have the dataset {sanitize(name)}", f"It has: {given}."
        )
    plan: list[Step] = []
    for mount in reversed(_mounts(inventory, name)):
        _free(inventory, mount)
        plan.append(records.unmount(jail, mount))
    if jail.running:
        plan += _detached(inventory, jail, dataset)
    old = user_property.current(inventory, "jailed", name)
    if old is None:
        raise Refused(f"jailed of {name} could not be read")
    change = records.removed(config, name)
    plan += records.written(inventory, config, change, "No longer attach the dataset")
    if old[0] != "off":
        plan.append(records.set_property(dataset, "jailed", old, "off", jail.name))
    place = sanitize(dataset.mountpoint or "none")
    notes = (
        f"It is not mounted afterwards. Its mount point on the host: {place}.",
        "Check it first: root of the jail may have put setuid programs into it.",
    )
    title = f"Take {name} away from {sanitize(jail.name)}"
    return Plan(request, title, tuple(plan), notes=notes, jail=jail.name)


def _detached(inventory: Inventory, jail: Jail, dataset: Dataset) -> list[Step]:
    """The step that detaches it from a running jail. Raises Refused where that is not known."""
    has = records.attached(jail, dataset.name).holds(inventory)
    if has is None or not records.sees_zfs(inventory, jail):
        raise Refused(
            f"it is unknown whether {sanitize(jail.name)} has the dataset now: "
            "its devfs ruleset hides /dev/zfs",
            f"Stop {sanitize(jail.name)} first.",
        )
    return [records.attach(jail, dataset, on=False)] if has else []


def _mounts(inventory: Inventory, name: str) -> list[Mount]:
    """Where the dataset and those below it are mounted, in the order in which they were."""
    parts = {part.name for part in inventory.below(name)}
    return [
        mount for mount in inventory.mounts or () if mount.fstype == "zfs" and mount.device in parts
    ]


def _free(inventory: Inventory, mount: Mount) -> None:
    """Raises Refused while processes hold files there, or something else is mounted inside."""
    records.not_held(inventory, mount.device, (mount.path,))
    foreign = [
        other
        for other in jail_mounts.below(inventory, mount.path)
        if not f"{other.device}/".startswith(f"{mount.device}/")
    ]
    if foreign:
        raise Refused(
            f"{sanitize(foreign[0].path)} is mounted inside it", "Remove that mount first."
        )
