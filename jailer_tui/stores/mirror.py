"""The list of releases on the mirror: asked only while it is shown."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property

from jailer_core import settings
from jailer_core.errors import JailerError
from jailer_core.needs import Needs
from jailer_core.text import sanitize
from jailer_tui.state import Mirror
from jailer_tui.stores.owner import StoreOwner


class MirrorStore:
    """The app holds it. What it finds goes into the view."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app

    @cached_property
    def address(self) -> str:
        """The mirror of the environment or the settings, "" for FreeBSD's own."""
        return os.environ.get(settings.MIRROR, "") or self.app.view.settings.mirror

    def look(self, *, again: bool = False) -> None:
        """Ask for the list, once a session or `again`; not before the host was read."""
        mirror = self.app.view.mirror
        fresh = mirror.versions is None and not mirror.failure
        if self.app.view.full and not mirror.asking and (again or fresh):
            self._note(replace(mirror, asking=True))
            self.app.run_worker(self._ask(), group="mirror", exit_on_error=False)

    async def _ask(self) -> None:
        from jailer_core.operations.images.mirror import list_ask, releases_there  # noqa: PLC0415

        mirror = self.app.view.mirror
        inventory = self.app.view.inventory
        try:
            assert inventory is not None  # noqa: S101 - look() saw to it
            needs = Needs(commands=(list_ask(inventory, self.address),))
            read = await self.app.reader.gather(needs)
            versions = releases_there(read, self.address)
        except JailerError as error:
            failed = replace(mirror, asking=False, failure=sanitize(error.message), hint=error.hint)
            self._note(failed)
        else:
            self._note(Mirror(versions))

    def _note(self, mirror: Mirror) -> None:
        self.app.set_view(replace(self.app.view, mirror=mirror))
