"""Move a jail's state into the trash, and what does not belong there back out of it."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.model import Dataset, FileStamp
from jailer_core.operations import busy, files, guards, mounts, own, trash
from jailer_core.operations.snapshots import carried
from jailer_core.operations.snapshots.case import Case
from jailer_core.plan import DatasetIs, DatasetThere, JailGone, MountedAt, Run, Step, Undo


def aside(case: Case, properties: carried.Carried) -> tuple[list[Step], tuple[trash.Part, ...]]:
    """What has a mount point of its own would stay mounted there, and be in the way of the new."""
    known = replace(case.inventory, properties=properties.properties)
    return busy.set_aside(known, case.jail, case.going, force=False, staying=case.staying())


def keep(case: Case, because: str, records: tuple[trash.Part, ...], folder: str) -> list[Step]:
    """What brings the entry back when the jail itself is gone one day."""
    config, stamp = case.config, case.config.stamp or FileStamp(0, 0)
    record = trash.Record(
        name=case.jail.name,
        dataset=case.jail.dataset,
        ran=case.jail.running,
        config_path=guards.source(config),
        start_with=config.path,
        mode=stamp.mode & 0o7777,
        owner=(stamp.uid, stamp.gid),
        params=dict(config.params),
        boot_list=case.inventory.boot_list,
        parts=records,
        because=because,
        kept=tuple(one.guid for one in case.kept),
    )
    steps = [own.make_dir(folder)]
    alone = config.alone and guards.source(config) != "/etc/jail.conf"
    if alone and config.text is not None:
        path = f"{folder}/{trash.CONFIG}"
        steps.append(files.new_file(path, config.text, 0o600, "Keep its configuration"))
    kept = f"{folder}/{trash.RECORD}"
    title = "Keep what tells where it came from"
    return [*steps, files.new_file(kept, trash.to_json(record), 0o600, title)]


def move(case: Case, target: str, asides: list[Step]) -> Step:
    """Rename the jail's dataset into the trash."""
    top = case.parts[0]
    unmounted = {
        step.action.argv[-1]
        for step in asides
        if isinstance(step.action, Run) and step.action.argv[1] == "unmount"
    }
    back = Undo(
        Run(("zfs", "rename", target, top.name)),
        f"Move {top.name} back",
        when=(DatasetIs(target, top.guid), DatasetThere(top.name, there=False)),
        settled=(DatasetIs(top.name, top.guid),),
    )
    # a renamed dataset comes back unmounted (recording 05); those set aside have their own undo
    again = [
        mounts.mount_undo(one.name, one.guid)
        for one in case.parts
        if one.mounted and not one.jailed and one.name not in unmounted
    ]
    inside = mounts.configured(case.inventory, case.config)
    free = (MountedAt(path, there=False) for path in inside)
    return Step(
        Run(("zfs", "rename", top.name, target)),
        f"Move the present state of {case.jail.name} into the trash",
        undo=(back, *again),
        before=(
            JailGone(case.jail.name),
            DatasetIs(top.name, top.guid),
            DatasetThere(target, there=False),
            *free,
        ),
        goal=(DatasetIs(target, top.guid), DatasetThere(top.name, there=False)),
        jail=case.jail.name,
        hint="A process of the host may stand in it: fstat -f tells which.",
    )


def put_back(case: Case, top: Dataset, target: str, *, mount: bool = True) -> list[Step]:
    """What has no such snapshot comes back out of the trash as it is, and is mounted again."""
    old = f"{target}{case.below(top)}"
    step = Step(
        Run(("zfs", "rename", old, top.name)),
        f"Put {top.name} back as it is",
        undo=(
            Undo(
                Run(("zfs", "rename", top.name, old)),
                f"Move {top.name} aside again",
                when=(DatasetIs(top.name, top.guid), DatasetThere(old, there=False)),
                settled=(DatasetIs(old, top.guid),),
            ),
        ),
        before=(DatasetIs(old, top.guid), DatasetThere(top.name, there=False)),
        goal=(DatasetIs(top.name, top.guid),),
        jail=case.jail.name,
    )
    return [step, *(mounted_again(case, top) if mount else ())]


def mounted_again(case: Case, top: Dataset) -> list[Step]:
    """Mount what was mounted of it."""
    return [
        mounts.mount_step(one, case.jail.name)
        for one in case.staying()
        if one.mounted
        and not one.jailed
        and (one.name == top.name or one.name.startswith(f"{top.name}/"))
    ]
