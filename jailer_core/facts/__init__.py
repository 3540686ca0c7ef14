"""Reading a host: the same few commands side by side, joined into one Inventory."""

from jailer_core.facts.reader import Reader

__all__ = ["Reader"]
