"""The lines above a table: banner, problems, what runs now."""

from __future__ import annotations

from jailer_core.model import Problem
from jailer_core.settings.mistake import Mistake
from jailer_core.text import sanitize
from jailer_tui.glyphs import Glyphs
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Line, keyed
from jailer_tui.state import AppState

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
    """What is running now."""
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
    """One line above the table for all of them."""
    first = wrong[0]
    more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
    hint = f"  {sanitize(first.hint)}" if first.hint and not more else ""
    return (
        (f" {sign} {sanitize(str(first))}", "warn"),
        (f"{more}: run jailer-tui settings" if more else hint, "dim"),
    )
