"""Actions on the settings of jails: limits, parameters, resource usage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from jailer_core.model import Jail
from jailer_core.operations.registry import why_not
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.plan import Needs
from jailer_core.text import sanitize
from jailer_tui.actions import Selection, why_not_now
from jailer_tui.controllers.base import Handler
from jailer_tui.controllers.forms import FormController, answer_once
from jailer_tui.dialogs.choice import ChoiceDialog, Leave
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.presenters.jails import Column
from jailer_tui.widgets.grid import Row

if TYPE_CHECKING:
    from jailer_core.operations.settings.parameter_state import Value

_PRESET = "preset "
_PARAMETERS = (
    Column("name", "", 36, 0),
    Column("configured", "", 10, 0),
    Column("about", "", 60, 0),
)


class UseDialog(ChoiceDialog):
    """A list of all jails with their usage."""

    HEADER = True


class SettingsController(FormController):
    """Actions on limits and parameters of the selected jail."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        start = self.app.start_task
        return {
            SetLimits.op: lambda chosen: start(self.limit(chosen.jails), SetLimits.op),
            SetParameters.op: lambda chosen: start(self._parameters(chosen), SetParameters.op),
            "use_of_all": lambda _: start(self._use(), "use of all"),
        }

    async def limit(self, jails: tuple[Jail, ...]) -> None:
        """A form with all limits, of one jail or of several at once."""
        from jailer_core.operations.settings import usage  # noqa: PLC0415 - with its operation
        from jailer_tui.forms.settings import LimitsForm  # noqa: PLC0415

        inventory = await self.app.gather(
            lambda now: Needs.union(usage.needs(now, jail) for jail in jails)
        )
        if inventory is None or not jails:
            return
        usages = tuple(usage.of(inventory, inventory.jail(jail.name) or jail) for jail in jails)
        form = LimitsForm(jails, usages)
        title = f"Limits of {_about(jails)}"
        make = partial(FormDialog, title, form)
        if len(jails) == 1:
            await self._forms.carry_out(
                title, form.start(), make, lambda _, values: form.requests(values)[0]
            )
            return
        values = await answer_once(self.app, make(inventory, form.start()))
        if values is not None:
            requests = form.requests(values)
            await self.app.runner.run_many(lambda count: f"Limits of {count}", requests)

    async def _parameters(self, selection: Selection) -> None:
        """Choose a preset or a parameter; then its value, for one jail or several."""
        from jailer_core.operations.settings import parameter_state  # noqa: PLC0415

        jails = selection.jails
        inventory = await self.app.gather(
            lambda _: Needs.union(parameter_state.needs(jail) for jail in jails)
        )
        if not jails or inventory is None:
            return
        now = [inventory.jail(jail.name) or jail for jail in jails]
        values = parameter_state.of_several(inventory, now)
        if values is None:
            self.app.notify_user("the parameters that the kernel knows could not be read")
            return
        about = _about(jails)
        by_name = {value.parameter.name: value for value, _ in values}

        def then(chosen: str, leave: Leave) -> None:
            if chosen.startswith(_PRESET):
                request = SetParameters(jails[0].name, (), (chosen.removeprefix(_PRESET),))
                work = self._set(jails, request, leave)
            else:
                work = self._parameter(jails, by_name[chosen], about, leave)
            self.app.start_task(work, SetParameters.op)

        title = f"Parameters of {about}"
        await self.app.push_screen(ChoiceDialog(title, _PARAMETERS, _rows(values), then=then))

    async def _set(
        self, jails: Sequence[Jail], request: SetParameters, leave: Callable[[], object]
    ) -> None:
        """The same for each of the jails."""
        if len(jails) == 1:
            await self.app.runner.run(request, leave)
            return
        leave()
        requests = [replace(request, name=jail.name) for jail in jails]
        await self.app.runner.run_many(lambda count: f"Parameters of {count}", requests)

    async def _parameter(
        self, jails: Sequence[Jail], value: Value, about: str, leave: Callable[[], object]
    ) -> None:
        from jailer_tui.forms.settings import ParameterForm  # noqa: PLC0415

        form = ParameterForm(jails[0], value)
        title = f"{value.parameter.name} of {about}"
        inventory = self.app.view.inventory
        if len(jails) == 1:
            await self._forms.fill_in(title, form, form.start(), leave)
        elif inventory is not None:
            dialog = FormDialog(title, form, inventory, form.start())
            values = await answer_once(self.app, dialog)
            if values is not None:
                await self._set(jails, form.request(inventory, values), leave)

    async def _use(self) -> None:
        """All jails, those that use the most of what they are allowed first."""
        from jailer_core.operations.settings import usage  # noqa: PLC0415
        from jailer_tui.presenters import settings_parts  # noqa: PLC0415

        inventory = await self.app.gather(usage.needs_of_all)
        if inventory is None:
            return
        cells = settings_parts.use_cells(inventory.jails, usage.of_all(inventory))
        rows = [Row(name, line) for name, line in cells]

        def then(chosen: str, leave: Leave) -> None:
            jail = inventory.jail(chosen)
            if jail is not None:
                self.app.start_task(self._limit_of(jail, leave), SetLimits.op)

        await self.app.push_screen(
            UseDialog("Usage of all jails", settings_parts.USE_COLUMNS, rows, then=then)
        )

    async def _limit_of(self, jail: Jail, leave: Leave) -> None:
        inventory = self.app.view.inventory
        why = why_not_now(inventory, self.app.view.now)
        if not why and inventory is not None:
            why = why_not(inventory, SetLimits.op, jail)
        if why:
            self.app.notify_user(f"{sanitize(jail.name)}: {why}")
            return
        leave()
        await self.limit((jail,))


def _about(jails: Sequence[Jail]) -> str:
    return f"{len(jails)} jails" if len(jails) > 1 else sanitize(jails[0].name)


def _rows(values: Sequence[tuple[Value, bool]]) -> list[Row]:
    """Presets, then the parameters with what is configured."""
    from jailer_core.operations.settings import presets  # noqa: PLC0415 - with its operation
    from jailer_core.operations.settings.parameter_state import shown_value  # noqa: PLC0415

    rows = [
        Row(
            f"{_PRESET}{preset.name}",
            ((preset.about, "accent"), ("preset", "dim"), (preset.name, "text")),
        )
        for preset in presets.PRESETS
    ]
    rows += [
        Row(
            value.parameter.name,
            (
                (value.parameter.name, "strong" if value.configured else "text"),
                (sanitize(shown_value(value.configured)) if same else "differs", "text"),
                (sanitize(value.parameter.allows), "dim"),
            ),
        )
        for value, same in values
        if not value.parameter.instead
    ]
    return rows
