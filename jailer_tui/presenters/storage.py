"""Pools, and what uses their space: by jail, image and trash; pure, without a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jailer_core.facts.vitals import Storage
from jailer_core.model import Inventory, Pool
from jailer_core.model.storage import PoolStatus, SpaceUse
from jailer_core.text import human_bytes, sanitize
from jailer_tui.presenters.jails import Column, Line, Span, sized
from jailer_tui.theme import Glyphs

JAIL, IMAGE, TRASH, DATA = "jail", "image", "trash", "data"
ITSELF = "(itself)"
"""The row of what a dataset holds without those below it."""
BAR = 16


@dataclass(frozen=True, slots=True)
class User:
    """A user of space: a jail, an image, a destroyed jail, or another dataset."""

    kind: str
    name: str
    use: SpaceUse

    @property
    def key(self) -> str:
        """The key of its row."""
        return f"{self.kind} {self.use.name}"


def users(inventory: Inventory, use: Mapping[str, SpaceUse]) -> list[User]:
    """Who uses space, those who use most first.

    What the children of a jail hold counts as the jail's, so nothing is counted twice.
    """
    owners = {jail.dataset: (JAIL, jail.name) for jail in inventory.jails if jail.dataset}
    owners |= {image.dataset: (IMAGE, image.version) for image in inventory.images}
    owners |= {entry.dataset: (TRASH, entry.id) for entry in inventory.trash}
    users = [User(*owners[name], use[name]) for name in owners if name in use]
    users.sort(key=lambda user: (-user.use.used, user.name))
    return [*users, *_whole_trash(inventory, users)]


def parts(use: Mapping[str, SpaceUse], dataset: str) -> list[User]:
    """What uses the space of one dataset: itself, then those below it, the largest first."""
    whole = use.get(dataset)
    if whole is None:
        return []
    itself = replace(whole, used=whole.used - whole.children, children=0)
    above = f"{dataset}/"
    below = [
        User(DATA, name.removeprefix(above), part)
        for name, part in use.items()
        if name.startswith(above) and "/" not in name.removeprefix(above)
    ]
    below.sort(key=lambda user: (-user.use.used, user.name))
    return [User(DATA, ITSELF, itself), *below]


def _whole_trash(inventory: Inventory, users: Sequence[User]) -> list[User]:
    """All entries of the trash in one row, below those of which it is the sum."""
    entries = [user for user in users if user.kind == TRASH]
    if len(entries) < 2:
        return []
    names = ("used", "snapshots", "live", "children", "reserved", "shared")
    used, snapshots, live, children, reserved, shared = (
        sum(getattr(user.use, name) for user in entries) for name in names
    )
    referenced = live + shared
    use = SpaceUse(inventory.layout.trash, used, snapshots, live, children, reserved, referenced)
    return [User(TRASH, f"all {len(entries)} entries", use)]


# --- the table -------------------------------------------------------------------------------

COLUMNS = (
    Column("kind", "", 5, 5),
    Column("name", "NAME", 16, 0, title="Name"),
    Column("total", "TOTAL", 6, 0, right=True, title="Total"),
    Column("bar", "", BAR, 6),
    Column("live", "LIVE", 6, 1, right=True, title="Live data"),
    Column("snapshots", "SNAPS", 6, 1, right=True, title="Snapshots"),
    Column("children", "BELOW", 6, 2, right=True, title="Datasets below"),
    Column("reserved", "RESERV", 6, 4, right=True, title="Reserved"),
    Column("shared", "SHARED", 6, 3, right=True, title="Shared with its image"),
)


def columns_for(width: int) -> tuple[Column, ...]:
    """The columns that fit; the name gets what is left, up to 32 cells."""
    shown = list(COLUMNS)
    while sum(column.width + 2 for column in shown) + 2 > width and len(shown) > 2:
        shown.remove(max(shown, key=lambda column: column.rank))
    spare = max(0, min(16, width - sum(column.width + 2 for column in shown) - 2))
    return sized(shown, {"name": 16 + spare})


def cells(user: User, columns: Sequence[Column], most: int, glyphs: Glyphs) -> tuple[Span, ...]:
    """One row."""
    spans: list[Span] = []
    for column in columns:
        match column.key:
            case "kind":
                spans.append((user.kind, "dim"))
            case "name":
                spans.append((sanitize(user.name), "strong"))
            case "bar":
                spans.append((bar(user.use.used, most, BAR, glyphs), "accent"))
            case key:
                size = getattr(user.use, "used" if key == "total" else key)
                spans.append((human_bytes(size), "text" if size else "dim"))
    return tuple(spans)


def bar(part: int, whole: int, width: int, glyphs: Glyphs) -> str:
    """A bar for a part of the total."""
    full = min(width, round(part * width / whole)) if whole else 0
    return glyphs.full * full + glyphs.empty * (width - full)


# --- pools -----------------------------------------------------------------------------------


def pool_lines(inventory: Inventory, storage: Storage, width: int, glyphs: Glyphs) -> list[Line]:
    """Each pool: usage, health, scrub, and its layout if something is wrong."""
    status = {pool.name: pool for pool in storage.pools or ()}
    lines: list[Line] = []
    for pool in inventory.pools or ():
        lines += _pool(pool, status.get(pool.name), width, glyphs)
    return lines + [((f" {glyphs.broken} {sanitize(text)}", "bad"),) for text in storage.problems]


def _pool(pool: Pool, status: PoolStatus | None, width: int, glyphs: Glyphs) -> list[Line]:
    used = pool.allocated * 100 // pool.size if pool.size else 0
    tone = "bad" if used >= 90 else "warn" if used >= 80 else "accent"
    good = pool.health == "ONLINE"
    room = max(8, min(40, width - 60))
    first: Line = (
        (f" {sanitize(pool.name)} ", "strong"),
        (bar(pool.allocated, pool.size, room, glyphs), tone),
        (f" {used}%  ", tone),
        (f"{human_bytes(pool.allocated)} of {human_bytes(pool.size)}, ", "text"),
        (f"{human_bytes(pool.free)} free  ", "text"),
        (sanitize(pool.health), "ok" if good else "bad"),
    )
    if status is None:
        return [first]
    rows = [first, ((f"   {_scan(status)}", "dim"),)]
    if status.status:
        rows.append(((f"   {sanitize(status.status)}", "warn"),))
    if status.action:
        rows.append(((f"   {sanitize(status.action)}", "text"),))
    rows.append(_layout(status))
    return rows


def _scan(status: PoolStatus) -> str:
    scan = sanitize(status.scan) or "never scrubbed"
    if status.progress is not None:
        scan = f"{scan.partition(' since ')[0]}: {status.progress:.0f}% done"
    errors = sanitize(status.errors).rstrip(".")
    return f"{scan}; {errors[:1].lower()}{errors[1:]}" if errors else scan


def _layout(status: PoolStatus) -> Line:
    """The devices in one line, with those that fail by state and errors."""
    spans: list[Span] = [("  ", "text")]
    for device in status.devices[1:]:
        spans.append((f" {sanitize(device.name)}", "bad" if device.failing else "text"))
        if device.failing:
            counts = "/".join(map(sanitize, device.errors))
            spans.append((f" {sanitize(device.state)} {counts}", "bad"))
    return tuple(spans)
