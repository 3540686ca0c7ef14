"""The parts of an opened jail besides the summary: pure, without a widget."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.cells import cell_len

from jailer_core.model import Jail, Process, Snapshot
from jailer_core.model.trees import normal
from jailer_core.text import human_age, human_bytes, sanitize
from jailer_tui.presenters.jails import Line, fit, keyed, percent
from jailer_tui.theme import Glyphs

PARTS = ("Summary", "Config", "Processes", "Mounts", "Limits", "Parameters", "Snapshots", "Log")
SUMMARY, CONFIG, PROCESSES, MOUNTS, LIMITS, PARAMETERS, SNAPSHOTS, LOG = PARTS


def unable(jail: Jail, part: str) -> str:
    """Why there is nothing to read for this part of this jail, or ""."""
    if part == CONFIG and jail.config is None:
        return "It has no configuration file: it was started by hand."
    if part == PROCESSES and not jail.running:
        return "It is not running."
    if part == MOUNTS and normal(jail.path) in ("", "/"):
        return "It has the root directory of the host."
    if part == SNAPSHOTS and not jail.dataset:
        return "It has no dataset of its own."
    if part == LOG and (jail.config is None or not jail.config.first("exec.consolelog")):
        return "Its configuration names no console log (exec.consolelog)."
    return ""


def config(jail: Jail, text: str) -> list[Line]:
    """The file, comments dimmed."""
    name = jail.config.source or jail.config.path if jail.config is not None else ""
    lines: list[Line] = [((sanitize(name), "title"),), ()]
    for line in text.splitlines():
        comment = line.lstrip().startswith(("#", "//"))
        lines.append(((_flat(line), "dim" if comment else "text"),))
    return lines


def processes(processes: Sequence[Process], glyphs: Glyphs, width: int) -> list[Line]:
    """A table of processes, the busiest first."""
    if not processes:
        return [(("No processes: the jail is kept alive by `persist`.", "dim"),)]
    user = min(max(cell_len(sanitize(process.user)) for process in processes), 12)
    head = f"{'PID':>6}  {fit('USER', user, glyphs)}  {'CPU':>5}  {'MEM':>5}  COMMAND"
    lines: list[Line] = [((head, "dim"),)]
    for process in sorted(processes, key=lambda process: (-process.cpu, process.pid)):
        front = (
            f"{process.pid:>6}  {fit(sanitize(process.user), user, glyphs)}  "
            f"{percent(process.cpu):>5}  {human_bytes(process.memory):>5}  "
        )
        command = sanitize(process.command)
        room = max(10, width - cell_len(front))
        lines.append(((front, "text"), (fit(command, room, glyphs).rstrip(), "strong")))
    return lines


def snapshots(
    snapshots: Sequence[Snapshot], dataset: str, now: float, glyphs: Glyphs
) -> list[Line]:
    """A table of snapshots, the newest first."""
    if not snapshots:
        return [keyed("No snapshots.  {snap} takes one.", "dim")]
    names = [sanitize(snapshot.full_name.removeprefix(dataset)) for snapshot in snapshots]
    width = min(max(cell_len(name) for name in names), 40)
    head = f"{fit('SNAPSHOT', width, glyphs)}  {'USED':>5}  {'REFER':>5}  {'AGE':>7}"
    lines: list[Line] = [((head, "dim"),)]
    order = sorted(range(len(snapshots)), key=lambda index: -snapshots[index].createtxg)
    for index in order:
        snapshot = snapshots[index]
        sizes = f"  {human_bytes(snapshot.used):>5}  {human_bytes(snapshot.referenced):>5}"
        age = f"  {human_age(int(now - snapshot.creation)):>7}"
        name = fit(names[index], width, glyphs)
        lines.append(((name, "strong"), (sizes + age, "text"), (_ties(snapshot), "accent")))
    tab = "{snapshots_of} shows them on their tab: what changed, holds, clones, policy."
    keys = keyed("{snap} takes one, {goback} rolls back to one; ", "dim")
    return [*lines, (), keys, keyed(tab, "dim")]


def _ties(snapshot: Snapshot) -> str:
    """What depends on a snapshot."""
    spans = []
    if snapshot.clones:
        spans.append(f"{len(snapshot.clones)} clone{'s' if len(snapshot.clones) > 1 else ''}")
    if snapshot.holds:
        spans.append("held")
    return "  " + ", ".join(spans) if spans else ""


def log(text: str) -> list[Line]:
    """The end of the console log."""
    if not text.strip():
        return [(("The console log is empty.", "dim"),)]
    return [((_flat(line.rstrip("\r")), "text"),) for line in text.splitlines()]


def _flat(line: str) -> str:
    """One line, tabs as spaces, everything else harmless."""
    return sanitize(line.expandtabs(8))


def stamp(seconds: float) -> str:
    """A name for what is made at that time, letters and digits only: `20261124T101500`."""
    return time.strftime("%Y%m%dT%H%M%S", time.gmtime(seconds))
