"""Undo: a plan from the journal and the present state; and going on with what was cut off.

requests.py    what can be asked for          record.py     a change as the journal tells it
history.py     what it did, step by step      facts.py      states judged from what was read
timeline.py    what will be so while going back, as far as it can be told before
backwards.py   the plan that goes back by the undos of the steps
opposite.py    changes whose opposite is an operation   onwards.py    the rest of a plan
"""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import chain

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.firewall.requests import NatAdd, RdrAdd
from jailer_core.operations.room import Room
from jailer_core.operations.undoing import facts, onwards, opposite
from jailer_core.operations.undoing.backwards import Backwards
from jailer_core.operations.undoing.history import History, history, more_paths
from jailer_core.operations.undoing.prune import prune, prune_needs
from jailer_core.operations.undoing.record import why_no_undo
from jailer_core.operations.undoing.requests import GoOn, Prune, UndoChange
from jailer_core.plan import Needs, Plan, Request

__all__ = ["ROOM", "GoOn", "Prune", "UndoChange"]


def together(*wanted: Needs) -> Needs:
    """All that several need."""

    def union(name: str) -> object:
        values = [getattr(one, name) for one in wanted]
        if isinstance(values[0], bool):
            return any(values)
        return tuple(dict.fromkeys(chain.from_iterable(values)))

    return Needs(**{one.name: union(one.name) for one in fields(Needs)})  # type: ignore[arg-type]


# --- undo ------------------------------------------------------------------------------------


def _needs(inventory: Inventory, request: UndoChange | GoOn) -> Needs:
    files = Needs(files=more_paths(inventory, request.entry))
    try:
        past = history(inventory, request.entry)
        if isinstance(request, GoOn):
            rest = facts.needs(chain(past.states(), onwards.needs(past)))
            return together(files, rest, _anew(inventory, past))
        other = opposite.of(inventory, past, request)
    except Refused:
        # what it was refused for must be known when it is refused in the end
        return together(files, Needs(snapshots=inventory.snapshots is not None))
    more = facts.needs(past.states()) if other is None else opposite.needs(inventory, other)
    # what it is taken back by depends on the rules that are there now
    rules = Needs(firewall=isinstance(past.request, NatAdd | RdrAdd))
    return together(files, more, rules)


def _undo(inventory: Inventory, request: UndoChange) -> Plan:
    past = history(inventory, request.entry)
    why = "" if past.last.cut_off else why_no_undo(past.last)
    if why:
        raise Refused(f"{past.first.title}: {why}", "See what can be undone: activity.")
    other = opposite.of(inventory, past, request)
    if other is None:
        return Backwards(inventory, past).plan(request)
    made = opposite.plan(inventory, other)
    return replace(made, request=request, title=f"Undo: {past.first.title}")


# --- going on --------------------------------------------------------------------------------


def _anew(inventory: Inventory, past: History) -> Needs:
    from jailer_core.operations import needs  # noqa: PLC0415 - it imports this room

    return needs(inventory, past.request)


def _decide(inventory: Inventory, request: object) -> Plan:
    from jailer_core.operations import decide  # noqa: PLC0415 - it imports this room

    assert isinstance(request, Request)  # noqa: S101 - what a plan holds
    return decide(inventory, request)


def _go_on(inventory: Inventory, request: GoOn) -> Plan:
    return onwards.go_on(inventory, history(inventory, request.entry), request, _decide)


ROOM = Room(
    needs={UndoChange: _needs, GoOn: _needs, Prune: prune_needs},
    plans={UndoChange: _undo, GoOn: _go_on, Prune: prune},
)
