"""Guard the admin's connection: a plan that may cut it reverts itself unless someone confirms.

Before the first step that touches it, a program is started on the host (jailer_core.watchdog),
which outlives this one; after the last one the plan waits for a confirmation. Both go by
one file, the ticket: a confirmation removes it. No confirmation within SECONDS takes
everything back: by this program where it still runs, else by the one on the host.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace

from jailer_core.model import Inventory, Layout
from jailer_core.operations.connection import host_impact, impact
from jailer_core.plan import (
    AwaitConfirmation,
    Danger,
    PathExists,
    Plan,
    RemoveFile,
    Run,
    Step,
    Undo,
    encode,
)
from jailer_core.ssh_client import Connection
from jailer_core.text import sanitize

SECONDS = 60.0
STILL = "still connected? Without confirmation all of this is undone"
FOLDER = "revert"


def guarded(inventory: Inventory, plan: Plan) -> Plan:
    """The plan as it is, or with its guard where it touches the present connection.

    Where the host loses an address or route of its own, that is said and must be confirmed, also
    when the user is not connected over it.
    """
    if not plan.steps:
        return plan
    losses = host_impact.losses(inventory, plan)
    told = dict.fromkeys(sentence for sentences in losses.values() for sentence in sentences)
    if told:
        plan = replace(
            plan,
            steps=tuple(
                host_impact.restoring(inventory, step) if place in losses else step
                for place, step in enumerate(plan.steps)
            ),
            danger=Danger.DESTROYS,
            confirm=plan.confirm or inventory.host.hostname,
            notes=(*told, *plan.notes),
        )
    connection = inventory.ssh_client
    if connection is None:
        return plan
    way = impact.way(inventory, connection, plan)
    places = sorted({*impact.touching(inventory, way, plan), *losses})
    return _with_guard(inventory, connection, way, plan, places) if places else plan


def _with_guard(
    inventory: Inventory,
    connection: Connection,
    way: impact.ConnectionPath,
    plan: Plan,
    places: list[int],
) -> Plan:
    first, last = places[0], places[-1]
    ticket = f"{folder(inventory.layout)}/{_mark(plan)}"
    steps = (
        *plan.steps[:first],
        _begin(inventory, connection, ticket),
        *plan.steps[first : last + 1],
        _hold(ticket),
        *plan.steps[last + 1 :],
    )
    confirm = plan.confirm or way.card or inventory.host.hostname
    notes = (*_notes(connection, way.card), *plan.notes)
    return replace(plan, steps=steps, danger=Danger.DESTROYS, confirm=confirm, notes=notes)


def folder(layout: Layout) -> str:
    """The directory of tickets."""
    return f"{layout.state}/{FOLDER}"


def _mark(plan: Plan) -> str:
    """The same for the same steps: a plan that is made again has the same ticket.

    When it is made again, its staged files are there.
    """
    text = json.dumps([plan.title, encode(plan.steps[plan.staged :])], sort_keys=True)
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:12]


def _notes(connection: Connection, card: str) -> tuple[str, ...]:
    over = f" over {sanitize(card)}" if card else ""
    return (
        f"This may cut your own connection from {connection.client}{over}.",
        (
            f"The host undoes all of it unless you confirm within {SECONDS:g} s, "
            "even if this program is no longer running."
        ),
    )


def _begin(inventory: Inventory, connection: Connection, ticket: str) -> Step:
    state, _, mark = ticket.rpartition(f"/{FOLDER}/")
    return Step(
        Run((*connection.reverter, state, mark, f"{SECONDS:g}")),
        "Arm the watchdog, which undoes the following steps without confirmation",
        undo=(
            Undo(
                RemoveFile(ticket),
                "Disarm the watchdog",
                preconditions=(PathExists(ticket),),
                done_when=(PathExists(ticket, exists=False),),
            ),
        ),
        postconditions=(PathExists(ticket),),
        failure_means=f"the watchdog could not be started on {sanitize(inventory.host.hostname)}",
    )


def _hold(ticket: str) -> Step:
    return Step(
        AwaitConfirmation(ticket, SECONDS),
        "Wait for confirmation",
        timeout=SECONDS,
        wait_reason=STILL,
        postconditions=(PathExists(ticket, exists=False),),
    )
