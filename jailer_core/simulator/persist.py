"""A simulated host in a file (JSON, mode 0600, replaced at once), and two hosts compared.

`save` and `load` serve `--state FILE`; `dump` and `same` (comparison.py) the tests of undo.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import tempfile
import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

from jailer_core.errors import FileFailed
from jailer_core.simulator.comparison import dump, same
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node, State, Tree

__all__ = ["dump", "load", "same", "save"]

FORMAT = 1
BASES = 6
"""How many whole trees are kept to write others as differences from them."""


def save(machine: Machine, path: str | Path) -> None:
    """Write the host to a file, or leave the file as it was. FileFailed."""
    target = Path(path)
    trees = _Trees()
    content = {"format": FORMAT, "state": trees.encode(machine.state)}
    content |= {"trees": trees.written, "nodes": trees.nodes}
    text = json.dumps(content, separators=(",", ":"))
    try:
        number, temporary = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    except OSError as error:
        raise FileFailed("write", str(path), error.strerror or str(error)) from None
    try:
        with os.fdopen(number, "w", encoding="ascii") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        Path(temporary).replace(target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise FileFailed("write", str(path), error.strerror or str(error)) from None


def load(path: str | Path) -> Machine:
    """The host from a file. FileFailed, also when the file is no saved host."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise FileFailed("read", str(path), error.strerror or str(error)) from None
    except ValueError:
        raise FileFailed("read", str(path), "not a saved host") from None
    try:
        if content["format"] != FORMAT:
            raise FileFailed("read", str(path), "saved by another version of this program")
        reader = _Reader(content["nodes"], content["trees"])
        state = reader.decode(content["state"], State)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, binascii.Error):
        raise FileFailed("read", str(path), "not a saved host") from None
    return Machine(state)


# --- writing ---------------------------------------------------------------------------------


class _Trees:
    """Writes a state; trees become numbers, since a thousand jails share most of their nodes."""

    def __init__(self) -> None:
        self.nodes: list[list[Any]] = []
        self.written: list[dict[str, Any]] = []
        self._known: dict[int, int] = {}
        self._keep: list[Node] = []
        self._bases: list[tuple[int, Tree]] = []

    def encode(self, value: Any) -> Any:
        """Dataclasses become objects, trees their number; the rest is JSON already."""
        if is_dataclass(value) and not isinstance(value, type):
            return {field.name: self.encode(getattr(value, field.name)) for field in fields(value)}
        if isinstance(value, dict):
            if isinstance(next(iter(value.values()), None), Node):
                return self._tree(value)
            return {str(key): self.encode(one) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [self.encode(one) for one in value]
        return value

    def _tree(self, tree: Tree) -> int:
        best, base, number = 0, {}, -1
        for index, candidate in self._bases:
            alike = sum(candidate.get(path) is node for path, node in tree.items())
            if alike > best:
                best, base, number = alike, candidate, index
        if best * 2 < len(tree):
            base, number = {}, -1
            self._bases = [*self._bases[-BASES + 1 :], (len(self.written), tree)]
        self.written.append(
            {
                "on": number,
                "set": {p: self._node(n) for p, n in tree.items() if base.get(p) is not n},
                "gone": [path for path in base if path not in tree],
            }
        )
        return len(self.written) - 1

    def _node(self, node: Node) -> int:
        if id(node) not in self._known:
            self._known[id(node)] = len(self.nodes)
            self._keep.append(node)
            row = [getattr(node, field.name) for field in fields(node) if field.init]
            row[1] = _text(node.data)
            self.nodes.append(row)
        return self._known[id(node)]


def _text(data: bytes) -> str | list[str]:
    """Text as it is; bytes that are none as a list of one word in base64."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        return [base64.b64encode(data).decode()]


# --- reading ---------------------------------------------------------------------------------


class _Reader:
    """Reads a state back by the types of its fields; nothing but these is ever made."""

    def __init__(self, nodes: list[list[Any]], trees: list[dict[str, Any]]) -> None:
        self._nodes = [_node(row) for row in nodes]
        self._trees: list[Tree] = []
        for one in trees:
            tree = dict(self._trees[one["on"]]) if one["on"] >= 0 else {}
            for path in one["gone"]:
                del tree[path]
            tree |= {path: self._nodes[number] for path, number in one["set"].items()}
            self._trees.append(tree)

    def decode(self, value: Any, wanted: Any) -> Any:
        """The value as that type. TypeError and its like when it does not fit."""
        kind, inner = get_origin(wanted), get_args(wanted)
        if wanted == Tree:
            # every tree was written for one owner alone
            return self._trees[value] if isinstance(value, int) else {}
        if kind is dict:
            return {
                self.decode(_key(key, inner[0]), inner[0]): self.decode(one, inner[1])
                for key, one in value.items()
            }
        if kind is list:
            return [self.decode(one, inner[0]) for one in value]
        if kind is tuple:
            return tuple(self.decode(one, inner[0]) for one in value)
        if isinstance(wanted, type) and is_dataclass(wanted):
            return self._dataclass(value, wanted)
        if kind is types.UnionType:
            return value
        if not isinstance(value, (int, float) if wanted is float else wanted):
            raise TypeError(wanted)
        return value

    def _dataclass(self, value: Mapping[str, Any], wanted: type) -> Any:
        hints = _hints(wanted)
        return wanted(**{name: self.decode(one, hints[name]) for name, one in value.items()})


@cache
def _hints(wanted: type) -> dict[str, Any]:
    return get_type_hints(wanted)


def _key(key: str, wanted: Any) -> Any:
    return int(key) if wanted is int else key


def _node(row: list[Any]) -> Node:
    data = row[1]
    plain = data.encode() if isinstance(data, str) else base64.b64decode(data[0], validate=True)
    return Node(row[0], plain, *row[2:])
