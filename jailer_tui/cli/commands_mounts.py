"""Commands about what is mounted inside jails."""

from __future__ import annotations

from jailer_core.operations.delegation.requests import DatasetGive, DatasetTake
from jailer_core.operations.mounts.requests import MountAdd, MountChange, MountRemove
from jailer_tui.cli.command import JSON, Command
from jailer_tui.cli.derive import command

_STATES = (
    "`not mounted`: configured, but not mounted. `dataset`: a ZFS dataset that is mounted there.\n"
    "`foreign`: mounted there, but not by the configuration of the jail."
)

MOUNTS = Command(
    "mount",
    "list, add, change or remove mounts inside jails",
    "mounts:listing",
    "[NAME|PATTERN|@TAG...]",
    0,
    None,
    (JSON,),
    _STATES,
    below=(
        Command(
            "mount list",
            "list what is mounted inside jails",
            "mounts:listing",
            "[NAME|PATTERN|@TAG...]",
            0,
            None,
            (JSON,),
            _STATES,
        ),
        command(MountAdd),
        command(MountChange),
        command(MountRemove),
    ),
)

DATASETS = Command(
    "dataset",
    "give datasets to jails, or take them away",
    below=(command(DatasetGive), command(DatasetTake)),
)
