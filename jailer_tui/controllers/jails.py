"""Actions on jails and inside them, and the data of an opened jail.

Actions on jails: start, create, change.

Extra data for the parts of an opened jail, read while the part is shown.

Actions inside jails: consoles, commands, packages, services, processes, logs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

from jailer_core.errors import Refused
from jailer_core.facts import Reader, on_demand
from jailer_core.model import Inventory, Jail
from jailer_core.operations.catalog import CONSOLE
from jailer_core.operations.images.requests import NetworkUse
from jailer_core.operations.in_jail.requests import Exec, Packages, Services, Signal
from jailer_core.operations.jails.requests import (
    BootOrder,
    Clone,
    Create,
    Destroy,
    Edit,
    Restart,
    Start,
    StartAll,
    Stop,
    StopAll,
)
from jailer_core.operations.mounts import entries
from jailer_core.operations.settings import parameter_state, usage
from jailer_core.operations.snapshots.requests import Rollback
from jailer_core.text import sanitize
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.controllers.console import edit, full_terminal, open_console
from jailer_tui.controllers.derived import clone, run_plain
from jailer_tui.controllers.forms import FormController
from jailer_tui.dialogs.choice import ChoiceDialog, Leave, choice_row
from jailer_tui.panes.detail import Content
from jailer_tui.presenters import settings_parts
from jailer_tui.presenters.jail_parts import (
    CONFIG,
    LIMITS,
    MOUNTS,
    PARAMETERS,
    PROCESSES,
    SNAPSHOTS,
    stamp,
)
from jailer_tui.presenters.jails import Column
from jailer_tui.stores.jobs import FanOutJob

if TYPE_CHECKING:
    from jailer_tui.controllers.commands_in_jails import CommandController


class JailController(FormController):
    """Actions on the selected jails."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        runner, forms = self.app.runner, self._forms
        start = self.app.start_task
        return {
            kind.op: lambda chosen, kind=kind: start(run_plain(self.app, kind, chosen), kind.op)
            for kind in (Start, Stop, Restart, Destroy)
        } | {
            Edit.op: lambda chosen: start(edit(self.app, chosen.jail), "edit"),
            Create.op: lambda _: start(forms.create(), "create"),
            Clone.op: self._clone,
            BootOrder.op: lambda _: start(forms.boot_order(), "boot order"),
            NetworkUse.op: lambda _: start(forms.network_use(), "default network"),
            StartAll.op: lambda _: start(runner.run_all(StartAll()), "start all"),
            StopAll.op: lambda _: start(runner.run_all(StopAll()), "stop all"),
        }

    def _clone(self, selection: Selection) -> None:
        """Of a jail or its snapshot by the clone form, of an image's snapshot by the wizard."""
        entry = selection.snapshot
        if selection.jail is not None:
            at = entry.name if entry is not None else ""
            self.app.start_task(clone(self.app, self._forms, selection.jail, at), "clone")
        elif entry is not None:
            self.app.start_task(self._forms.create(f"{entry.owner}@{entry.name}"), "create")


async def read(reader: Reader, inventory: Inventory, jail: Jail, part: str) -> Content:
    """The content of a part. Raises JailerError."""
    if part == LIMITS:
        usages = usage.of(await reader.more(inventory, usage.needs(inventory, jail)), jail)
        return partial(settings_parts.limits, usages, racct=inventory.host.racct)
    if part == MOUNTS:
        more = await reader.more(inventory, entries.needs([jail]))
        return partial(settings_parts.mounts, more, jail)
    if part == PARAMETERS:
        return await _parameters(reader, inventory, jail)
    if part == SNAPSHOTS:
        return await on_demand.snapshots(reader.host, jail.dataset)
    if part == PROCESSES:
        return await on_demand.processes(reader.host, jail)
    text = on_demand.config_text if part == CONFIG else on_demand.log
    return await text(reader.host, jail)


async def _parameters(reader: Reader, inventory: Inventory, jail: Jail) -> Content:
    values = parameter_state.values(await reader.more(inventory, parameter_state.needs(jail)), jail)
    if values is None:
        raise Refused("the parameters that the kernel knows could not be read")
    return partial(settings_parts.parameters, values)


_SIGNAL = (Column("name", "", 6, 0), Column("said", "", 60, 0))


class InJailController(Controller):
    """Actions in the selected jails, and on the selected process."""

    @cached_property
    def _commands(self) -> CommandController:
        """Forms of commands; imported with the first such key."""
        from jailer_tui.controllers.commands_in_jails import CommandController  # noqa: PLC0415

        return CommandController(self.app)

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {
            CONSOLE.op: self._console,
            "full_terminal": self._full_terminal,
            Exec.op: lambda chosen: self._commands.command(_names(chosen)),
            Packages.op: lambda chosen: self._commands.packages(_names(chosen)),
            Services.op: lambda chosen: self.app.start_task(
                self._commands.services(_names(chosen)), "services"
            ),
            "processes": self._processes,
            "compare": self._compare,
            "all_processes": lambda _: self._open_processes(""),
            "log": self._log,
            Signal.op: self._signal,
            "end_process": lambda chosen: self._send(chosen, "TERM"),
            "save": self._save,
            "run_back": self._roll_back,
            "packages_after": self._replace_packages,
        }

    def _console(self, selection: Selection) -> None:
        if selection.jail is not None:
            open_console(self.app, selection.jail)

    def _full_terminal(self, selection: Selection) -> None:
        if selection.jail is not None:
            full_terminal(self.app, selection.jail)

    def _processes(self, selection: Selection) -> None:
        if selection.jail is not None:
            self._open_processes(self.app.key_of(selection.jail))

    def _compare(self, selection: Selection) -> None:
        from jailer_tui.screens.compare import CompareScreen  # noqa: PLC0415

        left, right = selection.jails
        self.app.push_screen(CompareScreen(self.app.view, left, right))

    def _open_processes(self, key: str) -> None:
        """Those of one jail by its key, or of all."""
        from jailer_tui.screens.processes import ProcessesScreen  # noqa: PLC0415

        self.app.push_screen(ProcessesScreen(self.app.view, key))

    def _log(self, selection: Selection) -> None:
        from jailer_tui.screens.log import LogScreen  # noqa: PLC0415
        from jailer_tui.screens.logs import Followed, LogsScreen  # noqa: PLC0415

        if len(selection.jails) > 1:
            host = self.app.reader.host
            followed = [Followed(jail.name, jail, host) for jail in selection.jails]
            self.app.push_screen(LogsScreen(self.app.view, followed))
        elif selection.jail is not None:
            self.app.push_screen(LogScreen(self.app.view, self.app.key_of(selection.jail)))

    def _signal(self, selection: Selection) -> None:
        """Choose a signal, see what it would do, send it."""
        from jailer_core.operations.in_jail.signals import SIGNALS  # noqa: PLC0415

        process = selection.process
        if process is None:
            return
        rows = [choice_row(name, name, description) for name, description in SIGNALS.items()]
        title = f"Send a signal to {sanitize(process.command)} ({process.pid})"

        def then(name: str, leave: Leave) -> None:
            self._send(replace(selection, accepted=leave), name)

        self.app.push_screen(ChoiceDialog(title[:70], _SIGNAL, rows, then=then))

    def _send(self, selection: Selection, name: str) -> None:
        process, jail = selection.process, selection.jail
        if process is not None and jail is not None:
            self.run(Signal(jail.name, process.pid, process.command, name), selection)

    def _replace_packages(self, selection: Selection) -> None:
        """Those that no longer fit, after a move to another base."""
        if isinstance(selection.follows, Packages):
            work = self._commands.upgrade(selection.follows)
            self.app.start_task(work, Packages.op)

    def _roll_back(self, selection: Selection) -> None:
        """Roll back to the snapshot that was taken before a command."""
        run = selection.run
        if run is not None and run.snapshot:
            now = stamp(self.app.reader.host.clock())
            self.run(Rollback(run.name, run.snapshot, now))

    def _save(self, selection: Selection) -> None:
        """The output of a command, into a file."""
        if isinstance(selection.work, FanOutJob):
            self.app.start_task(self._commands.save(selection.work), "save output")


def _names(selection: Selection) -> tuple[str, ...]:
    return tuple(dict.fromkeys(jail.name for jail in selection.jails))
