"""Actions on images."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.images.requests import ImageFetch, ImageUse
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.stores.jobs import images_in_work


class ImageController(Controller):
    """The selected release."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
        return {
            "image_next": self._next,
            ImageFetch.op: self._fetch,
        }

    def _next(self, selection: Selection) -> None:
        """What one would do next with it."""
        release = selection.release
        if release is not None and (release.doing or release.image is None):
            self._fetch(selection)
        elif release is not None:
            self.run(ImageUse(release.version))

    def _fetch(self, selection: Selection) -> None:
        release = selection.release
        works = images_in_work(self.app.jobs.running)
        if release is not None and release.version in works:
            self.app.show_work(works[release.version][1])
        elif release is not None:
            self.run(ImageFetch(release.version, self.app.session.mirrors.address))
