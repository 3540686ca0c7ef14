"""Remove the records of old changes: only when asked to."""

from __future__ import annotations

import re

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.shared import file_steps, paths
from jailer_core.operations.undo.requests import Prune
from jailer_core.plan import Needs, Plan
from jailer_core.text import counted

_FILE = re.compile(r"\d{8}T\d{6}Z-[A-Za-z0-9_.-]+\.jsonl", re.ASCII)


def needs(_inventory: Inventory, request: Prune) -> Needs:
    """Which of the files exist."""
    return Needs(paths=request.paths)


def prune(inventory: Inventory, request: Prune) -> Plan:
    """The plan that removes old records."""
    folders = {f"{state}/journal" for state in paths.states(inventory.layout)}
    steps = []
    for path in request.paths:
        folder, _, name = path.rpartition("/")
        if folder not in folders or not _FILE.fullmatch(name):
            raise Refused(f"{path} is not a journal file")
        if path in inventory.file_stats:
            because = "a removed record cannot be restored"
            steps.append(file_steps.remove_for_good(path, f"Remove {name}", because))
    count = len(steps)
    message = f"the records of {counted(count, 'change')}"
    return Plan(
        request,
        f"Remove {message} older than {request.days} days" if count else "Remove old records",
        tuple(steps),
        notes=("Removed changes can no longer be undone or shown.",) if count else (),
    )
