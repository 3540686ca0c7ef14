"""Steps from a fresh host to its first jail, for an empty table: pure, without a widget."""

from __future__ import annotations

from jailer_core.model import Inventory
from jailer_tui.key_hints import key_for
from jailer_tui.presenters.jails import Line
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
