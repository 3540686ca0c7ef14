"""The file in /etc/cron.d that has cron run `snap auto` every hour.

Not recorded: cron(8) reads /etc/cron.d besides /etc/crontab, in whose format (crontab(5)) the
file is: with the user in front of the command. It notices a changed file on its own.
"""

from __future__ import annotations

import re

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.model.trees import way_to
from jailer_core.operations.shared import file_steps
from jailer_core.operations.snapshots.requests import SnapshotSchedule
from jailer_core.operations.steps import reversible
from jailer_core.plan import MakeDir, Needs, PathExists, Plan, RemoveDir, Step
from jailer_core.templates import render
from jailer_core.text import sanitize

FOLDER = "/etc/cron.d"
PATH = f"{FOLDER}/jailer-tui"
HEAD = "# Written by jailer-tui: takes and removes snapshots by the policies of the jails."
HOUR = 3600

_PROGRAM = re.compile(r"/[A-Za-z0-9._/+-]*[A-Za-z0-9._+-]")
"""Nothing that sh or crontab(5) reads in another way; % is a line feed there."""


def text(program: str) -> str:
    """The text of the file. Raises Refused for a program that cron could not run."""
    if not _PROGRAM.fullmatch(program) or ".." in program.split("/"):
        raise Refused(
            f"{sanitize(program)} cannot be used in a crontab",
            "Use an absolute path of letters, digits and . _ + -",
        )
    return render("cron.j2", head=HEAD, program=program)


def needs(_inventory: Inventory, request: SnapshotSchedule) -> Needs:
    """The current file, its directory, the program and its directories."""
    program = way_to(request.program) if request.on else ()
    return Needs(files=(PATH,), paths=(FOLDER, PATH, *program))


def _only_roots(inventory: Inventory, program: str) -> None:
    """Cron runs it as root: anyone who can change it would be root within the hour."""
    for path in way_to(program):
        stamp = inventory.file_stats.get(path)
        if stamp is not None and (stamp.uid != 0 or stamp.mode & 0o022):
            raise Refused(
                f"{sanitize(path)} can be changed by users other than root, and cron would run "
                f"{sanitize(program)} as root",
                "Install the program as root for all users: below /usr/local.",
            )


def scheduled(inventory: Inventory) -> bool | None:
    """Whether cron runs it; None if the file was not read (`needs`)."""
    if PATH in inventory.file_texts:
        return inventory.file_texts[PATH].startswith(f"{HEAD}\n")
    return False


def next_run(now: int, offset: int = 0) -> int:
    """When cron runs it next: on the hour, on a clock `offset` seconds behind UTC."""
    local = now + offset
    return local - local % HOUR + HOUR - offset


def schedule(inventory: Inventory, request: SnapshotSchedule) -> Plan:
    """The plan that writes the file, or removes it."""
    old = inventory.file_texts.get(PATH)
    stamp = inventory.file_stats.get(PATH)
    if old is not None and not old.startswith(f"{HEAD}\n"):
        raise Refused(f"{PATH} was not written by Jailer TUI", "Move it away first.")
    if old is None and stamp is not None:
        raise Refused(f"{PATH} could not be read", "See what it is: ls -l.")
    title = f"{'Start' if request.on else 'Stop'} running `snap auto` hourly from cron"
    if not request.on:
        if old is None:
            return Plan(request, title, notes=("cron does not run it.",))
        return Plan(request, title, (file_steps.drop_file(PATH, old, stamp, f"Remove {PATH}"),))
    new = text(request.program)
    if old == new:
        return Plan.unchanged(request, title)
    if request.program not in inventory.file_stats:
        raise Refused(
            f"there is no program {sanitize(request.program)} on this host",
            "cron must find it: install it for all users first.",
        )
    _only_roots(inventory, request.program)
    steps = [] if FOLDER in inventory.file_stats else [_folder()]
    verb = "Write" if old is None else "Change"
    steps.append(file_steps.put_file(PATH, old, new, f"{verb} {PATH}", stamp, owner=(0, 0)))
    return Plan(request, title, tuple(steps), notes=_notes(inventory))


def _notes(inventory: Inventory) -> tuple[str, ...]:
    off = (inventory.rc or {}).get("cron_enable", "YES").lower() in ("no", "false", "off", "0")
    notes = ("Jails without a policy are left alone: snap policy NAME --daily 7",)
    return (*notes, "cron itself is off on this host (cron_enable).") if off else notes


def _folder() -> Step:
    return reversible(
        (MakeDir(FOLDER), f"Make the directory {FOLDER}"),
        (RemoveDir(FOLDER), f"Remove the directory {FOLDER}"),
        before=(PathExists(FOLDER, exists=False),),
        after=(PathExists(FOLDER),),
    )
