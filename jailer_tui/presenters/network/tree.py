"""The tree of the network as rows: its branches are drawn in the column of the names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jailer_core.model import Jail, JailState, Network
from jailer_core.text import sanitize
from jailer_core.topology import Kind, Node, ways_out
from jailer_tui.presenters.jails import NOTHING, Column, Span
from jailer_tui.presenters.network.table import (
    Entry,
    NetView,
    NetworkTable,
    address_cell,
    grown,
    mac_cell,
    node_words,
    rates,
    sign,
    state,
)
from jailer_tui.theme import Glyphs

_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("name", "NAME", 26, 0),
    Column("state", "STATE", 10, 0),
    Column("address", "ADDRESS", 19, 0),
    Column("mac", "MAC", 17, 1),
    Column("in", "IN/s", 5, 0, right=True),
    Column("out", "OUT/s", 5, 0, right=True),
)
_LEAST = 76
"""Cells that all columns but the MAC need."""


def columns(width: int) -> tuple[Column, ...]:
    """The columns; the MAC needs a wide screen, names and addresses share the rest."""
    with_mac = width >= _LEAST + 19
    room = max(0, width - _LEAST - (19 if with_mac else 0))
    more = {"name": min(room // 3, 14), "address": min(room - room // 3, 24)}
    return grown((column for column in _COLUMNS if with_mac or column.key != "mac"), more)


def entries(shown: NetworkTable) -> Sequence[Entry]:
    """All nodes, each below its parent."""
    return [
        Entry(node.key, _cells(node, shown, before), node_words(node), node, node.jail, above)
        for node, before, above in _rows(shown.root, shown.glyphs)
    ]


def _rows(
    node: Node, glyphs: Glyphs, before: str = "", above: tuple[str, ...] = ()
) -> Iterator[tuple[Node, str, tuple[str, ...]]]:
    """The node and all below it, with the lines before each and the keys of what is above it."""
    yield node, before, above
    stem = before.replace(glyphs.branch, glyphs.pipe).replace(glyphs.corner, " ")
    stem = stem.replace(glyphs.dash, " ")
    for child in node.children:
        turn = glyphs.corner if child is node.children[-1] else glyphs.branch
        yield from _rows(child, glyphs, stem + turn + glyphs.dash, (*above, node.key))


def _cells(node: Node, shown: NetworkTable, before: str) -> dict[str, Span]:
    glyphs = shown.glyphs
    name, tone = _name(node, glyphs)
    nothing: Span = ("", "text")
    got, sent = nothing, nothing
    if node.interface is not None and not node.elsewhere:
        got, sent = rates(node.interface.name, shown)
    end = node.inside or node.interface  # of an epair that of the jail: it is what others see
    return {
        "glyph": (glyphs.broken, "bad") if shown.troubles_of(node) else sign(node, glyphs),
        "name": (before + name, tone),
        "state": state(node),
        "address": _address(node, shown),
        "mac": mac_cell(end.mac) if end is not None and node.interface is not None else nothing,
        "in": got,
        "out": sent,
    }


def _name(node: Node, glyphs: Glyphs) -> Span:
    name = sanitize(node.name) or "host"
    tag = node.interface.vlan if node.interface is not None else None
    if tag is not None and not name.endswith((f"vlan{tag}", f".{tag}")):
        name = f"{name} vlan {tag}"
    if node.kind is Kind.EPAIR and node.jail is not None:
        return f"{name} {glyphs.link} {sanitize(node.jail.name)}", "strong"
    strong = node.kind is not Kind.JAIL or (node.jail is not None and node.jail.running)
    return name, "strong" if strong else "text"


def _address(node: Node, shown: NetworkTable) -> Span:
    if node.kind is Kind.HOST:  # its default route
        names = ways_out(shown.inventory)
        more = f" +{len(names) - 1}" if len(names) > 1 else ""
        return (f"via {sanitize(names[0])}{more}", "dim") if names else NOTHING
    if node.elsewhere:
        return f"in {sanitize(node.bridge)}", "dim"
    if node.kind is Kind.EPAIR:
        return address_cell(node.addresses) if node.jail is not None else ("no jail", "warn")
    if node.kind is Kind.JAIL and node.jail is not None:
        return _of_jail(node, node.jail)
    return address_cell(node.addresses) if node.addresses else NOTHING


def _of_jail(node: Node, jail: Jail) -> Span:
    if jail.network is Network.INHERIT:
        return "the host's", "dim"
    if jail.network is Network.NONE and not jail.addresses:
        return "none", "dim"
    text, tone = address_cell(node.addresses)
    return text, "dim" if jail.state is JailState.STOPPED else tone


_NOTHING = "The host's interfaces could not be read (see above)."
TREE = NetView("tree", "Tree", columns, entries, _NOTHING)
