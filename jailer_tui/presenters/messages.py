"""Steps from a fresh host to its first jail, for an empty table: pure, without a widget.

Lines above tables and keys: banner, problems, messages, wrapped at spaces.

Lines that are too long, wrapped at spaces.

Messages as lines above the keys.

The lines above a table: banner, problems, what runs now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from rich.cells import cell_len, chop_cells

from jailer_core.model import Inventory, Problem
from jailer_core.settings import Mistake
from jailer_core.text import sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Line, Span, keyed
from jailer_tui.state import AppState
from jailer_tui.theme import Glyphs

STEPS = (
    ("doctor", "Set up this host", "a dataset for jails, a bridge, addresses"),
    ("first_image", "Fetch an image", "the FreeBSD release that jails are made from"),
    ("create", "Create a jail", "and start it"),
)
"""Actions, in this order; what each is, and what it brings."""


def next_step(inventory: Inventory) -> str:
    """The next step."""
    if not inventory.layout.dataset:
        return "doctor"
    return "create" if inventory.images else "first_image"


def start_lines(inventory: Inventory, glyphs: Glyphs) -> list[Line]:
    """The text of an empty table: steps that are done, what enter does, and what follows."""
    lines: list[Line] = [
        (),
        (("  No jails on this host yet.", "strong"), (" It takes three steps:", "text")),
        (),
    ]
    names = [name for name, _, _ in STEPS]
    now = names.index(next_step(inventory))
    for index, (_, label, brings) in enumerate(STEPS):
        sign, tone = (
            (glyphs.done, "ok")
            if index < now
            else (glyphs.active, "accent")
            if index == now
            else (glyphs.waiting, "dim")
        )
        keys = key_for("open") if index == now else ""
        lines.append(
            (
                (f"  {sign} ", tone),
                (f"{keys:<7}", "key"),
                (f"{label:<18}", "strong" if index == now else "dim"),
                (brings, "text" if index == now else "dim"),
            )
        )
    lines += [
        (),
        (("  Jails from /etc/jail.conf and /etc/jail.conf.d appear here automatically,", "dim"),),
        (("  and so do jails started by other programs.", "dim"),),
    ]
    if inventory.trash:
        lines += [
            (),
            ((f"  {key_for('trash')} ", "key"), (" Destroyed jails can be restored.", "text")),
        ]
    return lines


INDENT = 2


def wrapped(line: Line, width: int) -> list[Line]:
    """One line wrapped at that width, with a hanging indent."""
    if width < 1 or sum(cell_len(text) for text, _ in line) <= width:
        return [line]
    text = "".join(text for text, _ in line)
    indent = min(len(text) - len(text.lstrip(" ")) + INDENT, width // 4)
    rows: list[Line] = []
    row: list[Span] = []
    room = width
    for word, tone in _words(line):
        parts = [word] if cell_len(word) <= width - indent else chop_cells(word, width - indent)
        for part in parts:
            if cell_len(part.rstrip()) > room:
                rows.append(tuple(row))
                row = [(" " * indent, "text")] if indent else []
                room = width - indent
            row.append((part, tone))
            room -= cell_len(part)
    return [*rows, tuple(row)]


def _words(line: Line) -> list[Span]:
    """The spans cut after their spaces; leading spaces stay with the first word."""
    words: list[Span] = []
    for text, tone in line:
        start = 0
        for index in range(1, len(text)):
            if text[index - 1] == " " and text[index] != " " and text[start:index].strip():
                words.append((text[start:index], tone))
                start = index
        words.append((text[start:], tone))
    return words


class Message(Protocol):
    """A temporary message: its first line, then hints."""

    @property
    def message(self) -> str:
        """The text."""

    @property
    def severity(self) -> str:
        """`warning`, or `information`."""


def messages(shown: Iterable[Message], glyphs: Glyphs) -> list[Line]:
    """The oldest first."""
    lines: list[Line] = []
    for message in shown:
        first, *hints = message.message.split("\n")
        bad = message.severity != "information"
        sign = (f" {glyphs.broken} ", "warn") if bad else (f" {glyphs.done} ", "ok")
        lines.append((sign, (first, "strong")))
        lines += [((f"   {hint}", "text"),) for hint in hints]
    return lines


MOST_PROBLEMS = 3


def notices(view: AppState) -> list[Line]:
    """The notices above the table: banner, missing permissions, problems."""
    lines: list[Line] = []
    if view.banner:
        lines.append(((f" {view.banner}", "warn"),))
    if view.now.read_only:
        lines.append(((" Read-only: nothing can be changed.", "accent"),))
    elif view.full and view.inventory is not None and not view.inventory.host.root:
        text = (
            " Not root: you can look, but not change anything. {palette} offers to restart as root."
        )
        lines.append(keyed(text, "accent"))
    if view.failure:
        lines.append(((f" {view.glyphs.broken} {sanitize(view.failure)}", "bad"),))
    if view.cut_off:
        title = (f" {view.glyphs.broken} Interrupted: ", "warn"), (sanitize(view.cut_off), "strong")
        lines.append((*title, (f"  {key_for('undo')}", "key"), (" resolves it", "dim")))
    if view.mistakes:
        lines.append(mistakes_line(view.mistakes, view.glyphs.broken))
    problems = view.inventory.problems if view.inventory is not None else ()
    shown = problems if len(problems) <= MOST_PROBLEMS else problems[: MOST_PROBLEMS - 1]
    lines += [_problem(problem, view.glyphs) for problem in shown]
    if len(shown) < len(problems):
        more = len(problems) - len(shown)
        lines.append(((f" {view.glyphs.broken} and {more} more problems", "bad"),))
    return lines + doing(view)


def doing(view: AppState) -> list[Line]:
    """The line about running jobs."""
    lines: list[Line] = []
    if view.work:
        work = (f" {view.glyphs.active} {view.work}  ", "accent")
        lines.append((work, *keyed("{work} shows it", "dim")))
    if view.reading:
        text = f" {view.glyphs.active} Preparing the plan{view.glyphs.dots}"
        lines.append(((text, "accent"),))
    return lines


def _problem(problem: Problem, glyphs: Glyphs) -> Line:
    hint = f"  {sanitize(problem.hint)}" if problem.hint else ""
    message = sanitize(problem.message)
    if not problem.message.startswith(problem.source.partition(" ")[0]):
        message = f"{sanitize(problem.source)}: {message}"
    return ((f" {glyphs.broken} {message}", "bad"), (hint, "dim"))


def mistakes_line(wrong: tuple[Mistake, ...], sign: str) -> Line:
    """One line about all mistakes."""
    first = wrong[0]
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    hint = f"  {sanitize(first.hint)}" if first.hint and not more else ""
    return (
        (f" {sign} {sanitize(str(first))}", "warn"),
        (f"{more}: run jailer-tui settings" if more else hint, "dim"),
    )
