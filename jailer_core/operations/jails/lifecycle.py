"""The plans for one jail: start, stop, restart."""

from __future__ import annotations

from jailer_core.errors import Already
from jailer_core.model import Inventory, Jail, JailState, Owner
from jailer_core.operations import guards
from jailer_core.operations.guards import named
from jailer_core.operations.jails import starting, stopping
from jailer_core.operations.jails.requests import Restart, Start, Stop
from jailer_core.operations.shared import bastille, network_parts, paths
from jailer_core.operations.shared.leftovers import of_running
from jailer_core.plan import Danger, Needs, Plan


def needs(inventory: Inventory, request: Start | Stop | Restart) -> Needs:
    """What starting and stopping the jail needs to know."""
    return needs_of(inventory, guards.require_jail(inventory, request.name))


def needs_of(inventory: Inventory, jail: Jail) -> Needs:
    """Kept files of a running jail; properties of datasets that may have to be mounted."""
    parts = inventory.below(jail.dataset) if jail.dataset and not jail.running else ()
    down = (
        [dataset.name for dataset in parts] if any(not dataset.mounted for dataset in parts) else []
    )
    fstab = jail.config.first("mount.fstab") if jail.config else ""
    files = (*paths.running_files(inventory.layout, jail), *((fstab,) if fstab else ()))
    return Needs(properties=tuple(down), files=files)


def start(inventory: Inventory, request: Start) -> Plan:
    """The plan that starts a jail."""
    jail = guards.require_jail(inventory, request.name)
    guards.require_startable(jail)
    guards.require_stopped(jail)
    if jail.owner is Owner.BASTILLE:
        steps, notes = [bastille.start_step(jail)], starting.dying(inventory, jail)
    else:
        steps, notes = starting.bring_up(inventory, jail, guards.require_configured(jail))
    danger = Danger.NONE if len(steps) == 1 else Danger.CHANGES
    title = f"Start {named(jail.name)}"
    return Plan(request, title, tuple(steps), danger, notes=tuple(notes), jail=jail.name)


def stop(inventory: Inventory, request: Stop) -> Plan:
    """The plan that stops a jail."""
    jail = guards.require_jail(inventory, request.name)
    guards.require_stoppable(jail)
    if not jail.running:
        dying = " and is dying" if jail.state is JailState.DYING else ""
        raise Already(f"{named(jail.name)} is already stopped{dying}")
    title = f"Stop {named(jail.name)}"
    if guards.by_hand(jail):
        steps, notes = stopping.remove(inventory, jail)
        return Plan(
            request,
            title,
            tuple(steps),
            Danger.DESTROYS,
            confirm=jail.name,
            notes=tuple(notes),
            jail=jail.name,
        )
    steps, notes = stopping.take_down(inventory, jail)
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def restart(inventory: Inventory, request: Restart) -> Plan:
    """Stop with the file that it was started with, start with the present one."""
    jail = guards.require_jail(inventory, request.name)
    guards.require_startable(jail)
    guards.require_running(jail)
    steps, notes = stopping.take_down(inventory, jail)
    if jail.owner is Owner.BASTILLE:
        steps.append(bastille.start_step(jail))
    else:
        config = guards.require_configured(jail)
        guards.require_addressable(jail.name, starting=True)
        starting.needs_others(inventory, jail, config)
        network_parts.not_taken(inventory, jail.name, config)
        made = of_running(inventory, config)
        steps.append(starting.start_step(config.path, jail.name, config, made))
    title = f"Restart {named(jail.name)}"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)
