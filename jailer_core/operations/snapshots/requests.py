"""What can be asked for about snapshots: the same from the command line and the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.plan import Request, register


@register
@dataclass(frozen=True, slots=True)
class SnapTake(Request):
    """Take a snapshot of a jail, with that of the datasets below when `recursive`.

    `snapshot` is the part behind the @; the caller makes the default of the time
    (names.by_default), since operations have no clock.
    """

    name: str
    snapshot: str
    recursive: bool = True
    op: ClassVar[str] = "snap"


@register
@dataclass(frozen=True, slots=True)
class SnapDestroy(Request):
    """Destroy snapshots for good, by their full names (`dataset@name`).

    With `recursive` those of the same name of the datasets below go as well.
    """

    snapshots: tuple[str, ...]
    recursive: bool = True
    op: ClassVar[str] = "snapdestroy"


@register
@dataclass(frozen=True, slots=True)
class SnapHold(Request):
    """Hold snapshots (full names) under a tag: nobody can destroy them until it is released."""

    snapshots: tuple[str, ...]
    tag: str = "keep"
    recursive: bool = True
    op: ClassVar[str] = "snaphold"


@register
@dataclass(frozen=True, slots=True)
class SnapRelease(Request):
    """Release holds on snapshots (full names); `tag` "": the only one that there is."""

    snapshots: tuple[str, ...]
    tag: str = ""
    recursive: bool = True
    op: ClassVar[str] = "snaprelease"


@register
@dataclass(frozen=True, slots=True)
class GoBack(Request):
    """Take a jail back to a snapshot (the part behind the @); its present state goes to the trash.

    `stamp` makes the entry's name unique (letters and digits, made by the caller as for
    Destroy). `start` None: running afterwards when it runs now.
    """

    name: str
    snapshot: str
    stamp: str
    start: bool | None = None
    op: ClassVar[str] = "goback"


@register
@dataclass(frozen=True, slots=True)
class GoForward(Request):
    """Undo a going back: the state in the trash (id of its entry, or the jail's name) comes back.

    The present state takes its place in the trash, under `stamp`: nothing is lost. `start`
    None: running afterwards when it runs now, or ran before the going back.
    """

    entry: str
    stamp: str
    start: bool | None = None
    op: ClassVar[str] = "goforward"


@register
@dataclass(frozen=True, slots=True)
class RollBack(Request):
    """`zfs rollback -r`: what came after the snapshot is destroyed, newer snapshots too."""

    name: str
    snapshot: str
    start: bool | None = None
    op: ClassVar[str] = "rollback"


@register
@dataclass(frozen=True, slots=True)
class SnapPolicy(Request):
    """How many snapshots of each kind `snap auto` takes and keeps of a jail; all 0: none."""

    name: str
    hourly: int = 0
    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    op: ClassVar[str] = "snappolicy"


@register
@dataclass(frozen=True, slots=True)
class SnapSchedule(Request):
    """Have cron run `PROGRAM snap auto` every hour, or no more. `program` is an absolute path."""

    on: bool
    program: str = ""
    op: ClassVar[str] = "snapschedule"


@register
@dataclass(frozen=True, slots=True)
class SnapAuto(Request):
    """Take and remove what the policies say at `now` (seconds since 1970).

    `name` "": of all jails in one plan; else of that jail only. `only` is take or remove, ""
    for both: when something cannot be removed, what was taken is to stay all the same.
    """

    now: int
    name: str = ""
    only: str = ""
    op: ClassVar[str] = "snapauto"
