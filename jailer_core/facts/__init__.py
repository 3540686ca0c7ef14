"""Read a host: the same few commands run concurrently, joined into one Inventory."""

from jailer_core.facts.reader import Reader

__all__ = ["Reader"]
