"""Present a command in many jails: what would run, one row per jail, one output. Pure."""

from __future__ import annotations

from collections import Counter

from jailer_core.execution.fan_out import FanOut, JailRun, RunStatus
from jailer_core.plan import Plan
from jailer_core.plan.preview import describe
from jailer_core.text import sanitize
from jailer_tui.presenters.jails import Column, Line, Span
from jailer_tui.theme import Glyphs

LEAST, MOST = 8, 24
STATE, STATUS, TIME = 11, 4, 7


def command_lines(plan: Plan, note: str = "") -> list[Line]:
    """The command in each jail, one line each."""
    lines: list[Line] = [((note, "warn"),), ()] if note else []
    lines.append(((sanitize(plan.title), "strong"),))
    left_out = [note for note in plan.notes if note.startswith("Not in ")]
    lines += [((sanitize(note), "warn"),) for note in plan.notes if note not in left_out]
    lines.append(())
    width = max((len(sanitize(step.jail)) for step in plan.steps), default=0)
    for step in plan.steps:
        name = f"{sanitize(step.jail):<{min(width, MOST)}}"
        lines.append(((f"  {name}  ", "strong"), (f"$ {describe(step.action)}", "key")))
    if left_out:
        lines += [(), *(((sanitize(note), "dim"),) for note in left_out)]
    return lines


def columns(many: FanOut, width: int) -> tuple[Column, ...]:
    """The columns of the grid for that width, without scrollbar."""
    longest = max((len(sanitize(jail_run.label)) for jail_run in many.turns), default=0)
    name = max(LEAST, min(longest, MOST))
    rest = width - name - STATE - STATUS - TIME - 10 - 3
    return (
        Column("glyph", "", 1, 0),
        Column("name", "JAIL", name, 0),
        Column("state", "STATE", STATE, 0),
        Column("status", "EXIT", STATUS, 0, right=True),
        Column("time", "TIME", TIME, 0, right=True),
        Column("said", "LAST LINE", max(10, rest), 0),
    )


_SIGNS = {
    RunStatus.WAITING: ("waiting", "dim"),
    RunStatus.RUNNING: ("active", "accent"),
    RunStatus.DONE: ("done", "ok"),
    RunStatus.LEFT_OUT: ("undone", "dim"),
    RunStatus.ENDED: ("undone", "warn"),
    RunStatus.LATE: ("failed", "warn"),
}


def sign(turn: JailRun, glyphs: Glyphs) -> Span:
    """The symbol of its status, with its tone."""
    name, tone = _SIGNS.get(turn.run_status, ("failed", "bad"))
    return getattr(glyphs, name), tone


def cells(turn: JailRun, now: float, glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of one jail; `now` is the host's uptime."""
    glyph = sign(turn, glyphs)
    status: Span = ("-", "dim")
    if turn.status is not None:
        text = str(turn.status) if turn.status >= 0 else f"SIG{-turn.status}"
        status = (text[: STATUS + 1], "text" if turn.status == 0 else "bad")
    return (
        glyph,
        (sanitize(turn.label), "strong"),
        (turn.run_status.value, glyph[1]),
        status,
        (_time(turn, now), "text"),
        (_said(turn), "text"),
    )


def _time(turn: JailRun, now: float) -> str:
    if turn.run_status in (RunStatus.WAITING, RunStatus.REFUSED, RunStatus.LEFT_OUT):
        return ""
    seconds = turn.seconds if turn.over else max(0.0, now - turn.began)
    if seconds < 60:
        return f"{seconds:.1f}s" if turn.over else f"{int(seconds)}s"
    return f"{int(seconds) // 60}m{int(seconds) % 60:02d}s"


def _said(turn: JailRun) -> str:
    """The last line; where that does not tell why, the reason."""
    last = sanitize(turn.output.last.rstrip("\r").expandtabs(1))
    if turn.run_status in (RunStatus.DONE, RunStatus.RUNNING):
        return last
    if turn.status in (None, 0) or not last:
        return turn.message
    return last


def standing(many: FanOut) -> str:
    """The overall status, in a line."""
    counts = Counter(jail_run.run_status for jail_run in many.turns)
    done = counts.pop(RunStatus.DONE, 0)
    lines = [f"{done} of {len(many.turns)} done"]
    order = [run_status for run_status in RunStatus if counts.get(run_status)]
    lines += [f"{counts[run_status]} {run_status.value}" for run_status in order]
    return ", ".join(lines) + "."


def about(turn: JailRun, now: float, glyphs: Glyphs) -> Line:
    """The status of one jail, in a line."""
    glyph, tone = sign(turn, glyphs)
    took = _time(turn, now)
    word = turn.run_status.value
    message = f": {turn.message}" if turn.message else ""
    if turn.good:
        message = ": exit status 0"
    return ((f"{glyph} {word}{message}", tone), (f"  {took}" if took else "", "dim"))


def output(turn: JailRun) -> list[Line]:
    """The kept output, with the number of dropped lines."""
    output = turn.output.lines()
    lines: list[Line] = [
        ((sanitize(line.rstrip("\r").expandtabs(8)), "warn" if error else "text"),)
        for line, error in output
    ]
    if turn.output.lost:
        at = turn.output.before_lost
        lines.insert(at, ((f"[{turn.output.lost:,} lines were dropped]", "accent"),))
    if not lines:
        lines.append((("No output." if turn.over else "No output yet.", "dim"),))
    return lines


def whole_output(many: FanOut) -> str:
    """All kept output by jail, for a file, with the jails' unchanged bytes."""
    parts = [f"# {sanitize(many.title)}\n"]
    for turn in many.turns:
        told = turn.message or ("exit status 0" if turn.good else turn.run_status.value)
        head = f"{turn.label}: {turn.run_status.value}, {told}, {turn.seconds:.1f} s"
        parts.append(f"\n# {sanitize(head)}\n")
        lines = [line for line, _ in turn.output.lines()]
        if turn.output.lost:
            lines.insert(turn.output.before_lost, f"# {turn.output.lost} lines were dropped")
        parts += [f"{line}\n" for line in lines]
    return "".join(parts)
