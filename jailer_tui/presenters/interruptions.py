"""Service interruptions by a plan: its preview then suggests Cancel, and says what ends."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jailer_core.facts.clients import Clients
from jailer_core.plan import AwaitConfirmation, JailRuns, JailStopped, Plan, Step
from jailer_core.plan.actions import commands_of
from jailer_core.plan.meaning import MANY, stopped_jails
from jailer_core.text import counted, sanitize

HANDFUL = 5
"""More jails than that at once want their number typed."""

_ENDS_SERVICES = frozenset({"stop", "onestop", "restart", "onerestart", "reload"})
_ENDS = {
    "jail": frozenset({"-r", "-R", "-rc", "-mr"}),
    "ifconfig": frozenset({"destroy", "delete", "-alias", "deletem", "down"}),
    "service": _ENDS_SERVICES,
    "bastille": _ENDS_SERVICES,
}
"""Words of commands that end jails, services or addresses."""


def interrupts(plan: Plan) -> bool:
    """A jail or a service stops, a process is ended, or a connection may be cut."""
    return any(_interrupts(step) for step in plan.steps)


def starts(plan: Plan) -> bool:
    """A jail is started."""
    return any(isinstance(goal, JailRuns) for step in plan.steps for goal in step.postconditions)


def consoles_in_stopped(plans: Sequence[Plan], consoles: Iterable[tuple[str, str]]) -> list[str]:
    """Labels of the consoles (jail and label) whose jails these plans stop or restart."""
    stopped = stopped_jails(plans)
    return [label for jail, label in consoles if jail in stopped]


def consoles_end(labels: Sequence[str]) -> str:
    """Says that these consoles end; "" for none."""
    if not labels:
        return ""
    if len(labels) > MANY:
        return f"Ends {len(labels)} open consoles and what runs in them."
    if len(labels) == 1:
        return f"Ends the open console {labels[0]} and what runs in it."
    return f"Ends the open consoles {', '.join(labels)} and what runs in them."


def connections_end(ended: Iterable[Clients]) -> str:
    """Says which connections end, and where that could not be read; "" for none."""
    texts: list[str] = []
    for clients in ended:
        name = sanitize(clients.jail)
        if clients.ports is None:
            texts.append(f"Who is connected to {name} could not be read.")
        elif clients.ports:
            first, *rest = [
                f"{counted(count, 'connection')} to port {port}"
                for port, count in clients.ports.items()
            ]
            texts.append(f"Ends {', '.join([first, *rest[: MANY - 1]])} of {name}.")
    return " ".join(texts)


def _interrupts(step: Step) -> bool:
    return (
        isinstance(step.action, AwaitConfirmation)
        or any(isinstance(goal, JailStopped) for goal in step.postconditions)
        or any(_ends(argv) for argv in commands_of(step.action))
    )


def _ends(argv: tuple[str, ...]) -> bool:
    name, words = argv[0].rpartition("/")[2], argv[1:]
    return name in ("kill", "pkill", "killall") or not _ENDS.get(name, frozenset()).isdisjoint(
        words
    )
