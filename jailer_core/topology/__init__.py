"""The network topology: the interfaces, bridges and jails of an inventory as one tree.

Pure functions of an `Inventory`; what only `Needs.network` reads makes them more precise.
"""

from __future__ import annotations

from jailer_core.topology.epairs import EpairPeer, ends
from jailer_core.topology.nodes import Kind, Node, walk, ways_out
from jailer_core.topology.observed import Diagnostic
from jailer_core.topology.problems import wrong
from jailer_core.topology.tree import tree

__all__ = ["Diagnostic", "EpairPeer", "Kind", "Node", "ends", "tree", "walk", "ways_out", "wrong"]
