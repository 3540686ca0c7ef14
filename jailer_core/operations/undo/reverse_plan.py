"""The plan that undoes a change by the undos of its own steps, in reverse order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.jails.jail_command import stop_trace
from jailer_core.operations.shared.leftovers import of_start_again
from jailer_core.operations.undo.entry import Entry, destroyed
from jailer_core.operations.undo.history import (
    ExecutedStep,
    History,
    has_no_pool,
    pool_file,
    resolved,
    with_guids,
)
from jailer_core.operations.undo.redo import again, covered, restarted, rules_again
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.operations.undo.requirements import ProjectedState, conditions, obstacle
from jailer_core.plan import (
    Action,
    Condition,
    Danger,
    DatasetExists,
    FileHasText,
    JailRuns,
    JailStopped,
    MountedAt,
    NotInUse,
    OutcomeStatus,
    Plan,
    RcVariableIs,
    RemoveDir,
    RemoveFile,
    Request,
    Step,
    Undo,
)
from jailer_core.plan.actions import argv_of
from jailer_core.plan.conditions import whatever_jid
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize

SHOWN = 4
"""How many users a refusal names."""

DOUBT = "it is unknown whether this change made it"


@dataclass
class ReversePlan:
    """Builds the plan that undoes one change."""

    inventory: Inventory
    past: History
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    time: ProjectedState = field(init=False)

    def __post_init__(self) -> None:
        self.time = ProjectedState(self.inventory)

    def plan(self, request: Request) -> Plan:
        """The whole plan. Raises Refused if the host has changed too much."""
        self._lasting()
        for did in reversed(self.past.steps):
            self._step(did)
        self.steps = restarted(self.steps)
        entry = self.past.first
        loses = any(destroyed(step.action) for step in self.steps)
        careful = loses and self.past.last.ending == OutcomeStatus.DONE.value
        name = entry.jail or entry.id
        notes = dict.fromkeys(self.notes)
        if not self.steps:
            notes["Nothing of it remains on this host."] = None
        return Plan(
            request,
            title_of(entry),
            tuple(self.steps),
            Danger.DESTROYS if careful else Danger.CHANGES,
            confirm=name if careful else "",
            notes=tuple(notes),
            jail=entry.jail,
        )

    def _lasting(self) -> None:
        """What cannot be undone: refused where data went, else said."""
        for did in self.past.steps:
            step = did.step
            if not step.irreversible_because or step.undo:
                continue
            reached = all(condition.holds(self.inventory) for condition in step.postconditions)
            done = not did.doubt or (step.postconditions and reached)
            if destroyed(step.action) and done:
                cut = self.past.last.interrupted
                raise Refused(
                    f"{self.past.first.title}: this cannot be undone: {step.irreversible_because}",
                    "Resume it." if cut else f"It was: {describe(step.action)}",
                )
            self.notes.append(f"This remains: {step.title}: {step.irreversible_because}")

    def _step(self, did: ExecutedStep) -> None:
        """All undos of one step that are or may be needed."""
        taken: list[Undo] = []
        made: list[Step] = []
        for number, undo in enumerate(did.step.undo):
            if did.ours(number) is False or self._stays(undo.action):
                continue
            step = self._undo(did, number, taken)
            if step is not None:
                remains = of_start_again(did.step, step)
                made.append(replace(step, undo=(*step.undo, *remains)))
                taken.append(undo)
        if did.doubt and made:
            self.notes.append(f"Whether this was done is judged from the host: {did.step.title}")
        self.steps += made
        known = replace(did.step, preconditions=with_guids(did.step.preconditions, self.past.made))
        self.time.goes_back(known, taken)
        if did.step.side_effect and made:
            self.notes.append(f"This remains different: {did.step.side_effect}")

    def _undo(self, did: ExecutedStep, number: int, before: Sequence[Undo]) -> Step | None:
        undo = did.step.undo[number]
        needed = conditions(did.step, undo)
        when = resolved(needed, self.inventory, self.past)
        fits = self.time.all(when, before)
        settled, or_else = whatever_jid(undo.done_when), whatever_jid(undo.or_done_when)
        is_so = self.time.all(settled, before) if settled else False
        other = self.time.all(or_else, before) if or_else else False
        if fits is not True and (is_so or other):
            return None
        if did.ours(number) is None and not self._judged(did, undo):
            return None
        if is_so is not True and other is not True:
            self._fits(undo, when, before)
        self._moved(undo)
        why = obstacle(self.inventory, self.time, undo.action)
        if why:
            raise self._refused(undo, why, "now")
        self._started_again(needed, when)
        every = [executed_step.step for executed_step in self.past.steps]
        back = again(did.step, undo, settled, when) or rules_again(every, undo)
        lasting = "" if back or covered(did.step, undo) else _why_lasting(undo.action)
        ends = any(isinstance(condition, JailStopped) for condition in settled)
        stops = ends and argv_of(undo.action)[:1] == ("jail",)
        return Step(
            undo.action,
            undo.title,
            timeout=undo.timeout,
            undo=back,
            irreversible_because=lasting,
            preconditions=when,
            postconditions=settled,
            jail=did.step.jail,
            ok_statuses=(0, 1) if stops else (0,),
            side_effect=stop_trace(did.step.jail) if stops else "",
            side_effect_if_output=f"{did.step.jail}: " if stops else "",
            skip_if=settled if fits is not True and is_so is None else (),
            or_skip_if=or_else if fits is not True and other is None else (),
        )

    def _judged(self, did: ExecutedStep, undo: Undo) -> bool:
        """Whether something is removed that may not be from this change.

        A jail whose start was under way counts as started by it. What does no harm stays where
        it is. Raises Refused for the rest.
        """
        argv = argv_of(undo.action)
        if undo.created_if_output and did.spawned and argv[:1] != ("ifconfig",):
            return True
        pair = argv[:1] == ("ifconfig",) and argv[1].startswith("epair")
        if isinstance(undo.action, RemoveDir) or pair:
            what = argv[1] if argv else getattr(undo.action, "path", "")
            self.notes.append(f"{sanitize(what)} remains: {DOUBT}.")
            return False
        raise Refused(
            f"{self.past.first.title}: {DOUBT}: {did.step.title}",
            f"Check it. If this change did it, undo it by hand ({describe(undo.action)}); "
            "then try again.",
        )

    def _moved(self, undo: Undo) -> None:
        """Raises Refused for the file of a pool that is not there: it may only be exported."""
        freed = {
            condition.name
            for condition in undo.preconditions
            if isinstance(condition, DatasetExists) and not condition.exists
        }
        if not isinstance(undo.action, RemoveFile) or not freed:
            return
        creating = [step for step in self.past.steps if pool_file(step.step)]
        destroyed_pool = any(
            argv_of(step.action)[:2] == ("zpool", "destroy") for step in self.steps
        )
        if not creating or destroyed_pool:
            return
        blank = has_no_pool(undo.action.path).holds(self.inventory)
        if not (blank and all(step.doubt for step in creating)):
            pool = f"the pool {' '.join(sorted(freed))}"
            why = f"{pool} is not imported: its file may still contain it"
            raise self._refused(undo, why, "now")

    def _fits(self, undo: Undo, when: Sequence[Condition], before: Sequence[Undo]) -> None:
        """Raises Refused where something that it needs is not so, or could not be read."""
        answers = {state: self.time.holds(state, before) for state in when}
        for state in when:
            if answers[state] is False:
                raise self._refused(undo, self._because(state, before))
        for state in when:
            if answers[state] is None and self.time.unread(state):
                raise self._refused(undo, state.describe_unknown(), "now")

    def _refused(self, undo: Undo, why: str, when: str = "any more") -> Refused:
        return Refused(
            f"{self.past.first.title}: this cannot be undone {when}, because {why}",
            f"What would be done: {describe(undo.action)}",
        )

    def _because(self, state: Condition, before: Sequence[Undo]) -> str:
        """Why a state that the undo needs is not so: who changed or uses what it would take."""
        match state:
            case FileHasText():
                what = "exists" if state.text is None else "was changed"
                return f"{sanitize(state.path)} {what} since"
            case NotInUse(kind="mount" | "mountpoint"):
                shown = self._shown(state, before)
                return f"other file systems are mounted below {sanitize(state.name)}: {shown}"
            case NotInUse():
                return f"{state.thing} is used by {self._shown(state, before)}"
            case MountedAt(source=source) if source:
                return f"something else is mounted on {sanitize(state.path)}, or nothing is"
            case RcVariableIs():
                value = (self.inventory.rc or {}).get(state.name)
                now = "unset" if value is None else f'"{sanitize(value)}"'
                return f"{state.name} of rc.conf was changed since: it is {now}"
        return state.describe_failure()

    def _shown(self, state: NotInUse, before: Sequence[Undo]) -> str:
        users = self.time.users(state, before)
        more = f" and {len(users) - SHOWN} more" if len(users) > SHOWN else ""
        return ", ".join(map(sanitize, users[:SHOWN])) + more

    def _started_again(self, was: Sequence[Condition], now: Sequence[Condition]) -> None:
        for old, new in zip(was, now, strict=True):
            if isinstance(old, JailRuns) and isinstance(new, JailRuns) and old.jid is not None:
                known = old.jid if old.jid > 0 else self.past.jids.get(old.name)
                if known is not None and known != new.jid:
                    self.notes.append(
                        f"{sanitize(old.name)} was started again since (jid {known}, now "
                        f"{new.jid})."
                    )

    def _stays(self, action: Action) -> bool:
        """Whether it would remove a place of this program's own files, which is kept."""
        layout = self.inventory.layout
        if isinstance(action, RemoveDir):
            return action.path.rpartition("/")[0] == layout.state
        if argv_of(action)[:2] != ("zfs", "destroy"):
            return False
        name = argv_of(action)[-1]
        if layout.own and name == layout.own:
            self.notes.append(f"{name} is kept: it contains the journal.")
            return True
        words = {word for step in self.steps for word in argv_of(step.action)}
        others = any(entry.dataset not in words for entry in self.inventory.trash)
        if layout.trash and name == layout.trash and others:
            self.notes.append(f"{name} is kept: it contains other jails.")
            return True
        return False


def title_of(entry: Entry) -> str:
    """The title of the undo; undoing an undo redoes the change."""
    if isinstance(entry.request, UndoChange):
        return f"Redo: {entry.title.removeprefix('Undo: ')}"
    return f"Undo: {entry.title}"


def _why_lasting(action: Action) -> str:
    if destroyed(action):
        return "data written to it since will be lost"
    return "it was created by the change that is being undone"
