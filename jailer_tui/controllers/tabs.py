"""From one tab to another, and the way to the first jail."""

from __future__ import annotations

from jailer_tui.actions import why_not_now
from jailer_tui.controllers.base import Controller
from jailer_tui.presenters.getting_started import next_step
from jailer_tui.screens.tab_screen import TabScreen


class TabNavigator(Controller):
    """Screens are imported when they are wanted."""

    def do_jails_tab(self) -> None:
        """The first one lies below all others."""
        while isinstance(self.app.screen, TabScreen) and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def do_images_tab(self) -> None:
        """Images."""
        from jailer_tui.screens.images import ImagesScreen  # noqa: PLC0415

        self._tab(ImagesScreen)

    def do_snapshots_tab(self) -> None:
        """Snapshots."""
        self.show_snapshots("")

    def show_snapshots(self, words: str) -> None:
        """The tab of snapshots, with only those that match."""
        from jailer_tui.screens.snapshots import SnapshotsScreen  # noqa: PLC0415

        if not isinstance(self.face, SnapshotsScreen):
            self.do_jails_tab()
            self.app.push_screen(SnapshotsScreen(self.app.view, words))

    def do_snapshots_of(self) -> None:
        """The snapshots of the opened jail, on their tab."""
        jail = self.face.current
        self.app.pop_screen()
        self.show_snapshots(f"{jail.name}@" if jail is not None else "")

    def do_network_tab(self) -> None:
        """Network."""
        from jailer_tui.screens.network import NetworkScreen  # noqa: PLC0415

        self._tab(NetworkScreen)

    def do_console_tab(self) -> None:
        """Consoles."""
        from jailer_tui.screens.console import ConsoleScreen  # noqa: PLC0415

        self._tab(ConsoleScreen)

    def do_activity_tab(self) -> None:
        """What is and was being changed."""
        from jailer_tui.screens.activity import ActivityScreen  # noqa: PLC0415

        self._tab(ActivityScreen)

    def _tab(self, kind: type[TabScreen]) -> None:
        if not isinstance(self.face, kind):
            self.do_jails_tab()
            self.app.push_screen(kind(self.app.view))

    def do_doctor(self) -> None:
        """How the host is set up."""
        from jailer_tui.screens.setup import SetupScreen  # noqa: PLC0415

        self.app.push_screen(SetupScreen(self.app.view))

    def next_step(self) -> None:
        """Towards the first jail."""
        inventory = self.app.view.inventory
        if inventory is None or any(problem.source == "jls" for problem in inventory.problems):
            return
        step = next_step(inventory)
        if step == "doctor":
            self.do_doctor()
        elif step == "create":
            self.app.call_later(self.app.dispatcher.perform, step)
        else:
            self._first_image()

    def _first_image(self) -> None:
        """The release of the host itself."""
        from jailer_core.operations.jails.requests import ImageFetch  # noqa: PLC0415

        why = why_not_now(self.app.view.inventory, self.app.view.now)
        if why:
            self.app.notify_user(f"Fetch: {why}")
        else:
            fetch = ImageFetch(mirror=self.app.mirrors.address)
            self.app.start_task(self.app.runner.run(fetch), fetch.op)
