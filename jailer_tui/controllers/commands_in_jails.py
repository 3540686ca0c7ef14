"""Run a command in many jails: form, preview of what runs where, progress, output."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut
from jailer_core.model import Jail
from jailer_core.operations.in_jail.commands import only_looks
from jailer_core.operations.in_jail.form import ACTIONS
from jailer_core.operations.in_jail.requests import Command, Packages, Services
from jailer_core.operations.registry import form_values
from jailer_core.plan import Plan
from jailer_core.text import sanitize
from jailer_tui.context import AppContext
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.command import CommandDialog
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.forms import commands_in_jails as forms
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.forms.save import SaveForm
from jailer_tui.operation_runner import CHANGED
from jailer_tui.presenters.commands_in_jails import command_lines, whole_output
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.jails import Column
from jailer_tui.stores.jobs import FanOutJob
from jailer_tui.widgets.grid import Row

_SERVICES = (Column("name", "", 24, 0), Column("said", "", 44, 0))
OTHER = "\0other"
"""The row of the list for a service that is not in it."""


class CommandController:
    """The app's deeds hold it."""

    def __init__(self, app: AppContext) -> None:
        self.app = app
        self.kept: dict[str, dict[str, str]] = {}
        self.last = ""

    def command(self, jails: Sequence[Jail]) -> None:
        """One command. The form is there at once: what is typed next is meant for it."""
        self._form(CommandDialog, "Run a command", forms.command(_names(jails), self.last))

    def packages(self, jails: Sequence[Jail]) -> None:
        """Packages."""
        now = stamp(self.app.reader.host.clock())
        self._form(FormDialog, "Packages", forms.packages(_names(jails), now))

    async def upgrade(self, request: Packages) -> None:
        """Packages, without a form."""
        now = stamp(self.app.reader.host.clock())
        await self._prepared(replace(request, stamp=now), lambda: None)

    async def services(self, jails: Sequence[Jail]) -> None:
        """Choose a service of those that start at boot, or name one, then what it is to do."""
        names = _names(jails)
        services = await self._boot_services(names)
        if services is None:
            return
        rows = [_service_row(name, count, len(names)) for name, count in services.items()]
        rows.append(Row(OTHER, (("other", "accent"), ("type its name", "dim"))))
        where = sanitize(names[0]) if len(names) == 1 else f"{len(names)} jails"
        dialog = ChoiceDialog(f"Services of {where}", _SERVICES, rows)

        def then(chosen: str) -> None:
            if chosen == OTHER:
                dialog.dismiss()
                self._form(FormDialog, "A service", forms.service(names, tuple(services)))
            else:
                self._service(names, chosen, where, dialog.dismiss)

        dialog.then = then
        await self.app.push_screen(dialog)

    def _service(
        self, names: tuple[str, ...], service: str, where: str, accepted: Callable[[], object]
    ) -> None:
        """Choose what it is to do."""
        actions = [
            Row(word, ((word, "strong"), (description, "dim"))) for word, description in ACTIONS
        ]
        ask = ChoiceDialog(f"{sanitize(service)} in {where}", _SERVICES, actions)

        def leave() -> None:
            ask.dismiss()
            accepted()

        def then(action: str) -> None:
            work = self._prepared(Services(names, service, action), leave)
            self.app.start_task(work, Services.op)

        ask.then = then
        self.app.push_screen(ask)

    # --- running -----------------------------------------------------------------------------

    def _form(self, kind: type[FormDialog], title: str, form: DerivedForm) -> None:
        """Until it runs, or the form is closed; input that did not run is offered the next time."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        start = form.start(form_values(inventory, form.blank()))
        dialog = kind(title, form, inventory, self.kept.get(title, start))
        dialog.began_with = start
        self.app.push_screen(dialog)
        self.app.beside(self._answers(title, dialog, form), title.lower())

    async def _answers(self, title: str, dialog: FormDialog, form: DerivedForm) -> None:
        while (given := await dialog.answer()) is not None:
            self.kept[title] = dict(given)
            self.last = given.get("argv", "").strip() or self.last
            command: Any = form.request(dialog.inventory, given)
            if await self._prepared(command, lambda: dialog.dismiss(None), dialog.refuse):
                del self.kept[title]
                return

    async def _prepared(
        self,
        request: Command,
        accepted: Callable[[], object],
        refused: Callable[[JailerError], object] | None = None,
    ) -> bool:
        """Show what would run and run it; whether it was begun."""
        try:
            with self.app.busy():
                plan = await prepare(self.app.reader, request)
            many = await self._agreed(FanOut(self.app.reader, plan))
        except JailerError as error:
            if refused is not None:
                refused(error)
            else:
                self.app.notify_user(error.message, error.hint)
            return False
        if many is None:
            return False
        accepted()
        crowd = FanOutJob(many)
        self.app.jobs.start_crowd(crowd)
        self.app.show_work(crowd)
        return True

    async def _agreed(self, many: FanOut) -> FanOut | None:
        """Asked once, and again when the jails have changed since then. Raises JailerError."""
        note = ""
        while not only_looks(many.request):
            if not await self.app.push_screen_wait(_preview(many.plan, note)):
                return None
            fresh = await many.again()
            if fresh is None:
                break
            many, note = FanOut(self.app.reader, fresh), CHANGED
        return many

    async def _boot_services(self, names: tuple[str, ...]) -> dict[str, int] | None:
        """Services that start at boot, and in how many of the jails."""
        try:
            with self.app.busy():
                many = FanOut(self.app.reader, await prepare(self.app.reader, Services(names)))
                await many.run()
        except JailerError as error:
            self.app.notify_user(error.message, error.hint)
            return None
        bad = next((jail_run for jail_run in many.turns if not jail_run.good), None)
        if bad is not None:
            self.app.notify_user(f"{bad.name}: {bad.output.last or bad.message}")
        counts: dict[str, int] = {}
        for turn in many.turns:
            for line in turn.output.text(error=False).splitlines() if turn.good else ():
                name = line.rpartition("/")[2]
                counts[name] = counts.get(name, 0) + 1
        return dict(sorted(counts.items()))

    # --- keeping what was said ---------------------------------------------------------------

    async def save(self, crowd: FanOutJob) -> None:
        """The whole output into a file of the host, for its owner alone."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        host = self.app.reader.host
        subject = SaveForm(f"/root/{crowd.many.request.op}-{stamp(host.clock())}.txt")
        dialog = FormDialog("Save the output", subject, inventory, {"path": ""}, verb="Save")
        await self.app.push_screen(dialog)
        while (given := await dialog.answer()) is not None:
            path = subject.path(given)
            try:
                if await host.stat([path]) and not await self.app.ask(
                    "Replace it?", [f"{sanitize(path)} already exists."], "Replace"
                ):
                    continue
                await host.write(path, whole_output(crowd.many), mode=0o600)
            except JailerError as error:
                dialog.refuse(error)
                continue
            dialog.dismiss(None)
            self.app.notify_user(f"written to {path}", "Only its owner can read it.", bad=False)
            return


def _names(jails: Sequence[Jail]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(jail.name for jail in jails))


def _service_row(name: str, count: int, of: int) -> Row:
    message = "starts at boot" if count == of else f"starts at boot in {count} of {of}"
    return Row(name, ((sanitize(name), "strong"), (message, "dim")))


def _preview(plan: Plan, note: str) -> PreviewDialog:
    return PreviewDialog("Preview", command_lines(plan, note), careful=True)
