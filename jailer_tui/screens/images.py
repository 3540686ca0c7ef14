"""The second tab: releases of FreeBSD that jails are made from."""

from __future__ import annotations

from jailer_tui.actions import Selection
from jailer_tui.panes.images import ImagesPane
from jailer_tui.presenters.images import mirror_line
from jailer_tui.presenters.jails import Line
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.stores.jobs import images_in_work


class ImagesScreen(TabScreen):
    """What is fetched and what could be; the mirror is asked while this is in sight."""

    TAB = "images_tab"
    PLACES = ("images", "tabs", "all")
    PICKS = "image_next"

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: ImagesPane = ImagesPane(view.glyphs)

    def show(self, view: AppState) -> None:
        """A new picture of the host, and what is being done."""
        works = images_in_work(self.jailer.jobs.running)
        self.pane.doing = {version: doing for version, (doing, _) in works.items()}
        super().show(view)
        if self.is_mounted and self.is_current:
            self.jailer.session.mirrors.look()

    def notices(self) -> list[Line]:
        """What is wrong with the mirror is said where its list would be."""
        failed = mirror_line(self.view.mirror, self.view.glyphs)
        return super().notices() + ([failed] if failed is not None else [])

    @property
    def selection(self) -> Selection:
        """The release under the cursor."""
        return Selection(release=self.pane.current)

    # --- keys --------------------------------------------------------------------------------

    def action_read_again(self) -> None:
        """Its list once more."""
        self.jailer.session.mirrors.look(again=True)
