"""Bring a destroyed jail back, and empty the trash."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import (
    Dataset,
    FileStamp,
    Inventory,
    Jail,
    JailConfig,
    JailState,
    Owner,
    TrashEntry,
)
from jailer_core.model.network import FOLDERS
from jailer_core.operations.guards import word
from jailer_core.operations.jails import boot, dependencies, starting
from jailer_core.operations.jails.requests import TrashPurge, TrashRestore
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.settings import rctl_conf
from jailer_core.operations.shared import (
    clones,
    config_check,
    file_steps,
    jailconf_edit,
    starting_context,
    trash,
)
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import (
    Danger,
    DatasetHasGuid,
    MountedAt,
    Needs,
    PathExists,
    Plan,
    RemoveDir,
    Step,
    Undo,
)
from jailer_core.plan.steps import Work, joined
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: TrashRestore | TrashPurge) -> Needs:
    """Its saved files; for a purge, also its snapshots."""
    entry = trash.the_entry(inventory, request.entry)
    kept = trash.paths(inventory, entry)
    if isinstance(request, TrashPurge):
        return Needs(snapshots=True, files=kept, commands=(clones.volumes_ask(entry.dataset),))
    rules = any(path in inventory.file_texts for path in kept if path.endswith(f"/{trash.RULES}"))
    more = (*kept, *jail_hooks.paths(entry.name))
    record, text = trash.from_meta(entry), _text(trash.kept_files(inventory, entry))
    confs: tuple[str, ...] = ()
    paths: tuple[str, ...] = FOLDERS
    if record is not None and text is not None:
        paths = (*paths, record.config_path)
        confs = starting_context.confs(inventory, {record.config_path: text})
    limits = rctl_conf.trash_needs(inventory, entry.name)
    return Needs(files=more, paths=paths, firewall=rules, jail_confs=confs) | limits


def _text(kept: dict[str, str], name: str = trash.CONFIG) -> str | None:
    """Its configuration, or another file, as it was kept."""
    return next((kept[path] for path in kept if path.endswith(f"/{name}")), None)


# --- bringing back ---------------------------------------------------------------------------


def restore(inventory: Inventory, request: TrashRestore) -> Plan:
    """The plan that brings an entry of the trash back as it was."""
    entry = trash.the_entry(inventory, request.entry)
    record = trash.from_meta(entry)
    kept = trash.kept_files(inventory, entry)
    text = _text(kept)
    name = record.name if record else entry.name
    leaf = entry.id.rpartition("-")[0] or entry.id
    target = record.dataset if record else f"{inventory.layout.dataset}/{leaf}"
    _free(inventory, name, target, record)
    steps = [move_back(entry, target, name)]
    steps += mounts_of(inventory, entry, target, record, name)
    notes: list[str] = []
    if record is None or text is None:
        notes.append("Its configuration was not saved: only the dataset is restored.")
    else:
        rules, limits = _text(kept, trash.RULES), _text(kept, trash.LIMITS)
        steps += jail_hooks.rules_back(inventory, name, rules) if rules is not None else []
        more, notes = _configure(inventory, request, record, text)
        if limits is not None:
            back, notes_limits = rctl_conf.back(inventory, name, limits, record.limits)
            more, notes = [*back, *more], [*notes, *notes_limits]
        steps += more
        notes += jail_hooks.rules_taken(inventory, name, rules) if rules is not None else []
    steps += forget(kept)
    return Plan(request, f"Restore {sanitize(name)}", tuple(steps), notes=tuple(notes), jail=name)


def _free(inventory: Inventory, name: str, target: str, record: trash.Record | None) -> None:
    if inventory.jail(name) is not None and record is not None and record.because:
        raise Refused(
            f"this is {sanitize(name)} {record.because}, and {sanitize(name)} still exists",
            f"Undo that instead: rollback --undo {word(name)}",
        )
    if inventory.dataset(target) is not None:
        raise Refused(
            f"{target} already exists", f"Destroy or rename what is in its place: {target}"
        )
    parent = target.rpartition("/")[0]
    if inventory.dataset(parent) is None:
        raise Refused(f"{parent} no longer exists", f"Create it: zfs create {word(parent)}")
    if record is None:
        return
    other = inventory.jail(name)
    if other is not None and other.state is not JailState.DYING:
        raise Refused(
            f"the jail {sanitize(name)} already exists",
            f"Destroy or rename {sanitize(name)} first.",
        )
    if record.config_path in inventory.file_stats:
        raise Refused(
            f"{sanitize(record.config_path)} already exists", "Move that file away first."
        )
    for config in inventory.configs:
        if config.name == name:
            raise Refused(
                f"{sanitize(config.path)} already defines a jail {sanitize(name)}",
                "Remove it from that file first.",
            )


def move_back(entry: TrashEntry, target: str, name: str) -> Step:
    """Rename an entry out of the trash."""
    title, back = f"Move {entry.dataset} back to {target}", f"Move {target} to the trash again"
    step = zfs_steps.rename(entry.dataset, target, entry.guid, title, back)
    return replace(step, postconditions=(DatasetHasGuid(target, entry.guid),), jail=name)


def mounts_of(
    inventory: Inventory, entry: TrashEntry, target: str, record: trash.Record | None, name: str
) -> list[Step]:
    """Mount a dataset that comes back from the trash: it is not mounted then (recording 05)."""
    was = {part.below: part for part in record.parts} if record else {}
    steps: list[Step] = []
    for dataset in inventory.below(entry.dataset):
        below = dataset.name[len(entry.dataset) :]
        part = was.get(below)
        if part is None and record is not None:
            part = trash.Part(below, dataset.mountpoint, mounted=False)
        # mounted first: setting canmount may mount it as well
        if part is None or part.mounted:
            point = _point(inventory, target, below, part)
            steps.append(_mount(dataset, f"{target}{below}", point, name, top=not below))
        if part is not None and part.canmount not in (None, "noauto", "off"):
            own, value = f"{target}{below}", part.canmount or ""
            steps.append(zfs_steps.canmount(own, dataset.guid, value, name, back=True))
    return steps


def _point(inventory: Inventory, target: str, below: str, part: trash.Part | None) -> str:
    if part is not None:
        return part.mountpoint
    parent, _, leaf = target.rpartition("/")
    above = inventory.dataset(parent)
    return "" if below or above is None else f"{above.mountpoint}/{leaf}"


def _mount(part: Dataset, dataset: str, point: str, name: str, *, top: bool) -> Step:
    """`point` is where it is going to be mounted, "" when that is not known.

    The directory of the `top` one went with it when it was moved away, so mounting makes it.
    """
    step = zfs_steps.mount(dataset, part.guid, name)
    if not point.startswith("/"):
        return step
    free = MountedAt(point, mounted=False)
    undo = (*step.undo, _no_point(point, free)) if top else step.undo
    return replace(step, preconditions=(*step.preconditions, free), undo=undo)


def _no_point(point: str, free: MountedAt) -> Undo:
    """Mounting made the directory; it goes only while it is empty."""
    return Undo(
        RemoveDir(point),
        f"Remove the empty directory {sanitize(point)}",
        preconditions=(free, PathExists(point)),
        done_when=(PathExists(point, exists=False),),
    )


def _configure(
    inventory: Inventory, request: TrashRestore, record: trash.Record, text: str
) -> Work:
    path = record.config_path
    config, differences = _as_it_was(inventory, record, text)
    title = f"Write {sanitize(path)}"
    write = file_steps.new_file(path, text, record.mode, title, owner=record.owner)
    listed, notes = boot.with_again(inventory, record.name, record.boot_list)
    work = [write, *listed], [*notes, *differences]
    starts = record.ran if request.start is None else request.start
    if not starts:
        return joined((work, ([], _would_not_start(inventory, record))))
    jail = Jail(record.name, JailState.STOPPED, Owner.NATIVE, path=config.root)
    try:
        return joined((work, starting.bring_up(inventory, jail, config)))
    except Refused as error:
        raise Refused(
            f"{sanitize(record.name)} could be restored, but not started: {error.message}",
            f"{error.hint} Or restore it without starting it.".strip(),
        ) from None


def _as_it_was(
    inventory: Inventory, record: trash.Record, text: str
) -> tuple[JailConfig, list[str]]:
    """What jail(8) will read, and notes on what others have changed in it since then.

    Raises Refused when it would have another root.
    """
    config = jailconf_edit.configured(
        inventory, record.name, record.config_path, {record.config_path: text}
    )
    differences = config_check.meaning_differences(record.params, config.params)
    if differences and differences[0].param == "path":
        config_check.must_be(record.name, record.params, config.params)
    return config, [
        f"Different from when it was destroyed: {difference}." for difference in differences
    ]


def _would_not_start(inventory: Inventory, record: trash.Record) -> list[str]:
    try:
        starting.clean_up(inventory, record.name, record.config)
    except Refused as error:
        return [f"It could not be started now: {error.message}."]
    return []


def forget(kept: dict[str, str]) -> list[Step]:
    """Remove the saved files of an entry."""
    stamp = FileStamp(0, 0, mode=0o600)
    steps = [
        file_steps.drop_file(path, text, stamp, f"Remove {sanitize(path)}")
        for path, text in kept.items()
    ]
    folders = dict.fromkeys(path.rpartition("/")[0] for path in kept)
    return [*steps, *(file_steps.drop_dir(folder) for folder in folders)]


# --- emptying --------------------------------------------------------------------------------


def purge(inventory: Inventory, request: TrashPurge) -> Plan:
    """The plan that destroys an entry of the trash for good."""
    entry = trash.the_entry(inventory, request.entry)
    parts = inventory.below(entry.dataset)
    if not parts:
        raise Refused(f"{entry.dataset} no longer exists")
    steps: list[Step] = []
    saved: tuple[str, ...] = ()
    if request.promote:
        clones.not_held(inventory, parts)
        steps, saved = clones.promotes(inventory, parts, entry.name)
    else:
        going = dependencies.datasets(inventory, request.after)
        hint = "Make them independent first: trash purge --promote."
        clones.nothing(inventory, parts, hint, going)
    _nothing_mounted(parts)
    steps += forget(trash.kept_files(inventory, entry))
    steps.append(clones.destroy_step(parts[0], (), entry.name))
    if request.after:
        absent = dependencies.gone(inventory, request.after)
        steps[0] = replace(steps[0], preconditions=(*absent, *steps[0].preconditions))
    return Plan(
        request,
        f"Destroy {sanitize(entry.id)} permanently",
        tuple(steps),
        Danger.DESTROYS,
        confirm=entry.name,
        notes=tuple(clones.what_goes(inventory, parts, saved)),
        jail=entry.name,
    )


def _nothing_mounted(parts: tuple[Dataset, ...]) -> None:
    for dataset in parts:
        if dataset.mounted:
            raise Refused(
                f"{dataset.name} is mounted on "
                f"{sanitize(dataset.mountpoint or 'another mount point')}",
                f"Unmount it first: zfs unmount {word(dataset.name)}",
            )
