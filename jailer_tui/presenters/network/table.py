"""The input and output of the views of the network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from operator import attrgetter

from jailer_core.model import Address, Inventory, Jail
from jailer_core.operations.network.translations.rules import Row as Rule
from jailer_core.plan import Needs
from jailer_core.text import human_bytes, sanitize
from jailer_core.topology import Diagnostic, EpairPeer, Kind, Node, ends, tree, walk, wrong
from jailer_core.topology.nodes import down
from jailer_tui.presenters.jails import (
    NOTHING,
    UNKNOWN,
    Column,
    Line,
    Span,
    addresses,
    has_words,
    sized,
    state_sign,
    state_word,
)
from jailer_tui.theme import Glyphs
from jailer_tui.trends import TrafficHistory


@dataclass(frozen=True, slots=True)
class NetworkTable:
    """The network of one refresh, joined once for all views.

    `by_interface` are the nodes of the host's interfaces, where they stand; `of_jail` the first
    node of each jail, by its name. `by_subject` are the troubles as Node.subjects name them.
    """

    inventory: Inventory
    root: Node
    by_interface: Mapping[str, Node]
    of_jail: Mapping[str, Node]
    ends: Mapping[str, EpairPeer]
    troubles: tuple[Diagnostic, ...]
    by_subject: Mapping[str, tuple[Diagnostic, ...]]
    glyphs: Glyphs
    traffic: TrafficHistory
    faces: tuple[object, ...] = ()

    def troubles_of(self, node: Node) -> tuple[Diagnostic, ...]:
        """The diagnostics of a node."""
        if not self.troubles:
            return ()
        every = (self.by_subject.get(subject, ()) for subject in node.subjects)
        return tuple(dict.fromkeys(chain.from_iterable(every)))


def picture(
    inventory: Inventory, traffic: TrafficHistory, glyphs: Glyphs, old: NetworkTable | None = None
) -> NetworkTable:
    """The picture of an inventory; what `old` has joined stays while nothing else is connected."""
    faces = _faces(inventory)
    if old is not None and old.faces == faces:
        return replace(old, inventory=inventory, traffic=traffic, glyphs=glyphs)
    epair_peers = ends(inventory)
    root = tree(inventory, epair_peers)
    nodes = [node for _, node in walk(root) if not node.elsewhere]
    troubles = wrong(inventory, epair_peers)
    by_subject: dict[str, list[Diagnostic]] = {}
    for diagnostic in troubles:
        for subject in diagnostic.subjects:
            by_subject.setdefault(subject, []).append(diagnostic)
    return NetworkTable(
        inventory,
        root,
        {node.name: node for node in nodes if node.interface is not None},
        {node.jail.name: node for node in reversed(nodes) if node.jail is not None},
        epair_peers,
        troubles,
        {subject: tuple(diagnostics) for subject, diagnostics in by_subject.items()},
        glyphs,
        traffic,
        faces,
    )


_FACE = attrgetter(
    *("name", "state", "jid", "hostname", "network", "addresses", "gateway", "parent", "config"),
    "problems",
)


def _faces(inventory: Inventory) -> tuple[object, ...]:
    """All that tree and troubles go by: not what jails use, which changes all the time."""
    seen = inventory.connections
    return (
        inventory.host.hostname,
        inventory.interfaces,
        None if seen is None else replace(seen, traffic=None, taken=0.0),
        inventory.setup.exposed if inventory.setup is not None else None,
        tuple(map(_FACE, inventory.jails)),
    )


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a view: cells by column, and the words that a filter looks at.

    `node` is what it is about, for detail and keys. `above` are the keys of the rows that it
    hangs on: they stay visible with it. `rule` is the translation that it is about.
    """

    key: str
    cells: Mapping[str, Span]
    words: str
    node: Node | None = None
    jail: Jail | None = None
    above: tuple[str, ...] = ()
    detail: tuple[Line, ...] = field(default=())
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class NetView:
    """One way to look at the network. `needs` is what must be read while it is visible.

    `columns` are those for that many cells; `nothing` is said where there are no rows.
    """

    id: str
    title: str
    columns: Callable[[int], tuple[Column, ...]]
    entries: Callable[[NetworkTable], Sequence[Entry]]
    nothing: str
    needs: Needs = field(default=Needs(network=True))


# --- what several views show -----------------------------------------------------------------


def grown(columns: Iterable[Column], more: Mapping[str, int]) -> tuple[Column, ...]:
    """The columns, some of them wider."""
    every = tuple(columns)
    return sized(every, {column.key: column.width + more.get(column.key, 0) for column in every})


def fact(label: str, text: str, tone: str = "text") -> Line:
    """A line with a label; the text must be harmless already."""
    return ((f"{label:<12}", "dim"), (text, tone))


def words_of(*texts: str) -> str:
    """The text that a filter searches."""
    return " ".join(texts).casefold()


def matches(entry: Entry, words: str) -> bool:
    """Whether it contains every word, and no `!word`."""
    return has_words(entry.words, words)


def node_words(node: Node) -> str:
    """The words of a node: names, addresses without and with prefix, MACs, state."""
    texts = [node.kind.value, sanitize(node.name), node.bridge, state(node)[0]]
    texts += [str(address) for address in node.addresses or ()]
    for interface in (node.interface, node.inside):
        if interface is not None:
            texts += [interface.mac, interface.name, sanitize(interface.description)]
            texts += map(str, interface.addresses)
    if node.jail is not None:
        texts += [
            sanitize(node.jail.name),
            sanitize(node.jail.hostname),
            node.jail.network.value,
            node.jail.network.words,
        ]
    return words_of(*texts)


def state(node: Node) -> Span:
    """The state of an interface or jail in a word."""
    if node.kind is Kind.HOST:
        return "", "text"
    if node.kind is Kind.JAIL and node.jail is not None:
        return state_word(node.jail)
    why = down(node.interface) if node.interface is not None else ""
    return (why, "bad") if why else ("up", "ok")


def sign(node: Node, glyphs: Glyphs) -> Span:
    """The sign before it."""
    if node.kind is Kind.JAIL and node.jail is not None:
        return state_sign(node.jail, glyphs)
    if node.kind is Kind.HOST:
        return glyphs.running, "ok"
    word, _ = state(node)
    return (glyphs.running, "ok") if word == "up" else (glyphs.stopped, "warn")


def address_cell(every: tuple[Address, ...] | None) -> Span:
    """The first address with its prefix, and the number of others."""
    if not every:
        return addresses(every)
    more = f" +{len(every) - 1}" if len(every) > 1 else ""
    return sanitize(str(every[0])) + more, "text"


def per_second(value: float | None) -> Span:
    """Bytes per second in at most five cells."""
    if value is None:
        return UNKNOWN
    return (human_bytes(round(value)), "text") if value >= 1 else ("0", "dim")


def rates(name: str, shown: NetworkTable) -> tuple[Span, Span]:
    """Incoming and outgoing traffic of an interface of the host."""
    rate = shown.traffic.now.get(name)
    if rate is None:
        return UNKNOWN, UNKNOWN
    return per_second(rate.received), per_second(rate.sent)


def mac_cell(mac: str) -> Span:
    """A hardware address."""
    return (sanitize(mac), "text") if mac else NOTHING
