"""Actions on jails: start, create, change."""

from __future__ import annotations

from collections.abc import Mapping

from jailer_core.operations.images.requests import NetworkUse
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
from jailer_tui.actions import Selection
from jailer_tui.controllers.base import Handler
from jailer_tui.controllers.derived import clone, run_plain
from jailer_tui.controllers.edit import edit
from jailer_tui.controllers.forms import FormController


class JailController(FormController):
    """The jail under the cursor, or all marked ones."""

    def handlers(self) -> Mapping[str, Handler]:
        """What does each action."""
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
