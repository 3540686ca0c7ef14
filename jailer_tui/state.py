"""The state that screens get after every refresh."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from jailer_core.model import Inventory, Jail, JailState
from jailer_core.settings import Mistake, Settings
from jailer_core.text import sanitize
from jailer_tui.theme import UNICODE, Glyphs
from jailer_tui.trends import TrafficHistory

if TYPE_CHECKING:
    from jailer_core.operations.undo.entry import Entry

SAMPLES = 60
GAP = 30.0
"""Seconds between two readings of CPU and memory after which their line has a gap."""
Sample = tuple[float | None, int | None]
"""CPU and memory of a jail; None while unknown."""


class History:
    """CPU and memory of each jail over the last readings, for the sparklines.

    None is a time in which nothing was shown, so that nothing was read.
    """

    def __init__(self) -> None:
        self._samples: dict[tuple[str, int | None], deque[Sample]] = {}
        self._read_at: float | None = None
        self._jails: tuple[Jail, ...] = ()

    def add(self, inventory: Inventory) -> None:
        """Add a sample of each running jail, and drop jails that no longer exist."""
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
    """The set-up of the host: `inventory` with facts for the checks, None before."""

    inventory: Inventory | None = None
    asking: bool = False
    failure: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class JournalState:
    """Earlier changes, the newest first; None before they are read; `more` are older."""

    entries: tuple[Entry, ...] | None = None
    more: int = 0
    failure: str = ""


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What decides, besides the host, whether changes are possible now."""

    read_only: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class HostMarks:
    """The marks that distinguish a host from others."""

    name: str
    tone: str = "accent"
    production: bool = False
    remote: bool = False


@dataclass(frozen=True, slots=True)
class AppState:
    """A snapshot of the host, and current work: `work` that runs, `reading` for a plan.

    `inventory` is None until it was read for the first time.

    `stale` is its age in seconds when it is older than it should be. `full` tells whether more
    than names and states was read. `cut_off` is the title of a change that has no end.
    `marks` tells it from other hosts, None where there are no others.
    `changed` tells whether a journal of any change was found, None before that was looked for.
    `mistakes` are those in the settings. `unseen` counts notices since the overview was seen.
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
    changed: bool | None = None
    now: ActionContext = field(default_factory=ActionContext)
    glyphs: Glyphs = UNICODE
    history: History = field(default_factory=History)
    traffic: TrafficHistory = field(default_factory=TrafficHistory)
    settings: Settings = field(default_factory=Settings)
    mistakes: tuple[Mistake, ...] = ()
    unseen: int = 0
    marks: HostMarks | None = None

    @property
    def jails(self) -> tuple[Jail, ...]:
        """All jails."""
        return self.inventory.jails if self.inventory is not None else ()

    def jail(self, name: str) -> Jail | None:
        """The jail of that name."""
        return self.inventory.jail(name) if self.inventory is not None else None

    def by_key(self) -> dict[str, Jail]:
        """All jails by the keys of their rows."""
        return dict(zip(row_keys(self.jails), self.jails, strict=True))


def shown_name(key: str) -> str:
    """The name in the key of a row, sanitized."""
    return sanitize(key.partition("\0")[0])


def row_keys(jails: Sequence[Jail]) -> list[str]:
    """A key for each jail that lasts as long as the jail: its name, unless another one has it.

    A dying jail may have a running one of the same name beside it.
    """
    keys: list[str] = []
    taken = {jail.name for jail in jails if jail.state is not JailState.DYING}
    for jail in jails:
        if jail.state is JailState.DYING and jail.name in taken:
            keys.append(f"{jail.name}\0{jail.jid}")
        else:
            keys.append(jail.name)
            taken.add(jail.name)
    return keys
