"""Read earlier changes, newest first, and only as many as are needed."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import HostError
from jailer_core.host import Host
from jailer_core.journal_peek import names, order
from jailer_core.model import Layout
from jailer_core.operations.undo import entry as record
from jailer_core.operations.undo.entry import SUFFIX, Entry, Process
from jailer_core.operations.undo.requests import Resume, UndoChange

AFTERWARDS = (UndoChange, Resume)


async def read_path(host: Host, path: str) -> Entry | None:
    """One of them; None when it cannot be read."""
    try:
        return record.parse(path, await host.read(path))
    except HostError:
        return None


async def entries(host: Host, layout: Layout) -> tuple[Entry, ...]:
    """All plans that were ever written down, oldest first; what cannot be read is left out."""
    entries = [await read_path(host, path) for path in await names(host, layout)]
    whole = [entry for entry in entries if entry is not None]
    return tuple(sorted(whole, key=lambda entry: order(entry.id)))


async def entry(host: Host, layout: Layout, entry_id: str) -> Entry | None:
    """The one of that id."""
    for path in await names(host, layout):
        if path.endswith(f"/{entry_id}{SUFFIX}"):
            return await read_path(host, path)
    return None


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Changes without a recorded end, the newest first; never empty.

    There are several when undoing or resuming one was interrupted too.
    """

    entries: tuple[Entry, ...]

    @property
    def target(self) -> Entry:
        """The one that is to be undone or resumed: an undo is done again from its own."""
        candidates = (entry for entry in self.entries if not isinstance(entry.request, UndoChange))
        return next(candidates, self.entries[0])

    @property
    def running(self) -> tuple[Process, ...]:
        """Processes that were begun and may still run."""
        return tuple(process for entry in self.entries for process in entry.running)


async def find_interrupted(host: Host, layout: Layout) -> Interrupted | None:
    """The changes without an end. They may still run: hold the lock, or see aftermath.look.

    Only what undoes or resumes an older change is allowed while there is one, so as soon
    as anything else has an end, all before it have. Raises HostError: what cannot be read may
    have begun something.
    """
    entries: list[Entry] = []
    for path in await names(host, layout):
        entry = record.parse(path, await host.read(path))
        if entry is None:
            continue  # not even its plan was written down: nothing was begun
        if entry.interrupted:
            entries.append(entry)
        if not isinstance(entry.request, AFTERWARDS):
            break
    return Interrupted(tuple(entries)) if entries else None
