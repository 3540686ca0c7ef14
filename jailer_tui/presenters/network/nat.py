"""NAT and redirects of all jails, with what is counted of each."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from jailer_core.model import Jail
from jailer_core.model.firewall import ALL, ANY, NAT, Translation, file_of
from jailer_core.operations.network.translations.listing import (
    BOTH,
    LOADED,
    ORIGINAL,
    STORED,
    Row,
    rows,
)
from jailer_core.plan import Needs
from jailer_core.text import human_bytes, sanitize
from jailer_core.topology import Kind, Node
from jailer_tui.presenters.jails import NOTHING, UNKNOWN, Column, Line, Span, state_sign
from jailer_tui.presenters.network.detail import EXTRAS, fact
from jailer_tui.presenters.network.table import Entry, NetView, NetworkTable, words_of

_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("jail", "JAIL", 12, 0),
    Column("kind", "KIND", 4, 0),
    Column("outside", "OUTSIDE", 16, 0),
    Column("inside", "JAIL'S ADDRESS", 16, 0),
    Column("packets", "PACKETS", 7, 0, right=True),
    Column("state", "STATE", 10, 0),
)
_MORE = (
    Column("bytes", "BYTES", 6, 0, right=True),
    Column("states", "CONNS", 5, 0, right=True),
    Column("index", "#", 3, 0, right=True),
)
_LEAST, _NARROW = 78, 66
_TONES = {BOTH: "ok", STORED: "warn", LOADED: "warn", ORIGINAL: "dim"}
HINTS = {
    BOTH: "",
    STORED: "Stored but not loaded; L loads it.",
    LOADED: "Loaded but not stored; it is lost at the next start of the jail.",
    ORIGINAL: "Stored in jailer's shared file; I imports it.",
}


def columns(width: int) -> tuple[Column, ...]:
    """A wide screen also has bytes, connections and index; addresses get what is left.

    A narrow one does without counters, and then without the kind, which OUTSIDE tells.
    """
    dropped = () if width >= _LEAST else ("packets",) if width >= _NARROW else ("packets", "kind")
    extra = [column for at, column in enumerate(_MORE, 1) if width >= _LEAST + 9 * at]
    room = max(0, width - _LEAST - sum(column.width + 2 for column in extra))
    grown = {"outside": min(room // 2, 26), "inside": min(room - room // 2, 26)}
    found = [
        Column(
            column.key,
            column.label,
            column.width + grown.get(column.key, 0),
            column.rank,
            right=column.right,
        )
        for column in _COLUMNS
        if column.key not in dropped
    ]
    return (*found[:-1], *extra, found[-1])


def entries(shown: NetworkTable) -> Sequence[Entry]:
    """One row a rule."""
    firewall = shown.inventory.firewall
    return [_entry(row, shown) for row in rows(firewall)] if firewall is not None else []


def _entry(one: Row, shown: NetworkTable) -> Entry:
    jail = shown.inventory.jail(one.jail)
    name = sanitize(one.jail)
    outside, inside = ends(one)
    loaded = one.loaded
    cells: dict[str, Span] = {
        "glyph": state_sign(jail, shown.glyphs) if jail is not None else (" ", "text"),
        "jail": (name, "text" if jail is not None else "warn"),
        "kind": (sanitize(one.kind), "strong"),
        "outside": (outside, "text"),
        "inside": (inside, "bad" if _astray(one, jail) else "text"),
        "packets": _count(one, loaded.packets if loaded else None),
        "bytes": _bytes(one, loaded.bytes if loaded else None),
        "states": _count(one, loaded.states if loaded else None),
        "index": (str(one.index), "dim") if one.index else NOTHING,
        "state": (one.state, "dim" if _waits(one, jail) else _TONES[one.state]),
    }
    words = words_of(name, sanitize(one.text), outside, inside, one.kind, one.state)
    node = shown.of_jail.get(one.jail)
    return Entry(one.key, cells, words, node, jail, detail=tuple(_detail(one, jail)), rule=one)


def _waits(one: Row, jail: Jail | None) -> bool:
    """Whether it is as it should be: the jail's start loads it."""
    return one.state == STORED and jail is not None and not jail.running


def ends(one: Row) -> tuple[str, str]:
    """What it is about outside and inside: `vnet0 tcp 8080` and `10.0.0.11:80`."""
    translation = one.translation
    if translation is None:
        return sanitize(one.text), ""
    outside = (
        translation.outside
        if translation.outside not in ("", ANY, ALL)
        else sanitize(translation.interface)
    )
    if translation.kind == NAT:
        return outside, translation.inside
    if not translation.port:
        return f"all of {outside}", translation.inside
    return f"{outside} {translation.protocol} {translation.port}", with_port(translation)


def with_port(known: Translation) -> str:
    """The jail's address with its port."""
    address = f"[{known.inside}]" if known.family == 6 else known.inside
    return f"{address}:{known.inside_port}"


def _count(one: Row, value: int | None) -> Span:
    if one.loaded is None:
        return NOTHING
    if value is None:
        return UNKNOWN
    return (str(value), "text") if value else ("0", "dim")


def _bytes(one: Row, value: int | None) -> Span:
    if one.loaded is None or value is None:
        return _count(one, value)
    return (human_bytes(value), "text") if value else ("0", "dim")


def _astray(one: Row, jail: Jail | None) -> bool:
    """Whether its jail runs without the address that it is about."""
    if one.translation is None or jail is None or not jail.running or jail.addresses is None:
        return False
    return one.translation.inside not in {_shortest(address.address) for address in jail.addresses}


def _shortest(text: str) -> str:
    """An address in its shortest form, as rules have it."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return text


def _detail(one: Row, jail: Jail | None) -> list[Line]:
    lines: list[Line] = [((sanitize(one.text), "strong"),)]
    if _astray(one, jail):
        said = "The jail does not have this address: remove the rule and add it again."
        lines.append(((said, "bad"),))
    if jail is None:
        lines.append((("There is no jail with that name.", "warn"),))
    elif _waits(one, jail):
        lines.append((("The jail is stopped; starting it loads this.", "dim"),))
    elif HINTS[one.state]:
        lines.append(((HINTS[one.state], "warn"),))
    return lines


def _of_node(shown: NetworkTable, node: Node) -> list[Line]:
    """What of a jail's translations is said beside a table; nothing where they were not read."""
    firewall = shown.inventory.firewall
    if firewall is None or node.kind is not Kind.JAIL or node.jail is None:
        return []
    found = [row for row in rows(firewall) if row.jail == node.jail.name]
    return [fact(sanitize(row.kind), _way(row)) for row in found]


def _way(one: Row) -> str:
    """From where to where its packets go."""
    outside, inside = ends(one)
    return " -> ".join(filter(None, (inside, outside) if one.kind == NAT else (outside, inside)))


EXTRAS.append(_of_node)


def why_not_rule(action: str, rule: Row | None) -> str:
    """Why net_remove, net_load or net_takeover cannot be done to that rule, or ""."""
    if rule is None:
        return "no NAT or redirect rule is selected; right shows them"
    if action == "net_takeover":
        return "" if rule.state == ORIGINAL else "this rule is not from jailer"
    if rule.state == ORIGINAL:
        return "it is in jailer's file; I imports it"
    if action == "net_load":
        return "it is already loaded" if rule.state == BOTH else ""
    if rule.state == LOADED:
        return "it is not stored; = unloads it"
    return "" if rule.translation is not None else f"it has an unknown form: {file_of(rule.jail)}"


TRANSLATIONS = NetView(
    "nat",
    "NAT",
    columns,
    entries,
    "No jail has NAT or redirect rules. N adds one.",
    Needs(network=True, translations=True),
)
