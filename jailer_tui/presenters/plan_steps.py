"""The steps of plans, what they interrupt, and their progress.

The steps of plans for the preview: each a line that opens, or everything at once.

Service interruptions by a plan: its preview then suggests Cancel, and says what ends.

The progress of a step in words and as a bar.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jailer_core.facts.on_demand import Clients
from jailer_core.plan import AwaitConfirmation, JailRuns, JailStopped, Plan, Step
from jailer_core.plan.actions import commands_of
from jailer_core.plan.preview import MANY, PreviewLine, is_housekeeping, preview, stopped_jails
from jailer_core.text import counted, human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import Line
from jailer_tui.stores.job import ProgressRate
from jailer_tui.theme import Glyphs

_TONES = {
    "title": ("", "strong"),
    "note": ("", "text"),
    "warning": ("", "warn"),
    "command": ("  $ ", "key"),
    "file": ("    ", "key"),
    "add": ("    ", "ok"),
    "remove": ("    ", "bad"),
    "context": ("    ", "dim"),
    "undo": ("    ", "dim"),
    "lasting": ("    ", "warn"),
}


@dataclass(frozen=True, slots=True)
class Fold:
    """A few lines, and their expanded form; () if they do not expand."""

    closed: tuple[Line, ...]
    opened: tuple[Line, ...] = ()


def preview_lines(preview: Sequence[PreviewLine]) -> list[Line]:
    """The styled lines of a preview, with an empty line before each step."""
    lines: list[Line] = []
    inside = False
    for index, preview_line in enumerate(preview):
        before, tone = _TONES.get(preview_line.kind, ("", "text"))
        if preview_line.kind == "title" and index:
            inside = True
            lines.append(())
        elif inside and not before:
            before = "    "
        lines.append(((before + preview_line.text, tone),))
    return lines


def folds(plans: Sequence[Plan]) -> list[Fold]:
    """One fold for each step of each plan; housekeeping steps share a fold."""
    return [fold for plan in plans for fold in _of_plan(plan, titled=len(plans) > 1)]


def _of_plan(plan: Plan, *, titled: bool) -> list[Fold]:
    head: list[Line] = [(), ((sanitize(plan.title), "strong"),)] if titled else []
    head += [((sanitize(note), "text"),) for note in plan.notes]
    blocks = _blocks(plan)
    prepares = [number for number, step in enumerate(plan.steps) if is_housekeeping(step)]
    if len(prepares) < 2:
        prepares = []
    folds = [Fold(tuple(head))] if head else []
    for number, step in enumerate(plan.steps):
        if number not in prepares:
            folds.append(Fold(_closed(number + 1, step), blocks[number]))
        elif number == prepares[0]:
            text = f"{len(prepares)} steps that only make directories"
            together = tuple(line for index in prepares for line in blocks[index])
            folds.append(Fold((((text, "dim"),),), together))
    return folds


def _blocks(plan: Plan) -> list[tuple[Line, ...]]:
    """All lines of each step."""
    blocks: list[list[Line]] = []
    for line in preview_lines(preview(plan)):
        if line == ():
            blocks.append([])
        elif blocks:
            blocks[-1].append(line)
    return [tuple(block) for block in blocks]


def _closed(number: int, step: Step) -> tuple[Line, ...]:
    """One step: its title, its warning, and whether it can be undone."""
    lasting = "  cannot be undone" if step.irreversible_because else ""
    title: Line = ((sanitize(f"{number}. {step.title}"), "text"), (lasting, "warn"))
    return (title, ((sanitize(f"   {step.warning}"), "warn"),)) if step.warning else (title,)


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
    """Whether a jail, service or process stops, or a connection may be cut."""
    return any(_interrupts(step) for step in plan.steps)


def starts(plan: Plan) -> bool:
    """Whether a jail is started."""
    return any(isinstance(goal, JailRuns) for step in plan.steps for goal in step.postconditions)


def consoles_in_stopped(plans: Sequence[Plan], consoles: Iterable[tuple[str, str]]) -> list[str]:
    """Labels of the consoles (jail and label) whose jails these plans stop or restart."""
    stopped = stopped_jails(plans)
    return [label for jail, label in consoles if jail in stopped]


def consoles_end(labels: Sequence[str]) -> str:
    """The sentence that these consoles end, or ""."""
    if not labels:
        return ""
    if len(labels) > MANY:
        return f"Ends {len(labels)} open consoles and what runs in them."
    if len(labels) == 1:
        return f"Ends the open console {labels[0]} and what runs in it."
    return f"Ends the open consoles {', '.join(labels)} and what runs in them."


def connections_end(ended: Iterable[Clients]) -> str:
    """The sentence about connections that end or could not be read, or ""."""
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


LEAST_BAR, MOST_BAR = 8, 30


def words(measure: ProgressRate) -> list[str]:
    """The progress in words, the most important first."""
    done, total = measure.done, measure.total
    if measure.parts:
        amount = f"{done} of {total} files" if total else f"{done} files"
    else:
        amount = human_bytes(done) + (f" of {human_bytes(total)}" if total else "")
    parts = [amount]
    speed, left = measure.speed, measure.left
    if speed is not None and not measure.parts:
        parts.append(f"{human_bytes(round(speed))}/s")
    if left is not None:
        parts.append(f"{human_age(round(left))} left")
    return parts


def bar(measure: ProgressRate, width: int, glyphs: Glyphs) -> Line:
    """A progress line of that width: a bar if the total is known, then words."""
    text = "  ".join(words(measure))
    percent = measure.percent
    if percent is None:
        return (("  ", "text"), (text, "text"))
    room = max(LEAST_BAR, min(MOST_BAR, width - len(text) - 10))
    full = percent * room // 100
    return (
        ("  ", "text"),
        (glyphs.full * full, "accent"),
        (glyphs.empty * (room - full), "dim"),
        (f" {percent:>3}%  ", "strong"),
        (text, "text"),
    )
