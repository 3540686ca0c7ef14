"""The progress of a step in words and as a bar."""

from __future__ import annotations

from jailer_core.text import human_age, human_bytes
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line
from jailer_tui.stores.progress_rate import ProgressRate

LEAST_BAR, MOST_BAR = 8, 30


def words(measure: ProgressRate) -> list[str]:
    """How far it is, the most important first."""
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
    """One line of that many cells: a bar where the whole is known, and words after it."""
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
