"""What an action is: a key, its words, its danger, and where it applies."""

from __future__ import annotations

from dataclasses import dataclass

from textual.binding import Binding

from jailer_core.plan import Danger

MAY, DEADLY = Danger.CHANGES, Danger.DESTROYS


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `op` is the Request.op behind it, "" when nothing is changed.

    `footer` says how early it is shown at the bottom (0: never). An id `NAME:HOW` is carried out
    by the method `action_NAME(HOW)` of the widget with the focus, any other by `do_ID` of the
    screen or the app.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    where: tuple[str, ...]
    op: str = ""
    danger: Danger = Danger.NONE
    footer: int = 0

    @property
    def binding(self) -> Binding:
        """For textual."""
        name, _, how = self.id.partition(":")
        call = f"{name}({how!r})" if how else f"do({name!r})"
        return Binding(",".join(self.keys), call, self.label, show=False, id=self.id)


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What besides the host decides whether something may be done now."""

    read_only: bool = False
    marked: int = 0
    stale: bool = False
