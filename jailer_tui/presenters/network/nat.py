"""NAT and redirects of all jails, with their counters."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Sequence

from jailer_core.model import Jail
from jailer_core.model.network import ALL, ANY, NAT, Translation, file_of
from jailer_core.operations.network.translations.rules import (
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
from jailer_tui.key_hints import told
from jailer_tui.presenters.jails import NOTHING, UNKNOWN, Column, Line, Span, state_sign
from jailer_tui.presenters.network.table import Entry, NetView, NetworkTable, fact, grown, words_of

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
    STORED: "Stored but not loaded; {loadrules} loads it.",
    LOADED: "Loaded but not stored; it is lost at the next start of the jail.",
    ORIGINAL: "Stored in jailer's shared file; {takeover} imports it.",
}


def columns(width: int) -> tuple[Column, ...]:
    """A wide screen also has bytes, connections and index; addresses get what is left.

    A narrow one does without counters, and then without the kind, which OUTSIDE tells.
    """
    dropped = () if width >= _LEAST else ("packets",) if width >= _NARROW else ("packets", "kind")
    extra = [column for at, column in enumerate(_MORE, 1) if width >= _LEAST + 9 * at]
    room = max(0, width - _LEAST - sum(column.width + 2 for column in extra))
    more = {"outside": min(room // 2, 26), "inside": min(room - room // 2, 26)}
    *columns, last = (column for column in _COLUMNS if column.key not in dropped)
    return grown((*columns, *extra, last), more)


def entries(shown: NetworkTable) -> Sequence[Entry]:
    """The rows, one for each rule."""
    firewall = shown.inventory.firewall
    return [_entry(row, shown) for row in rows(firewall)] if firewall is not None else []


def _entry(row: Row, shown: NetworkTable) -> Entry:
    jail = shown.inventory.jail(row.jail)
    name = sanitize(row.jail)
    outside, inside = ends(row)
    loaded = row.loaded
    cells: dict[str, Span] = {
        "glyph": state_sign(jail, shown.glyphs) if jail is not None else (" ", "text"),
        "jail": (name, "text" if jail is not None else "warn"),
        "kind": (sanitize(row.kind), "strong"),
        "outside": (outside, "text"),
        "inside": (inside, "bad" if _astray(row, jail) else "text"),
        "packets": _count(row, loaded.packets if loaded else None),
        "bytes": _count(row, loaded.bytes if loaded else None, human_bytes),
        "states": _count(row, loaded.states if loaded else None),
        "index": (str(row.index), "dim") if row.index else NOTHING,
        "state": (row.state, "dim" if _waits(row, jail) else _TONES[row.state]),
    }
    words = words_of(name, sanitize(row.text), outside, inside, row.kind, row.state)
    node = shown.of_jail.get(row.jail)
    return Entry(row.key, cells, words, node, jail, detail=tuple(_detail(row, jail)), rule=row)


def _waits(row: Row, jail: Jail | None) -> bool:
    """Whether it is as it should be: the jail's start loads it."""
    return row.state == STORED and jail is not None and not jail.running


def ends(row: Row) -> tuple[str, str]:
    """Its outside and inside: `vnet0 tcp 8080` and `10.0.0.11:80`."""
    translation = row.translation
    if translation is None:
        return sanitize(row.text), ""
    outside = translation.outside
    if outside in ("", ANY, ALL):
        outside = sanitize(translation.interface)
    if translation.kind == NAT:
        return outside, translation.inside
    if not translation.port:
        return f"all of {outside}", translation.inside
    return f"{outside} {translation.protocol} {translation.port}", with_port(translation)


def with_port(known: Translation) -> str:
    """The jail's address with its port."""
    address = f"[{known.inside}]" if known.family == 6 else known.inside
    return f"{address}:{known.inside_port}"


def _count(row: Row, value: int | None, shown: Callable[[int], str] = str) -> Span:
    if row.loaded is None:
        return NOTHING
    if value is None:
        return UNKNOWN
    return (shown(value), "text") if value else ("0", "dim")


def _astray(row: Row, jail: Jail | None) -> bool:
    """Whether its jail runs without the address that it is about."""
    if row.translation is None or jail is None or not jail.running or jail.addresses is None:
        return False
    return row.translation.inside not in {_shortest(address.address) for address in jail.addresses}


def _shortest(text: str) -> str:
    """An address in its shortest form, as rules have it."""
    try:
        return str(ipaddress.ip_address(text.partition("%")[0]))
    except ValueError:
        return text


def _detail(row: Row, jail: Jail | None) -> list[Line]:
    lines: list[Line] = [((sanitize(row.text), "strong"),)]
    if _astray(row, jail):
        text = "The jail does not have this address: remove the rule and add it again."
        lines.append(((text, "bad"),))
    if jail is None:
        lines.append((("There is no jail with that name.", "warn"),))
    elif _waits(row, jail):
        lines.append((("The jail is stopped; starting it loads this.", "dim"),))
    elif HINTS[row.state]:
        lines.append(((told(HINTS[row.state]), "warn"),))
    return lines


def translations_of(shown: NetworkTable, node: Node) -> list[Line]:
    """A jail's translations for the panel beside a table; nothing where they were not read."""
    firewall = shown.inventory.firewall
    if firewall is None or node.kind is not Kind.JAIL or node.jail is None:
        return []
    own = [row for row in rows(firewall) if row.jail == node.jail.name]
    return [fact(sanitize(row.kind), _way(row)) for row in own]


def _way(row: Row) -> str:
    """From where to where its packets go."""
    outside, inside = ends(row)
    return " -> ".join(filter(None, (inside, outside) if row.kind == NAT else (outside, inside)))


def why_not_rule(action: str, rule: Row | None) -> str:
    """Why net_remove, net_load or net_takeover is not possible for a rule, or ""."""
    if rule is None:
        return told("no NAT or redirect rule is selected; {net_next} shows them")
    if action == "net_takeover":
        return "" if rule.state == ORIGINAL else "this rule is not from jailer"
    if rule.state == ORIGINAL:
        return told("it is in jailer's file; {takeover} imports it")
    if action == "net_load":
        return "it is already loaded" if rule.state == BOTH else ""
    if rule.state == LOADED:
        return told("it is not stored; {loadrules} unloads it")
    return "" if rule.translation is not None else f"it has an unknown form: {file_of(rule.jail)}"


_NOTHING = "No jail has NAT or redirect rules. {nat} adds one."
_NEEDS = Needs(network=True, translations=True)
TRANSLATIONS = NetView("nat", "NAT", columns, entries, _NOTHING, _NEEDS)
