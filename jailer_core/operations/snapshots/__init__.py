"""Snapshots: take, hold, destroy, go back to one, keep them by a schedule.

    requests.py   what can be asked for            names.py      names made of the time
    choose.py     which snapshots, whose           take.py, remove.py, holds.py
    case.py       a jail whose state is exchanged  away.py       into the trash, and out of it
    carried.py    what is set on a dataset         goback.py     back without losing anything
    forward.py    and undoing that                 rollback.py   the way that destroys
    dependents.py clones of newer snapshots        policy.py     how many are kept
    auto.py       which to take and remove now     schedule.py   the line for cron
    loose.py      bookmarks, permissions

Going back and forward are recordings 05 and 11; what is not recorded is marked where it stands.
"""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Jail
from jailer_core.operations import guards
from jailer_core.operations.room import Room
from jailer_core.operations.snapshots import (
    auto,
    case,
    forward,
    goback,
    holds,
    policy,
    remove,
    rollback,
    schedule,
    take,
)
from jailer_core.operations.snapshots.requests import (
    GoBack,
    GoForward,
    RollBack,
    SnapAuto,
    SnapDestroy,
    SnapHold,
    SnapPolicy,
    SnapRelease,
    SnapSchedule,
    SnapTake,
)


def _snapped(jail: Jail) -> None:
    guards.owned(jail)
    if not jail.dataset:
        raise Refused(f"{guards.named(jail.name)} has no dataset of its own")


ROOM = Room(
    needs={
        SnapTake: take.needs,
        SnapDestroy: remove.needs,
        SnapHold: holds.needs,
        SnapRelease: holds.needs,
        GoBack: case.needs,
        GoForward: forward.needs,
        RollBack: case.needs,
        SnapPolicy: policy.needs,
        SnapSchedule: schedule.needs,
        SnapAuto: auto.needs,
    },
    plans={
        SnapTake: take.take,
        SnapDestroy: remove.destroy,
        SnapHold: holds.hold,
        SnapRelease: holds.release,
        GoBack: goback.go_back,
        GoForward: forward.go_forward,
        RollBack: rollback.roll_back,
        SnapPolicy: policy.change,
        SnapSchedule: schedule.schedule,
        SnapAuto: auto.auto,
    },
    of_jail={
        SnapTake.op: _snapped,
        SnapDestroy.op: _snapped,
        SnapHold.op: _snapped,
        SnapRelease.op: _snapped,
        GoBack.op: _snapped,
        RollBack.op: _snapped,
        SnapPolicy.op: _snapped,
    },
)
