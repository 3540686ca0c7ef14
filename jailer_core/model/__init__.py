"""The model of a host, as immutable values.

Sizes are bytes, times are seconds since 1970, CPU is percent of one core.
`None` always means *unknown* (a probe failed, or was not asked), never "none" or zero:
for "none" there is the empty string, the empty tuple, or zero.
"""

from __future__ import annotations

from jailer_core.model.host import (
    CommandResult as CommandResult,
    HostFacts as HostFacts,
    Layout as Layout,
    SetupFacts as SetupFacts,
)
from jailer_core.model.host_state import Inventory as Inventory
from jailer_core.model.jails import (
    OURS as OURS,
    OWN_STACK as OWN_STACK,
    FileStamp as FileStamp,
    Jail as Jail,
    JailConfig as JailConfig,
    JailFiles as JailFiles,
    JailState as JailState,
    Network as Network,
    OpenFile as OpenFile,
    Owner as Owner,
    Problem as Problem,
    Process as Process,
)
from jailer_core.model.network import Address as Address, Interface as Interface
from jailer_core.model.storage import (
    Dataset as Dataset,
    Image as Image,
    Mount as Mount,
    Pool as Pool,
    Property as Property,
    Snapshot as Snapshot,
    TrashEntry as TrashEntry,
)
