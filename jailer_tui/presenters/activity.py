"""Past and running changes, and the cost of commands, as text in columns: pure."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from jailer_core.model.host import CommandCost, Meter
from jailer_core.operations.undo.entry import Entry, why_no_undo
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.operations.undo.summary import shown_state, step_lines
from jailer_core.text import command_line, human_age, redact, sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import NOTHING, Column, Line, Span, has_words, sized
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import Batch, Work
from jailer_tui.theme import Glyphs

TITLE = "title"
COLUMNS = (
    Column("glyph", "", 1, 0),
    Column(TITLE, "CHANGE", 30, 0),
    Column("state", "STATE", 11, 0),
    Column("who", "WHO", 8, 1),
    Column("when", "WHEN", 12, 0),
    Column("took", "TOOK", 6, 0, right=True),
    Column("jail", "JAIL", 16, 2),
)
COMMANDS = (
    Column("when", "AT", 8, 0),
    Column("took", "TOOK", 7, 0, right=True),
    Column("status", "EXIT", 4, 0, right=True),
    Column("command", "COMMAND", 40, 0),
)
_SIGNS = {
    "done": ("done", "ok"),
    "running": ("active", "accent"),
    "waiting": ("waiting", "dim"),
    "undone": ("undone", "dim"),
    "failed": ("failed", "bad"),
    "aborted": ("failed", "warn"),
    "cut off": ("broken", "warn"),
    "gone on": ("done", "dim"),
    "left": ("broken", "dim"),
}
SHORT, ROOMY = 76, 100


@dataclass(frozen=True, slots=True)
class Change:
    """One row: a change from the journal, or a job of this session."""

    key: str
    title: str
    state: str
    who: str = ""
    jail: str = ""
    when: float = 0.0
    seconds: float | None = None
    entry: Entry | None = None
    job: Job | None = None


def changes(entries: Iterable[Entry], work: Sequence[Work], busy: str, now: float) -> list[Change]:
    """Running ones first, then what was, the newest first.

    `busy` is the title of an interrupted change: another one without an end is being run
    by another program.
    """
    jobs = {job.entry: job for job in all_jobs(work) if job.entry}
    rows = [
        Change(
            f"job {index}",
            sanitize(job.plan.title),
            "running" if job.began else "waiting",
            jail=sanitize(job.plan.jail),
            job=job,
        )
        for index, job in enumerate(all_jobs(work))
        if not job.over and not job.entry
    ]
    return rows + [_recorded(entry, jobs.get(entry.id), busy, now) for entry in entries]


def _recorded(entry: Entry, job: Job | None, busy: str, now: float) -> Change:
    """One of the journal, which a job of this session may be carrying out."""
    state = entry.state
    if not entry.ending and not entry.closed and not entry.reversed_by:
        runs = (job is not None and not job.over) or (bool(entry.begun) and not busy)
        state = "running" if runs else state
    seconds = entry.seconds if entry.ending else None
    if state == "running":
        seconds = max(0.0, now - entry.when)
    who, jail = sanitize(entry.who), sanitize(entry.jail)
    return Change(entry.id, entry.title, state, who, jail, entry.when, seconds, entry, job)


def all_jobs(work: Sequence[Work]) -> list[Job]:
    """Every plan of this session, the newest first."""
    jobs: list[Job] = []
    for job in reversed(work):
        if isinstance(job, Batch):
            jobs += [item.job for item in reversed(job.items) if item.job is not None]
        elif isinstance(job, Job):
            jobs.append(job)
    return jobs


def matches(change: Change, words: str) -> bool:
    """Whether title, state, jail and user contain every word, and no `!word`."""
    op = change.entry.op if change.entry is not None else ""
    text = f"{change.title} {shown_state(change.state)} {change.who} {change.jail} {op}".casefold()
    return has_words(text, words)


# --- the table of changes --------------------------------------------------------------------


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that fit; the title gets the remaining width."""
    most = 0 if width < SHORT - 8 else 1 if width < ROOMY else 2
    chosen = [column for column in COLUMNS if column.rank <= most]
    gap = 2 if width >= 72 else 1
    taken = sum(column.width + gap for column in chosen if column.key != TITLE) + 1
    return sized(chosen, {TITLE: max(12, width - taken)})


def cells(
    change: Change, columns: Sequence[Column], glyphs: Glyphs, now: float
) -> tuple[Span, ...]:
    """The cells of a change."""
    sign, tone = _SIGNS.get(change.state, ("waiting", "dim"))
    took = human_age(round(change.seconds)) if change.seconds is not None else ""
    spans: dict[str, Span] = {
        "glyph": (str(getattr(glyphs, sign)), tone),
        TITLE: (change.title, "strong" if change.state in ("running", "cut off") else "text"),
        "state": (shown_state(change.state), tone),
        "who": (change.who, "text") if change.who else NOTHING,
        "when": (moment(change.when, now), "text") if change.when else NOTHING,
        "took": (took, "dim") if took else NOTHING,
        "jail": (change.jail, "text") if change.jail else NOTHING,
    }
    return tuple(spans[column.key] for column in columns)


def moment(when: float, now: float) -> str:
    """The time of day, with the date if it was not today."""
    then, today = time.localtime(when), time.localtime(now)
    if then[:3] == today[:3]:
        return time.strftime("%H:%M:%S", then)
    year = "%b %d %H:%M" if then.tm_year == today.tm_year else "%Y-%m-%d"
    return time.strftime(year, then)


def why_not_undo(change: Change | None) -> str:
    """Why it cannot be undone, judged without reading the host, or ""."""
    if change is None:
        return "no change is selected"
    if change.state in ("running", "waiting"):
        return f"it is running; {key_for('abort_change')} aborts it and undoes what it did"
    if change.entry is None:
        return "it never started"
    return "" if change.state == "cut off" else why_no_undo(change.entry)


def detail(change: Change, glyphs: Glyphs) -> list[Line]:
    """A line about the change under the cursor, below the table."""
    entry = change.entry
    lines: list[Line] = [((change.title, "title"),)]
    if entry is None:
        return [*lines, ((f"{shown_state(change.state)}, not recorded yet", "dim"),)]
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry.when))
    who = f" by {change.who}" if change.who else ""
    lines.append(((f"{at}{who}  ", "dim"), (entry.id, "dim")))
    if entry.message:
        lines.append(((f"{glyphs.failed} {sanitize(entry.message)}", "bad"),))
    lines += [((f"still different: {sanitize(left)}", "warn"),) for left in entry.left[:2]]
    if entry.reversed_by and entry.reversed_by != entry.id:
        lines.append(((f"undone by {sanitize(entry.reversed_by)}", "dim"),))
    why = why_not_undo(change)
    does = " shows how it would be undone"
    if change.state == "cut off":
        does = " shows what happened, and offers to undo or resume it"
    elif isinstance(entry.request, UndoChange):
        does = " redoes what this undid"
    if not why:
        lines.append(((key_for("undo"), "key"), (does, "text")))
    elif why != "it has already been undone":
        lines.append(((f"Cannot be undone: {why}", "dim"),))
    return lines


_STEPS = {
    "done": ("done", "ok"),
    "failed": ("failed", "bad"),
    "taken back": ("undone", "warn"),
    "running": ("active", "accent"),
    "in doubt": ("broken", "warn"),
    "was so already": ("done", "dim"),
}


def steps(entry: Entry, glyphs: Glyphs, *, full: bool) -> list[Line]:
    """Its steps with their commands, and (`full`) new file texts; secrets are hidden."""
    lines: list[Line] = []
    for number, step_line in enumerate(step_lines(entry), 1):
        sign, tone = _STEPS.get(step_line.state, ("waiting", "dim"))
        took = f"  {step_line.seconds:.0f} s" if step_line.seconds >= 1 else ""
        title = (f"{number}. {step_line.title}", "text")
        state = (f"  {shown_state(step_line.state)}{took}", tone)
        command = (step_line.command, "key" if step_line.sign else "dim")
        lines.append(((f"{getattr(glyphs, sign)} ", tone), title, state))
        lines.append(((f"   {step_line.sign}", "dim"), command))
        if full:
            tones = {"+": "ok", "-": "bad"}
            lines += [((f"   {text}", tones.get(text[:1], "dim")),) for text in step_line.more]
    return lines


# --- the commands of this session ------------------------------------------------------------


def command_columns(width: int) -> tuple[Column, ...]:
    """The columns of commands; the command gets the remaining width."""
    gap = 2 if width >= 72 else 1
    taken = sum(column.width + gap for column in COMMANDS[:-1]) + 1
    return sized(COMMANDS, {"command": max(12, width - taken)})


def command_text(cost: CommandCost) -> str:
    """The command or pipe, as it would be typed."""
    return redact(" | ".join(map(command_line, cost.commands)))


def command_cells(cost: CommandCost) -> tuple[Span, ...]:
    """The cells of a command."""
    at = time.strftime("%H:%M:%S", time.localtime(cost.when))
    if not cost.over:
        return (at, "dim"), ("...", "accent"), NOTHING, (command_text(cost), "strong")
    took = f"{cost.seconds:.2f}s"
    tone = "warn" if cost.seconds >= 1 else "dim"
    status = "-" if cost.status is None else str(cost.status)
    good = "dim" if cost.status == 0 else "warn"
    return (at, "dim"), (took, tone), (status, good), (command_text(cost), "text")


def sums(meter: Meter) -> list[Span]:
    """The cost of all commands of this session."""
    return [(f"{meter.processes} processes, {meter.seconds:.1f} s", "text")]
