"""The state of the host at each moment of an undo, as far as it can be predicted.

The undo of a step runs after the undos of all later steps. What these change is then as it was
before their steps, as far as the steps say what they needed, or not known; all else is as now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jailer_core.model import Inventory
from jailer_core.plan import Condition, NotInUse, Step, Undo
from jailer_core.plan.conditions.end_of_use import ends
from jailer_core.plan.conditions.users import User


class ProjectedState:
    """Asked while a plan that goes back is made, from the last step to the first."""

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self._later: list[tuple[Step, tuple[Undo, ...]]] = []

    def goes_back(self, step: Step, undos: Sequence[Undo]) -> None:
        """These undos of a step are part of the plan."""
        if undos:
            self._later.append((step, tuple(undos)))

    def holds(self, state: Condition, before: Sequence[Undo]) -> bool | None:
        """Whether it will be so right after the undos of all later steps, and these `before`."""
        if isinstance(state, NotInUse):
            return self._unused(state, before)
        for undo in reversed(before):
            implied = _first(fact.implies(state) for fact in undo.done_when)
            if implied is not None:
                return implied
            if state.affected_by(undo.action, self.inventory.layout):
                return None
        for step, undos in reversed(self._later):
            if any(state.affected_by(undo.action, self.inventory.layout) for undo in undos):
                return _first(fact.implies(state) for fact in step.preconditions)
        return state.holds(self.inventory)

    def touches(self, state: Condition) -> bool:
        """Whether the undos of later steps may change its answer."""
        return any(
            state.affected_by(undo.action, self.inventory.layout)
            for _, undos in self._later
            for undo in undos
        )

    def all(self, states: Sequence[Condition], before: Sequence[Undo]) -> bool | None:
        """Whether all will be so: False as soon as one will not."""
        answers = [self.holds(condition, before) for condition in states]
        return False if False in answers else None if None in answers else True

    def _unused(self, state: NotInUse, before: Sequence[Undo]) -> bool | None:
        """Whether all that use it now will have been taken away by then."""
        users = state.users(self.inventory)
        if users is None:
            return None
        ends = [self._ends(user, state.name, before) for user in users]
        return False if False in ends else None if None in ends else True

    def users(self, state: NotInUse, before: Sequence[Undo]) -> tuple[str, ...]:
        """The names of those that will still use it."""
        users = state.users(self.inventory) or ()
        left = (user.name for user in users if self._ends(user, state.name, before) is False)
        return tuple(dict.fromkeys(left))

    def unread(self, state: Condition) -> bool:
        """Whether nothing that was read tells of it."""
        return state.holds(self.inventory) is None

    def _ends(self, user: User, name: str, before: Sequence[Undo]) -> bool | None:
        later = (undo for _, undos in self._later for undo in undos)
        answers = [ends(undo.action, user, name, self.inventory) for undo in (*later, *before)]
        return True if True in answers else None if None in answers else False


def _first(answers: Iterable[bool | None]) -> bool | None:
    return next((answer for answer in answers if answer is not None), None)
