"""The second tab: releases of FreeBSD that jails are made from."""

from __future__ import annotations

from textual import on
from textual.widget import Widget

from jailer_core.operations.jails.requests import ImageDestroy, ImageFetch, ImageUse
from jailer_core.plan import Request
from jailer_tui.actions import Action, bindings, why_not_now
from jailer_tui.panes.images import ImagesPane
from jailer_tui.presenters.images import Release, mirror_line
from jailer_tui.presenters.jails import Line
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.grid import Grid


class ImagesScreen(TabScreen):
    """What is fetched and what could be; the mirror is asked while this is in sight."""

    TAB = "images_tab"
    PLACES = ("images", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    def __init__(self, view: AppState) -> None:
        super().__init__(view)
        self.pane: ImagesPane = ImagesPane(view.glyphs, id="pane")

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    def show(self, view: AppState) -> None:
        """A new picture of the host."""
        super().show(view)
        if self.is_mounted and self.is_current:
            self.jailer.mirrors.look()

    def draw(self) -> None:
        """Everything but the table."""
        self.pane.explain()
        super().draw()

    def notices(self) -> list[Line]:
        """What is wrong with the mirror is said where its list would be."""
        failed = mirror_line(self.view.mirror, self.view.glyphs)
        return super().notices() + ([failed] if failed is not None else [])

    @on(Grid.Picked)
    def _picked(self) -> None:
        self.do_image_next()

    # --- what is possible --------------------------------------------------------------------

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now on the release under the cursor."""
        if "images" not in action.where:
            return super().why_not(action)
        if not action.op:
            return ""
        said = why_not_now(self.view.inventory, self.view.now)
        if said:
            return said
        release = self.pane.current
        if release is None:
            return "no release is selected"
        if action.id == "image_next":
            return _not_fetch(release) if release.image is None else _not_use(release)
        refusals = {"fetch": _not_fetch, "use": _not_use, "image_destroy": _not_destroy}
        return refusals[action.id](release)

    # --- keys --------------------------------------------------------------------------------

    def do_image_next(self) -> None:
        """What one would do next with it."""
        release = self.pane.current
        if release is not None and release.image is None:
            self.do_fetch()
        elif release is not None:
            self.do_use()

    def do_fetch(self) -> None:
        """Download it."""
        release = self.pane.current
        if release is not None:
            self._wish(ImageFetch(release.version, self.jailer.mirrors.address))

    def do_use(self) -> None:
        """Make it the default."""
        release = self.pane.current
        if release is not None:
            self._wish(ImageUse(release.version))

    def do_image_destroy(self) -> None:
        """For good."""
        release = self.pane.current
        if release is not None:
            self._wish(ImageDestroy(release.version))

    def _wish(self, request: Request) -> None:
        self.jailer.start_task(self.jailer.runner.run(request), request.op)

    def do_ask_mirror(self) -> None:
        """Its list once more."""
        self.jailer.mirrors.look(again=True)

    def do_clear(self) -> None:
        """Escape: first the filter, then back to the jails."""
        if self.has_class("filtering") or self.pane.filter:
            super().do_clear()
        else:
            self.dismiss()


def _not_fetch(one: Release) -> str:
    if one.image is not None:
        return "it has already been fetched"
    return "it is newer than the host's kernel" if one.newer else ""


def _not_use(one: Release) -> str:
    if one.image is None:
        return "it has not been fetched"
    if one.image.has_base is False:
        return "its snapshot @base is missing"
    return "it is already the default" if one.image.default else ""


def _not_destroy(one: Release) -> str:
    if one.image is None:
        return "it has not been fetched"
    if not one.jails:
        return ""
    return f"{len(one.jails)} jails use it" if one.jails[1:] else "a jail uses it"
