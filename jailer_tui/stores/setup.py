"""The list of releases on the mirror: asked only while it is shown.

The set-up of the host: read only while the doctor is open, and after each change.
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cached_property

from jailer_core import settings
from jailer_core.errors import JailerError
from jailer_core.needs import Needs
from jailer_core.request import Request
from jailer_core.text import sanitize
from jailer_tui.state import Mirror, SetupState
from jailer_tui.stores.preferences import StoreOwner


class MirrorStore:
    """Reads the list of releases on the mirror into the state."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app

    @cached_property
    def address(self) -> str:
        """The mirror of the environment or the settings, "" for FreeBSD's own."""
        return os.environ.get(settings.MIRROR, "") or self.app.view.settings.mirror

    def look(self, *, again: bool = False) -> None:
        """Read the list once in a session, or `again`; not before the host was read."""
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


class SetupStore:
    """Checks the set-up of the host, and puts the results into the state."""

    def __init__(self, app: StoreOwner) -> None:
        self.app = app
        self._wanted: Request | None = None
        self._again = False

    def look(self, request: Request | None = None) -> None:
        """Look at everything, and at what deciding about `wanted` needs besides.

        While a look is under way another one follows it: what was asked for last counts.
        """
        self._wanted, self._again = request, True
        setup_state = self.app.view.examined
        if not setup_state.asking:
            self._note(replace(setup_state, asking=True))
            self.app.run_worker(self._look(), group="doctor", exit_on_error=False)

    async def _look(self) -> None:
        setup_state = self.app.view.examined
        while self._again:
            self._again = False
            setup_state = await self._once(self._wanted)
        self._note(setup_state)

    async def _once(self, request: Request | None) -> SetupState:
        from jailer_core.operations.registry import needs  # noqa: PLC0415

        known = self.app.view.inventory
        asked = Needs(setup=True)
        try:
            if request is not None and known is not None:
                asked = needs(known, request) | Needs(setup=True)
            inventory = await self.app.reader.gather(asked)
        except JailerError as error:
            old = self.app.view.examined.inventory
            return SetupState(old, failure=sanitize(error.message), hint=sanitize(error.hint))
        return SetupState(inventory)

    def _note(self, examined: SetupState) -> None:
        self.app.set_view(replace(self.app.view, examined=examined))
