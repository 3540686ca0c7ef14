"""How a command in many jails is shown: what would run, one row a jail, one output. Pure."""

from __future__ import annotations

from collections import Counter

from jailer_core.execute.many import Many, Stand, Turn
from jailer_core.plan import Plan
from jailer_core.preview import describe
from jailer_core.text import visible
from jailer_tui.glyphs import Glyphs
from jailer_tui.present import Column, Line, Span
from jailer_tui.widgets.grid import Row

LEAST, MOST = 8, 24
STATE, STATUS, TIME = 11, 4, 7


def command_lines(plan: Plan, note: str = "") -> list[Line]:
    """What runs where, one line a jail: all that is different is the jail."""
    lines: list[Line] = [((note, "warn"),), ()] if note else []
    lines.append(((visible(plan.title), "strong"),))
    left_out = [one for one in plan.notes if one.startswith("Not in ")]
    lines += [((visible(one), "warn"),) for one in plan.notes if one not in left_out]
    lines.append(())
    width = max((len(visible(step.jail)) for step in plan.steps), default=0)
    for step in plan.steps:
        name = f"{visible(step.jail):<{min(width, MOST)}}"
        lines.append(((f"  {name}  ", "strong"), (f"$ {describe(step.action)}", "key")))
    if left_out:
        lines += [(), *(((visible(one), "dim"),) for one in left_out)]
    return lines


def columns(many: Many, width: int) -> tuple[Column, ...]:
    """The grid in so many cells, without scrollbar."""
    longest = max((len(visible(one.name)) for one in many.turns), default=0)
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
    Stand.WAITING: ("waiting", "dim"),
    Stand.RUNNING: ("active", "accent"),
    Stand.DONE: ("done", "ok"),
    Stand.LEFT_OUT: ("undone", "dim"),
    Stand.ENDED: ("undone", "warn"),
    Stand.LATE: ("failed", "warn"),
}


def sign(turn: Turn, glyphs: Glyphs) -> Span:
    """The sign of how it stands, with its tone."""
    name, tone = _SIGNS.get(turn.stand, ("failed", "bad"))
    return getattr(glyphs, name), tone


def row(index: int, turn: Turn, now: float, glyphs: Glyphs) -> Row:
    """The row of one jail; `now` is the host's uptime."""
    glyph = sign(turn, glyphs)
    status: Span = ("-", "dim")
    if turn.status is not None:
        text = str(turn.status) if turn.status >= 0 else f"SIG{-turn.status}"
        status = (text[: STATUS + 1], "text" if turn.status == 0 else "bad")
    return Row(
        str(index),
        (
            glyph,
            (visible(turn.name), "strong"),
            (turn.stand.value, glyph[1]),
            status,
            (_time(turn, now), "text"),
            (_said(turn), "text"),
        ),
    )


def _time(turn: Turn, now: float) -> str:
    if turn.stand in (Stand.WAITING, Stand.REFUSED, Stand.LEFT_OUT):
        return ""
    seconds = turn.seconds if turn.over else max(0.0, now - turn.began)
    if seconds < 60:
        return f"{seconds:.1f}s" if turn.over else f"{int(seconds)}s"
    return f"{int(seconds) // 60}m{int(seconds) % 60:02d}s"


def _said(turn: Turn) -> str:
    """The last line; where that does not tell why, the reason."""
    last = visible(turn.said.last.rstrip("\r").expandtabs(1))
    if turn.stand in (Stand.DONE, Stand.RUNNING):
        return last
    if turn.status in (None, 0) or not last:
        return turn.message
    return last


def standing(many: Many) -> str:
    """How the whole stands, in a line."""
    counts = Counter(one.stand for one in many.turns)
    done = counts.pop(Stand.DONE, 0)
    said = [f"{done} of {len(many.turns)} done"]
    order = [one for one in Stand if counts.get(one)]
    said += [f"{counts[one]} {one.value}" for one in order]
    return ", ".join(said) + "."


def about(turn: Turn, now: float, glyphs: Glyphs) -> Line:
    """How one jail stands, in a line."""
    glyph, tone = sign(turn, glyphs)
    took = _time(turn, now)
    word = turn.stand.value
    message = f": {turn.message}" if turn.message else ""
    if turn.good:
        message = ": exit status 0"
    return ((f"{glyph} {word}{message}", tone), (f"  {took}" if took else "", "dim"))


def output(turn: Turn) -> list[Line]:
    """All that was kept of what it said; what came between is counted."""
    said = turn.said.lines()
    lines: list[Line] = [
        ((visible(line.rstrip("\r").expandtabs(8)), "warn" if error else "text"),)
        for line, error in said
    ]
    if turn.said.lost:
        at = turn.said.before_lost
        lines.insert(at, ((f"[{turn.said.lost:,} lines were not kept]", "accent"),))
    if not lines:
        lines.append((("It has said nothing." if turn.over else "Nothing yet.", "dim"),))
    return lines


def whole_output(many: Many) -> str:
    """Everything that was kept, jail by jail, for a file: the jails' bytes as they are."""
    parts = [f"# {visible(many.title)}\n"]
    for turn in many.turns:
        told = turn.message or ("exit status 0" if turn.good else turn.stand.value)
        head = f"{turn.name}: {turn.stand.value}, {told}, {turn.seconds:.1f} s"
        parts.append(f"\n# {visible(head)}\n")
        lines = [line for line, _ in turn.said.lines()]
        if turn.said.lost:
            lines.insert(turn.said.before_lost, f"# {turn.said.lost} lines were not kept")
        parts += [f"{line}\n" for line in lines]
    return "".join(parts)
