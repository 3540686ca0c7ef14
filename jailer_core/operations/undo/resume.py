"""Resume a change that was interrupted: its remaining steps, judged from the host."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.shared import jail_commands
from jailer_core.operations.undo.history import History, plan_of, resolved, with_guids
from jailer_core.operations.undo.requests import Resume
from jailer_core.plan import (
    NEW_GUID,
    AwaitConfirmation,
    Condition,
    DatasetHasGuid,
    FileHasText,
    JailStopped,
    MakeDir,
    OriginIs,
    PathExists,
    Plan,
    RemoveDir,
    RemoveFile,
    Request,
    Step,
    WriteFile,
)
from jailer_core.plan.actions import argv_of
from jailer_core.ssh_client import REVERTER
from jailer_core.text import sanitize

_FILES = (WriteFile, RemoveFile, MakeDir, RemoveDir)
_REPEATABLE = frozenset(
    {"chmod", "dhcpd", "jail", "pfctl", "service", "sha256", "sysctl", "sysrc", "tar"}
)
"""Programs of steps without a goal that come to the same when they are run twice."""

Decide = Callable[[Inventory, Request], Plan]


def resume(inventory: Inventory, past: History, request: Resume, decide: Decide) -> Plan:
    """The rest of its steps; where they no longer fit, a new plan for its request.

    Raises Refused when neither is possible.
    """
    entry = past.last
    if entry.ending or entry.closed or entry.reversed_by:
        raise Refused(f"{entry.title}: there is nothing to resume: it has finished")
    plan = plan_of(entry)
    if entry.failed or entry.undone:
        raise Refused(
            f"{past.first.title}: it was interrupted while it was being undone", "Undo it."
        )
    rest, wrong, doubt = _rest(inventory, past)
    title = f"Resume: {past.first.title}"
    if not wrong:
        message = "" if rest else "Everything was done, but its end was not recorded."
        notes = (*doubt, *((message,) if message else plan.notes))
        return replace(plan, request=request, title=title, steps=rest, notes=notes)
    try:
        fresh = decide(inventory, past.request)
    except Refused as error:
        raise Refused(
            f"{past.first.title}: cannot be resumed: {wrong}; starting over: {error.message}",
            "Undo it.",
        ) from None
    strange = _strange(plan, fresh)
    if strange:
        raise Refused(
            f"{past.first.title}: cannot be resumed: {wrong}; starting over would take "
            f"different steps: {strange}",
            "Undo it.",
        )
    steps = tuple(step for step in fresh.steps if not _guards(step))
    notes = (f"It cannot continue where it stopped ({wrong}): it starts over.", *fresh.notes)
    return replace(fresh, request=request, title=title, steps=steps, notes=notes)


def _strange(old: Plan, fresh: Plan) -> str:
    """What a new plan does that was never agreed to, besides cleaning up; "" for nothing."""
    actions = {step.action for step in old.steps}
    for step in fresh.steps:
        argv = argv_of(step.action)
        cleans = argv and ("umount" in argv[0] or argv[-1] in ("destroy", "-alias"))
        if step.action not in actions and not cleans:
            return step.title
    return ""


def needs(past: History) -> Iterator[Condition]:
    """What must be known about the possibly remaining steps."""
    plan = past.last.plan
    for step in plan.steps if plan is not None else ():
        yield from (*step.preconditions, *goal_of(step))


def goal_of(step: Step) -> tuple[Condition, ...]:
    """The conditions that hold once it is done: postconditions, or those of its file action."""
    if step.postconditions:
        return step.postconditions
    match step.action:
        case RemoveFile() | RemoveDir():
            return (PathExists(step.action.path, exists=False),)
        case MakeDir():
            return (PathExists(step.action.path),)
        case WriteFile():
            return (FileHasText(step.action.path, step.action.text),)
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
                done = f"Judged from the host, this is done: {step.title}"
                doubt = (done, *_skipped_hooks(inventory, now))
                steps += _cleaned(inventory, now)
                continue
            _repeatable(now)
        if isinstance(now.action, _FILES):
            now = replace(now, skip_if=goal_of(now))
        steps.append(now)
        if step.jail:
            fresh.add(step.jail)
    if not steps:
        return (), "", doubt
    first = steps[0]
    bad = [condition for condition in first.preconditions if condition.holds(inventory) is False]
    if bad and first.skip_if and all(condition.holds(inventory) for condition in first.skip_if):
        bad = []
    return tuple(steps), f"{first.title}: {bad[0].describe_failure()}" if bad else "", doubt


def _guards(step: Step) -> bool:
    """Whether it guards the connection: a plan gets a new guard where it needs one."""
    return isinstance(step.action, AwaitConfirmation) or REVERTER in argv_of(step.action)


def _is_done(inventory: Inventory, step: Step) -> bool:
    """The step in doubt counts as done when the host says so: never by the journal alone."""
    goal = goal_of(step)
    if not goal:
        return False
    reached = all(condition.holds(inventory) for condition in goal)
    wrong = any(condition.holds(inventory) is False for condition in step.preconditions)
    return reached and (wrong or not step.preconditions)


def _proven(step: Step) -> None:
    """Raises Refused when a dataset may not be ours: its name alone is no
    evidence. Its origin is, and the guid of a snapshot that came with it.
    """  # noqa: D205 - one sentence
    new = [
        state.name
        for undo in step.undo
        for state in undo.preconditions
        if isinstance(state, DatasetHasGuid) and state.guid == NEW_GUID
    ]
    known = any(
        isinstance(condition, OriginIs)
        or (isinstance(condition, DatasetHasGuid) and condition.guid != NEW_GUID)
        for condition in step.postconditions
    )
    if new and not known:
        raise Refused(
            f"it is unknown whether the change did this: {step.title}",
            f"Check it ({', '.join(new)}). If the change made it, destroy it by hand; then "
            "try again.",
        )


def _repeatable(step: Step) -> None:
    """Raises Refused when a step whose effect cannot be seen must not be done twice."""
    argv = argv_of(step.action)
    if argv and not goal_of(step) and argv[0].rpartition("/")[2] not in _REPEATABLE:
        raise Refused(f"it is unknown whether this was done: {step.title}", "Undo the change.")


def _cleaned(inventory: Inventory, step: Step) -> list[Step]:
    """Removes what an interrupted stop left behind, as the undo of that stop would."""
    stopped = JailStopped(step.jail)
    if stopped not in step.postconditions:
        return []
    return [
        Step(
            undo.action,
            f"{undo.title}, left over from the interrupted stop",
            undo.timeout,
            irreversible_because="the jail makes it again when it starts",
            preconditions=undo.preconditions,
            postconditions=undo.done_when,
            jail=step.jail,
        )
        for undo in step.undo
        if stopped in undo.preconditions
        and len(undo.preconditions) > 1
        and all(condition.holds(inventory) for condition in undo.preconditions)
    ]


def _skipped_hooks(inventory: Inventory, step: Step) -> Iterator[str]:
    """What jail(8) runs after the jail is made or gone, and perhaps never came to.

    It is not made up for: what a hook does twice is unknown.
    """
    run = jail_commands.jail_run(step)
    config = jail_commands.config_of(inventory, run.name) if run is not None else None
    if run is None or config is None or not run.configured:
        return
    hooks = jail_commands.AFTER_STOP if run.stops else jail_commands.AFTER_START
    for hook in hooks:
        for line in config.params.get(hook, ()):
            yield f"{hook} of {sanitize(run.name)} may not have run: {sanitize(line)}"


def _resolved(inventory: Inventory, past: History, step: Step, fresh: set[str]) -> Step:
    """With the guids and jids that were seen; a jail that it starts itself gets a jid later."""
    if step.jail in fresh:
        return replace(step, preconditions=with_guids(step.preconditions, past.made))
    before = resolved(step.preconditions, inventory, past)
    if step.jail:
        return replace(step, preconditions=before)
    undo = (
        replace(undo, preconditions=resolved(undo.preconditions, inventory, past))
        for undo in step.undo
    )
    return replace(step, preconditions=before, undo=tuple(undo))
