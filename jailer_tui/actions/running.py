"""Commands, packages, services, processes and logs of jails."""

from __future__ import annotations

from jailer_tui.actions.action import MAY, Action

RUNNING: tuple[Action, ...] = (
    Action(
        "exec",
        ("x",),
        "Run a command",
        "Run a command inside the jail, in all marked ones side by side; with its output.",
        ("jails",),
        op="exec",
        danger=MAY,
    ),
    Action(
        "packages",
        ("p",),
        "Packages",
        "Install, upgrade, audit… packages in the jail, or in all marked ones.",
        ("jails",),
        op="pkg",
        danger=MAY,
    ),
    Action(
        "services",
        ("v",),
        "Services",
        "The services of the jail, or of all marked ones: status, start, stop, restart.",
        ("jails",),
        op="service",
        danger=MAY,
    ),
    # --- a command in many jails
    Action(
        "look_into",
        ("enter", "o"),
        "Output",
        "Show all that it said in this jail.",
        ("many",),
        footer=1,
    ),
    Action(
        "end_one",
        ("e",),
        "End this",
        "End it in this jail alone, with every process of its group.",
        ("many",),
        danger=MAY,
        footer=2,
    ),
    Action(
        "end_all",
        ("x",),
        "End all",
        "End it everywhere, and begin it nowhere any more. Asks first.",
        ("many",),
        danger=MAY,
        footer=3,
    ),
    Action(
        "end_this",
        ("x", "e"),
        "End",
        "End it in this jail, with every process of its group. Asks first.",
        ("output",),
        danger=MAY,
        footer=2,
    ),
    Action(
        "save",
        ("s",),
        "Save",
        "Keep all output in a file of the host that only its owner can read.",
        ("many", "output"),
        footer=4,
    ),
)
