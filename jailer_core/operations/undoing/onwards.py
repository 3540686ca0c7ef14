"""Go on with a change that was cut off: what is left of its steps, judged from the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from jailer_core.connection import REVERTER
from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import starting
from jailer_core.operations.undoing.facts import holds
from jailer_core.operations.undoing.history import History, plan_of, resolved
from jailer_core.operations.undoing.requests import GoOn
from jailer_core.plan import (
    NEW_GUID,
    DatasetIs,
    FileIs,
    Hold,
    JailGone,
    MakeDir,
    OriginIs,
    PathThere,
    Plan,
    RemoveDir,
    RemoveFile,
    Request,
    Run,
    State,
    Step,
    WriteFile,
)
from jailer_core.sentences import not_so

_FILES = (WriteFile, RemoveFile, MakeDir, RemoveDir)
_REPEATABLE = frozenset(
    {"chmod", "dhcpd", "jail", "pfctl", "service", "sha256", "sysctl", "sysrc", "tar"}
)
"""Programs of steps without a goal that come to the same when they are run twice."""

Decide = Callable[[Inventory, Request], Plan]


def go_on(inventory: Inventory, past: History, request: GoOn, decide: Decide) -> Plan:
    """The rest of its steps; where they do not fit any more, its request decided anew.

    Raises Refused when neither is possible.
    """
    entry = past.last
    if entry.ending or entry.closed or entry.reversed_by:
        raise Refused(f"{entry.title}: there is nothing to go on with: it has ended")
    plan = plan_of(entry)
    if entry.failed or entry.undone:
        raise Refused(
            f"{past.first.title}: it was being taken back when it was cut off", "Undo it."
        )
    rest, wrong, doubt = _rest(inventory, past)
    title = f"Go on: {past.first.title}"
    if not wrong:
        said = "" if rest else "Everything was done; only that was not written down."
        notes = (*doubt, *((said,) if said else plan.notes))
        return replace(plan, request=request, title=title, steps=rest, notes=notes)
    try:
        fresh = decide(inventory, past.request)
    except Refused as error:
        raise Refused(
            f"{past.first.title}: it cannot be gone on with: {wrong}; from the beginning: "
            f"{error.message}",
            "Undo it.",
        ) from None
    strange = _strange(plan, fresh)
    if strange:
        raise Refused(
            f"{past.first.title}: it cannot be gone on with: {wrong}; from the beginning it would "
            f"be done in another way: {strange}",
            "Undo it.",
        )
    steps = tuple(step for step in fresh.steps if not _guards(step))
    notes = (f"It cannot go on where it stopped ({wrong}): this begins anew.", *fresh.notes)
    return replace(fresh, request=request, title=title, steps=steps, notes=notes)


def _strange(old: Plan, fresh: Plan) -> str:
    """What a new plan does that was never agreed to, besides cleaning up; "" for nothing."""
    known = {step.action for step in old.steps}
    for step in fresh.steps:
        cleans = isinstance(step.action, Run) and (
            "umount" in step.action.argv[0] or step.action.argv[-1] in ("destroy", "-alias")
        )
        if step.action not in known and not cleans:
            return step.title
    return ""


def needs(past: History) -> Iterator[State]:
    """What must be known of the steps that may be left."""
    plan = past.last.plan
    for step in plan.steps if plan is not None else ():
        yield from (*step.before, *goal_of(step))


def goal_of(step: Step) -> tuple[State, ...]:
    """What is so when it is done: its goal, else what its action on a file means."""
    if step.goal:
        return step.goal
    match step.action:
        case RemoveFile() | RemoveDir():
            return (PathThere(step.action.path, there=False),)
        case MakeDir():
            return (PathThere(step.action.path),)
        case WriteFile():
            return (FileIs(step.action.path, step.action.text),)
    return ()


def _rest(inventory: Inventory, past: History) -> tuple[tuple[Step, ...], str, tuple[str, ...]]:
    """The steps that are left, why the first of them does not fit ("" when it does), and what is
    to be said of one that counts as done.
    """  # noqa: D205 - one sentence
    entry = past.last
    doubt: tuple[str, ...] = ()
    steps: list[Step] = []
    fresh: set[str] = set()
    for index, step in enumerate(plan_of(entry).steps):
        if index in entry.done or index in entry.needless or _guards(step):
            continue
        now = _resolved(inventory, past, step, fresh)
        if index in entry.begun and not steps:
            if _is_done(inventory, now):
                _proven(now)
                doubt = (f"This counts as done, by what is to be seen of it: {step.title}",)
                steps += _cleaned(inventory, now)
                continue
            _repeatable(now)
        if isinstance(now.action, _FILES):
            now = replace(now, needless=goal_of(now))
        steps.append(now)
        if step.jail:
            fresh.add(step.jail)
    if not steps:
        return (), "", doubt
    first = steps[0]
    bad = [one for one in first.before if holds(inventory, one) is False]
    if bad and first.needless and all(holds(inventory, one) for one in first.needless):
        bad = []
    return tuple(steps), f"{first.title}: {not_so(bad[0])}" if bad else "", doubt


def _guards(step: Step) -> bool:
    """Whether it guards the connection: a plan gets a new guard where it needs one."""
    action = step.action
    return isinstance(action, Hold) or (isinstance(action, Run) and REVERTER in action.argv)


def _is_done(inventory: Inventory, step: Step) -> bool:
    """The step in doubt counts as done when the host says so: never by the journal alone."""
    goal = goal_of(step)
    if not goal:
        return False
    reached = all(holds(inventory, one) for one in goal)
    again = all(holds(inventory, one) is not False for one in step.before) if step.before else False
    return reached and not again


def _proven(step: Step) -> None:
    """Raises Refused when a dataset may have been made by somebody else: its name alone is no
    evidence. Its origin is, and the guid of a snapshot that came with it.
    """  # noqa: D205 - one sentence
    new = [
        state.name
        for undo in step.undo
        for state in undo.when
        if isinstance(state, DatasetIs) and state.guid == NEW_GUID
    ]
    known = any(
        isinstance(one, OriginIs) or (isinstance(one, DatasetIs) and one.guid != NEW_GUID)
        for one in step.goal
    )
    if new and not known:
        raise Refused(
            f"whether this was done by the change cannot be told: {step.title}",
            f"Look at it ({', '.join(new)}). If the change made it, destroy it by hand; then "
            "repeat.",
        )


def _repeatable(step: Step) -> None:
    """Raises Refused when a step whose effect nobody can see may not be done twice."""
    if isinstance(step.action, Run) and not goal_of(step):
        program = step.action.argv[0].rpartition("/")[2]
        if program not in _REPEATABLE:
            raise Refused(f"whether this was done cannot be told: {step.title}", "Undo the change.")


def _cleaned(inventory: Inventory, step: Step) -> list[Step]:
    """A jail that is gone, but whose stop was ended in the middle, leaves mounts and epairs."""
    jail = inventory.jail(step.jail) if step.jail else None
    config = jail.config if jail is not None else None
    if config is None or not any(isinstance(one, JailGone) for one in step.goal):
        return []
    try:
        return starting.clean_up(inventory, step.jail, config)
    except Refused:
        return []


def _resolved(inventory: Inventory, past: History, step: Step, fresh: set[str]) -> Step:
    """With the jids of jails that were started before; those that it starts itself come later."""
    if step.jail in fresh:
        return step
    before = resolved(step.before, inventory, past)
    if step.jail:
        return replace(step, before=before)
    undo = (replace(one, when=resolved(one.when, inventory, past)) for one in step.undo)
    return replace(step, before=before, undo=tuple(undo))
