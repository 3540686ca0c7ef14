"""Settings lost with the datasets that an undo destroys, for its preview."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jailer_core.model import Inventory
from jailer_core.operations.snapshots import bookmarks
from jailer_core.operations.undo.entry import destroyed
from jailer_core.parse import zfs
from jailer_core.plan import Action, Needs, Step
from jailer_core.plan.actions import argv_of
from jailer_core.text import sanitize

SHOWN = 6
"""How many properties a note names."""


def needs(actions: Iterable[Action]) -> Needs:
    """What is set on the datasets that these actions destroy, and who has permissions there."""
    names = dict.fromkeys(filter(None, map(destroyed, actions)))
    asked = (ask for name in names for ask in (_properties(name), bookmarks.allow_ask(name)))
    return Needs(commands=tuple(asked))


def notes(inventory: Inventory, done: Iterable[Step], steps: Iterable[Step]) -> Iterator[str]:
    """One for each dataset that `steps` destroy and on which more is set than `done` has set."""
    own = {word for step in done for word in _options(step.action)}
    for name in dict.fromkeys(filter(None, (destroyed(step.action) for step in steps))):
        allowed = bookmarks.allowed(inventory, name)
        lost = [*_set(inventory, name, own), *(f"permissions of {who}" for who in allowed)]
        if lost:
            more = f" and {len(lost) - SHOWN} more" if len(lost) > SHOWN else ""
            shown = ", ".join(map(sanitize, lost[:SHOWN]))
            yield f"{sanitize(name)} is destroyed with what was set on it: {shown}{more}"


def _options(action: Action) -> Iterator[str]:
    """The properties that a command sets, as PROPERTY=VALUE."""
    argv = argv_of(action)
    if argv[:1] in (("zfs",), ("zpool",)):
        yield from (word for word in argv[2:] if "=" in word)


def _properties(name: str) -> tuple[str, ...]:
    """Recording 14 of 15.0."""
    columns = ",".join(zfs.PROPERTIES)
    return ("zfs", "get", "-Hp", "-s", "local,received", "-o", columns, "all", name)


def _set(inventory: Inventory, name: str, own: set[str]) -> Iterator[str]:
    for row in zfs.properties(inventory.output(_properties(name)) or "").value:
        setting = f"{row.name}={row.value}"
        if row.dataset == name and setting not in own:
            yield setting
