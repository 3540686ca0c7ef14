"""Verbs that make a step together with its undo.

A step and the undo that mirrors it.
"""

from __future__ import annotations

from jailer_core.plan import Action, Condition, Step, Undo

Conditions = tuple[Condition, ...]


def reversible(  # noqa: PLR0913 - both ways, and what is so on each side
    do: tuple[Action, str],
    undo: tuple[Action, str],
    *,
    before: Conditions,
    after: Conditions,
    same: Conditions = (),
    undo_if: Conditions = (),
    or_undone: Conditions = (),
    jail: str = "",
) -> Step:
    """Do one thing, and undo it by its opposite; each is an action with its title.

    `before` holds until the step is done, `after` from then on, `same` all the time: it names
    what is changed. The undo also needs `undo_if`: that nothing uses what it removes.
    `or_undone` tells as well that nothing is left to undo.
    """
    back = Undo(
        *undo,
        preconditions=(*same, *after, *undo_if),
        done_when=(*same, *before),
        or_done_when=or_undone,
    )
    return Step(*do, undo=(back,), preconditions=(*same, *before), postconditions=after, jail=jail)
