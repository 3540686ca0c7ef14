"""The second tab: releases of FreeBSD that jails are made from."""

from __future__ import annotations

from textual import on
from textual.widget import Widget

from jailer_core.operations.requests import ImageDestroy, ImageFetch, ImageUse
from jailer_core.plan import Request
from jailer_tui.actions import Action, bindings, why_not_now
from jailer_tui.panes.images import ImagesPane
from jailer_tui.present import Line
from jailer_tui.present_images import Release, mirror_line
from jailer_tui.screens.tabbed import TabbedFace
from jailer_tui.view import View
from jailer_tui.widgets.grid import Grid


class ImagesScreen(TabbedFace):
    """What is fetched and what could be; the mirror is asked while this is in sight."""

    TAB = "images_tab"
    PLACES = ("images", "tabs", "all")
    BINDINGS = bindings(*PLACES)

    def __init__(self, view: View) -> None:
        super().__init__(view)
        self.pane: ImagesPane = ImagesPane(view.glyphs, id="pane")

    def middle(self) -> Widget:
        """The table."""
        return self.pane

    def show(self, view: View) -> None:
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
        one = self.pane.current
        if one is None:
            return "no release is chosen"
        if action.id == "image_next":
            return _not_fetch(one) if one.image is None else _not_use(one)
        refusals = {"fetch": _not_fetch, "use": _not_use, "image_destroy": _not_destroy}
        return refusals[action.id](one)

    # --- keys --------------------------------------------------------------------------------

    def do_image_next(self) -> None:
        """What one would do next with it."""
        one = self.pane.current
        if one is not None and one.image is None:
            self.do_fetch()
        elif one is not None:
            self.do_use()

    def do_fetch(self) -> None:
        """Download it."""
        one = self.pane.current
        if one is not None:
            self._wish(ImageFetch(one.version, self.jailer.mirrors.address))

    def do_use(self) -> None:
        """Make it the default."""
        one = self.pane.current
        if one is not None:
            self._wish(ImageUse(one.version))

    def do_image_destroy(self) -> None:
        """For good."""
        one = self.pane.current
        if one is not None:
            self._wish(ImageDestroy(one.version))

    def _wish(self, request: Request) -> None:
        self.jailer.wish(self.jailer.flow.one(request), request.op)

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
        return "it is fetched already"
    return "it is newer than the host's kernel" if one.newer else ""


def _not_use(one: Release) -> str:
    if one.image is None:
        return "it is not fetched"
    if one.image.has_base is False:
        return "its snapshot @base is missing"
    return "it is the default already" if one.image.default else ""


def _not_destroy(one: Release) -> str:
    if one.image is None:
        return "it is not fetched"
    if not one.jails:
        return ""
    return f"{len(one.jails)} jails live on it" if one.jails[1:] else "a jail lives on it"
