"""What the tab of past and running changes offers, and undo, which all tabs have."""

from __future__ import annotations

from jailer_tui.actions.action import MAY, Action

ACTIVITY = (
    Action(
        "undo",
        ("z",),
        "Undo",
        "Preview undoing the last change, or in Activity the selected one.",
        ("tabs", "detail"),
        op="undo",
        danger=MAY,
        footer=9,
    ),
    Action(
        "open_change",
        ("enter",),
        "Open",
        "Show the steps, commands and output of this change.",
        ("activity",),
        footer=1,
    ),
    Action(
        "abort_change",
        ("x",),
        "Abort",
        "Abort this change while it runs and undo what it did. Asks first.",
        ("activity",),
        danger=MAY,
        footer=3,
    ),
    Action(
        "turn",
        ("tab",),
        "Costs",
        "Switch between the changes and every command of this session with its cost.",
        ("activity",),
        footer=4,
    ),
    # --- one change, opened
    Action(
        "undo_this",
        ("z",),
        "Undo",
        "Preview undoing this change.",
        ("change",),
        danger=MAY,
        footer=1,
    ),
)
