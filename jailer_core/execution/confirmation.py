"""Confirm a change that is waiting for confirmation, from here or over another connection."""

from __future__ import annotations

from contextlib import suppress

from jailer_core.errors import FileFailed
from jailer_core.host import Host
from jailer_core.model import Layout
from jailer_core.operations.connection.guard import FOLDER
from jailer_core.operations.shared.paths import VAR


async def confirm(host: Host, ticket: str) -> None:
    """The host can be reached: what was changed stays. Raises HostError, not when it is over."""
    with suppress(FileFailed):
        await host.remove(ticket)


async def waiting(host: Host, layout: Layout) -> tuple[str, ...]:
    """Tickets of changes that wait to be confirmed, or did when the host went down."""
    folders = [f"{state}/{FOLDER}" for state in dict.fromkeys((VAR, layout.state))]
    return tuple([f"{folder}/{name}" for folder in folders for name in await host.listdir(folder)])
