"""The processes of one jail, or of all, on the whole screen: sorted, filtered, signalled."""

from __future__ import annotations

from dataclasses import replace

from jailer_core.errors import JailerError
from jailer_core.facts import on_demand
from jailer_core.model import Inventory, Jail
from jailer_tui.actions import Selection
from jailer_tui.panes.processes import ProcessesPane
from jailer_tui.screens.tab_screen import WholeScreen
from jailer_tui.state import AppState, shown_name


class ProcessesScreen(WholeScreen):
    """Processes, read with every refresh while in front. Without a key: of all jails."""

    PLACES = ("processes", "all")
    PICKS = "signal"

    def __init__(self, view: AppState, key: str = "") -> None:
        super().__init__(view)
        self._key = key
        self._inventory: Inventory | None = None
        self.pane: ProcessesPane = ProcessesPane(view.glyphs)

    @property
    def heading(self) -> str:
        """Whose processes these are."""
        return f"Processes of {shown_name(self._key) if self._key else 'all jails'}"

    @property
    def current(self) -> Jail | None:
        """The jail, if it still exists; for all jails, that of the process under the cursor."""
        if self._key:
            return self.view.by_key().get(self._key)
        process = self.pane.current
        jid = process.jid if process is not None else None
        return next((jail for jail in self.view.jails if jail.jid == jid), None)

    # --- showing -----------------------------------------------------------------------------

    def show(self, view: AppState) -> None:
        """Show a new state of the host; read the processes again if the host was read."""
        super().show(view)
        if view.inventory is not self._inventory:
            self._read_again(view.inventory)

    def host_read(self) -> None:
        """Read the processes, which change without a change of the jails."""
        self._read_again(self.jailer.view.inventory)

    def _read_again(self, inventory: Inventory | None) -> None:
        if self.is_mounted and self.in_front:
            self._inventory = inventory
            self.in_background(self.read, "processes")

    async def read(self) -> None:
        """Read the processes."""
        try:
            await (self._read_one() if self._key else self._read_all())
        except JailerError as error:
            self.pane.fill(None, error.message)
        self.draw()

    async def _read_one(self) -> None:
        jail = self.current
        if jail is None or not jail.running:
            name = shown_name(self._key)
            reason = "no longer exists" if jail is None else "is not running"
            self.pane.fill(None, f"{name} {reason}.")
        else:
            self.pane.fill(await on_demand.processes(self.jailer.reader.host, jail))

    async def _read_all(self) -> None:
        """Those of all jails, with one command."""
        names = {jail.jid: jail.name for jail in self.view.jails if jail.jid is not None}
        processes = await on_demand.all_processes(self.jailer.reader.host)
        self.pane.fill(tuple(process for process in processes if process.jid in names), names=names)

    @property
    def selection(self) -> Selection:
        """The process under the cursor, and its jail."""
        return replace(super().selection, process=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    def action_object(self, how: str) -> None:
        """Show the processes of the `next` or `previous` running jail."""
        jails = self.view.by_key()
        others = [key for key in self.jails_around(self._key, how) if jails[key].running]
        if others:
            self._key = others[0]
            self._read_again(self.view.inventory)
        elif self._key:
            self.jailer.notify_user("no other jail runs", bad=False)
        else:
            self.jailer.notify_user("these are the processes of all jails", bad=False)

    def worked(self) -> None:
        """A signal was sent."""
        self._read_again(self.view.inventory)

    def action_tree(self) -> None:
        """Show processes as a tree, or in the order of a column."""
        self.pane.toggle_tree()
        self.draw()

    def action_follow_row(self) -> None:
        """Let the cursor follow its process, or stay on its line."""
        self.pane.following = not self.pane.following
        self.draw()
