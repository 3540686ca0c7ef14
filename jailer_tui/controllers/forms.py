"""Create a jail from a form: fill in, preview, run; a failure leads back to the form."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

from jailer_core.errors import JailerError
from jailer_core.execution import prepare
from jailer_core.model import Inventory, Jail
from jailer_core.operations.images import defaults
from jailer_core.operations.images.requests import NetworkUse
from jailer_core.operations.jails import boot, create_defaults
from jailer_core.operations.jails.requests import BootOrder
from jailer_core.operations.network.translations.requests import NatAdd
from jailer_core.operations.registry import needs, why_not
from jailer_core.operations.shared.addresses import free_mac
from jailer_core.plan import Needs, Request
from jailer_core.text import sanitize
from jailer_tui.controllers.base import Controller, WorkContext
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.choice import ChoiceDialog, Leave
from jailer_tui.dialogs.form import FormDialog, FormDialogBase, option_rows
from jailer_tui.dialogs.list_form import BootOrderDialog
from jailer_tui.dialogs.wizard import WizardDialog
from jailer_tui.forms import create, create_fields
from jailer_tui.forms.model import FormModel
from jailer_tui.presenters.jails import Column, addresses, natural
from jailer_tui.stores.job import Job
from jailer_tui.widgets.grid import Row

Values = dict[str, str]
MakeRequest = Callable[[Inventory, Mapping[str, str]], Request]
A = TypeVar("A")

_NETWORKS = (Column("label", "", 14, 0), Column("said", "", 58, 0))


class RequestForm(FormModel, Protocol):
    """A form that makes a request."""

    def request(self, inventory: Inventory, values: Mapping[str, str], /) -> Request:
        """The request."""


async def answer_once(app: WorkContext, dialog: FormDialogBase[A]) -> A | None:
    """What was filled in; the dialog is closed then. None when it was left."""
    await app.push_screen(dialog)
    answer = await dialog.answer()
    if answer is not None:
        dialog.dismiss()
    return answer


class FormRunner:
    """Opens forms. The input of a request that was not run is kept for the next time."""

    def __init__(self, app: WorkContext) -> None:
        self.app = app
        self.kept: dict[str, Values] = {}

    async def create(self, base: str = "") -> None:
        """A new jail, by questions or by fields; `base` is chosen."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        name = create_defaults.plain_name(inventory)
        mac = free_mac(inventory, secrets.token_bytes(5))
        subject = create.CreateForm(name, mac)

        def dialog(now: Inventory, values: Mapping[str, str]) -> FormDialog:
            return WizardDialog("Create a jail", subject, now, values, create.QUESTIONS)

        def request(now: Inventory, values: Mapping[str, str]) -> Request:
            return replace(subject.request(now, values), mirror=self.app.session.mirrors.address)

        start = {**create.START, "base": base}
        await self.carry_out(f"create {base}" if base else "create", start, dialog, request)

    async def translate(self, jail: Jail | None, accepted: Leave = lambda: None) -> None:
        """Add NAT or a redirect for a jail, which is chosen first if there is none."""
        if jail is None:
            await self._translate_one()
            return
        from jailer_tui.forms import nat  # noqa: PLC0415 - with its operations

        title = f"NAT and redirects of {jail.name}"
        await self.fill_in(title, nat.TranslationForm(jail), nat.START, accepted)

    async def _translate_one(self) -> None:
        """The same, for a jail that is chosen first."""
        inventory = self.app.view.inventory
        if inventory is None:
            return
        fitting = [jail for jail in inventory.jails if not why_not(inventory, NatAdd.op, jail)]
        if not fitting:
            self.app.notify_user("no jail has an address for rules")
            return
        rows = [
            Row(jail.name, ((sanitize(jail.name), "strong"), addresses(jail.addresses)))
            for jail in sorted(fitting, key=lambda jail: natural(jail.name))
        ]

        def then(chosen: str, leave: Leave) -> None:
            jail = inventory.jail(chosen)
            if jail is not None:
                self.app.start_task(self.translate(jail, leave), NatAdd.op)

        await self.app.push_screen(ChoiceDialog("NAT and redirects of", _NETWORKS, rows, then=then))

    async def boot_order(self) -> None:
        """Set which jails start at boot, and in which order."""
        inventory = await self.app.gather(lambda _: Needs(files=(boot.RC_JAIL,)))
        if inventory is not None:
            dialog = BootOrderDialog(inventory)
            await self.app.push_screen(dialog)
            await self.until_run(dialog, BootOrder)

    async def network_use(self) -> None:
        """Set the default network type of new jails."""
        inventory = await self.app.gather(lambda now: needs(now, NetworkUse("eb")))
        if inventory is None:
            return

        def then(chosen: str, leave: Leave) -> None:
            self.app.start_task(self.app.runner.run(NetworkUse(chosen), leave), NetworkUse.op)

        title, rows = "Default network of new jails", option_rows(create_fields.NETWORKS)
        now = defaults.default_network(inventory)
        await self.app.push_screen(ChoiceDialog(title, _NETWORKS, rows, now, then))

    async def fill_in(
        self,
        title: str,
        form: RequestForm,
        start: Mapping[str, str],
        accepted: Leave = lambda: None,
    ) -> None:
        """Ask with a form until it is done, or left. `accepted` is called before it runs."""
        await self.carry_out(title, start, partial(FormDialog, title, form), form.request, accepted)

    async def carry_out(
        self,
        kind: str,
        start: Mapping[str, str],
        make: Callable[[Inventory, Mapping[str, str]], FormDialog],
        request: MakeRequest,
        accepted: Leave = lambda: None,
    ) -> None:
        """Run the form until it is done or left. `accepted` is called before the plan runs."""
        values: Mapping[str, str] = self.kept.pop(kind, {}) or start
        failure = ("", "")
        while self.app.view.inventory is not None:
            dialog = make(self.app.view.inventory, values)
            dialog.began_with = dict(start)
            if failure[0]:
                dialog.say_above([((failure[0], "bad"),)], failure[1])
            await self.app.push_screen(dialog)
            given: dict[str, str] = {}
            reading: Any = partial(self._read_more, dialog, request)
            dialog.run_worker(reading, exit_on_error=False)
            job = await self.until_run(
                dialog,
                lambda typed, at=dialog: request(at.inventory, typed),  # type: ignore[misc]
                given.update,
                accepted,
            )
            if job is None or job.outcome is None:
                return
            if job.outcome.ok:
                await self.app.session.live.once()
                self.app.go_to_jail(getattr(job.plan.request, "new", "") or job.plan.jail)
                return
            values = given
            if not await self._watched(job):
                self.kept[kind] = given
                return
            failure = (f"It failed: {sanitize(job.outcome.message)}", job.outcome.hint)

    async def _read_more(self, dialog: FormDialog, request: MakeRequest) -> None:
        """What the form needs and a refresh leaves out: above all the snapshots."""
        inventory = dialog.inventory
        asked = needs(inventory, request(inventory, dialog.values)) | Needs(snapshots=True)
        try:
            dialog.learn(await self.app.reader.gather(asked))
        except JailerError as error:
            dialog.say_above([((sanitize(error.message), "warn"),)], error.hint)

    async def until_run(
        self,
        dialog: FormDialogBase[A],
        request: Callable[[A], Request],
        keep: Callable[[A], object] = lambda _: None,
        leave: Leave = lambda: None,
    ) -> Job | None:
        """The job when something ran; None when the dialog was left.

        `keep` is given what was filled in before it runs; `leave` closes what is below the dialog.
        """
        while (answer := await dialog.answer()) is not None:
            try:
                with self.app.busy():
                    plan = await prepare(self.app.reader, request(answer))
            except JailerError as error:
                dialog.refuse(error)
                continue
            if not dialog.is_open:
                return None

            def accepted(given: A = answer) -> None:
                keep(given)
                dialog.dismiss()
                leave()

            job = await self.app.runner.show_and_run(plan, accepted=accepted)
            if job is not None:
                return job
        return None

    async def _watched(self, job: Job) -> bool:
        """Once its dialog is closed; False when it was no longer shown."""
        dialogs = [screen for screen in self.app.screen_stack if isinstance(screen, Dialog)]
        showing = [dialog for dialog in dialogs if dialog.work is job]
        for dialog in showing:
            await dialog.closed.wait()
        return bool(showing)


class FormController(Controller):
    """Does actions that ask with forms."""

    def __init__(self, app: WorkContext, forms: FormRunner) -> None:
        super().__init__(app)
        self._forms = forms
