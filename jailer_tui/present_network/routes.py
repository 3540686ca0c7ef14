"""The routes of the host and of every jail with a network stack of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jailer_core.model import Jail
from jailer_core.model.network import Route
from jailer_core.text import visible
from jailer_tui.present import NOTHING, Column, Span, natural, state_sign
from jailer_tui.present_network.detail import worth_showing
from jailer_tui.present_network.picture import Entry, NetView, Picture, words_of

_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("whose", "OF", 16, 0),
    Column("destination", "TO", 20, 0),
    Column("gateway", "BY", 18, 0),
    Column("interface", "ON", 10, 0),
    Column("flags", "FLAGS", 5, 1),
)
_LEAST = 74


def columns(width: int) -> tuple[Column, ...]:
    """Flags need a wide screen; addresses of IPv6 get what is left."""
    with_flags = width >= _LEAST + 7
    room = max(0, width - _LEAST - (7 if with_flags else 0))
    more = {"destination": min(room // 2, 22), "gateway": min(room - room // 2, 22)}
    return tuple(
        Column(one.key, one.label, one.width + more.get(one.key, 0), one.rank)
        for one in _COLUMNS
        if with_flags or one.key != "flags"
    )


def entries(shown: Picture) -> Sequence[Entry]:
    """The host's first, then by jail; the way out before the rest."""
    found: dict[str, Entry] = {}
    for jail, one in _all(shown):
        whose = "" if jail is None else f"{jail.name}:{jail.jid}"
        key = f"{whose}/{one.family}/{one.destination}/{one.gateway}/{one.interface}"
        found.setdefault(key, _entry(key, jail, one, shown))
    return list(found.values())


def _all(shown: Picture) -> Iterator[tuple[Jail | None, Route]]:
    seen = shown.inventory.connections
    if seen is None:
        return
    jails = sorted(shown.inventory.jails, key=lambda one: natural(one.name))
    stacks: list[tuple[Jail | None, int | None]] = [(None, 0)]
    stacks += [(one, one.jid) for one in jails if one.jid]
    for jail, jid in stacks:
        stack = seen.stacks.get(jid) if jid is not None else None
        routes = [one for one in (stack.routes if stack else None) or () if worth_showing(one)]
        routes.sort(key=lambda one: (one.destination != "default", one.family))
        yield from ((jail, one) for one in routes)


def _entry(key: str, jail: Jail | None, one: Route, shown: Picture) -> Entry:
    glyphs = shown.glyphs
    way = "" if one.gateway.startswith("link#") else visible(one.gateway)
    out = one.destination == "default"
    name = visible(jail.name) if jail is not None else "the host"
    destination = visible(one.destination)
    cells: dict[str, Span] = {
        "glyph": state_sign(jail, glyphs) if jail is not None else (glyphs.running, "ok"),
        "whose": (name, "text" if jail is not None else "dim"),
        "destination": (destination, "strong" if out else "text"),
        "gateway": (way, "text") if way else ("directly", "dim"),
        "interface": (visible(one.interface), "text") if one.interface else NOTHING,
        "flags": (visible(one.flags), "dim"),
    }
    words = words_of(name, destination, way, visible(one.interface), f"ipv{one.family}")
    node = shown.root if jail is None else shown.of_jail.get(jail.name)
    return Entry(key, cells, words, node, jail)


ROUTES = NetView(
    "routes", "Routes", columns, entries, "The routes were not read yet, or cannot be: see above."
)
