"""Actions on images and the trash, and those that keep jails and images up to date.

Actions on images.

Actions on the trash.

Keep jails and images up to date: what is outdated, image updates, moving to another base.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jailer_core.errors import JailerError
from jailer_core.execution import gather_for
from jailer_core.model import Image, Inventory, Jail
from jailer_core.operations.images import catalog
from jailer_core.operations.images.requests import ImageFetch, ImageUse
from jailer_core.operations.jails.requests import TrashPurge, TrashRestore
from jailer_core.operations.shared.trash import because
from jailer_core.operations.snapshots.requests import UndoRollback
from jailer_core.operations.updates.rebase import decided
from jailer_core.operations.updates.requests import ImageUpdate, Rebase
from jailer_core.operations.updates.standing import VERSIONS, Standing, Subject, standings
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.controllers.console import edited, editing
from jailer_tui.controllers.forms import answer_once
from jailer_tui.dialogs.choice import ChoiceDialog, Leave, choice_row
from jailer_tui.dialogs.conflicts import ConflictsDialog, Settled
from jailer_tui.dialogs.trash import TrashDialog
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.jails import Column, Span, patch_level
from jailer_tui.stores.jobs import images_in_work
from jailer_tui.widgets.grid import Row


class ImageController(Controller):
    """Actions on the selected release."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
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


class TrashController(Controller):
    """Actions on the selected entry of the trash."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {
            "trash": self._show,
            TrashRestore.op: self._restore,
            TrashPurge.op: self._purge,
        }

    def _show(self, _selection: Selection) -> None:
        """Show the trash."""
        days = self.app.preferences.settings.trash_days
        self.app.push_screen(TrashDialog(self.app.view, days))

    def _restore(self, selection: Selection) -> None:
        """Bring it back; an earlier state of a jail that exists changes places with it."""
        entry, inventory = selection.entry, self.app.view.inventory
        if entry is None or inventory is None:
            return
        if because(entry) and inventory.jail(entry.name):
            self.run(UndoRollback(entry.id, stamp(self.app.reader.host.clock())))
        else:
            self.run(TrashRestore(entry.id))

    def _purge(self, selection: Selection) -> None:
        if selection.entries:
            requests = [TrashPurge(entry.id) for entry in selection.entries]
            work = self.app.runner.run_many(lambda _: "Purge the trash", requests)
            self.app.start_task(work, TrashPurge.op)
        elif selection.entry is not None:
            self.run(TrashPurge(selection.entry.id))


_IMAGES = (Column("version", "", 30, 0), Column("userland", "", 14, 0), Column("how", "", 24, 0))
_FAILURE = (Column("how", "", 10, 0), Column("about", "", 50, 0))
_STANDINGS = (
    Column("sign", "", 1, 0),
    Column("name", "", 22, 0),
    Column("userland", "", 9, 0),
    Column("newest", "", 9, 0),
    Column("why", "", 28, 0),
)


class UpdateController(Controller):
    """Actions on userlands of the selected jails or image."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        start = self.app.start_task
        return {
            Rebase.op: lambda chosen: start(self.rebase(chosen.jails), Rebase.op),
            "outdated": lambda _: start(self.outdated(), "outdated"),
        }

    def _now(self) -> str:
        return stamp(self.app.reader.host.clock())

    # --- what is outdated --------------------------------------------------------------------

    async def outdated(self) -> None:
        """List all userlands; enter updates an image, or moves a jail."""
        with self.app.busy():
            inventory = await self.app.reader.gather(Needs(commands=(VERSIONS,)))
        ordered = sorted(standings(inventory), key=lambda standing: standing.behind is False)
        everything = {f"{standing.subject.value} {standing.name}": standing for standing in ordered}
        rows = [Row(key, _cells(standing)) for key, standing in everything.items()]

        def then(key: str, leave: Leave) -> None:
            standing = everything[key]
            jail = inventory.jail(standing.name)
            if standing.subject is Subject.IMAGE:
                leave()
                self.run(ImageUpdate(standing.name, self._now()))
            elif standing.subject is Subject.JAIL and jail is not None:
                leave()
                self.app.start_task(self.rebase([jail]), Rebase.op)

        await self.app.push_screen(ChoiceDialog("Userlands", _STANDINGS, rows, then=then))

    # --- another base ------------------------------------------------------------------------

    async def rebase(self, jails: Sequence[Jail]) -> None:
        """Choose the image, resolve conflicts, preview, and run."""
        inventory = self.app.view.inventory
        if inventory is None or not jails:
            return
        image = await self._image(inventory, jails)
        if image is None:
            return
        requests: list[Rebase] = []
        for jail in jails:
            settled = await self._settled(Rebase(jail.name, self._now(), image))
            if settled is None:
                return
            requests.append(Rebase(jail.name, self._now(), image, settled))
        if len(requests) == 1:
            await self.app.runner.run(requests[0])
            return
        stop_early = await self._stop_early()
        if stop_early is not None:
            await self.app.runner.run_many(
                lambda count: f"Move {count} to {sanitize(image)}", requests, stop_early=stop_early
            )

    async def _image(self, inventory: Inventory, jails: Sequence[Jail]) -> str | None:
        """Which one; the newest first."""
        able = [
            image
            for image in inventory.images
            if image.has_base is not False
            and not catalog.newer_release(image.userland or image.version, inventory.host.release)
        ]
        if not able:
            self.app.notify_user("there is no image to move to", "Fetch one on the Images tab.")
            return None
        able.sort(key=_age, reverse=True)
        rows = [_image_row(inventory, image, jails) for image in able]
        title = sanitize(jails[0].name) if len(jails) == 1 else f"{len(jails)} jails"
        dialog = ChoiceDialog(f"Move {title} to", _IMAGES, rows)
        return await self.app.push_screen_wait(dialog)

    async def _stop_early(self) -> bool | None:
        """Whether no more are moved once one has failed; None when the user left."""
        rows = [
            choice_row("go on", "Go on", "with the others; each has its own way back"),
            choice_row("stop", "Stop", "the others stay as they are"),
        ]
        dialog = ChoiceDialog("When a jail cannot be moved", _FAILURE, rows)
        chosen = await self.app.push_screen_wait(dialog)
        return None if chosen is None else chosen == "stop"

    async def _settled(self, request: Rebase) -> Settled | None:
        """How the user resolves a jail's conflicts; None when they left. Refusals come later."""
        try:
            with self.app.busy():
                inventory = await gather_for(self.app.reader, request)
            conflicts = decided(inventory, request).conflicts
        except JailerError:
            return ()  # the plan says why
        if not conflicts:
            return ()
        dialog = ConflictsDialog(request.name, conflicts, self._edit)
        return await answer_once(self.app, dialog)

    def _edit(self, text: str) -> str | None:
        """In the user's editor; None when that failed."""
        with editing(self.app):
            return self.app.in_terminal(lambda: edited(text))
        return None


def _age(image: Image) -> tuple[tuple[int, int, int], int]:
    number = catalog.release_number(image.version) or (0, 0)
    return catalog.patch_level(image.userland) or (*number, 0), image.created


def _image_row(inventory: Inventory, image: Image, jails: Sequence[Jail]) -> Row:
    datasets = [inventory.dataset(jail.dataset) for jail in jails]
    current = sum(
        dataset is not None and dataset.origin.startswith(f"{image.dataset}@")
        for dataset in datasets
    )
    message = f"the base of {current} now" if len(jails) > 1 else "its base now"
    name, level = sanitize(image.version), patch_level(image.userland) or "?"
    about = message if current else ""
    return Row(image.version, ((name, "strong"), (level, "text"), (about, "dim")))


def _cells(standing: Standing) -> tuple[Span, ...]:
    sign = {True: ("!", "warn"), False: ("", "text"), None: ("?", "dim")}[standing.behind]
    newest = standing.newest if standing.newest != standing.release else ""
    reasons = ", ".join(reason.value for reason in standing.reasons)
    return (
        sign,
        (sanitize(standing.name), "strong" if standing.subject is Subject.JAIL else "accent"),
        (patch_level(standing.release) or "?", "text"),
        (patch_level(newest), "warn"),
        (reasons or (standing.subject.value if standing.behind is False else "unknown"), "text"),
    )
