"""From the checks of the doctor to words in columns: pure, without a widget."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.model import Inventory
from jailer_core.operations.setup.check import Check
from jailer_core.operations.setup.plan import TITLES
from jailer_core.text import sanitize
from jailer_tui.forms.setup import values_said
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Column, Line, Span

WHY = {
    "zfs": "ZFS is the file system that every jail gets a dataset of.",
    "pool": "A pool is the storage that ZFS divides among datasets; jails need one.",
    "dataset": "The place of all jails: each gets a dataset of its own below this one.",
    "enable": "Without it FreeBSD starts no jail when the host boots.",
    "order": "Which jails start at boot, one after the other.",
    "bridge": "A switch inside the host: jails with their own network are plugged into it.",
    "forward": "The host must pass on what its jails send to others, like a router.",
    "filter": "The packet filter rewrites addresses; anchors are where rules of jails go.",
    "nat": "Jails on the bridge reach the world with the address of the host.",
    "dhcp": "Hands out addresses to jails on the bridge, and nowhere else.",
    "devfs": "Hides the host's disks and memory from jails with their own network.",
    "devices": "A jail that sees the host's devices can read its disks: it is no jail.",
    "racct": "Lets you limit memory, CPU and processes of a jail. Needs one reboot.",
    "left": "What failed starts leave behind keeps the next start from working.",
    "pyzfs": "A library that spares the commands of ZFS; a host does well without it.",
    "trash": "Destroyed jails wait here until they are purged; they still take room.",
}
"""What each check is good for, for who has never done this."""

STATES = {"missing": "missing", "wrong": "wrong", "unknown": "unknown", "info": "note", "ok": "ok"}


def sign(check: Check, glyphs: Glyphs) -> Span:
    """The sign of its state."""
    return {
        "ok": (glyphs.done, "ok"),
        "missing": (glyphs.stopped, "warn"),
        "wrong": (glyphs.broken, "bad"),
        "info": (glyphs.dot, "dim"),
    }.get(check.state, ("?", "warn"))


def columns(width: int) -> tuple[Column, ...]:
    """The columns; what was found gets what is left."""
    return (
        Column("glyph", "", 1, 0),
        Column("title", "CHECK", 16, 0),
        Column("state", "STATE", 7, 0),
        Column("detail", "FOUND", max(10, width - 1 - 2 - 18 - 9), 0),
    )


def cells(check: Check, glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of a check."""
    mark, tone = sign(check, glyphs)
    quiet = check.good
    return (
        (mark, tone),
        (sanitize(check.title), "text" if quiet else "strong"),
        (STATES.get(check.state, check.state), tone),
        (sanitize(check.detail), "dim" if quiet else "text"),
    )


def summary(checks: Sequence[Check], asking: bool, more: str) -> list[Span]:
    """How many are right, for the line above."""
    bad = sum(not check.good for check in checks)
    spans: list[Span] = [(f"looking{more}  ", "accent")] if asking else []
    if checks:
        spans += [(f"{bad} to look at", "warn") if bad else ("all is well", "ok")]
        spans.append((f", {len(checks) - bad} right" if bad else "", "text"))
    return spans


def intro(checks: Sequence[Check], marked: int, *, new: bool, can: str) -> list[Line]:
    """What one must know before one presses a key; `can` says why nothing can be changed."""
    if not checks:
        return []
    if can:
        return [((f" You can look, not change: {can}.", "accent"),)]
    if not any(check.fix is not None for check in checks):
        done = " Nothing needs to be done here. "
        return [((done, "ok"), ("enter", "key"), (" goes on.", "ok"))]
    said = " This host has no place for jails yet." if new else " Some things can be put right."
    what = f" {marked} marked with +: " if marked else " "
    return [
        ((said, "strong"), (" Nothing is done before you have seen it.", "text")),
        (
            (what, "warn"),
            ("enter", "key"),
            (" shows what would be done, ", "text"),
            ("space", "key"),
            (" marks or unmarks.", "text"),
        ),
    ]


def detail(check: Check, inventory: Inventory, glyphs: Glyphs) -> list[Line]:
    """What is to be known of one check."""
    mark, tone = sign(check, glyphs)
    lines: list[Line] = [
        (
            (f"{mark} {sanitize(check.title)}: ", tone),
            (sanitize(check.detail), "text"),
        )
    ]
    why = WHY.get(check.id.partition(" ")[0], "")
    if why:
        lines.append(((why, "dim"),))
    if check.hint:
        lines.append(((sanitize(check.hint), "accent"),))
    if check.fix is None:
        return lines
    lines.append((("Fix:  ", "dim"), (TITLES.get(type(check.fix), ""), "strong")))
    values = values_said(check.fix, inventory)
    if values:
        lines[-1] += ((f": {sanitize(values)}", "text"), ("  e", "key"), (" changes it", "dim"))
    return lines
