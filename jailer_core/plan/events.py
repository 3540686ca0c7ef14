"""Events of a running plan, and its outcome."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from jailer_core.plan.steps import Plan


@dataclass(frozen=True, slots=True)
class StepStarted:
    """A step started; `undoing` if it undoes another one."""

    index: int
    title: str
    command: str
    timeout: float
    wait: str = ""
    undoing: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """One line that a step printed; `error` if on standard error."""

    index: int
    line: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class StepEnded:
    """A step ended after that many seconds; `message` says why if it failed."""

    index: int
    ok: bool
    seconds: float
    message: str = ""
    undoing: bool = False


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a step: bytes of a file, or parts (see Step); `total` 0: unknown."""

    index: int
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Journaled:
    """The plan was recorded; `entry` is its journal id. This event belongs to no step."""

    entry: str
    index: int = -1


Event = Journaled | StepStarted | Output | Progress | StepEnded


class OutcomeStatus(StrEnum):
    """How a plan ended."""

    DONE = "done"
    NOTHING = "nothing to do"
    FAILED = "failed"
    ABORTED = "aborted"
    CHANGED = "changed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    """The connection broke: the journal of that host tells how it ended."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of a plan.

    `left` names everything that differs from before although the plan did not succeed, and
    with `undone` tells whether going back worked. `plan` is what was run, or (CHANGED) the new
    plan that wants to be shown.
    """

    status: OutcomeStatus
    plan: Plan
    message: str = ""
    hint: str = ""
    undone: bool = False
    leftovers: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the requested state is reached."""
        return self.status in (OutcomeStatus.DONE, OutcomeStatus.NOTHING)

    @property
    def changed(self) -> bool:
        """Whether nothing was done because `plan` differs from the one that was shown."""
        return self.status is OutcomeStatus.CHANGED

    @property
    def failed(self) -> bool:
        """Whether a step of it failed."""
        return self.status is OutcomeStatus.FAILED
