"""The plans for one jail: start, stop, restart."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from jailer_core.errors import Already
from jailer_core.model import Inventory, Jail, JailState, Owner
from jailer_core.operations import guards
from jailer_core.operations.jails import dependencies, starting, stopping
from jailer_core.operations.jails.requests import Restart, Start, Stop
from jailer_core.operations.shared import bastille, dataset_copies, paths
from jailer_core.plan import Danger, Needs, Plan, Step
from jailer_core.plan.steps import Work, joined
from jailer_core.text import sanitize


def needs(inventory: Inventory, request: Start | Stop | Restart) -> Needs:
    """What starting or stopping the jail, and the jails that go with it, needs."""
    jail = guards.require_jail(inventory, request.name)
    jails = (*_with_it(inventory, jail, request), jail)
    return Needs.union(needs_of(inventory, other) for other in jails)


def _with_it(inventory: Inventory, jail: Jail, request: Start | Stop | Restart) -> tuple[Jail, ...]:
    """The jails that are started or stopped before it, in that order."""
    if isinstance(request, Start):
        return dependencies.stopped(inventory, jail) if request.dependencies else ()
    return dependencies.running(inventory, jail) if request.dependents else ()


def needs_of(inventory: Inventory, jail: Jail) -> Needs:
    """Saved files of a running jail, and properties of datasets that may have to be mounted."""
    parts = inventory.below(jail.dataset) if jail.dataset and not jail.running else ()
    mounted = all(dataset.mounted for dataset in parts)
    down = () if mounted else tuple(dataset.name for dataset in parts)
    fstab = jail.config.first("mount.fstab") if jail.config else ""
    files = (*paths.running_files(inventory.layout, jail), *((fstab,) if fstab else ()))
    keys = (dataset_copies.key_ask(down),) if down else ()
    return Needs(properties=down, files=files, commands=keys)


def start(inventory: Inventory, request: Start) -> Plan:
    """The plan that starts a jail, if requested after those that it depends on."""
    jail = guards.require_jail(
        inventory, request.name, guards.require_startable, guards.require_stopped
    )
    before = _with_it(inventory, jail, request)
    dependencies.nothing_shared((*before, jail))
    names = [other.name for other in before]
    steps, notes = joined(_up(inventory, other, names) for other in (*before, jail))
    danger = Danger.NONE if len(steps) == 1 else Danger.CHANGES
    title = f"Start {sanitize(jail.name)}{_after(before)}"
    return Plan(request, title, tuple(steps), danger, notes=tuple(notes), jail=jail.name)


def _after(before: Sequence[Jail]) -> str:
    return f" after {', '.join(sanitize(other.name) for other in before)}" if before else ""


def _up(inventory: Inventory, jail: Jail, started: Collection[str]) -> Work:
    guards.require_startable(jail)
    guards.require_stopped(jail)
    if jail.owner is Owner.BASTILLE:
        return [bastille.start_step(jail)], starting.dying(inventory, jail)
    return starting.bring_up(inventory, jail, guards.require_configured(jail), started)


def stop(inventory: Inventory, request: Stop) -> Plan:
    """The plan that stops a jail, if requested after those that depend on it."""
    jail = guards.require_jail(inventory, request.name, guards.require_stoppable)
    if not jail.running:
        dying = " and is dying" if jail.state is JailState.DYING else ""
        raise Already(f"{sanitize(jail.name)} is already stopped{dying}")
    before = _with_it(inventory, jail, request)
    by_hand, stopped = guards.by_hand(jail), [other.name for other in before]
    stop_it = stopping.remove if by_hand else stopping.take_down
    steps, notes = joined((_others_down(inventory, before), stop_it(inventory, jail, stopped)))
    return Plan(
        request,
        f"Stop {sanitize(jail.name)}{_after(before)}",
        tuple(steps),
        Danger.DESTROYS if by_hand else Danger.CHANGES,
        confirm=jail.name if by_hand else "",
        notes=tuple(notes),
        jail=jail.name,
    )


def _others_down(inventory: Inventory, before: Sequence[Jail]) -> Work:
    """Steps and notes that stop jails in that order."""
    names = [other.name for other in before]
    for other in before:
        guards.require_stoppable(other)
    return joined(stopping.take_down(inventory, other, names) for other in before)


def restart(inventory: Inventory, request: Restart) -> Plan:
    """Stop the jail with the file that it was started with, and start it with the current one."""
    jail = guards.require_jail(
        inventory, request.name, guards.require_startable, guards.require_running
    )
    before = _with_it(inventory, jail, request)
    for other in before:
        guards.require_startable(other)
    names = [other.name for other in before]
    others = _others_down(inventory, before)
    steps, notes = joined((others, stopping.take_down(inventory, jail, names)))
    steps += [_up_again(inventory, other) for other in (jail, *reversed(before))]
    also = f" and {', '.join(map(sanitize, names))}" if names else ""
    title = f"Restart {sanitize(jail.name)}{also}"
    return Plan(request, title, tuple(steps), notes=tuple(notes), jail=jail.name)


def _up_again(inventory: Inventory, jail: Jail) -> Step:
    """The step that starts a jail which the same plan stopped."""
    if jail.owner is Owner.BASTILLE:
        return bastille.start_step(jail)
    return starting.start_again(inventory, jail, guards.require_configured(jail))
