"""The mounts of a jail as lines: pure, without a widget."""

from __future__ import annotations

from rich.cells import cell_len

from jailer_core.model import Inventory, Jail
from jailer_core.operations.mounts.entries import Entry, Place, State, entries, unread
from jailer_core.operations.shared import delegated
from jailer_core.text import sanitize
from jailer_tui.glyphs import Glyphs
from jailer_tui.presenters.jails import Line, fit, keyed

TYPE, STATE = 9, 11
LEAST, MOST = 8, 30
TONES = {
    State.BOTH: "ok",
    State.CONFIGURED: "dim",
    State.DATASET: "text",
    State.FOREIGN: "warn",
    State.UNKNOWN: "warn",
}


def mounts(inventory: Inventory, jail: Jail, glyphs: Glyphs, width: int) -> list[Line]:
    """What is configured, mounted, or both, and what is foreign."""
    entry_list = entries(inventory, jail)
    lines: list[Line] = []
    path = unread(inventory, jail)
    if path:
        lines.append(((f"Its fstab could not be read: {sanitize(path)}", "bad"),))
    if inventory.mounts is None:
        lines.append((("What is mounted could not be read.", "bad"),))
    if entry_list:
        longest = max(cell_len(sanitize(entry.target)) for entry in entry_list)
        room = max(LEAST, min(longest, MOST, width - TYPE - STATE - 16))
        head = f"{fit('TARGET', room, glyphs)}  {'TYPE':<{TYPE}}  {'STATE':<{STATE}}  SOURCE"
        lines.append(((head, "dim"),))
        lines += [_row(entry, room, width, glyphs) for entry in entry_list]
    else:
        lines.append((("Nothing is mounted inside.", "dim"),))
    datasets = delegated.given(jail.config) if jail.config is not None else ()
    if datasets:
        names = ", ".join(map(sanitize, datasets))
        lines += [(), (("Datasets of its own: ", "dim"), (names, "text"))]
    keys = keyed("{mount} adds a mount, {unmount} removes one; ", "dim")
    more = keyed("{palette} has an action to give the jail a dataset.", "dim")
    return [*lines, (), (*keys, *more)]


def _row(entry: Entry, room: int, width: int, glyphs: Glyphs) -> Line:
    source = sanitize(entry.source) if entry.place is not Place.PARAMETER else "jail(8)"
    front = f"{fit(sanitize(entry.target), room, glyphs)}  {fit(entry.fstype, TYPE, glyphs)}  "
    more = ", read-only" if entry.read_only else ""
    left = max(LEAST, width - room - TYPE - STATE - 6)
    shown = fit(f"{source}{more}", left, glyphs).rstrip()
    return (
        (front, "text"),
        (f"{entry.state.value:<{STATE}}  ", TONES[entry.state]),
        (shown, "strong"),
    )
