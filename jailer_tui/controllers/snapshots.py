"""Actions on snapshots: take, hold, destroy, roll back, clone, keep by a policy."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.model import Inventory, Jail
from jailer_core.operations.registry import form_values, needs, why_not
from jailer_core.operations.snapshots import retention, schedule
from jailer_core.operations.snapshots.requests import (
    Rollback,
    RollbackDestroy,
    SnapshotDestroy,
    SnapshotHold,
    SnapshotPolicy,
    SnapshotRelease,
    SnapshotSchedule,
    SnapshotTake,
)
from jailer_core.operations.spec import spec_of
from jailer_core.plan import Needs, Request
from jailer_core.text import sanitize
from jailer_tui import host_selection
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Handler
from jailer_tui.controllers.forms import FormController
from jailer_tui.dialogs.choice import ChoiceDialog, Leave, choice_row
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.rollback import BACK, RollbackDialog, snapshots_of
from jailer_tui.dialogs.short_forms import SnapshotDialog
from jailer_tui.forms import small as forms
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.jails import Column
from jailer_tui.presenters.snapshots import Entry, full_names
from jailer_tui.screens.snapshots import SnapshotsScreen
from jailer_tui.widgets.grid import Row

_JAILS = (Column("name", "", 24, 0), Column("said", "", 46, 0))
_TAGS = (Column("what", "", 10, 0), Column("tag", "", 60, 0))
_SCHEDULE = Needs(files=(schedule.PATH,))
SHOWN = "The line for /etc/cron.d is shown first."
AGAIN = "\0"
"""The row that holds a snapshot once more; no tag can be that."""


class SnapshotController(FormController):
    """Actions on the selected snapshots or jails."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        start = self.app.start_task
        return {
            SnapshotTake.op: self._take,
            "snap_take": self._take,
            Rollback.op: self._go_back,
            SnapshotPolicy.op: lambda chosen: start(self.policy(chosen.jail), "policy"),
            SnapshotDestroy.op: lambda chosen: self.run(
                SnapshotDestroy(full_names(chosen.snapshots or ()))
            ),
            SnapshotHold.op: lambda chosen: start(
                self.hold(chosen.snapshots or (), chosen.tags), "hold"
            ),
            SnapshotSchedule.op: lambda _: start(self.schedule(), "schedule"),
        }

    def _take(self, selection: Selection) -> None:
        """Take snapshots of the selected jails; without any, of one that the user chooses."""
        work = self.take(selection.jails) if selection.jails else self.choose_and_take()
        self.app.start_task(work, SnapshotTake.op)

    def _go_back(self, selection: Selection) -> None:
        if selection.jail is not None:
            at = selection.snapshot.name if selection.snapshot is not None else ""
            self.app.start_task(self.go_back(selection.jail, at), Rollback.op)

    async def _read(self) -> Inventory | None:
        """The host with its snapshots; what cannot be read is said."""
        inventory = await self.app.gather(lambda _: Needs(snapshots=True))
        if inventory is not None and inventory.snapshots is None:
            self.app.notify_user(
                "the snapshots could not be read", "See the problems above the table."
            )
            return None
        return inventory

    # --- taking ------------------------------------------------------------------------------

    async def take(self, jails: Sequence[Jail], leave: Callable[[], object] = lambda: None) -> None:
        """A snapshot of one jail or several; the form shows the command itself.

        `leave` closes what is below the form, once it is submitted.
        """
        inventory = self.app.view.inventory
        if inventory is None or not jails:
            return
        suggested = retention.by_default(self.app.reader.host.clock())
        subject = forms.TakeForm(tuple(jails), suggested)
        title = sanitize(jails[0].name) if len(jails) == 1 else f"{len(jails)} jails"
        dialog = SnapshotDialog(f"Take a snapshot of {title}", subject, inventory)
        await self.app.push_screen(dialog)
        reading: Any = partial(self._learn, dialog)
        dialog.run_worker(reading, exit_on_error=False)
        while (values := await dialog.answer()) is not None:
            requests = subject.requests(values)
            if len(requests) > 1:
                dialog.dismiss(None)
                await self.app.runner.run_many(lambda count: f"Snapshot of {count}", requests)
                return
            if await self._taken(dialog, requests[0], leave):
                return

    async def _learn(self, dialog: FormDialog) -> None:
        inventory = await self._read()
        if inventory is not None:
            dialog.learn(inventory)

    async def _taken(
        self, dialog: SnapshotDialog, request: SnapshotTake, leave: Callable[[], object]
    ) -> bool:
        """What was shown in the form runs at once."""
        try:
            plan = await prepare(self.app.reader, request)
        except JailerError as error:
            dialog.refuse(error)
            return False
        shown = dialog.shows(plan)
        dialog.dismiss(None)
        leave()
        job = await self.app.runner.show_and_run(plan, shown=shown)
        if job is not None and job.outcome is not None and job.outcome.ok:
            await self._go_to(request)
        return True

    async def _go_to(self, request: SnapshotTake) -> None:
        """The cursor of the tab, when that is open, goes to what was taken."""
        inventory = self.app.view.inventory
        jail = inventory.jail(request.name) if inventory is not None else None
        for screen in self.app.screen_stack:
            if isinstance(screen, SnapshotsScreen) and jail is not None:
                await self.app.session.live.once()
                screen.pane.grid.move_to_key(f"{jail.dataset}@{request.snapshot}")

    async def choose_and_take(self) -> None:
        """Take a snapshot; ask for the jail if none is selected."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        able = [jail for jail in inventory.jails if not why_not(inventory, SnapshotTake.op, jail)]
        if not able:
            self.app.notify_user("no jail of Jailer TUI has its own dataset")
            return
        rows = [choice_row(jail.name, jail.name, jail.dataset) for jail in able]

        def then(chosen: str, leave: Leave) -> None:
            jail = inventory.jail(chosen)
            if jail is not None:
                self.app.start_task(self.take([jail], leave), SnapshotTake.op)

        await self.app.push_screen(ChoiceDialog("A snapshot of", _JAILS, rows, then=then))

    # --- going back --------------------------------------------------------------------------

    async def go_back(self, jail: Jail, at: str = "") -> None:
        """Roll back to one of its snapshots, in either way."""
        inventory = await self._read()
        if inventory is None:
            return
        jail = inventory.jail(jail.name) or jail
        snapshots = inventory.snapshots or ()
        if not snapshots_of(jail, snapshots):
            self.app.notify_user(f"{jail.name} has no snapshot to go back to", "B takes one.")
            return
        dialog = RollbackDialog(jail, inventory, snapshots, at)
        await self.app.push_screen(dialog)

        def request(answer: tuple[str, str]) -> Request:
            way, name = answer
            now = stamp(self.app.reader.host.clock())
            back = way == BACK
            return Rollback(jail.name, name, now) if back else RollbackDestroy(jail.name, name)

        await self._forms.until_run(dialog, request)

    # --- what is there -----------------------------------------------------------------------

    async def hold(self, entries: Sequence[Entry], tags: Sequence[str]) -> None:
        """Hold snapshots; held ones are released, or get another tag."""
        full = full_names(entries)
        if all(entry.holds for entry in entries) and tags:
            await self._which(full, tags)
            return
        if all(entry.holds for entry in entries):
            await self.app.runner.run(SnapshotRelease(full))
            return
        await self._hold(full)

    async def _which(self, full: tuple[str, ...], tags: Sequence[str]) -> None:
        """Release one of the tags, or hold under one more."""
        rows = [Row(tag, (("Release", "strong"), (sanitize(tag), "text"))) for tag in tags]
        rows.append(Row(AGAIN, (("Hold", "strong"), ("add another tag", "text"))))

        def then(answer: str, leave: Leave) -> None:
            if answer == AGAIN:
                leave()
                self.app.start_task(self._hold(full), SnapshotHold.op)
            else:
                release = self.app.runner.run(SnapshotRelease(full, answer), leave)
                self.app.start_task(release, SnapshotRelease.op)

        await self.app.push_screen(ChoiceDialog("It is held", _TAGS, rows, then=then))

    async def _hold(self, full: tuple[str, ...]) -> None:
        title = sanitize(full[0]) if len(full) == 1 else f"{len(full)} snapshots"
        form = DerivedForm(SnapshotHold, {"snapshots": full})
        await self._forms.fill_in(f"{spec_of(SnapshotHold).label}: {title}", form, form.start())

    # --- keeping -----------------------------------------------------------------------------

    async def policy(self, jail: Jail | None) -> None:
        """Set the policy; if cron does not run it yet, offer to schedule it."""
        if jail is None:
            return
        blank = SnapshotPolicy(jail.name)
        inventory = await self.app.gather(lambda now: needs(now, blank) | _SCHEDULE)
        if inventory is None:
            return
        form = DerivedForm(SnapshotPolicy, {"name": jail.name})
        title = f"Snapshots to keep of {sanitize(jail.name)}"
        dialog = FormDialog(title, form, inventory, form.start(form_values(inventory, blank)))
        await self.app.push_screen(dialog)
        job = await self._forms.until_run(dialog, partial(form.request, inventory))
        if job is None or job.outcome is None or not job.outcome.ok:
            return
        kept = any(getattr(job.plan.request, kind) for kind in retention.KINDS)
        if kept and not schedule.scheduled(inventory):
            self.app.leave_work(job)
            lines = ["A policy takes effect only when cron runs `snap auto`.", SHOWN]
            if await self.app.ask("Run it from cron?", lines, "Show", safe=True):
                await self.schedule(on=True)

    async def schedule(self, *, on: bool | None = None) -> None:
        """Schedule it with cron, or stop that; None toggles."""
        if on is None:
            inventory = await self.app.gather(lambda _: _SCHEDULE)
            if inventory is None:
                return
            on = not schedule.scheduled(inventory)
        program = host_selection.program(self.app.reader.host) if on else ""
        if on and not program:
            self.app.notify_user("this program's install path could not be determined")
            return
        await self.app.runner.run(SnapshotSchedule(on, program))
