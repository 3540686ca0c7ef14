"""The session of one host: what is known of it, what runs on it, how it is read.

The program shows one session at a time. The others keep what they know; what runs on their hosts
goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from jailer_core.facts import Reader
from jailer_core.facts.probes import InSight
from jailer_core.host import Host
from jailer_core.host.optional import metered
from jailer_core.model import Inventory
from jailer_tui.state import AppState
from jailer_tui.stores.events import Announcer, Event, EventLog, WatchStore
from jailer_tui.stores.jobs import Jobs, Work
from jailer_tui.stores.journal import JournalStore
from jailer_tui.stores.preferences import Speaker
from jailer_tui.stores.refresher import Refresher, VitalsStore
from jailer_tui.stores.setup import MirrorStore, SetupStore

if TYPE_CHECKING:
    from jailer_tui.console.consoles import Consoles


class Program(Speaker, Protocol):
    """What a session needs of the program."""

    def show_state(self, session: HostSession) -> None:
        """The state of a session has changed: draw it if it is shown."""

    def host_heard(self, inventory: Inventory, full: bool) -> bool:
        """The visible host was read. Returns whether the jails could be read."""

    def host_failed(self, message: str) -> None:
        """The shown host could not be read."""

    def in_sight(self) -> InSight:
        """What the screen shows."""

    def work_changed(self, session: HostSession, work: Work) -> None:
        """Some work ended or made progress."""

    def happened(self, session: HostSession, event: Event) -> None:
        """Something happened on a host."""


class HostSession:
    """One host, and the owner of its stores: see stores.owner.StoreOwner."""

    def __init__(self, program: Program, host: Host, state: AppState, interval: float) -> None:
        self._program = program
        self.notify_user = program.notify_user
        self.run_worker = program.run_worker
        self.ring_bell = program.ring_bell
        self.write_terminal = program.write_terminal
        self.host = host
        watched, self.meter = metered(host)
        self.reader = Reader(watched)
        self.live = Refresher(
            self.reader, interval, program.host_heard, program.host_failed, program.in_sight
        )
        self.jobs = Jobs(self.reader, lambda work: program.work_changed(self, work))
        self.vitals = VitalsStore(self, interval)
        self.announcer = Announcer(self)
        self.events = EventLog(lambda event: program.happened(self, event))
        self.watcher = WatchStore(self, self.events)
        self.mirrors = MirrorStore(self)
        self.examination = SetupStore(self)
        self.past = JournalStore(self)
        self.view = state
        self._consoles: Consoles | None = None

    def set_view(self, view: AppState) -> None:
        """See StoreOwner."""
        self.view = view
        self._program.show_state(self)

    # --- consoles ------------------------------------------------------------------------------

    @property
    def consoles(self) -> Consoles:
        """Terminals inside jails; imported with the first one."""
        if self._consoles is None:
            from jailer_tui.console.consoles import Consoles  # noqa: PLC0415

            self._consoles = Consoles(self.reader.host)
        return self._consoles

    @property
    def consoles_open(self) -> bool:
        """Whether a program runs in a console."""
        return self._consoles is not None and bool(self._consoles.alive)

    async def close_consoles(self) -> None:
        """End what runs in consoles."""
        if self._consoles is not None:
            await self._consoles.close_all()
