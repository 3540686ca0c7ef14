"""Commands about the settings of a jail that exists, its mounts and its datasets."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.operations.delegation.requests import DatasetGive, DatasetTake
from jailer_core.operations.mounts.requests import MountAdd, MountChange, MountRemove
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.setup.requests import CountResources
from jailer_tui.cli.command import JSON, Command
from jailer_tui.cli.derive import command

SETTINGS = (
    Command(
        "limits",
        "show resource usage and limits of jails, or set limits",
        "limits:show",
        "[NAME|PATTERN|@TAG...]",
        (JSON,),
        "Without a NAME, all jails are shown; with one NAME, each of its limits. AT START is what "
        "the configuration sets at every start. In JSON, amounts are numbers; null means that "
        "there is no limit, or that it is unknown.",
        below=(command(SetLimits), command(CountResources, name="limits enable")),
    ),
    Command(
        "get",
        "show the parameters of a jail: configured, running, default",
        "parameters:get",
        "NAME [PARAMETER]",
        (JSON,),
        "With a PARAMETER, also shows what it permits and its risks.",
    ),
    command(SetParameters),
)


_MOUNT_LIST = Command(
    "mount list",
    "list what is mounted inside jails",
    "mounts:listing",
    "[NAME|PATTERN|@TAG...]",
    (JSON,),
    "`not mounted`: configured, but not mounted. `dataset`: a ZFS dataset that is mounted there.\n"
    "`foreign`: mounted there, but not by the configuration of the jail.",
)

MOUNTS = replace(
    _MOUNT_LIST,
    name="mount",
    summary="list, add, change or remove mounts inside jails",
    below=(_MOUNT_LIST, command(MountAdd), command(MountChange), command(MountRemove)),
)

DATASETS = Command(
    "dataset",
    "give datasets to jails, or take them away",
    below=(command(DatasetGive), command(DatasetTake)),
)
