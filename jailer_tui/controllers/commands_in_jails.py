"""Run a command in many jails: form, preview of what runs where, progress, output."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.execution.fan_out import FanOut
from jailer_core.operations.in_jail.commands import only_looks
from jailer_core.operations.in_jail.form import ACTIONS
from jailer_core.operations.in_jail.requests import Command, Packages, Services
from jailer_core.operations.registry import form_values
from jailer_core.text import sanitize
from jailer_tui.controllers.base import WorkContext
from jailer_tui.dialogs.choice import ChoiceDialog, Leave, choice_row
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.dialogs.short_forms import CommandDialog
from jailer_tui.forms import small as forms
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.forms.small import SaveForm
from jailer_tui.operation_runner import CHANGED
from jailer_tui.presenters.commands_in_jails import command_lines, whole_output
from jailer_tui.presenters.jail_parts import stamp
from jailer_tui.presenters.jails import Column
from jailer_tui.stores.jobs import FanOutJob
from jailer_tui.widgets.grid import Row

_SERVICES = (Column("name", "", 24, 0), Column("said", "", 44, 0))
OTHER = "\0other"
"""The row of the list for a service that is not in it."""


Agreed = Callable[[Command], Awaitable[FanOut | None]]
"""Makes what is to run of a request, and asks; None: it is not wanted. Raises JailerError."""


class CommandController:
    """The controllers hold it. `agreed` is for jails of several hosts."""

    def __init__(self, app: WorkContext) -> None:
        self.app = app
        self.kept: dict[str, dict[str, str]] = {}
        self.last = ""

    def command(self, names: tuple[str, ...], agreed: Agreed | None = None) -> None:
        """Run one command. The form opens at once, so that typed keys reach it."""
        self._form(CommandDialog, "Run a command", forms.command(names, self.last), agreed)

    def packages(self, names: tuple[str, ...], agreed: Agreed | None = None) -> None:
        """Manage packages."""
        now = stamp(self.app.reader.host.clock())
        self._form(FormDialog, "Packages", forms.packages(names, now), agreed)

    async def upgrade(self, request: Packages) -> None:
        """Manage packages without a form."""
        with self.app.telling():
            now = stamp(self.app.reader.host.clock())
            self._run(await self._agreed(replace(request, stamp=now)))

    async def services(self, names: tuple[str, ...]) -> None:
        """Choose a service that starts at boot, or name one, then the action."""
        services = await self._boot_services(names)
        if services is None:
            return
        rows = []
        for name, count in services.items():
            where = "" if count == len(names) else f" in {count} of {len(names)}"
            rows.append(choice_row(name, name, f"starts at boot{where}"))
        rows.append(Row(OTHER, (("other", "accent"), ("type its name", "dim"))))
        where = sanitize(names[0]) if len(names) == 1 else f"{len(names)} jails"

        def then(chosen: str, leave: Leave) -> None:
            if chosen == OTHER:
                leave()
                self._form(FormDialog, "A service", forms.service(names, tuple(services)))
            else:
                self._service(names, chosen, where, leave)

        await self.app.push_screen(ChoiceDialog(f"Services of {where}", _SERVICES, rows, then=then))

    def _service(self, names: tuple[str, ...], service: str, where: str, accepted: Leave) -> None:
        """Choose the action of a service."""
        actions = [choice_row(word, word, description) for word, description in ACTIONS]

        async def work(action: str, leave: Leave) -> None:
            with self.app.telling():
                many = await self._agreed(Services(names, service, action))
                if self._run(many, leave):
                    accepted()

        def then(action: str, leave: Leave) -> None:
            self.app.start_task(work(action, leave), Services.op)

        title = f"{sanitize(service)} in {where}"
        self.app.push_screen(ChoiceDialog(title, _SERVICES, actions, then=then))

    # --- running -----------------------------------------------------------------------------

    def _form(
        self,
        kind: type[FormDialog],
        title: str,
        form: DerivedForm,
        agreed: Agreed | None = None,
    ) -> None:
        """Until it runs, or the form is closed; input that did not run is offered the next time."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        start = form.start(form_values(inventory, form.blank()))
        dialog = kind(title, form, inventory, self.kept.get(title, start))
        dialog.began_with = start
        self.app.push_screen(dialog)
        work = self._answers(title, dialog, form, agreed or self._agreed)
        self.app.beside(work, title.lower())

    async def _answers(
        self, title: str, dialog: FormDialog, form: DerivedForm, agreed: Agreed
    ) -> None:
        while (given := await dialog.answer()) is not None:
            self.kept[title] = dict(given)
            self.last = given.get("argv", "").strip() or self.last
            command: Any = form.request(dialog.inventory, given)
            try:
                many = await agreed(command)
            except JailerError as error:
                dialog.refuse(error)
                continue
            if self._run(many, dialog.dismiss):
                del self.kept[title]
                return

    def _run(self, many: FanOut | None, leave: Leave = lambda: None) -> bool:
        """Run what is wanted, and close what asked for it; whether it was begun."""
        if many is not None:
            leave()
            crowd = FanOutJob(many)
            self.app.jobs.start_crowd(crowd)
            self.app.show_work(crowd)
        return many is not None

    async def _agreed(self, request: Command) -> FanOut | None:
        """Asked once, and again when the jails have changed since then. Raises JailerError."""
        with self.app.busy():
            many = FanOut(self.app.reader, await prepare(self.app.reader, request))
        note = ""
        while not only_looks(many.request):
            preview = PreviewDialog("Preview", command_lines(many.plan, note), careful=True)
            if not await self.app.push_screen_wait(preview):
                return None
            fresh = await many.again()
            if fresh is None:
                break
            many, note = FanOut(self.app.reader, fresh), CHANGED
        return many

    async def _boot_services(self, names: tuple[str, ...]) -> dict[str, int] | None:
        """Services that start at boot, and in how many of the jails."""
        with self.app.telling(), self.app.busy():
            many = FanOut(self.app.reader, await prepare(self.app.reader, Services(names)))
            await many.run()
            bad = next((turn for turn in many.turns if not turn.good), None)
            if bad is not None:
                self.app.notify_user(f"{bad.name}: {bad.output.last or bad.message}")
            texts = [turn.output.text(error=False) for turn in many.turns if turn.good]
            paths = [line for text in texts for line in text.splitlines()]
            return dict(sorted(Counter(path.rpartition("/")[2] for path in paths).items()))
        return None

    # --- keeping what was said ---------------------------------------------------------------

    async def save(self, crowd: FanOutJob) -> None:
        """Save the whole output in a file on the host, readable by its owner only."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        host = self.app.reader.host
        form = SaveForm(f"/root/{crowd.many.request.op}-{stamp(host.clock())}.txt")
        dialog = FormDialog("Save the output", form, inventory, {"path": ""}, verb="Save")
        await self.app.push_screen(dialog)
        while (given := await dialog.answer()) is not None:
            path = form.path(given)
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
