"""The mounts, limits and parameters of a jail as lines.

The mounts of a jail as lines: pure, without a widget.

The limits and the parameters of a jail in lines: pure, without a widget.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.cells import cell_len

from jailer_core.model import Inventory, Jail
from jailer_core.operations.jails.limits import OFF
from jailer_core.operations.mounts.entries import Entry, Place, State, entries, unread
from jailer_core.operations.settings.limit_catalog import shown
from jailer_core.operations.settings.parameter_state import Value, shown_value
from jailer_core.operations.settings.usage import COMMON, Usage
from jailer_core.operations.shared import jail_commands
from jailer_core.text import sanitize
from jailer_tui.presenters.jails import Column, Line, Span, fit, keyed
from jailer_tui.theme import Glyphs

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
    datasets = jail_commands.delegated(jail.config) if jail.config is not None else ()
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


LABEL, AMOUNT = 14, 9
LEAST_BAR, MOST_BAR = 8, 30
HIGH, FULL = 0.75, 0.9


def tone(share: float | None) -> str:
    """The colour for a share of a limit."""
    if share is None:
        return "text"
    return "bad" if share >= FULL else "warn" if share >= HIGH else "ok"


def bar(share: float, width: int, glyphs: Glyphs) -> str:
    """A share as a bar; some of it shows as soon as anything is used."""
    full = min(width, max(round(share * width), 1 if share > 0 else 0))
    return glyphs.full * full + glyphs.empty * (width - full)


# --- one jail ----------------------------------------------------------------------------------


def limits(
    usages: Sequence[Usage], glyphs: Glyphs, width: int, *, racct: bool | None
) -> list[Line]:
    """Usage and limits with bars."""
    head = f"{'LIMIT':<{LABEL}}  {'USED':>{AMOUNT}}  {'ALLOWED':>{AMOUNT}}"
    lines: list[Line] = [((head, "dim"),)]
    room = max(LEAST_BAR, min(MOST_BAR, width - LABEL - 2 * AMOUNT - 14))
    lines += [_limit(usage, room, glyphs) for usage in usages]
    lines.append(())
    if racct is False:
        lines.append(((f"{OFF[0][:1].upper()}{OFF[0][1:]}. ", "warn"), (f"{OFF[1]}.", "dim")))
    return [*lines, keyed("{limits} sets and removes limits.", "dim")]


def _limit(usage: Usage, room: int, glyphs: Glyphs) -> Line:
    used = "-" if usage.used is None else shown(usage.limit, usage.used)
    front = f"{usage.limit.label:<{LABEL}}  {used:>{AMOUNT}}  "
    allowed = f"{shown(usage.limit, usage.allowed):>{AMOUNT}}"
    spans: list[Span] = [(front, "text"), (allowed, "strong")]
    if usage.share is not None:
        drawn = f"  {bar(usage.share, room, glyphs)} {usage.share:>4.0%}"
        spans.append((drawn, tone(usage.share)))
    return (*spans, (_later(usage), "warn"))


def _later(usage: Usage) -> str:
    """What the next start changes."""
    if not usage.at_start or not usage.limit.resource or usage.allowed is None:
        return ""
    start = shown(usage.limit, usage.at_start)
    return "" if start == shown(usage.limit, usage.allowed) else f"  {start} at the next start"


def parameters(values: Sequence[Value], glyphs: Glyphs, width: int) -> list[Line]:
    """Every parameter by group; values other than the default are highlighted."""
    name = max((len(value.parameter.name) for value in values), default=10)
    cell = max(10, (width - name - 6) // 3)
    heads = ("CONFIGURED", "RUNNING", "DEFAULT")
    head = f"{'PARAMETER':<{name}}  " + "  ".join(fit(text, cell, glyphs) for text in heads)
    lines: list[Line] = [((head.rstrip(), "dim"),)]
    group = ""
    for value in values:
        if value.parameter.group != group:
            group = value.parameter.group
            lines.append(((group, "title"),))
        lines.append(_parameter(value, name, cell, glyphs))
    return [*lines, (), keyed("{set} changes a parameter, or chooses a preset.", "dim")]


def _parameter(value: Value, name: int, cell: int, glyphs: Glyphs) -> Line:
    default = value.parameter.default
    own = value.configured is not None or value.running not in (None, default)
    texts = (value.configured, value.running, "?" if default is None else default)
    configured, running, usual = (fit(sanitize(shown_value(text)), cell, glyphs) for text in texts)
    return (
        (f"{value.parameter.name:<{name}}  ", "strong" if own else "text"),
        (f"{configured}  ", "text"),
        (f"{running}  ", "warn" if value.waits else "text"),
        (usual.rstrip(), "dim"),
    )


# --- all jails ---------------------------------------------------------------------------------

USE_COLUMNS = (
    Column("name", "NAME", 16, 0),
    Column("memory", "MEMORY", 13, 0, right=True),
    Column("cpu", "CPU", 11, 0, right=True),
    Column("processes", "PROC", 9, 0, right=True),
    Column("quota", "DISK", 13, 0, right=True),
)


def use_cells(
    jails: Sequence[Jail], every: Mapping[str, Sequence[Usage]]
) -> list[tuple[str, Line]]:
    """Name and cells of each jail, the highest share of a limit first."""
    rows = []
    for jail in jails:
        usages = every.get(jail.name, ())
        by_word = {usage.limit.word: usage for usage in usages}
        share = max((usage.share for usage in usages if usage.share is not None), default=0.0)
        name = (sanitize(jail.name), "strong" if jail.running else "text")
        cells = (name, *(_cell(by_word.get(word)) for word in COMMON))
        rows.append(((-share, -(jail.memory or 0), jail.name), cells))
    rows.sort(key=lambda row: row[0])
    return [(name, cells) for (_, _, name), cells in rows]


def _cell(usage: Usage | None) -> Span:
    if usage is None or usage.used is None:
        return ("-", "dim")
    used = shown(usage.limit, usage.used)
    if usage.share is None:
        return (used, "text")
    return (f"{used}/{shown(usage.limit, usage.allowed)}", tone(usage.share))
