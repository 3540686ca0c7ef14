"""Packages that no longer fit a jail once it has moved to another base, and how to replace them.

Packages are built for a major version (their ABI). pkg(8) runs in the jail, so they can only be
replaced once it runs on its new base: that is a step of its own, after the move.
"""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_core.operations.guards import word
from jailer_core.operations.images import releases
from jailer_core.operations.in_jail.requests import Packages
from jailer_core.operations.updates.bases import Move
from jailer_core.operations.updates.packages import database
from jailer_core.operations.updates.requests import Rebase
from jailer_core.plan import Plan

BUILT = "Its packages were built for FreeBSD "


def notes(inventory: Inventory, made: Move) -> list[str]:
    """What a plan says of packages that will not fit."""
    if database(made.jail.path) not in inventory.file_stats:
        return []
    old = releases.number(made.jail.userland or made.jail.release)
    new = releases.number(made.new.userland or made.new.version)
    if old is None or new is None or old[0] == new[0]:
        return []
    return [f"{BUILT}{old[0]}; replace them afterwards: {command(made.jail.name)}"]


def command(name: str) -> str:
    """What replaces them, on the command line."""
    return f"pkg {word(name)} --snapshot -- upgrade -f"


def upgrade(plan: Plan) -> Packages | None:
    """What replaces the packages after a plan was run; None where they fit."""
    if not isinstance(plan.request, Rebase) or not any(
        note.startswith(BUILT) for note in plan.notes
    ):
        return None
    return Packages((plan.request.name,), "upgrade", ("-f",), snapshot=True)
