"""Delegated datasets: what can be asked for."""

from __future__ import annotations

from jailer_core.operations.spec import Kind, Scope, operand, operation, option
from jailer_core.request import Request


@operation(
    "give",
    command="dataset give",
    summary="give a ZFS dataset to a jail, which then administers it",
    label="Give a dataset",
    help=(
        "The jail can mount the dataset, take snapshots of it, and create datasets in it. The "
        "host no longer mounts it (jailed=on). The jail's configuration attaches it at each start "
        "and allows the jail to mount ZFS; a running jail gets it at once."
    ),
    scope=Scope.JAIL,
    plan="delegation.give:give",
    refusal="delegation.records:refusal",
    configures=True,
)
class DatasetGive(Request):
    """Give a dataset to a jail, now and at each start."""

    name: str = operand("Jail", kind=Kind.JAIL)
    dataset: str = operand(
        "Dataset", "A dataset that no jail has yet.", kind=Kind.DATASET, metavar="DATASET"
    )
    mountpoint: str = option(
        "Mount point",
        "Set its mount point to PATH inside the jail.",
        "-m",
        "--mountpoint",
        kind=Kind.INSIDE,
        metavar="PATH",
    )


@operation(
    "take",
    command="dataset take",
    summary="take a ZFS dataset away from a jail",
    label="Take a dataset",
    help="It is unmounted and detached, and the jail's configuration no longer attaches it. The\n"
    "host can use it again (jailed=off), but does not mount it: check its contents and its\n"
    "mount point first.",
    scope=Scope.JAIL,
    plan="delegation.take:take",
    refusal="delegation.records:refusal",
    configures=True,
)
class DatasetTake(Request):
    """Take a dataset away from a jail."""

    name: str = operand("Jail", kind=Kind.JAIL)
    dataset: str = operand(
        "Dataset", "A dataset that the jail has.", kind=Kind.DATASET, metavar="DATASET"
    )
