"""The checks of the doctor as text in columns: pure, without a widget."""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.operations.setup.plan import FIXES
from jailer_core.operations.setup.plan_builder import Check
from jailer_core.text import sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Column, Line, Span, keyed
from jailer_tui.theme import Glyphs

WHY = {
    "zfs": "ZFS is the file system that holds each jail in its own dataset.",
    "pool": "A ZFS pool is the storage that holds the jails' datasets.",
    "dataset": "The parent of all jails: each gets its own dataset below it.",
    "enable": "Without it FreeBSD starts no jails at boot.",
    "order": "Which jails start at boot, and in which order.",
    "bridge": "A virtual switch that connects jails with their own network.",
    "forward": "The host must forward packets for its jails, like a router.",
    "filter": "The packet filter does NAT; the rules of jails go into anchors.",
    "nat": "Jails on the bridge reach the internet with the host's address.",
    "dhcp": "Assigns addresses to jails on the bridge only.",
    "devfs": "Hides the host's disks and memory from jails with their own network.",
    "devices": "A jail that sees the host's devices can read its disks, so it is not isolated.",
    "racct": "Allows limits on memory, CPU and processes of a jail. Needs a reboot.",
    "left": "Leftovers of a failed start prevent the next one.",
    "pyzfs": "An optional library that replaces zfs commands.",
    "trash": "Destroyed jails stay here, and take space, until they are purged.",
}
"""Why each check matters, for newcomers."""


def sign(check: Check, glyphs: Glyphs) -> Span:
    """The sign of its state."""
    return {
        "ok": (glyphs.done, "ok"),
        "missing": (glyphs.stopped, "warn"),
        "wrong": (glyphs.broken, "bad"),
        "info": (glyphs.dot, "dim"),
    }.get(check.state, ("?", "warn"))


def columns(width: int) -> tuple[Column, ...]:
    """The columns; the result gets the remaining width."""
    return (
        Column("glyph", "", 1, 0),
        Column("title", "CHECK", 16, 0),
        Column("state", "STATE", 7, 0),
        Column("detail", "FOUND", max(10, width - 1 - 2 - 18 - 9), 0),
    )


def cells(check: Check, glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of a check."""
    mark, tone = sign(check, glyphs)
    return (
        (mark, tone),
        (sanitize(check.title), "text" if check.good else "strong"),
        ("note" if check.state == "info" else check.state, tone),
        (sanitize(check.detail), "dim" if check.good else "text"),
    )


def summary(checks: Sequence[Check], asking: bool, more: str) -> list[Span]:
    """How many are right, for the line above."""
    bad = sum(not check.good for check in checks)
    spans: list[Span] = [(f"checking{more}  ", "accent")] if asking else []
    if checks:
        spans += [(f"{bad} to check", "warn") if bad else ("all OK", "ok")]
        spans.append((f", {len(checks) - bad} OK" if bad else "", "text"))
    return spans


def intro(checks: Sequence[Check], marked: int, *, new: bool, can: str) -> list[Line]:
    """The introduction; `can` says why nothing can be changed."""
    if not checks:
        return []
    if can:
        return [((f" You can look, but not change anything: {can}.", "accent"),)]
    if not any(check.fix is not None for check in checks):
        return [keyed(" Nothing needs to be done here. {fix} continues.", "ok")]
    message = " This host is not set up for jails yet." if new else " Some problems can be fixed."
    what = f" {marked} marked with +: " if marked else " "
    keys = keyed("{fix} previews the fixes, {mark_fix} marks or unmarks.", "text")
    return [
        ((message, "strong"), (" Nothing is changed without a preview.", "text")),
        ((what, "warn"), *keys),
    ]


def detail(check: Check, values: str, glyphs: Glyphs) -> list[Line]:
    """All about one check; `values` are those that its fix would take."""
    mark, tone = sign(check, glyphs)
    title = (f"{mark} {sanitize(check.title)}: ", tone)
    lines: list[Line] = [(title, (sanitize(check.detail), "text"))]
    why = WHY.get(check.id.partition(" ")[0], "")
    if why:
        lines.append(((why, "dim"),))
    if check.hint:
        lines.append(((sanitize(check.hint), "accent"),))
    if check.fix is None:
        return lines
    lines.append((("Fix:  ", "dim"), (FIXES[type(check.fix)][0], "strong")))
    if values:
        lines[-1] += ((f": {sanitize(values)}", "text"), (f"  {key_for('choices')}", "key"))
        lines[-1] += ((" changes it", "dim"),)
    return lines
