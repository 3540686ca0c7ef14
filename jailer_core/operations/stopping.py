"""Stop a jail, with the file that it was started with."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, Owner
from jailer_core.operations import bastille, guards, host_impact, jail8, places, stopped
from jailer_core.operations.guards import named
from jailer_core.operations.remains import Remains, of_running
from jailer_core.plan import JailGone, JailIs, PathThere, RemoveFile, Run, Step, Undo, WriteFile


def take_down(inventory: Inventory, jail: Jail) -> tuple[list[Step], list[str]]:
    """Steps and notes that stop a running jail with the file that it was started with."""
    jid = guards.running(jail)
    notes = _children(inventory, jail)
    back, undo_back = host_impact.put_back(inventory, jail.name)
    if back:
        notes.append("What the host loses by it is put back right after the stop.")
    if jail.owner is Owner.BASTILLE:
        step = bastille.stop_step(jail, jid)
        return [replace(step, undo=(*undo_back, *step.undo)), *back], notes
    guards.addressable(jail.name, starting=False)
    _nobody_depends(inventory, jail)
    config = guards.configured(jail)
    kept = places.started_with(inventory, jail)
    # what an edited file says is not what the running jail was made by
    left = Remains() if kept else of_running(inventory, config)
    undo = left.undo(jail.name, or_else=(JailIs(jail.name, jid),))
    steps = [_stop_step(kept or config.path, jail, jid, (*undo, *undo_back)), *back]
    if kept:
        notes.append(f"Its file was edited while it ran: it is stopped with {named(kept)}.")
        steps.append(_drop_kept(inventory, kept, jail))
    return steps, notes


def remove(inventory: Inventory, jail: Jail) -> tuple[list[Step], list[str]]:
    """Steps and notes that stop a jail without a configuration: nothing can start it again.

    jail(8) takes the name of any jail that runs, and runs no commands of it; its mounts and
    interfaces stay for whoever made them.
    """
    jid = guards.running(jail)
    guards.addressable(jail.name, starting=False)
    _nobody_depends(inventory, jail)
    guard = ("--",) if jail.name.startswith("-") else ()
    step = Step(
        Run(("jail", "-v", "-r", *guard, jail.name)),
        f"Stop {named(jail.name)}",
        timeout=jail8.STOP_TIMEOUT + jail8.STOP_MARGIN,
        lasting="no configuration file tells how it was started",
        before=(JailIs(jail.name, jid),),
        goal=(JailGone(jail.name),),
        wait=stopped.stop_wait(jail8.STOP_TIMEOUT),
        ok=(0, 1),
        jail=jail.name,
    )
    note = (
        f"{named(jail.name)} has no configuration file: it cannot be started again from here, "
        "and nothing of it but its processes is cleaned up."
    )
    return [step], [note, *_children(inventory, jail)]


def _stop_step(file: str, jail: Jail, jid: int, undo: tuple[Undo, ...]) -> Step:
    config = guards.configured(jail)
    limit = jail8.seconds(config, "stop.timeout", jail8.STOP_TIMEOUT)
    hooks = jail8.seconds(config, "exec.timeout", 0.0)
    again = Run(jail8.argv(file, "-c", jail.name))
    return Step(
        Run(jail8.argv(file, "-r", jail.name)),
        f"Stop {named(jail.name)}",
        timeout=max(limit, hooks) + jail8.STOP_MARGIN,
        undo=(*undo, stopped.start_again(again, jail.name, jid)),
        before=(JailIs(jail.name, jid),),
        goal=(JailGone(jail.name),),
        wait=stopped.stop_wait(limit),
        ok=(0, 1),
        jail=jail.name,
        trace=stopped.stop_trace(jail.name),
        mark=f"{jail.name}: ",
    )


def _drop_kept(inventory: Inventory, path: str, jail: Jail) -> Step:
    text = inventory.kept[path]
    return Step(
        RemoveFile(path, before=text),
        f"Forget the file that {named(jail.name)} was started with",
        undo=(
            Undo(
                WriteFile(path, text, mode=0o600),
                f"Keep {named(path)} again",
                when=(PathThere(path, there=False),),
                settled=(PathThere(path),),
            ),
        ),
        jail=jail.name,
    )


def _children(inventory: Inventory, jail: Jail) -> list[str]:
    inside = [one.name for one in inventory.jails if one.parent == jail.name]
    return [f"Jails inside it end as well: {', '.join(map(named, inside))}."] if inside else []


def _nobody_depends(inventory: Inventory, jail: Jail) -> None:
    for one in inventory.jails:
        depends = one.config.params.get("depend", ()) if one.config else ()
        if one.running and one.name != jail.name and jail.name in depends:
            raise Refused(
                f"{named(one.name)} runs and depends on {named(jail.name)}",
                f"Stop {named(one.name)} first.",
            )
