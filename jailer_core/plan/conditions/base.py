"""The base class of all conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from jailer_core.errors import ParseError
from jailer_core.model import CommandResult, Inventory, Layout
from jailer_core.needs import Needs
from jailer_core.plan.actions import Action, AwaitConfirmation, Pipe, Run, commands_of
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Condition:
    """A question about the host whose answer is yes or no.

    A subclass with `query` and `answer` is asked of the host by that command. It is judged from
    an inventory by the same command's result, unless it overrides `needs` and `holds` because
    what every refresh reads answers it already.
    """

    ANSWER: ClassVar[str] = ""
    """The field that is the expected answer; all others are the question."""
    PROGRAMS: ClassVar[frozenset[str]] = frozenset()
    """Programs that may change the answer."""
    FAILURE: ClassVar[str] = ""
    """The sentence that says that it does not hold; {0} is the condition."""
    UNKNOWN: ClassVar[str] = ""
    """The sentence that says that the answer is not known."""

    def query(self) -> tuple[str, ...]:
        """The command that asks the host; () if no single command does."""
        return ()

    def answer(self, result: CommandResult) -> bool | None:
        """Whether the condition holds, by the result of `query`; None: that does not say.

        Raises ParseError.
        """
        return self.answer_of(result.stdout) if result.status == 0 else None

    def answer_of(self, stdout: str) -> bool | None:
        """The same by what the command printed, where it must succeed. Raises ParseError."""
        raise NotImplementedError

    def needs(self) -> Needs:
        """What must be read, besides what every refresh reads, to judge it."""
        return Needs(commands=(self.query(),))

    def holds(self, inventory: Inventory) -> bool | None:
        """Whether it holds in the inventory; None if unknown."""
        result = inventory.command_results.get(self.query())
        try:
            return None if result is None else self.answer(result)
        except ParseError:
            return None

    def implies(self, other: Condition) -> bool | None:
        """Whether another condition holds if this one does; None if this one does not say."""
        if not self.ANSWER or type(other) is not type(self):
            return None
        answer = getattr(other, self.ANSWER)
        same_question = replace(self, **{self.ANSWER: answer}) == other
        return getattr(self, self.ANSWER) == answer if same_question else None

    def affected_by(self, action: Action, layout: Layout) -> bool:  # noqa: ARG002
        """Whether that action may change the answer."""
        match action:
            case Run() | Pipe():
                return any(self.affected_by_command(argv) for argv in commands_of(action))
            case AwaitConfirmation():
                return False
        return self.affected_by_file(action.path)

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        """Whether that command may change the answer."""
        return program(argv) in self.PROGRAMS

    def affected_by_file(self, path: str) -> bool:  # noqa: ARG002
        """Whether writing or removing that path may change the answer."""
        return False

    def describe_failure(self) -> str:
        """A sentence that says that the condition does not hold."""
        return sanitize(self._failure())

    def describe_unknown(self) -> str:
        """A sentence that says that the answer is not known."""
        return sanitize(self.UNKNOWN.format(self))

    def _failure(self) -> str:
        return self.FAILURE.format(self)


def program(argv: tuple[str, ...]) -> str:
    """The name of the program that a command runs."""
    return argv[0].rpartition("/")[2]


def existence(expected: bool) -> str:
    """The words for something that unexpectedly exists or does not."""
    return "does not exist" if expected else "already exists"


def related(path: str, other: str) -> bool:
    """Whether two paths, or names of datasets, are the same or one is below the other."""
    return f"{path}/".startswith(f"{other}/") or f"{other}/".startswith(f"{path}/")


JAIL_PROGRAMS = frozenset({"jail", "bastille", "service"})
DATASET_PROGRAMS = frozenset({"zfs", "zpool", "bastille"})
