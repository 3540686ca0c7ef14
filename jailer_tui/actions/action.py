"""The definition of an action: keys, labels, and where and when it is available."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

from jailer_core.operations.spec import Scope, Spec, spec_of
from jailer_core.request import Danger, Request
from jailer_core.text import sentence
from jailer_tui.actions.guards import Guard, allowed, idle, may_change, needs_jail, needs_snapshot
from jailer_tui.actions.selection import Situation

PLACES = {
    Scope.HOST: "tabs",
    Scope.JAIL: "jails",
    Scope.JAILS: "jails",
    Scope.RUNNING: "jails",
    Scope.SNAPSHOTS: "snapshots",
    Scope.IMAGE: "images",
    Scope.BRIDGE: "network",
    Scope.RULE: "network",
    Scope.TRASH: "trash",
    Scope.CHANGE: "activity",
}
"""Where an operation is offered, by what it is about."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `spec` is its operation, None when nothing is changed.

    `where` names the places where it applies, each with how early the footer shows it there (0:
    never). An id `NAME:HOW` is the method
    `action_NAME(HOW)` of the widget with the focus; any other is done by the controller that
    declares it, else by `action_ID` of the screen or dialog in front.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: Mapping[str, int]
    guards: tuple[Guard, ...] = ()
    danger: Danger = Danger.NONE
    spec: Spec | None = None
    covers: tuple[type[Request], ...] = ()

    @property
    def binding(self) -> Binding:
        """The key binding, for textual."""
        name, _, how = self.id.partition(":")
        call = f"{name}({how!r})" if how else f"do({name!r})"
        keys = ",".join(self.keys) or f"no_key_{self.id}"  # one may be chosen later
        return Binding(keys, call, self.label, show=False, id=self.id)

    def why_not(self, now: Situation) -> str:
        """Why the action is not possible now, or ""."""
        return next(filter(None, (guard(now) for guard in self.guards)), "")


def operation(  # noqa: PLR0913 - what the table says of an operation
    kind: type[Request] | Spec,
    keys: str = "",
    where: str = "",
    *guards: Guard,
    also: tuple[type[Request], ...] = (),
    choose: bool = False,
    help: str = "",  # noqa: A002
) -> Action:
    """The action of an operation: all but its keys and its place follows from its declaration.

    `also` are operations that it chooses as well. `choose`: without a jail one is chosen
    afterwards. `help` is for an action that is more than its operation.
    """
    spec = kind if isinstance(kind, Spec) else spec_of(kind)
    scoped: tuple[Guard, ...] = ()
    if spec.scope in (Scope.JAIL, Scope.JAILS, Scope.RUNNING) and not choose:
        scoped = (needs_jail,)
    elif spec.scope is Scope.SNAPSHOTS:
        scoped = (needs_snapshot,)
    if spec.scope is Scope.JAIL and spec.plan:
        scoped = (idle, *scoped)
    return Action(
        spec.op,
        tuple(keys.split()),
        spec.label,
        help or sentence(spec.summary),
        _places(where or PLACES[spec.scope]),
        (may_change, *scoped, *guards, allowed(spec, choose=choose)),
        spec.danger,
        spec,
        also if isinstance(kind, Spec) else (kind, *also),
    )


def ui(  # noqa: PLR0913 - what the table says of an action
    id: str,  # noqa: A002
    keys: str,
    label: str,
    where: str,
    help: str,  # noqa: A002
    *guards: Guard,
    danger: Danger = Danger.NONE,
    also: tuple[type[Request], ...] = (),
) -> Action:
    """An action that is not an operation, or that chooses between several (`also`)."""
    changes = (may_change,) if also else ()
    if also and danger is Danger.NONE:
        danger = Danger.CHANGES
    words = tuple(keys.split())
    return Action(id, words, label, help, _places(where), (*changes, *guards), danger, None, also)


def _places(words: str) -> dict[str, int]:
    """`jails:4 snapshots` as places with their weight in the footer."""
    places = (word.partition(":") for word in words.split())
    return {place: int(weight or 0) for place, _, weight in places}
