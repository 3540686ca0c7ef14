"""The history of a change, step by step, from its journal, including changes that resumed it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.shared import paths as places
from jailer_core.operations.undo.entry import SUFFIX, Entry, parse, unknown_plan
from jailer_core.operations.undo.requests import Resume
from jailer_core.operations.undo.requirements import conditions
from jailer_core.plan import (
    NEW_GUID,
    NEW_JID,
    CommandSucceeds,
    Condition,
    DatasetHasGuid,
    JailRuns,
    Plan,
    Request,
    Step,
)
from jailer_core.plan.actions import argv_of
from jailer_core.text import sanitize

_LABEL = 256 * 1024
"""Bytes of a label of ZFS; the first one stands at the beginning of a disk or file."""
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExecutedStep:
    """A step that was begun; `doubt`: no record says that it was done.

    `spawned`: its processes were written down. `known` tells of undos whether the step made what
    they remove.
    """

    step: Step
    doubt: bool
    spawned: bool = False
    known: Mapping[int, bool] = field(default_factory=dict)

    def ours(self, number: int) -> bool | None:
        """Whether this step created what the undo removes; None without evidence."""
        known = self.known.get(number)
        return known is not False if self.step.undo[number].created_if_output is None else known


@dataclass(frozen=True, slots=True)
class History:
    """A change with what went on with it, the first one first.

    `jids` are the last that were seen of each jail, where one was; `made` are the guids of the
    datasets that it made.
    """

    entries: tuple[Entry, ...]
    steps: tuple[ExecutedStep, ...]
    jids: Mapping[str, int | None]
    made: Mapping[str, str]

    @property
    def first(self) -> Entry:
        """The change itself."""
        return self.entries[0]

    @property
    def last(self) -> Entry:
        """The change, or the last one that resumed it."""
        return self.entries[-1]

    @property
    def request(self) -> Request:
        """The first request."""
        return plan_of(self.first).request

    def states(self) -> Iterator[Condition]:
        """All conditions that its undo asks about."""
        for executed_step in self.steps:
            yield from executed_step.step.preconditions
            yield from executed_step.step.postconditions
            for undo in executed_step.step.undo:
                yield from (
                    *conditions(executed_step.step, undo),
                    *undo.done_when,
                    *undo.or_done_when,
                )
            path = pool_file(executed_step.step)
            if path and executed_step.doubt:
                yield has_no_pool(path)


def pool_file(step: Step) -> str:
    """The file in which a step creates a pool, or ""."""
    argv = argv_of(step.action)
    return argv[-1] if argv[:2] == ("zpool", "create") else ""


def has_no_pool(path: str) -> Condition:
    """Whether that file never became part of a pool: its first label is still all zeros.

    `cmp --bytes` is not recorded: from its manual page.
    """
    return CommandSucceeds(("cmp", "-s", "-n", str(_LABEL), path, "/dev/zero"))


def paths(inventory: Inventory, entry_id: str) -> tuple[str, ...]:
    """The possible paths of the journal with that id. Raises Refused for an invalid id."""
    if not _ID.fullmatch(entry_id):
        raise Refused(f"there is no change {sanitize(entry_id)}", "See all changes: activity")
    return tuple(f"{state}/journal/{entry_id}{SUFFIX}" for state in places.states(inventory.layout))


def find(inventory: Inventory, entry_id: str) -> Entry:
    """The change with that id, as read. Raises Refused."""
    for path in paths(inventory, entry_id):
        entry = parse(path, inventory.file_texts[path]) if path in inventory.file_texts else None
        if entry is not None:
            return entry
    raise Refused(f"there is no change {sanitize(entry_id)}", "See all changes: activity")


def plan_of(entry: Entry) -> Plan:
    """Its plan. Raises Refused if it is unreadable."""
    if entry.plan is None:
        raise Refused(f"{sanitize(entry.id)}: {unknown_plan(entry)}", "See it: activity show")
    return entry.plan


def history(inventory: Inventory, entry_id: str) -> History:
    """The history of the change with that id. Raises Refused."""
    chain = [find(inventory, entry_id)]
    while isinstance(request := plan_of(chain[0]).request, Resume):
        if len(chain) > len(inventory.file_texts):
            raise Refused(f"the journal of {sanitize(entry_id)} refers to itself")
        chain.insert(0, find(inventory, request.entry))
    steps: list[ExecutedStep] = []
    jids: dict[str, int | None] = {}
    for entry in chain:
        plan = plan_of(entry)
        for index in sorted(set(entry.begun)):
            if index >= len(plan.steps):
                continue
            step, done = plan.steps[index], index in entry.done
            known, spawned = entry.ours.get(index, {}), index in entry.spawned
            steps.append(ExecutedStep(step, not done, spawned, known))
            if step.jail:
                present = _present(inventory, step.jail)
                jids[step.jail] = entry.jids.get(index) if done else present
    made = {name: guid for entry in chain for name, guid in entry.made.items()}
    return History(tuple(chain), tuple(steps), jids, made)


def more_paths(inventory: Inventory, entry_id: str) -> tuple[str, ...]:
    """The files that must be read for its history, as far as they are known."""
    candidates = list(paths(inventory, entry_id))
    try:
        request = find(inventory, entry_id).request
    except Refused:
        return tuple(candidates)
    if isinstance(request, Resume) and request.entry != entry_id:
        candidates += more_paths(inventory, request.entry)
    return tuple(dict.fromkeys(candidates))


def _present(inventory: Inventory, name: str) -> int | None:
    jail = inventory.jail(name)
    return jail.jid if jail is not None and jail.running else None


# --- jids and guids --------------------------------------------------------------------------


def resolved(
    states: Iterable[Condition], inventory: Inventory, past: History
) -> tuple[Condition, ...]:
    """With the jids of jails as they run now: one may have been started again since.

    And with the guids of the datasets that the change made, where they are known.
    """

    def one(state: Condition) -> Condition:
        if not isinstance(state, JailRuns) or state.jid is None:
            return state
        present = _present(inventory, state.name)
        if present is not None:
            return replace(state, jid=present)
        return replace(state, jid=past.jids.get(state.name)) if state.jid == NEW_JID else state

    return tuple(map(one, with_guids(states, past.made)))


def with_guids(states: Iterable[Condition], made: Mapping[str, str]) -> tuple[Condition, ...]:
    """The step with the known guids of the datasets that it created."""
    return tuple(
        replace(state, guid=made.get(state.name, NEW_GUID))
        if isinstance(state, DatasetHasGuid) and state.guid == NEW_GUID
        else state
        for state in states
    )
