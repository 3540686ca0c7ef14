"""The plan that takes a change back by the undos of its own steps, the last one first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.guards import named
from jailer_core.operations.stopped import stop_trace
from jailer_core.operations.undoing.again import again, rules_again
from jailer_core.operations.undoing.facts import holds
from jailer_core.operations.undoing.history import (
    Did,
    History,
    resolved,
    settled_of,
    whatever_jid,
    with_guids,
)
from jailer_core.operations.undoing.record import Entry, destroys
from jailer_core.operations.undoing.requests import UndoChange
from jailer_core.operations.undoing.taking import conditions
from jailer_core.operations.undoing.timeline import Timeline
from jailer_core.plan import (
    Action,
    Danger,
    DatasetThere,
    Ending,
    FileIs,
    JailGone,
    JailIs,
    Plan,
    RcIs,
    RemoveDir,
    RemoveFile,
    Request,
    Run,
    State,
    Step,
    Undo,
    Unused,
)
from jailer_core.preview import describe
from jailer_core.sentences import not_so, thing, unread
from jailer_core.text import visible

SHOWN = 4
"""How many users a refusal names."""

DOUBT = "whether this change made it is not known"


@dataclass
class Backwards:
    """One plan on its way."""

    inventory: Inventory
    past: History
    steps: list[Step] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    time: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.time = Timeline(self.inventory)

    def plan(self, request: Request) -> Plan:
        """The whole. Raises Refused when the host does not fit any more."""
        self._lasting()
        for did in reversed(self.past.steps):
            self._step(did)
        entry = self.past.first
        loses = any(destroys(step.action) for step in self.steps)
        careful = loses and self.past.last.ending == Ending.DONE.value
        name = entry.jail or entry.id
        notes = dict.fromkeys(self.notes)
        if not self.steps:
            notes["Nothing of it is left on this host."] = None
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
            if not step.lasting or step.undo:
                continue
            if destroys(step.action) and (not did.doubt or self._reached(step)):
                cut = self.past.last.cut_off
                raise Refused(
                    f"{self.past.first.title}: this cannot be undone: {step.lasting}",
                    "Go on with it." if cut else f"It was: {describe(step.action)}",
                )
            self.notes.append(f"This stays: {step.title}: {step.lasting}")

    def _reached(self, step: Step) -> bool:
        return bool(step.goal) and all(holds(self.inventory, one) for one in step.goal)

    def _step(self, did: Did) -> None:
        """All undos of one step that are or may be needed."""
        taken: list[Undo] = []
        made: list[Step] = []
        for number, undo in enumerate(did.step.undo):
            if did.ours(number) is False or self._stays(undo.action):
                continue
            one = self._undo(did, number, taken)
            if one is not None:
                made.append(one)
                taken.append(undo)
        if did.doubt and made:
            self.notes.append(f"Whether this was done is judged from the host: {did.step.title}")
        self.steps += made
        known = replace(did.step, before=with_guids(did.step.before, self.past.made))
        self.time.goes_back(known, taken)
        if did.step.trace and made:
            self.notes.append(f"This stays different: {did.step.trace}")

    def _undo(self, did: Did, number: int, before: Sequence[Undo]) -> Step | None:
        undo = did.step.undo[number]
        needed = conditions(did.step, undo)
        when = resolved(needed, self.inventory, self.past)
        fits = self.time.all(when, before)
        settled, or_else = settled_of(undo), whatever_jid(undo.or_else)
        is_so = self.time.all(settled, before) if settled else False
        other = self.time.all(or_else, before) if or_else else False
        if fits is not True and (is_so or other):
            return None
        if did.ours(number) is None and not self._judged(did, undo):
            return None
        if fits is False and is_so is False and other is False:
            wrong = next(one for one in when if self.time.holds(one, before) is False)
            raise self._refused(undo, self._because(wrong, before))
        if fits is None and is_so is not True and other is not True:
            self._known(undo, when, before)
        self._moved(undo)
        self._started_again(needed, when)
        every = [one.step for one in self.past.steps]
        back = again(did.step, undo, settled, when) or rules_again(every, undo)
        stops = isinstance(undo.action, Run) and undo.action.argv[0] == "jail"
        stops = stops and any(isinstance(one, JailGone) for one in settled)
        return Step(
            undo.action,
            undo.title,
            timeout=undo.timeout,
            undo=back,
            lasting="" if back else _why_lasting(undo.action),
            before=when,
            goal=settled,
            jail=did.step.jail,
            ok=(0, 1) if stops else (0,),
            trace=stop_trace(did.step.jail) if stops else "",
            mark=f"{did.step.jail}: " if stops else "",
            needless=settled if fits is not True and is_so is None else (),
            or_needless=or_else if fits is not True and other is None else (),
        )

    def _judged(self, did: Did, undo: Undo) -> bool:
        """Whether something that may be this change's or somebody else's is taken away.

        A jail whose start was under way counts as started by it. What does no harm stays where
        it is. Raises Refused for the rest.
        """
        argv = undo.action.argv if isinstance(undo.action, Run) else ()
        if undo.proof and did.spawned and argv[:1] != ("ifconfig",):
            return True
        if isinstance(undo.action, RemoveDir) or _is_pair(argv):
            what = argv[1] if argv else getattr(undo.action, "path", "")
            self.notes.append(f"{visible(what)} stays: {DOUBT}.")
            return False
        raise Refused(
            f"{self.past.first.title}: {DOUBT}: {did.step.title}",
            f"Look at it. If this change did it, take it back by hand ({describe(undo.action)}); "
            "then repeat.",
        )

    def _moved(self, undo: Undo) -> None:
        """Raises Refused for the file of a pool that is not there: it may only be exported."""
        gone = {one.name for one in undo.when if isinstance(one, DatasetThere) and not one.there}
        if not isinstance(undo.action, RemoveFile) or not gone:
            return
        made = any(_words_of(did.step.action)[:2] == ("zpool", "create") for did in self.past.steps)
        if made and not any(
            _words_of(one.action)[:2] == ("zpool", "destroy") for one in self.steps
        ):
            why = f"the pool {' '.join(sorted(gone))} is not imported: its file may still hold it"
            raise self._refused(undo, why, "now")

    def _known(self, undo: Undo, when: Sequence[State], before: Sequence[Undo]) -> None:
        """Raises Refused where something that it needs could not be read."""
        for state in when:
            if self.time.holds(state, before) is None and self.time.unread(state):
                raise self._refused(undo, unread(state), "now")

    def _refused(self, undo: Undo, why: str, when: str = "any more") -> Refused:
        return Refused(
            f"{self.past.first.title}: this cannot be undone {when}, because {why}",
            f"What would be done: {describe(undo.action)}",
        )

    def _because(self, state: State, before: Sequence[Undo]) -> str:
        """Why a state that the undo needs is not so: who changed or uses what it would take."""
        match state:
            case FileIs():
                return (
                    f"{named(state.path)} {'exists' if state.text is None else 'was changed'} since"
                )
            case Unused():
                users = self.time.users(state, before)
                shown = ", ".join(map(named, users[:SHOWN]))
                more = f" and {len(users) - SHOWN} more" if len(users) > SHOWN else ""
                return f"{thing(state)} is used by {shown}{more}"
            case RcIs():
                value = (self.inventory.rc or {}).get(state.name)
                now = "unset" if value is None else f'"{named(value)}"'
                return f"{state.name} of rc.conf was changed since: it is {now}"
        return not_so(state)

    def _started_again(self, was: Sequence[State], now: Sequence[State]) -> None:
        for old, new in zip(was, now, strict=True):
            if isinstance(old, JailIs) and isinstance(new, JailIs) and old.jid is not None:
                known = old.jid if old.jid > 0 else self.past.jids.get(old.name)
                if known is not None and known != new.jid:
                    self.notes.append(
                        f"{named(old.name)} was started again since (jid {known}, now {new.jid})."
                    )

    def _stays(self, action: Action) -> bool:
        """What this program keeps its own files in is not taken away under its feet."""
        layout = self.inventory.layout
        if isinstance(action, RemoveDir):
            return action.path.rpartition("/")[0] == layout.state
        if not isinstance(action, Run) or action.argv[:2] != ("zfs", "destroy"):
            return False
        name = action.argv[-1]
        if layout.own and name == layout.own:
            self.notes.append(f"{name} stays: the journal is in it.")
            return True
        if layout.trash and name == layout.trash and self._others_in_trash():
            self.notes.append(f"{name} stays: there are other jails in it.")
            return True
        return False

    def _others_in_trash(self) -> bool:
        words = set(_words(step.action for step in self.steps))
        return any(one.dataset not in words for one in self.inventory.trash)


def _is_pair(argv: tuple[str, ...]) -> bool:
    return argv[:1] == ("ifconfig",) and argv[1].startswith("epair")


def _words_of(action: Action) -> tuple[str, ...]:
    return action.argv if isinstance(action, Run) else ()


def title_of(entry: Entry) -> str:
    """What undoing it is called; undoing an undo does the thing again."""
    if isinstance(entry.request, UndoChange):
        return f"Do again: {entry.title.removeprefix('Undo: ')}"
    return f"Undo: {entry.title}"


def _words(actions: Iterator[Action]) -> Iterator[str]:
    for action in actions:
        if isinstance(action, Run):
            yield from action.argv


def _why_lasting(action: Action) -> str:
    if destroys(action):
        return "what was written into it since is gone"
    return "that change had made it, or it was left over"
