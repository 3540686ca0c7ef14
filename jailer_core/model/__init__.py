"""The model of a host, as immutable values.

Sizes are bytes, times are seconds since 1970, CPU is percent of one core.
`None` always means *unknown* (a probe failed, or was not asked), never "none" or zero:
for "none" there is the empty string, the empty tuple, or zero.
"""

from __future__ import annotations

from jailer_core.model.host import CommandResult, HostFacts, Layout, SetupFacts
from jailer_core.model.host_state import Inventory
from jailer_core.model.interfaces import Address, Interface
from jailer_core.model.jails import (
    OURS,
    OWN_STACK,
    FileStamp,
    Jail,
    JailConfig,
    JailFiles,
    JailState,
    Network,
    OpenFile,
    Owner,
    Problem,
    Process,
)
from jailer_core.model.storage import Dataset, Image, Mount, Pool, Property, Snapshot, TrashEntry

__all__ = [
    "OURS",
    "OWN_STACK",
    "Address",
    "CommandResult",
    "Dataset",
    "FileStamp",
    "HostFacts",
    "Image",
    "Interface",
    "Inventory",
    "Jail",
    "JailConfig",
    "JailFiles",
    "JailState",
    "Layout",
    "Mount",
    "Network",
    "OpenFile",
    "Owner",
    "Pool",
    "Problem",
    "Process",
    "Property",
    "SetupFacts",
    "Snapshot",
    "TrashEntry",
]
