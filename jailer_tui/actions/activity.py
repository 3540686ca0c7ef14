"""What the tab of past and running changes offers, and undo, which all tabs have."""

from __future__ import annotations

from jailer_tui.actions.action import MAY, Action

ACTIVITY = (
    Action(
        "undo",
        ("z",),
        "Undo",
        "Show how the last change would be undone, then it can be done; in the Activity tab: the "
        "one under the cursor.",
        ("tabs", "detail"),
        op="undo",
        danger=MAY,
        footer=9,
    ),
    Action(
        "open_change",
        ("enter",),
        "Open",
        "The steps, commands and output of this change.",
        ("activity",),
        footer=1,
    ),
    Action(
        "abort_change",
        ("x",),
        "Abort",
        "End this change while it runs, and take back what it did. Asks first.",
        ("activity",),
        danger=MAY,
        footer=3,
    ),
    Action(
        "turn",
        ("tab",),
        "Costs",
        "Every command that this session has run on the host, with its cost; again: the changes.",
        ("activity",),
        footer=4,
    ),
    # --- one change, opened
    Action(
        "undo_this",
        ("z",),
        "Undo",
        "Show how this change would be undone; then it can be done.",
        ("change",),
        danger=MAY,
        footer=1,
    ),
)
