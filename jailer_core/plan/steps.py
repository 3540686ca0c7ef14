"""Steps and plans.

Events of a running plan, and its outcome.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from jailer_core.plan.actions import Action
from jailer_core.plan.conditions import Condition
from jailer_core.request import Danger, Request


@dataclass(frozen=True, slots=True)
class Undo:
    """One action that takes a step back.

    It runs while all `preconditions` hold. When they do not, all of `done_when` tell that nothing
    is left to undo, or (where there are two ways to tell) all of `or_done_when`; otherwise the undo
    is reported as not possible.

    An undo with `created_if_output` removes what the step created, and so needs evidence that the
    step created it: "" means that its command succeeded, any other text is what the command prints
    when it does so; `not_created_if_output` is what it prints when the thing existed before.
    Without evidence the undo does not run: what others created is not ours to remove.
    """

    action: Action
    title: str
    preconditions: tuple[Condition, ...] = ()
    done_when: tuple[Condition, ...] = ()
    timeout: float = 60.0
    or_done_when: tuple[Condition, ...] = ()
    created_if_output: str | None = None
    not_created_if_output: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One action of a plan.

    `title` is a short sentence in the imperative. `timeout` is in seconds. `wait`, when set,
    says why it may take a while and asks for a countdown. `undo` is in the order in which it
    is to be run. `lasting` says why there is no undo ("" where there is one).
    `ok` are the exit statuses that mean success. `goal` must hold after the step: `jail` and
    `service` do not always tell the truth by exit status alone. Where `ok` has more than 0, the
    goal alone decides: even a command that ran out of time has then done what it had to.
    `trace` names what stays different although the step was undone (a new jid, lines in a
    log); it is said when `mark` was among the lines that the step printed ("" always is).
    `heading` names the part of a plan that it belongs to, for `create -D`.
    Progress: `grows` is a file that grows to `total` bytes while the step runs; or (`counted`)
    each line that it prints is one of `total` parts and is not told. When the file grows beyond
    `limit` bytes (0: none), the step is ended and has failed.
    `warning` is what the reader of the preview must know before he agrees.
    `means` says what a failure of this step means, `hint` what to do then; the last lines of
    the file `log` are told with it.
    `staging`: it only prepares a file of our own that nothing else uses, and so it runs before the
    host's lock is taken, which others may need. Only the first steps of a plan may stage.
    When `before` does not hold, but all of `needless` do, or all of `or_needless`, nothing is done.
    """

    action: Action
    title: str
    timeout: float = 60.0
    undo: tuple[Undo, ...] = ()
    irreversible_because: str = ""
    preconditions: tuple[Condition, ...] = ()
    postconditions: tuple[Condition, ...] = ()
    wait_reason: str = ""
    ok_statuses: tuple[int, ...] = (0,)
    jail: str = ""
    side_effect: str = ""
    side_effect_if_output: str = ""
    heading: str = ""
    growing_file: str = ""
    total: int = 0
    limit: int = 0
    warning: str = ""
    counts_lines: bool = False
    failure_means: str = ""
    hint: str = ""
    log: str = ""
    skip_if: tuple[Condition, ...] = ()
    or_skip_if: tuple[Condition, ...] = ()
    staging: bool = False


NOTHING = "Nothing to change."
"""What the note of a plan without steps says, where all is already as it was asked for."""

Work = tuple[list[Step], list[str]]
"""Steps of a plan, and notes on them."""


def joined(works: Iterable[Work]) -> Work:
    """All steps, and all notes, in their order."""
    steps: list[Step] = []
    notes: list[str] = []
    for more_steps, more_notes in works:
        steps += more_steps
        notes += more_notes
    return steps, notes


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps for a request on the host as it was read.

    `confirm` is the name to type for a plan that destroys. `notes` are what the reader of the
    preview must know besides the steps. A plan without steps has nothing to do; `notes` say why.
    `batch` is the same for all changes that were asked for at once, "" for one alone.
    """

    request: Request
    title: str
    steps: tuple[Step, ...] = ()
    danger: Danger = Danger.CHANGES
    confirm: str = ""
    notes: tuple[str, ...] = ()
    jail: str = ""
    batch: str = ""

    @classmethod
    def unchanged(cls, request: Request, title: str, jail: str = "") -> Plan:
        """The plan where all is already as it was asked for."""
        return cls(request, title, notes=(NOTHING,), jail=jail)

    @property
    def staged(self) -> int:
        """How many of its first steps run before the host's lock is taken."""
        return next(
            (index for index, step in enumerate(self.steps) if not step.staging), len(self.steps)
        )


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
