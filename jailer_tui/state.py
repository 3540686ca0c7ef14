"""What the screens are given after every refresh."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jailer_core.model import Inventory, Jail, Problem
from jailer_core.text import sanitize
from jailer_tui.actions import ActionContext
from jailer_tui.glyphs import UNICODE, Glyphs
from jailer_tui.presenters.jails import Line, row_keys
from jailer_tui.stores.traffic import TrafficHistory

if TYPE_CHECKING:
    from jailer_core.operations.undo.entry import Entry

SAMPLES = 60
MOST_PROBLEMS = 3
GAP = 30.0
"""Seconds between two readings of CPU and memory after which their line has a gap."""
Sample = tuple[float | None, int | None]
"""CPU and memory of a jail; None while unknown."""


class History:
    """CPU and memory of each jail over the last readings, for the sparklines.

    None stands for a time in which nobody looked, so that nothing was read.
    """

    def __init__(self) -> None:
        self._samples: dict[tuple[str, int | None], deque[Sample]] = {}
        self._read_at: float | None = None
        self._jails: tuple[Jail, ...] = ()

    def add(self, inventory: Inventory) -> None:
        """Remember a sample of each running jail that was just read, forget jails that are gone."""
        read_at = inventory.read_at.get("ps")
        if read_at == self._read_at and inventory.jails is self._jails:
            return
        self._jails = inventory.jails
        gap = self._read_at is None or read_at is None or read_at - self._read_at > GAP
        old, self._samples = self._samples, {}
        for jail in inventory.jails:
            if not jail.running:
                continue
            kept = old.get((jail.name, jail.jid)) or deque(maxlen=SAMPLES)
            self._samples[jail.name, jail.jid] = kept
            if read_at is None or read_at == self._read_at:
                continue
            if gap and kept:
                kept.append((None, None))
            kept.append((jail.cpu, jail.memory))
        self._read_at = read_at

    def of(self, jail: Jail) -> Sequence[Sample]:
        """Its samples, the newest last."""
        return tuple(self._samples.get((jail.name, jail.jid), ()))


@dataclass(frozen=True, slots=True)
class Mirror:
    """What is known of the mirror: `versions` None while its list was never read.

    `failure` says why the last look failed; what was listed before is kept.
    """

    versions: tuple[str, ...] | None = None
    asking: bool = False
    failure: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class SetupState:
    """How the host is set up: `inventory` with what only the doctor reads, None before."""

    inventory: Inventory | None = None
    asking: bool = False
    failure: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class JournalState:
    """What was changed before, the newest first: None before it was read; `more` are older."""

    entries: tuple[Entry, ...] | None = None
    more: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class AppState:
    """One picture of the host, and what goes on: `work` that runs, `reading` for a plan.

    `inventory` is None until it was read for the first time.

    `stale` is its age in seconds when it is older than it should be. `full` tells whether more
    than names and states was read. `cut_off` is the title of a change that has no end.
    """

    name: str
    inventory: Inventory | None = None
    full: bool = False
    stale: float | None = None
    banner: str = ""
    failure: str = ""
    work: str = ""
    reading: bool = False
    mirror: Mirror = Mirror()
    examined: SetupState = SetupState()
    changes: JournalState = JournalState()
    cut_off: str = ""
    now: ActionContext = field(default_factory=ActionContext)
    glyphs: Glyphs = UNICODE
    history: History = field(default_factory=History)
    traffic: TrafficHistory = field(default_factory=TrafficHistory)

    @property
    def jails(self) -> tuple[Jail, ...]:
        """All jails."""
        return self.inventory.jails if self.inventory is not None else ()

    def by_key(self) -> dict[str, Jail]:
        """All jails by the keys of their rows."""
        return dict(zip(row_keys(self.jails), self.jails, strict=True))

    def notices(self) -> list[Line]:
        """What must be said above the table: banner, who may do what, problems."""
        lines: list[Line] = []
        if self.banner:
            lines.append(((f" {self.banner}", "warn"),))
        if self.now.read_only:
            lines.append(((" Read-only: nothing can be changed.", "accent"),))
        elif self.full and self.inventory is not None and not self.inventory.host.root:
            lines.append(
                (
                    (" Not root: you can look but not change. ", "accent"),
                    (":", "key"),
                    (" offers to restart as root.", "accent"),
                )
            )
        if self.failure:
            lines.append(((f" {self.glyphs.broken} {sanitize(self.failure)}", "bad"),))
        if self.cut_off:
            lines.append(
                (
                    (f" {self.glyphs.broken} Interrupted: ", "warn"),
                    (sanitize(self.cut_off), "strong"),
                    ("  z", "key"),
                    (" resolves it", "dim"),
                )
            )
        problems = self._problems()
        shown = problems if len(problems) <= MOST_PROBLEMS else problems[: MOST_PROBLEMS - 1]
        lines += [self._problem(problem) for problem in shown]
        if len(shown) < len(problems):
            more = len(problems) - len(shown)
            lines.append(((f" {self.glyphs.broken} and {more} more problems", "bad"),))
        return lines + self.doing()

    def doing(self) -> list[Line]:
        """What goes on now."""
        lines: list[Line] = []
        if self.work:
            lines.append(
                (
                    (f" {self.glyphs.active} {self.work}  ", "accent"),
                    ("w", "key"),
                    (" shows it", "dim"),
                )
            )
        if self.reading:
            more = self.glyphs.more if self.glyphs.more == "…" else "..."
            lines.append(((f" {self.glyphs.active} Preparing the plan{more}", "accent"),))
        return lines

    def _problems(self) -> tuple[Problem, ...]:
        return self.inventory.problems if self.inventory is not None else ()

    def _problem(self, one: Problem) -> Line:
        hint = f"  {sanitize(one.hint)}" if one.hint else ""
        said = sanitize(one.message)
        if not one.message.startswith(one.source.partition(" ")[0]):
            said = f"{sanitize(one.source)}: {said}"
        return (
            (f" {self.glyphs.broken} {said}", "bad"),
            (hint, "dim"),
        )
