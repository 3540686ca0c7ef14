"""Hosts as rows and lines, and jails of several hosts as rows: pure, without a widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core.text import human_bytes, sanitize
from jailer_tui.key_hints import key_for
from jailer_tui.presenters import jails
from jailer_tui.presenters.jails import (
    Column,
    Line,
    Span,
    affordable,
    behind,
    gap,
    has_words,
    matches,
    natural,
    ranked,
    short_release,
)
from jailer_tui.presenters.overview.needs import Need, needs
from jailer_tui.stores.fleet_member import FleetJail, Member, reason, state_words
from jailer_tui.theme import Glyphs

TONES = {
    "red": "bad",
    "yellow": "warn",
    "green": "ok",
    "cyan": "accent",
    "blue": "key",
    "magenta": "title",
}
"""Tones of the theme for the colours that settings give to hosts."""
COLUMNS = (
    Column("name", "HOST", 10, 0),
    Column("state", "STATE", 12, 0),
    Column("jails", "JAILS", 6, 1, right=True),
    Column("release", "REL", 5, 4),
    Column("load", "LOAD", 5, 3, right=True),
    Column("memory", "MEM", 10, 5, right=True),
    Column("pools", "POOLS", 8, 6),
    Column("needs", "NEEDS", 5, 2),
)
DETAIL = 4
"""Lines below the table of hosts."""
LONGEST, POOLS = 24, 14
"""Widths that names of hosts and of pools get where there is room."""
ROOMY = 30
"""From that width the column of what needs attention has words, not only a number."""
HOST = Column("host", "HOST", 12, 0, title="Host")
_SHOWN = ("state", "jid", "address", "cpu", "memory", "release")


def tone_of(colour: str, *, production: bool) -> str:
    """The tone of a host's name."""
    return TONES.get(colour, "bad" if production else "accent")


def tone(member: Member) -> str:
    """The same."""
    return tone_of(member.entry.colour, production=member.entry.production)


def columns_for(width: int, longest: int) -> tuple[Column, ...]:
    """The columns of hosts that fit; long names, pools and the last column share the rest."""
    between = gap(width)
    room = width + between - sum(column.width + between for column in COLUMNS if not column.rank)
    keys, room = affordable(ranked(COLUMNS), room, between)
    columns = [column for column in COLUMNS if not column.rank or column.key in keys]
    for index, column in enumerate(columns):
        extra = {"name": min(LONGEST, longest), "pools": POOLS}.get(column.key, 0) - column.width
        more = max(0, min(room, extra))
        columns[index], room = replace(column, width=column.width + more), room - more
    *most, last = columns
    if last.key == "needs" and last.width + room >= ROOMY:
        last = replace(last, width=last.width + room, label="NEEDS ATTENTION")
    return (*most, last)


def findings(member: Member) -> tuple[Need, ...]:
    """What needs attention there, as the overview of that host shows it."""
    session, view = member.session, member.session.view
    inventory = view.inventory
    if inventory is not None and inventory.connections is None:
        view = replace(view, inventory=replace(inventory, connections=member.connections))
    return needs(view, session.events.all, session.vitals.limits, session.vitals.packages)


def host_cells(
    member: Member, columns: Sequence[Column], wants: Sequence[Need]
) -> tuple[Span, ...]:
    """The cells of a host; `wants` is what needs attention there."""
    made = _host_cells(member)
    if member.inventory is not None and member.session.view.full:
        made["needs"] = ("-", "dim")
        if wants:  # how many things, and the gravest of them
            roomy = any(column.key == "needs" and column.width >= ROOMY for column in columns)
            text = f"{len(wants)}  {wants[0].text}" if roomy else str(len(wants))
            made["needs"] = (text, wants[0].tone if member.link.up else "dim")
    return tuple(made[column.key] for column in columns)


def _host_cells(member: Member) -> dict[str, Span]:
    cells: dict[str, Span] = {column.key: ("?", "dim") for column in COLUMNS}
    cells["name"] = (sanitize(member.name), tone(member))
    cells["state"] = state_words(member)
    inventory = member.inventory
    if inventory is None:
        return cells
    host, known = inventory.host, "text" if member.link.up else "dim"
    running = sum(jail.running for jail in inventory.jails)
    cells["jails"] = (f"{running}/{len(inventory.jails)}", known)
    cells["release"] = (short_release(host.release) or "?", known)
    if host.load is not None:
        cells["load"] = (f"{host.load[0]:.2f}", known)
    if host.memory is not None:
        used = None if host.memory_free is None else host.memory - host.memory_free
        cells["memory"] = (f"{human_bytes(used)}/{human_bytes(host.memory)}", known)
    pools = inventory.pools or ()
    bad = [sanitize(f"{pool.name} {pool.health}") for pool in pools if pool.health != "ONLINE"]
    good = [sanitize(pool.name) for pool in pools if pool.health == "ONLINE"]
    if pools:
        cells["pools"] = (", ".join((*bad, *good)), "bad" if bad else known)
    return cells


def detail(member: Member, wants: Sequence[Need], *, shown: bool) -> list[Line]:
    """Details of a host: address, why it is not up, what needs attention."""
    entry = member.entry
    user = f"{entry.user}@" if entry.user else ""
    port = f":{entry.port}" if entry.port else ""
    where = f"{user}{entry.ssh}{port}" if entry.ssh else "a simulated host" if entry.demo else ""
    lines: list[Line] = [
        (
            (f" {sanitize(entry.name)} ", tone(member)),
            (sanitize(where or "this machine"), "text"),
            (f"  {' '.join(entry.tags)}", "dim"),
            ("  production" if entry.production else "", "bad"),
            ("  read-only" if entry.read_only else "", "warn"),
            ("  shown now" if shown else "", "dim"),
        )
    ]
    message, hint = reason(member)
    lines += [((f" {sanitize(text)}", "warn"),) for text in (message, hint) if text]
    room = DETAIL - len(lines)
    fit = wants if len(wants) <= room else wants[: max(0, room - 1)]
    lines += [((f" {need.text}", need.tone if member.link.up else "dim"),) for need in fit]
    if len(fit) < len(wants) and room > 0:
        more = f" and {len(wants) - len(fit)} more: "
        lines.append(((more, "dim"), (key_for("host_needs"), "key"), (" shows all", "dim")))
    return lines


# --- jails of all hosts --------------------------------------------------------------------------


def jail_columns(width: int, names: Sequence[str], hosts: Sequence[str]) -> tuple[Column, ...]:
    """Host, sign and name, and what else fits."""
    longest = max(map(len, hosts), default=4)
    host = Column("host", "HOST", max(4, min(16, longest)), 0, title="Host")
    rest = jails.columns_for(width - host.width - 2, max(map(len, names), default=0), _SHOWN)
    return (host, *rest)


def jail_cells(entry: FleetJail, columns: Sequence[Column], glyphs: Glyphs) -> tuple[Span, ...]:
    """The cells of a jail; dimmed if its host is not up."""
    made = jails.cells(entry.jail, columns[1:], glyphs)
    if not entry.member.link.up:
        made = tuple((text, "dim") for text, _ in made)
    return ((sanitize(entry.member.name), tone(entry.member)), *made)


def chosen(entries: Sequence[FleetJail], words: str) -> list[FleetJail]:
    """The jails that match every word, by their host or themselves."""
    members = {entry.member.name: entry.member for entry in entries}
    late = {name: behind(member.inventory, words) for name, member in members.items()}
    return [
        entry
        for entry in entries
        if all(_has(entry, word, late[entry.member.name]) for word in words.split())
    ]


def _has(entry: FleetJail, word: str, late: frozenset[str]) -> bool:
    named = has_words(sanitize(entry.member.name).casefold(), word)
    if word.startswith("!") and len(word) > 1:
        return named and matches(entry.jail, word, late)
    return named or matches(entry.jail, word, late)


def in_order(entries: Sequence[FleetJail], key: str, *, reverse: bool) -> list[FleetJail]:
    """The jails sorted by a column, and by name within a host."""
    if key == "host":
        order = sorted(entries, key=lambda entry: (entry.member.name, natural(entry.jail.name)))
        return order[::-1] if reverse else order
    known = {id(entry.jail): entry for entry in entries}
    ordered = jails.in_order([entry.jail for entry in entries], key, reverse=reverse)
    return [known[id(jail)] for jail in ordered]
