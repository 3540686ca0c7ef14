"""Undo a change, or resume one that was interrupted: what it needs, and its plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import registry
from jailer_core.operations.jails.requests import Destroy
from jailer_core.operations.network.translations.requests import NatAdd, RedirectAdd
from jailer_core.operations.undo import inverse, jail_file, resume, settings_lost
from jailer_core.operations.undo.entry import why_no_undo
from jailer_core.operations.undo.history import History, history, more_paths
from jailer_core.operations.undo.requests import Resume, UndoChange
from jailer_core.operations.undo.reverse_plan import ReversePlan
from jailer_core.plan import Needs, Plan
from jailer_core.plan.actions import argv_of
from jailer_core.plan.conditions import needs_of
from jailer_core.plan.conditions.end_of_use import files_of_package
from jailer_core.text import sanitize

# --- undo ------------------------------------------------------------------------------------


def needs(inventory: Inventory, request: UndoChange | Resume) -> Needs:
    """The journal of the change, and what its conditions are judged from."""
    files = Needs(files=more_paths(inventory, request.entry))
    try:
        past = history(inventory, request.entry)
        if isinstance(request, Resume):
            rest = needs_of(chain(past.states(), resume.needs(past)))
            return files | rest | registry.needs(inventory, past.request)
        other = inverse.of(inventory, past, request)
    except Refused:
        # what it was refused for must be known when it is refused in the end
        return files | Needs(snapshots=inventory.snapshots is not None)
    undos = [undo.action for did in past.steps for undo in did.step.undo]
    if other is None:
        more = needs_of(past.states()) | jail_file.needs(inventory, undos)
    else:
        more = registry.needs(inventory, other)
    # what it is taken back by depends on the rules that are there now
    rules = Needs(firewall=isinstance(past.request, NatAdd | RedirectAdd))
    # some files of packages may lie in directories that are removed
    words = [argv for argv in map(argv_of, undos) if argv[:2] == ("pkg", "delete")]
    packages = Needs(commands=tuple(files_of_package(argv[-1]) for argv in words))
    return files | more | rules | packages | settings_lost.needs(undos)


def undo(inventory: Inventory, request: UndoChange) -> Plan:
    """The plan that undoes a change. Raises Refused when that is not possible."""
    past = history(inventory, request.entry)
    why = "" if past.last.interrupted else why_no_undo(past.last)
    if why:
        raise Refused(f"{past.first.title}: {why}", "See what can be undone: activity")
    other = inverse.of(inventory, past, request)
    if other is None:
        made = ReversePlan(inventory, past).plan(request)
        return replace(made, notes=(*made.notes, *_lost(inventory, past, made)))
    made = registry.plan(inventory, other)
    notes = (*made.notes, *_lost(inventory, past, made))
    if isinstance(other, Destroy):
        notes = (f"{sanitize(other.name)} goes to the trash with its current content.", *notes)
    return replace(made, request=request, title=f"Undo: {past.first.title}", notes=notes)


def _lost(inventory: Inventory, past: History, made: Plan) -> Iterator[str]:
    done = (executed_step.step for executed_step in past.steps)
    return settings_lost.notes(inventory, done, made.steps)


# --- going on --------------------------------------------------------------------------------


def go_on(inventory: Inventory, request: Resume) -> Plan:
    """The plan that does what is left of an interrupted change."""
    return resume.resume(inventory, history(inventory, request.entry), request, registry.decide)
