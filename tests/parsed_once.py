"""What commands print is parsed once: hundreds of readers read the same few hosts."""

from __future__ import annotations

from functools import lru_cache
from types import ModuleType

from jailer_core.facts import config_texts, configs, jail_networks
from jailer_core.parse import mount_tables, network_tables, process_tables, zfs

READERS: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (config_texts, ("jails",)),
    (config_texts, ("sole_block",)),
    (configs, ("jails",)),
    (jail_networks, ("interfaces", "routes")),
    (network_tables, ("interfaces",)),
    (process_tables, ("jails",)),
    (mount_tables, ("mounts",)),
    (process_tables, ("ages", "processes", "usage")),
    (zfs, ("datasets", "snapshots")),
    (zfs, ("pools",)),
)
"""Parsers where they are called: pure functions of a text, whose values are not changed."""


def share_readings() -> None:
    """Let all readers of this process share what they understood of the same text."""
    for module, names in READERS:
        for name in names:
            setattr(module, name, lru_cache(maxsize=128)(getattr(module, name)))
