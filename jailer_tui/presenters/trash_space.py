"""Space that purging trash entries would free, and their dependents.

`zfs destroy -nvpr DATASET` lists what would go, but prints no `reclaim` line for a dataset
(recordings 05 and 14). `used` is what destroying it with everything below it gives back. Held
snapshots refuse it: that is found when the plan is made, for holds are not read with the host.
"""

from __future__ import annotations

from collections.abc import Sequence

from jailer_core.model import Inventory, TrashEntry
from jailer_core.operations.shared import clones
from jailer_core.text import human_bytes, sanitize


def frees(inventory: Inventory, entries: Sequence[TrashEntry]) -> str:
    """The freed space in a few words."""
    parts = tuple(part for entry in entries for part in inventory.below(entry.dataset))
    size = human_bytes(sum(entry.used for entry in entries))
    depending = clones.dependents(inventory, parts)
    if not depending:
        return f"purging frees up to {size}"
    more = f" and {len(depending) - 1} more" if len(depending) > 1 else ""
    name = sanitize(depending[0].name)
    return f"purging frees up to {size}; first promote {name}{more}"
