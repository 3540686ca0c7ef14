"""Extra data for the parts of an opened jail, read while the part is shown."""

from __future__ import annotations

from functools import partial

from jailer_core.errors import Refused
from jailer_core.facts import Reader, jail_details
from jailer_core.model import Inventory, Jail
from jailer_core.operations.mounts import entries
from jailer_core.operations.settings import parameter_state, usage
from jailer_tui.panes.detail import Content
from jailer_tui.presenters import mount_parts, settings_parts
from jailer_tui.presenters.jail_parts import (
    CONFIG,
    LIMITS,
    MOUNTS,
    PARAMETERS,
    PROCESSES,
    SNAPSHOTS,
)


async def read(reader: Reader, inventory: Inventory, jail: Jail, part: str) -> Content:
    """The content of a part. Raises JailerError."""
    if part == LIMITS:
        usages = usage.of(await reader.more(inventory, usage.needs(inventory, jail)), jail)
        return partial(settings_parts.limits, usages, racct=inventory.host.racct)
    if part == MOUNTS:
        more = await reader.more(inventory, entries.needs([jail]))
        return partial(mount_parts.mounts, more, jail)
    if part == PARAMETERS:
        return await _parameters(reader, inventory, jail)
    if part == SNAPSHOTS:
        return await jail_details.snapshots(reader.host, jail.dataset)
    if part == PROCESSES:
        return await jail_details.processes(reader.host, jail)
    text = jail_details.config_text if part == CONFIG else jail_details.log
    return await text(reader.host, jail)


async def _parameters(reader: Reader, inventory: Inventory, jail: Jail) -> Content:
    values = parameter_state.values(await reader.more(inventory, parameter_state.needs(jail)), jail)
    if values is None:
        raise Refused("the parameters that the kernel knows could not be read")
    return partial(settings_parts.parameters, values)
