"""What is done with images."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.images.requests import ImageDestroy, ImageFetch, ImageUse
from jailer_core.operations.updates.requests import ImageUpdate
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler


class ImageController(Controller):
    """The selected release."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
        return {
            "image_next": self._next,
            ImageFetch.op: self._fetch,
            ImageUse.op: self._use,
            ImageDestroy.op: self._destroy,
        }

    def _next(self, selection: Selection) -> None:
        """What one would do next with it."""
        release = selection.release
        if release is not None and release.doing:
            self._show(release.version)
        elif release is not None and release.image is None:
            self._fetch(selection)
        else:
            self._use(selection)

    def _show(self, version: str) -> None:
        """What is being done to that release."""
        for request in (ImageFetch(version), ImageUpdate(version, "")):
            work = self.app.jobs.under_way(request)
            if work is not None:
                self.app.show_work(work)
                return

    def _fetch(self, selection: Selection) -> None:
        if selection.release is not None:
            self.run(ImageFetch(selection.release.version, self.app.mirrors.address))

    def _use(self, selection: Selection) -> None:
        if selection.release is not None:
            self.run(ImageUse(selection.release.version))

    def _destroy(self, selection: Selection) -> None:
        if selection.release is not None:
            self.run(ImageDestroy(selection.release.version))
