"""Delegate a dataset to a jail: the host releases it, the jail's configuration attaches it."""

from __future__ import annotations

from itertools import accumulate

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import OURS, Dataset, Inventory, Jail, JailConfig, Owner
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.completion import FieldHint
from jailer_core.operations.delegation import records
from jailer_core.operations.delegation.requests import DatasetGive
from jailer_core.operations.shared import jail_commands, jail_mounts, user_property
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.parse import jail_settings
from jailer_core.parse.base import first
from jailer_core.plan import Needs, ParameterIs, Plan, Step
from jailer_core.text import sanitize

_SYSTEM = (
    *("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/libexec", "/root", "/sbin"),
    *("/tmp", "/usr", "/usr/home", "/usr/local", "/usr/obj", "/usr/ports", "/usr/src"),  # noqa: S108
    *("/var", "/var/audit", "/var/crash", "/var/db", "/var/log", "/var/mail", "/var/tmp"),  # noqa: S108
)
"""Mount points that the host itself needs (those of bsdinstall(8) among them)."""
_NO_MANAGER = (*OURS, Owner.BY_HAND)


def problems(_inventory: Inventory, request: DatasetGive) -> dict[str, tuple[str, str]]:
    """Problems by field; {} if there are none."""
    wrong = guards.problem("dataset", records.checked, request.dataset)
    if request.mountpoint:
        wrong |= guards.problem("mountpoint", checks.path, request.mountpoint)
    return wrong


def form_hints(inventory: Inventory, _request: DatasetGive) -> dict[str, FieldHint]:
    """Completions: datasets that no jail has or is stored in."""
    trees = _managed(inventory)
    holding = {above for jail in inventory.jails for above in _with_parents(jail.dataset)}
    free = (
        dataset.name
        for dataset in inventory.datasets or ()
        if not dataset.jailed
        and dataset.name not in holding
        and trees.keys().isdisjoint(_with_parents(dataset.name))
    )
    return {"dataset": FieldHint(words=tuple(free))}


def needs(inventory: Inventory, request: DatasetGive) -> Needs:
    """The properties of the dataset, the processes that use it, and what the jail may do."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    name = records.checked(request.dataset)
    config = guards.require_configured(jail)
    points = tuple(dataset.mountpoint for dataset in inventory.below(name) if dataset.mounted)
    asks = [user_property.ask(prop, [name]) for prop in ("jailed", "mountpoint")]
    if jail.running:
        asks += [_ask(jail, param) for param in records.ALLOWED]
        asks.append(records.attached(jail, name).argv)
    text, _ = records.added(config, name) if config.text is not None else ("", {})
    return records.needs(inventory, jail, text) | Needs(
        commands=tuple(asks),
        holders=points,
        paths=records.seen_by(jail),
    )


def give(inventory: Inventory, request: DatasetGive) -> Plan:
    """The plan that gives a dataset to a jail."""
    jail = guards.require_jail(inventory, request.name, records.refusal)
    guards.refuse(problems(inventory, request))
    name = records.checked(request.dataset)
    config = guards.require_readable(jail)
    dataset = _dataset(inventory, config, name)
    title = f"Give {name} to {sanitize(jail.name)}"
    plan = [
        *_host_lets_go(inventory, jail, dataset),
        *_properties(inventory, jail, dataset, request.mountpoint),
    ]
    if jail.running and records.sees_zfs(inventory, jail):
        plan += _allowed_now(inventory, jail)
        if records.attached(jail, name).holds(inventory) is False:
            plan.append(records.attach(jail, dataset, on=True))
    change = records.added(config, name)
    plan += records.written(inventory, config, change, "Attach the dataset at each start")
    if not plan:
        return Plan(request, title, notes=("The jail already has this dataset.",), jail=jail.name)
    notes = (*_warning(inventory, name), *_notes(inventory, jail, name))
    return Plan(request, title, tuple(plan), notes=notes, jail=jail.name)


# --- what may be given ---------------------------------------------------------------------------


def _dataset(inventory: Inventory, config: JailConfig, name: str) -> Dataset:
    """The dataset. Raises Refused for one that the host or another jail needs."""
    guards.require_datasets(inventory)
    dataset = inventory.dataset(name)
    if dataset is None:
        raise Refused(
            f"there is no dataset {sanitize(name)}", f"Create it first: zfs create {name}"
        )
    for other in inventory.configs:
        if other.name != config.name:
            taken = [
                what for what in jail_commands.delegated(other) if jail_commands.overlap(name, what)
            ]
            if taken:
                what = sanitize(taken[0])
                raise Refused(
                    f"{sanitize(other.name)} has the dataset {what}",
                    f"Take it away first: dataset take {guards.word(other.name)} {what}",
                )
    if dataset.jailed and name not in jail_commands.delegated(config):
        raise Refused(
            f"{name} is delegated already (jailed=on), and no configuration says to which jail",
            f"Check who uses it, then: zfs set jailed=off {guards.word(name)}",
        )
    for part in inventory.below(name):
        _not_of_the_host(inventory, part)
    return dataset


def _not_of_the_host(inventory: Inventory, part: Dataset) -> None:
    layout = inventory.layout
    ours = {layout.dataset, layout.images, layout.own, layout.trash} - {""}
    host = part.mounted and part.mountpoint in _SYSTEM
    if host or part.name in ours or part.name.startswith(f"{layout.images}/"):
        raise Refused(f"the host itself needs {sanitize(part.name)}", "Choose another dataset.")
    for jail in inventory.jails:
        root = normal(jail.path)
        inside = part.mounted and part.mountpoint and jail_mounts.inside(root, part.mountpoint)
        if jail.dataset == part.name or (root not in ("", "/") and inside):
            raise Refused(
                f"the jail {sanitize(jail.name)} is in {sanitize(part.name)}",
                "Create a dataset for its data and give it that.",
            )


def _with_parents(name: str) -> list[str]:
    """A dataset and all that it is below, from the pool on."""
    return list(accumulate(name.split("/"), "{}/{}".format))


def _managed(inventory: Inventory) -> dict[str, Owner]:
    """The datasets of other managers: those that have their jails below `jails`. No pool is one."""
    trees: dict[str, Owner] = {}
    for jail in inventory.jails:
        if jail.dataset and jail.owner not in _NO_MANAGER:
            tree, below, _ = jail.dataset.partition("/jails/")
            if below and "/" in tree:
                trees.setdefault(tree, jail.owner)
    return trees


def _warning(inventory: Inventory, name: str) -> tuple[str, ...]:
    trees = _managed(inventory)
    manager = next((trees[above] for above in _with_parents(name) if above in trees), None)
    if manager is None:
        return ()
    note = f"{sanitize(name)} is among the datasets of {manager.value}: check that it is not used."
    return (note,)


# --- steps ---------------------------------------------------------------------------------------


def _host_lets_go(inventory: Inventory, jail: Jail, dataset: Dataset) -> list[Step]:
    """Unmount it and what is below it. Raises Refused while processes hold its files."""
    if dataset.jailed:
        return []
    parts = [part for part in inventory.below(dataset.name) if part.mounted]
    points = {part.mountpoint for part in parts}
    records.not_held(inventory, dataset.name, points)
    for mount in inventory.mounts or ():
        inside = any(jail_mounts.inside(mount.device, point) for point in points)
        if inside and mount.fstype == "nullfs":
            raise Refused(
                f"{sanitize(mount.device)} is mounted on {sanitize(mount.path)}",
                "Remove that first.",
            )
    return [zfs_steps.unmount(part.name, part.guid, jail.name) for part in reversed(parts)]


def _properties(inventory: Inventory, jail: Jail, dataset: Dataset, point: str) -> list[Step]:
    """Set jailed first: from then on the host mounts it nowhere, whatever its mount point is."""
    properties = {"jailed": "on"} | ({"mountpoint": checks.path(point)} if point else {})
    missing = []
    for name, value in properties.items():
        old = user_property.current(inventory, name, dataset.name)
        if old is None:
            raise Refused(f"{name} of {dataset.name} could not be read")
        if old[0] != value:
            missing.append(records.set_property(dataset, name, old, value, jail.name))
    return missing


def _ask(jail: Jail, param: str) -> tuple[str, ...]:
    return ParameterIs(jail.name, param, "").query()


def _allowed_now(inventory: Inventory, jail: Jail) -> list[Step]:
    """What the running jail is not yet allowed, in the kernel."""
    missing = []
    for param, values in records.ALLOWED.items():
        expected = values[0] if values else "true"
        now = _present(inventory, jail, param)
        if now is None:
            raise Refused(f"{param} of {sanitize(jail.name)} could not be read")
        if now != expected and not (param == "enforce_statfs" and now == "0"):
            missing.append(records.allow(jail, param, now, expected))
    return missing


def _present(inventory: Inventory, jail: Jail, param: str) -> str | None:
    row = inventory.parsed(
        _ask(jail, param),
        lambda text: first(
            jail_settings.running_parameters(text), lambda row: row.get("jid") == str(jail.jid)
        ),
    )
    return None if row is None else row.get(param)


def _notes(inventory: Inventory, jail: Jail, name: str) -> tuple[str, ...]:
    if not jail.running:
        return ("It is attached when the jail starts.",)
    if records.sees_zfs(inventory, jail):
        return (f"To mount it inside: exec {guards.word(jail.name)} -- zfs mount {name}",)
    hidden = (
        f"The devfs ruleset of {sanitize(jail.name)} hides /dev/zfs, so it cannot use the dataset."
    )
    return (hidden, "Add path zfs unhide to the ruleset, then restart the jail.")
