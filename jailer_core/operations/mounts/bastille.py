"""Mounts of Bastille's jails through its own program, which keeps them in fstab of the jail.

`bastille mount NAME SOURCE TARGET TYPE OPTIONS 0 0` and `bastille umount NAME TARGET` (mount.sh and
umount.sh of Bastille's repository; # not recorded). It mounts at once, so the jail must run. It
follows links when it creates a directory: directories are created before, without.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Jail
from jailer_core.operations import guards
from jailer_core.operations.mounts.steps import FileSystem
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import JailRuns, MountedAt, PathExists, Run, Step
from jailer_core.text import sanitize

TYPES = ("nullfs", "tmpfs", "linprocfs", "linsysfs")
_PLAIN = re.compile(r"/?[A-Za-z0-9_./:@%+-]+", re.ASCII)


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose mounts bastille cannot change now."""
    guards.require_startable(jail)
    if not jail.running:
        raise Refused(
            f"bastille changes mounts of running jails only, and {sanitize(jail.name)} is stopped",
            f"Start {sanitize(jail.name)} first.",
        )


def step(jail: Jail, system: FileSystem, target: str, *, on: bool) -> Step:
    """Mount something and record it, or unmount it. Raises Refused for what bastille cannot."""
    _possible(jail, system, target)
    options = ",".join(system.options) or "rw"
    words = (system.source, target, system.fstype, options, "0", "0")
    deeds = (
        (
            Run(("bastille", "umount", jail.name, target)),
            f"Unmount {sanitize(target)} through bastille",
        ),
        (
            Run(("bastille", "mount", jail.name, *words)),
            f"Mount {sanitize(target)} through bastille",
        ),
    )
    (do, title), (back, back_title) = deeds[on], deeds[not on]
    step = reversible(
        (do, title),
        (back, f"{back_title} again"),
        before=(MountedAt(system.path, mounted=not on, source=system.source),),
        after=(MountedAt(system.path, mounted=on, source=system.source),),
        same=(PathExists(system.path),),
        undo_if=(JailRuns(jail.name),),
        jail=jail.name,
    )
    return replace(step, preconditions=(JailRuns(jail.name, jail.jid), *step.preconditions))


def _possible(jail: Jail, system: FileSystem, target: str) -> None:
    """Bastille takes its words apart in a shell: nothing but plain paths reaches it."""
    if system.fstype not in TYPES:
        raise Refused(
            f"bastille does not mount {sanitize(system.fstype)} for {sanitize(jail.name)}",
            f"It mounts {', '.join(TYPES)}.",
        )
    for path in (system.source, target):
        if not _PLAIN.fullmatch(path):
            raise Refused(
                f"bastille cannot mount a path like this: {sanitize(path)}",
                "Use letters, digits, and . _ - + : @ % in it.",
            )
