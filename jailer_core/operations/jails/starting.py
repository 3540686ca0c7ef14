"""Start a jail: clean up after failed starts, mount what is missing, and know how to undo it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from jailer_core.model import Inventory, Jail, JailConfig, JailState
from jailer_core.operations import guards
from jailer_core.operations.jails import dependencies, jail_command
from jailer_core.operations.shared import dataset_copies, jail_commands, jail_mounts, network_parts
from jailer_core.operations.shared.leftovers import Leftovers, of_running, of_start, path_shared
from jailer_core.operations.steps import zfs as zfs_steps
from jailer_core.plan import (
    NEW_JID,
    CommandSucceeds,
    Condition,
    InterfaceExists,
    InterfaceHasAddress,
    JailRuns,
    JailStopped,
    Run,
    Step,
    Undo,
)
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize


def bring_up(
    inventory: Inventory, jail: Jail, config: JailConfig, started: Collection[str] = ()
) -> Work:
    """Steps and notes that clean up after failed starts, mount what is not, and start.

    `started` are jails that the same plan starts before it.
    """
    guards.require_addressable(jail.name, starting=True)
    dependencies.must_be_found(inventory, config)
    dependencies.must_run(inventory, config, started)
    jail_commands.in_no_other(inventory, jail.name, config)
    steps = clean_up(inventory, jail.name, config)
    steps += _mount_all(inventory, jail)
    remains = of_start(inventory, config, steps)
    steps.append(start_step(config.path, jail.name, config, remains))
    notes = dying(inventory, jail)
    if inventory.interfaces is None:
        notes.append("Interfaces could not be read: it is unknown whether its addresses are free.")
    return steps, notes


def start_again(inventory: Inventory, jail: Jail, config: JailConfig) -> Step:
    """The step that starts a jail which the same plan stopped."""
    guards.require_addressable(jail.name, starting=True)
    dependencies.must_be_found(inventory, config)
    dependencies.must_run(inventory, config)
    network_parts.not_taken(inventory, jail.name, config)
    return start_step(config.path, jail.name, config, of_running(inventory, config))


def clean_up(inventory: Inventory, name: str, config: JailConfig) -> list[Step]:
    """Steps that remove what failed starts left: epairs, addresses, devfs mounts.

    Raises Refused when an epair or an address that it wants is in use.
    """
    jail_stoppeds: tuple[Condition, ...] = (JailStopped(name),)
    steps = [
        Step(
            Run(("ifconfig", end, "destroy")),
            f"Destroy {end} and {end[:-1]}b, left over from an earlier start",
            irreversible_because=_left_over(inventory, end),
            preconditions=(*jail_stoppeds, InterfaceExists(end)),
            postconditions=(InterfaceExists(end, exists=False),),
            jail=name,
        )
        for end in network_parts.left_pairs(inventory, name, config)
    ]
    steps += [
        _drop_alias(alias, name) for alias in network_parts.left_aliases(inventory, name, config)
    ]
    if not path_shared(inventory, config):
        steps += jail_mounts.unmount_left(inventory, config, jail_stoppeds)
    return steps


def _left_over(inventory: Inventory, end: str) -> str:
    bridges = [
        interface.name for interface in inventory.interfaces or () if end in interface.members
    ]
    where = f" (this one is in {', '.join(bridges)})" if bridges else ""
    return f"the jail creates a new pair when it starts{where}"


def _drop_alias(alias: network_parts.Alias, name: str) -> Step:
    has_address = InterfaceHasAddress(alias.interface, alias.address)
    away = InterfaceHasAddress(alias.interface, alias.address, present=False)
    return Step(
        Run(alias.argv(add=False)),
        f"Remove {alias.address} from {alias.interface}, left over from an earlier start",
        undo=(
            Undo(
                Run(alias.argv(add=True)),
                f"Put {alias.address} back on {alias.interface}",
                preconditions=(away,),
                done_when=(has_address,),
            ),
        ),
        preconditions=(JailStopped(name), has_address),
        postconditions=(away,),
        jail=name,
    )


def _mount_all(inventory: Inventory, jail: Jail) -> list[Step]:
    if not jail.dataset:
        return []
    never = {
        prop.dataset
        for prop in inventory.properties or ()
        if prop.name == "canmount" and prop.value in ("off", "noauto")
    }
    known = inventory.properties is not None
    parts = inventory.below(jail.dataset)
    unmounted = [
        dataset
        for dataset in parts
        if not dataset.mounted
        and not dataset.jailed
        and dataset.mountpoint.startswith("/")
        and dataset.name not in never
        and (known or dataset.name == jail.dataset)
    ]
    question = dataset_copies.key_ask(dataset.name for dataset in parts)
    dataset_copies.key_loaded(inventory, question, (dataset.name for dataset in unmounted))
    return [zfs_steps.mount(dataset.name, dataset.guid, jail.name) for dataset in unmounted]


def start_step(file: str, name: str, config: JailConfig, remains: Leftovers) -> Step:
    """The start itself; `remains` is what it creates, and what its undo removes."""
    limit = max(jail_command.START_TIMEOUT, jail_command.seconds(config, "exec.timeout", 0.0) + 60)
    step = Step(
        Run(jail_command.argv(file, "-c", name)),
        f"Start {sanitize(name)}",
        timeout=limit,
        undo=_undo_start(file, name, config, remains),
        preconditions=(
            JailStopped(name),
            *(InterfaceExists(end, exists=False) for end in remains.ends),
        ),
        postconditions=(JailRuns(name),),
        wait_reason="its services start; an interface that asks for DHCP takes up to 30 s",
        jail=name,
        side_effect=_start_trace(name, config),
        log=config.first("exec.consolelog"),
        side_effect_if_output=f"{name}: created",
    )
    return _forgets_limits(step, config)


def _forgets_limits(step: Step, config: JailConfig) -> Step:
    """A start that fails late has set limits already, and no hook takes them away."""
    name = config.name
    if not any("rctl -a " in line for line in config.params.get("exec.created", ())):
        return step
    subject = f"jail:{name}"
    none = CommandSucceeds(("rctl", subject), "")
    undo = Undo(
        Run(("rctl", "-r", subject)),
        f"Remove the limits of {sanitize(name)}",
        preconditions=(JailStopped(name), replace(none, succeeds=False)),
        done_when=(none,),
    )
    return replace(step, undo=(*step.undo, undo))


def _start_trace(name: str, config: JailConfig) -> str:
    log = config.first("exec.consolelog")
    where = f"{sanitize(log)} and " if log else ""
    path = sanitize(config.root)
    return f"the start of {sanitize(name)} has written to {where}files below {path}"


def _undo_start(file: str, name: str, config: JailConfig, remains: Leftovers) -> tuple[Undo, ...]:
    new, jail_stopped = JailRuns(name, NEW_JID), JailStopped(name)
    limit = (
        jail_command.seconds(config, "stop.timeout", jail_command.STOP_TIMEOUT)
        + jail_command.STOP_MARGIN
    )
    force = ("jail", "-R", *jail_command.named(name))
    stop = Run(jail_command.argv(file, "-r", name))
    remove = f"Remove {sanitize(name)} without its stop commands"
    undo = [
        Undo(stop, f"Stop {sanitize(name)} again", (new,), (jail_stopped,), limit),
        Undo(Run(force), remove, (new,), (jail_stopped,)),
    ]
    made = [replace(reversal, created_if_output=f"{name}: created") for reversal in undo]
    return (*made, *remains.undo(name, starting=True))


def dying(inventory: Inventory, jail: Jail) -> list[str]:
    """Notes on earlier jails of that name that are still dying."""
    return [
        f"An earlier {sanitize(jail.name)} (jid {other.jid}) is still dying; "
        "since FreeBSD 15 a new one can start in the meantime."
        for other in inventory.jails
        if other.name == jail.name and other.state is JailState.DYING
    ]
