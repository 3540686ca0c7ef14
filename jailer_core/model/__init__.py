"""What a host holds, as immutable values.

Sizes are bytes, times are seconds since 1970, CPU is percent of one core.
`None` always means *unknown* (a probe failed, or was not asked), never "none" or zero:
for "none" there is the empty string, the empty tuple, or zero.
"""

from __future__ import annotations

from jailer_core.model.host import Answer, Doctor, HostFacts, Layout
from jailer_core.model.inventory import Inventory
from jailer_core.model.jails import (
    FileStamp,
    Holder,
    Jail,
    JailConfig,
    JailFiles,
    JailState,
    Network,
    Owner,
    Problem,
    Process,
)
from jailer_core.model.storage import Dataset, Image, Mount, Pool, Property, Snapshot, TrashEntry
from jailer_core.model.wires import Address, Interface

__all__ = [
    "Address",
    "Answer",
    "Dataset",
    "Doctor",
    "FileStamp",
    "Holder",
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
    "Owner",
    "Pool",
    "Problem",
    "Process",
    "Property",
    "Snapshot",
    "TrashEntry",
]
