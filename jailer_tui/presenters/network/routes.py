"""The routes of the host and of every jail with a network stack of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jailer_core.model import Jail
from jailer_core.model.network import Route
from jailer_core.text import sanitize
from jailer_core.topology.nodes import stack
from jailer_tui.presenters.jails import NOTHING, Column, Span, natural, state_sign
from jailer_tui.presenters.network.detail import worth_showing
from jailer_tui.presenters.network.table import Entry, NetView, NetworkTable, grown, words_of

_COLUMNS = (
    Column("glyph", "", 1, 0),
    Column("whose", "HOST/JAIL", 16, 0),
    Column("destination", "DESTINATION", 20, 0),
    Column("gateway", "GATEWAY", 18, 0),
    Column("interface", "INTERFACE", 10, 0),
    Column("flags", "FLAGS", 5, 1),
)
_LEAST = 74


def columns(width: int) -> tuple[Column, ...]:
    """Flags need a wide screen; addresses of IPv6 get what is left."""
    with_flags = width >= _LEAST + 7
    room = max(0, width - _LEAST - (7 if with_flags else 0))
    more = {"destination": min(room // 2, 22), "gateway": min(room - room // 2, 22)}
    return grown((column for column in _COLUMNS if with_flags or column.key != "flags"), more)


def entries(shown: NetworkTable) -> Sequence[Entry]:
    """The host's first, then by jail; the way out before the rest."""
    rows: dict[str, Entry] = {}
    for jail, route in _all(shown):
        whose = "" if jail is None else f"{jail.name}:{jail.jid}"
        key = f"{whose}/{route.family}/{route.destination}/{route.gateway}/{route.interface}"
        rows.setdefault(key, _entry(key, jail, route, shown))
    return list(rows.values())


def _all(shown: NetworkTable) -> Iterator[tuple[Jail | None, Route]]:
    jails = sorted(shown.inventory.jails, key=lambda jail: natural(jail.name))
    for jail in (None, *(jail for jail in jails if jail.jid)):
        own = stack(shown.inventory, 0 if jail is None else jail.jid)
        routes = [route for route in own.routes or () if worth_showing(route)]
        routes.sort(key=lambda route: (route.destination != "default", route.family))
        yield from ((jail, route) for route in routes)


def _entry(key: str, jail: Jail | None, route: Route, shown: NetworkTable) -> Entry:
    glyphs = shown.glyphs
    way = "" if route.gateway.startswith("link#") else sanitize(route.gateway)
    out = route.destination == "default"
    name = sanitize(jail.name) if jail is not None else "the host"
    destination = sanitize(route.destination)
    cells: dict[str, Span] = {
        "glyph": state_sign(jail, glyphs) if jail is not None else (glyphs.running, "ok"),
        "whose": (name, "text" if jail is not None else "dim"),
        "destination": (destination, "strong" if out else "text"),
        "gateway": (way, "text") if way else ("directly", "dim"),
        "interface": (sanitize(route.interface), "text") if route.interface else NOTHING,
        "flags": (sanitize(route.flags), "dim"),
    }
    words = words_of(name, destination, way, sanitize(route.interface), f"ipv{route.family}")
    node = shown.root if jail is None else shown.of_jail.get(jail.name)
    return Entry(key, cells, words, node, jail)


_NOTHING = "The routes have not been read yet, or could not be read (see above)."
ROUTES = NetView("routes", "Routes", columns, entries, _NOTHING)
