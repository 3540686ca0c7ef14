"""Who is connected to what: the interfaces, bridges and jails of an inventory as one tree.

Pure functions of an `Inventory`; what only `Needs.network` reads makes them more precise.
"""

from __future__ import annotations

from jailer_core.topology.ends import End, ends
from jailer_core.topology.nodes import Kind, Node, walk, ways_out
from jailer_core.topology.tree import tree
from jailer_core.topology.wrong import Trouble, wrong

__all__ = ["End", "Kind", "Node", "Trouble", "ends", "tree", "walk", "ways_out", "wrong"]
