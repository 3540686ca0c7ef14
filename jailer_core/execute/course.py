"""What a plan leaves behind while it runs: steps begun, jids seen, notes, journal, events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from jailer_core.errors import HostError, JailerError
from jailer_core.execute.states import Judge
from jailer_core.host import Hear, Host, Line, Started
from jailer_core.journal import Journal
from jailer_core.plan import (
    NEW_GUID,
    DatasetIs,
    Event,
    Output,
    Plan,
    Progress,
    State,
    Step,
    StepEnded,
    StepStarted,
    Undo,
    WriteFile,
)
from jailer_core.preview import describe
from jailer_core.text import visible


@dataclass(slots=True)
class Ran:
    """A step that was begun: whether it is known to be finished, and what its output showed.

    `seen` are those of its telling texts (mark, proofs, denials) that its command printed.
    `ended`: the command came to its end by itself. `made`: it succeeded; False: what it was to
    make existed already; None: not known. `known` is evidence that the journal holds instead.
    """

    index: int
    step: Step
    finished: bool = False
    seen: set[str] = field(default_factory=set)
    ended: bool = False
    made: bool | None = None
    known: Mapping[int, bool] = field(default_factory=dict)

    @property
    def traced(self) -> bool:
        """Whether it got so far that its trace stays."""
        step = self.step
        return bool(step.trace) and (not step.mark or step.mark in self.seen)

    def hear(self, line: str) -> None:
        """Note which of the telling texts are in a line of its output."""
        proofs = (text for undo in self.step.undo for text in (undo.proof, undo.denial))
        self.seen.update(text for text in (self.step.mark, *proofs) if text and text in line)

    def ours(self, number: int) -> bool | None:
        """Whether this step made what that undo takes away; None: there is no evidence."""
        undo = self.step.undo[number]
        if undo.proof is None:
            return not (self.made is False and isinstance(self.step.action, WriteFile))
        if number in self.known:
            return self.known[number]
        if not undo.proof:
            return self.made
        if undo.denial in self.seen:
            return False
        if undo.proof in self.seen:
            return True
        return False if self.ended else None

    def evidence(self) -> list[tuple[int, bool]]:
        """What is known of each undo, for the journal."""
        known = ((number, self.ours(number)) for number in range(len(self.step.undo)))
        return [(number, ours) for number, ours in known if ours is not None]


class Course:
    """One plan on its way over one host."""

    def __init__(
        self, host: Host, plan: Plan, journal: Journal, emit: Callable[[Event], None]
    ) -> None:
        self.host = host
        self.plan = plan
        self.journal = journal
        self.emit = emit
        self.new: dict[str, int | None] = {}
        self.made: dict[str, str] = {}
        self.ran: list[Ran] = []
        self.notes: list[str] = []

    # --- asking ------------------------------------------------------------------------------

    def judge(self) -> Judge:
        """Answers for this very moment."""
        return Judge(self.host, self.new, self.made)

    async def surely(self, states: tuple[State, ...]) -> bool:
        """Whether all of them hold for sure: what cannot be asked does not."""
        try:
            return await self.judge().all(states)
        except JailerError:
            return False

    async def see_jail(self, step: Step) -> None:
        """Remember the jid that the step's jail has now, for NEW_JID."""
        if step.jail:
            try:
                self.new[step.jail] = await self.judge().jid(step.jail)
            except JailerError:
                self.new[step.jail] = None

    async def learn(self, ran: Ran) -> dict[str, str]:
        """Remember the guids of the datasets that the step has just made, for NEW_GUID."""
        states = (state for undo in ran.step.undo for state in undo.when)
        names = [
            state.name
            for state in states
            if isinstance(state, DatasetIs) and state.guid == NEW_GUID
        ]
        found: dict[str, str] = {}
        if names and ran.made:
            with suppress(JailerError):
                found = await self.judge().guids(tuple(dict.fromkeys(names)))
        self.made |= found
        return found

    # --- telling -----------------------------------------------------------------------------

    def tell(self, event: Event) -> None:
        """A face that is gone must not stop what is under way."""
        try:
            self.emit(event)
        except Exception:  # noqa: BLE001 - whatever a face does, the host comes first
            self.emit = lambda _event: None

    def hear(self, ran: Ran) -> Line:
        """Pass on each line that a step prints; or how many they are, when that is its progress."""
        step = ran.step
        if step.counted:
            return self._counting(ran, max(1, step.total // 100))

        def heard(line: str, error: bool) -> None:
            ran.hear(line)
            self.tell(Output(ran.index, line, error))

        return heard

    def runs(self, ran: Ran) -> Hear:
        """Write down which processes carry a step out, so that a later run can look for them."""

        async def heard(processes: tuple[Started, ...]) -> None:
            await self._try(self.journal.runs(ran.index, processes))

        return heard

    def _counting(self, ran: Ran, every: int) -> Line:
        count = 0

        def heard(_line: str, _error: bool) -> None:
            nonlocal count
            count += 1
            if count % every == 0:
                self.tell(Progress(ran.index, min(count, ran.step.total), ran.step.total))

        return heard

    def began(self, ran: Ran, what: Step | Undo) -> float:
        """Tell that a step or an undo of it began; the host's uptime at that moment."""
        undoing = isinstance(what, Undo)
        wait = what.wait if isinstance(what, Step) else ""
        command = describe(what.action)
        self.tell(StepStarted(ran.index, what.title, command, what.timeout, wait, undoing))
        return self.host.uptime()

    def ended(self, ran: Ran, began: float, message: str, *, undoing: bool) -> None:
        """Tell that it ended; `message` "" when well."""
        seconds = self.host.uptime() - began
        self.tell(StepEnded(ran.index, not message, seconds, visible(message), undoing))

    async def write(self, record: str, **values: Any) -> None:
        """What happened is written down when possible; things go on when not."""
        await self._try(self.journal.write(record, **values))

    async def _try(self, writing: Awaitable[None]) -> None:
        try:
            await writing
        except HostError as error:
            note = f"The journal could not be written: {error.message}"
            if note not in self.notes:
                self.notes.append(note)
