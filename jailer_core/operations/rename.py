"""Give a jail another name: its dataset, its configuration, its word in the boot list.

One that runs is stopped with the file that it was started with and started again: a dataset
whose files are in use cannot be renamed (recording 12).
"""

from __future__ import annotations

from jailer_core import checks
from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import Dataset, Inventory, Jail, JailConfig
from jailer_core.operations import (
    boot,
    conftext,
    destroyable,
    files,
    guards,
    jailconf,
    mounts,
    network,
    running,
    starting,
    stopping,
    suggest,
)
from jailer_core.operations.firewall import moving
from jailer_core.operations.guards import named
from jailer_core.operations.remains import of_running
from jailer_core.operations.requests import Rename
from jailer_core.plan import (
    DatasetIs,
    DatasetThere,
    JailGone,
    MountedAt,
    Needs,
    Plan,
    Run,
    State,
    Step,
    Undo,
)


def problems(inventory: Inventory, request: Rename) -> dict[str, tuple[str, str]]:
    """What is wrong with the new name; {} when nothing is."""
    try:
        _name(inventory, request)
    except JailerError as error:
        return {"new": (error.message, error.hint)}
    return {}


def _name(inventory: Inventory, request: Rename) -> None:
    new = checks.jail_name(request.new)
    if new == request.name:
        raise UsageError(f"{named(new)} is its name already", "Give it another one.")
    if new == "image":
        raise Refused("the name image is taken by the images", "Use another name.")
    what = suggest.taken(inventory, new)
    if what:
        raise Refused(what, "Use another name.")


def needs(inventory: Inventory, request: Rename) -> Needs:
    """The text of its file, what jail(8) reads in the new one, kept files when it runs."""
    jail = guards.the_jail(inventory, request.name)
    live = running.needs(inventory, jail)
    root, text = _root(inventory, jail, request.new), ""
    if jail.config is not None and jail.config.text:
        text = conftext.renamed(jail.config, jail.config.text, request.new, root)
    return Needs(
        jails=(jail.name,),
        files=(*live.files, *moving.paths(jail.name, request.new.strip())),
        paths=(root, jailconf.file_of(request.new)),
        confs=(text,) if text else (),
    )


def _moves(inventory: Inventory, jail: Jail) -> Dataset | None:
    """Its dataset when that bears its name; another one keeps its own."""
    dataset = inventory.dataset(jail.dataset)
    if dataset is None or dataset.name.rpartition("/")[2] != jail.name:
        return None
    parent = inventory.dataset(dataset.name.rpartition("/")[0])
    inherits = parent is not None and dataset.mountpoint == f"{parent.mountpoint}/{jail.name}"
    return dataset if inherits else None


def _root(inventory: Inventory, jail: Jail, new: str) -> str:
    dataset = _moves(inventory, jail)
    if dataset is None:
        return jail.path
    return f"{dataset.mountpoint.rpartition('/')[0]}/{new}"


def rename(inventory: Inventory, request: Rename) -> Plan:
    """The plan that renames a jail."""
    jail = guards.the_jail(inventory, request.name)
    guards.owned(jail)
    for message, hint in problems(inventory, request).values():
        raise Refused(message, hint)
    old = destroyable.alone(jail)
    parts = destroyable.own_datasets(inventory, jail, old)
    destroyable.nothing_foreign(inventory, jail, old, parts)
    _nobody_depends(inventory, jail)
    new = request.new.strip()
    root = _root(inventory, jail, new)
    if _moves(inventory, jail) is not None and root in inventory.stamps:
        raise Refused(f"{root} is in the way", "Move away what is there, or use another name.")
    text = conftext.plain(old, conftext.renamed(old, old.text or "", new, root))
    fresh = conftext.configured(inventory, new, text)
    steps, notes = _down(inventory, jail, old)
    steps += _dataset(inventory, jail, new, steps)
    steps += _files(inventory, old, fresh, text)
    steps += moving.renamed(inventory, jail.name, new)
    listed, said = _boot(inventory, jail.name, new)
    steps += listed
    if jail.running:
        network.not_taken(inventory, jail.name, fresh)
        steps.append(starting.start_step(fresh.path, new, fresh, of_running(inventory, fresh)))
    notes += said
    title = f"Rename {named(jail.name)} to {new}"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def _nobody_depends(inventory: Inventory, jail: Jail) -> None:
    for other in inventory.configs:
        if jail.name in other.params.get("depend", ()):
            raise Refused(
                f"{named(other.name)} depends on {named(jail.name)} by its name",
                f"Change that first: edit {named(other.name)}",
            )


def _down(inventory: Inventory, jail: Jail, config: JailConfig) -> tuple[list[Step], list[str]]:
    if jail.running:
        steps, notes = stopping.take_down(inventory, jail)
        return steps, ["It runs: it is stopped, and started again with its new name.", *notes]
    return mounts.unmount_left(inventory, config, (JailGone(jail.name),)), []


def _dataset(inventory: Inventory, jail: Jail, new: str, before: list[Step]) -> list[Step]:
    dataset = _moves(inventory, jail)
    if dataset is None:
        return []
    target = f"{dataset.name.rpartition('/')[0]}/{new}"
    there, gone = DatasetIs(target, dataset.guid), DatasetThere(dataset.name, there=False)
    empty: list[State] = [
        MountedAt(path, there=False) for path in mounts.by_parameter(guards.configured(jail))
    ]
    back = Undo(
        Run(("zfs", "rename", target, dataset.name)),
        f"Name {target} {dataset.name} again",
        when=(there, gone),
        settled=(DatasetIs(dataset.name, dataset.guid),),
    )
    return [
        Step(
            Run(("zfs", "rename", dataset.name, target)),
            f"Name {dataset.name} {target}",
            undo=(back,),
            before=(
                JailGone(jail.name),
                DatasetIs(dataset.name, dataset.guid),
                DatasetThere(target, there=False),
                *empty,
            ),
            goal=(there, gone),
            jail=jail.name if before else "",
            hint="A process of the host may stand in it: fstat -f tells which.",
        )
    ]


def _files(inventory: Inventory, old: JailConfig, new: JailConfig, text: str) -> list[Step]:
    if new.path in inventory.stamps:
        raise Refused(f"{named(new.path)} exists already", "Move that file away first.")
    mode = old.stamp.mode & 0o7777 if old.stamp else 0o644
    owner = (old.stamp.uid, old.stamp.gid) if old.stamp else None
    path = guards.source(old)
    return [
        files.new_file(new.path, text, mode, f"Write {named(new.path)}", owner=owner),
        files.drop_file(path, old.text or "", old.stamp, f"Remove {named(path)}"),
    ]


def _boot(inventory: Inventory, old: str, new: str) -> tuple[list[Step], list[str]]:
    if old not in inventory.boot_list:
        return [], []
    return boot.ordered(inventory, tuple(new if one == old else one for one in inventory.boot_list))
