"""Undo a change, or resume one that was interrupted: what it needs, and its plan."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import chain

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import registry
from jailer_core.operations.firewall.requests import NatAdd, RdrAdd
from jailer_core.operations.guards import named
from jailer_core.operations.requests import Destroy
from jailer_core.operations.undoing import facts, onwards, opposite
from jailer_core.operations.undoing.backwards import Backwards
from jailer_core.operations.undoing.history import history, more_paths
from jailer_core.operations.undoing.record import why_no_undo
from jailer_core.operations.undoing.requests import GoOn, UndoChange
from jailer_core.plan import Needs, Plan


def together(*wanted: Needs) -> Needs:
    """All that several need."""

    def union(name: str) -> object:
        values = [getattr(one, name) for one in wanted]
        if isinstance(values[0], bool):
            return any(values)
        return tuple(dict.fromkeys(chain.from_iterable(values)))

    return Needs(**{one.name: union(one.name) for one in fields(Needs)})  # type: ignore[arg-type]


# --- undo ------------------------------------------------------------------------------------


def needs(inventory: Inventory, request: UndoChange | GoOn) -> Needs:
    """The journal of the change, and what its conditions are judged from."""
    files = Needs(files=more_paths(inventory, request.entry))
    try:
        past = history(inventory, request.entry)
        if isinstance(request, GoOn):
            rest = facts.needs(chain(past.states(), onwards.needs(past)))
            return together(files, rest, registry.needs(inventory, past.request))
        other = opposite.of(inventory, past, request)
    except Refused:
        # what it was refused for must be known when it is refused in the end
        return together(files, Needs(snapshots=inventory.snapshots is not None))
    more = facts.needs(past.states()) if other is None else registry.needs(inventory, other)
    # what it is taken back by depends on the rules that are there now
    rules = Needs(firewall=isinstance(past.request, NatAdd | RdrAdd))
    return together(files, more, rules)


def undo(inventory: Inventory, request: UndoChange) -> Plan:
    """The plan that undoes a change. Raises Refused when that is not possible."""
    past = history(inventory, request.entry)
    why = "" if past.last.cut_off else why_no_undo(past.last)
    if why:
        raise Refused(f"{past.first.title}: {why}", "See what can be undone: activity.")
    other = opposite.of(inventory, past, request)
    if other is None:
        return Backwards(inventory, past).plan(request)
    made = registry.plan(inventory, other)
    notes = made.notes
    if isinstance(other, Destroy):
        notes = (f"{named(other.name)} goes into the trash with all that is in it by now.", *notes)
    return replace(made, request=request, title=f"Undo: {past.first.title}", notes=notes)


# --- going on --------------------------------------------------------------------------------


def go_on(inventory: Inventory, request: GoOn) -> Plan:
    """The plan that does what is left of an interrupted change."""
    return onwards.go_on(inventory, history(inventory, request.entry), request, registry.decide)
