"""Stop a jail, with the file that it was started with."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jailer_core.model import FileStamp, Inventory, Jail, JailConfig, Owner
from jailer_core.operations import guards
from jailer_core.operations.connection import host_impact
from jailer_core.operations.jails import dependencies, jail_command
from jailer_core.operations.shared import bastille, file_steps, jail_commands, jail_mounts, paths
from jailer_core.operations.shared.leftovers import Leftovers, of_running
from jailer_core.plan import JailRuns, JailStopped, MountedAt, Run, Step, Undo
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize


def take_down(inventory: Inventory, jail: Jail, stopped: Collection[str] = ()) -> Work:
    """Steps and notes that stop a running jail with the file that it was started with.

    `stopped` are jails that the same plan stops before it.
    """
    jid = guards.require_running(jail)
    inside = guards.jails_inside(inventory, jail)
    notes = _children(inside)
    back, undo_back = host_impact.put_back(inventory, jail.name)
    if back:
        notes.append("What the host loses by this is restored right after the stop.")
    if jail.owner is Owner.BASTILLE:
        step = bastille.stop_step(jail, jid, inside)
        return [replace(step, undo=(*undo_back, *step.undo)), *back], notes
    guards.require_addressable(jail.name, starting=False)
    dependencies.require_no_dependents(inventory, jail, stopped)
    config = guards.require_configured(jail)
    kept = paths.started_with(inventory, jail)
    if not kept:
        dependencies.must_be_found(inventory, config)
    # what an edited file says is not what the running jail was made by
    leftovers = Leftovers() if kept else of_running(inventory, config)
    undo = leftovers.undo(jail.name, or_else=(JailRuns(jail.name, jid),))
    file, back_again = kept or config.path, (*undo, *undo_back)
    steps = [_stop_step(file, jail, jid, back_again, inside), *back]
    steps += _datasets_left(inventory, jail, config)
    if kept:
        notes.append(
            f"Its file was edited while it was running: it is stopped with {sanitize(kept)}."
        )
        steps.append(_drop_kept(inventory, kept, jail))
    return steps, notes


def down(inventory: Inventory, jail: Jail, config: JailConfig) -> Work:
    """Stop it when it runs; else clean away what an earlier start left mounted."""
    if jail.running:
        return take_down(inventory, jail)
    return jail_mounts.unmount_left(inventory, config, (JailStopped(jail.name),)), []


def remove(inventory: Inventory, jail: Jail, stopped: Collection[str] = ()) -> Work:
    """Steps and notes that stop a jail without a configuration: nothing can start it again.

    jail(8) takes the name of any jail that runs, and runs no commands of it; its mounts and
    interfaces stay for their owner.
    """
    jid = guards.require_running(jail)
    guards.require_addressable(jail.name, starting=False)
    dependencies.require_no_dependents(inventory, jail, stopped)
    inside = guards.jails_inside(inventory, jail)
    also = f", or {', '.join(map(sanitize, inside))} inside it" if inside else ""
    step = Step(
        Run(("jail", "-v", "-r", *jail_command.named(jail.name))),
        f"Stop {sanitize(jail.name)}",
        timeout=jail_command.STOP_TIMEOUT + jail_command.STOP_MARGIN,
        irreversible_because=(
            f"no configuration file says how {sanitize(jail.name)} was started{also}"
        ),
        preconditions=(JailRuns(jail.name, jid),),
        postconditions=(JailStopped(jail.name),),
        wait_reason=jail_command.stop_wait(jail_command.STOP_TIMEOUT),
        ok_statuses=(0, 1),
        jail=jail.name,
    )
    note = (
        f"{sanitize(jail.name)} has no configuration file: it cannot be started again from "
        "here, and only its processes are cleaned up."
    )
    return [step], [note, *_children(inside)]


def _stop_step(
    file: str, jail: Jail, jid: int, undo: tuple[Undo, ...], inside: tuple[str, ...]
) -> Step:
    config = guards.require_configured(jail)
    limit = jail_command.seconds(config, "stop.timeout", jail_command.STOP_TIMEOUT)
    hooks = jail_command.seconds(config, "exec.timeout", 0.0)
    again = Run(jail_command.argv(file, "-c", jail.name))
    return Step(
        Run(jail_command.argv(file, "-r", jail.name)),
        f"Stop {sanitize(jail.name)}",
        timeout=max(limit, hooks) + jail_command.STOP_MARGIN,
        undo=(*undo, jail_command.start_again(again, jail.name, jid)),
        preconditions=(JailRuns(jail.name, jid),),
        postconditions=(JailStopped(jail.name),),
        wait_reason=jail_command.stop_wait(limit),
        ok_statuses=(0, 1),
        jail=jail.name,
        side_effect=jail_command.stop_trace(jail.name, inside),
        side_effect_if_output=f"{jail.name}: ",
    )


def _datasets_left(inventory: Inventory, jail: Jail, config: JailConfig) -> list[Step]:
    """Unmount what the jail mounted of its datasets and leaves behind: jail(8) does not."""
    return [
        Step(
            Run(("umount", mount.path)),
            f"Unmount {sanitize(mount.device)} from {sanitize(mount.path)}, if the jail has not",
            irreversible_because=f"{sanitize(jail.name)} mounts it itself when it starts",
            side_effect=f"{sanitize(mount.path)} is only mounted again by the jail itself",
            preconditions=(JailStopped(jail.name),),
            postconditions=(MountedAt(mount.path, mounted=False),),
            skip_if=(MountedAt(mount.path, mounted=False),),
            jail=jail.name,
        )
        for mount in reversed(jail_commands.delegated_mounts(inventory, config))
    ]


def _drop_kept(inventory: Inventory, path: str, jail: Jail) -> Step:
    title = f"Remove the saved file that {sanitize(jail.name)} was started with"
    stamp = FileStamp(0, 0, mode=0o600)
    step = file_steps.drop_file(path, inventory.file_texts[path], stamp, title)
    return replace(step, jail=jail.name)


def _children(inside: tuple[str, ...]) -> list[str]:
    listed = ", ".join(map(sanitize, inside))
    return [f"Jails inside it are stopped as well: {listed}."] if inside else []
