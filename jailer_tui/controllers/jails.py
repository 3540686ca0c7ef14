"""What is done with jails: started, made, changed, brought back."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from jailer_tui.controllers.base import Controller
from jailer_tui.controllers.edit import edit
from jailer_tui.controllers.forms import FormRunner
from jailer_tui.dialogs.trash import TrashDialog

if TYPE_CHECKING:
    from jailer_tui.controllers.snapshots import SnapshotController


class JailController(Controller):
    """The jail under the cursor, or all marked ones."""

    @cached_property
    def making(self) -> FormRunner:
        """Forms and wizards."""
        return FormRunner(self.app)

    @cached_property
    def snapping(self) -> SnapshotController:
        """What the keys of snapshots do."""
        from jailer_tui.controllers.snapshots import SnapshotController  # noqa: PLC0415

        return SnapshotController(self.app, self.making)

    def do_start(self) -> None:
        """Start what is not running."""
        self._on_jails("start")

    def do_stop(self) -> None:
        """Stop what runs."""
        self._on_jails("stop")

    def do_restart(self) -> None:
        """Stop and start."""
        self._on_jails("restart")

    def do_destroy(self) -> None:
        """Into the trash."""
        self._on_jails("destroy")

    def _on_jails(self, name: str) -> None:
        self.app.start_task(self.app.runner.do(name, self.face.chosen), name)

    def do_edit(self) -> None:
        """The configuration of the jail under the cursor."""
        self.on_current(lambda jail: edit(self.app, jail), "edit")

    def do_create(self) -> None:
        """A new jail."""
        self.app.start_task(self.making.create(), "create")

    def do_clone(self) -> None:
        """Another jail of the one under the cursor."""
        self.on_current(self.making.clone, "clone")

    def do_snapshot(self) -> None:
        """Of the jail under the cursor, or of all marked ones."""
        self.app.start_task(self.snapping.take(self.face.chosen), "snapshot")

    def do_go_back(self) -> None:
        """The jail under the cursor, to a snapshot that is chosen."""
        self.on_current(self.snapping.go_back, "go back")

    def do_policy(self) -> None:
        """How many snapshots are kept of the jail under the cursor."""
        self.on_current(self.snapping.policy, "policy")

    def do_rename(self) -> None:
        """Another name for the one under the cursor."""
        self.on_current(self.making.rename, "rename")

    def do_note(self) -> None:
        """The note of the jail under the cursor."""
        self.on_current(self.making.note, "note")

    def do_tag(self) -> None:
        """The tags of the jail under the cursor, or of all marked ones."""
        from jailer_tui.controllers.tags import change  # noqa: PLC0415 - with its form

        self.app.start_task(change(self.app, self.face.chosen), "tag")

    def do_address(self) -> None:
        """Another address for the jail under the cursor."""
        self.on_current(self.making.readdress, "address")

    def do_translate(self) -> None:
        """NAT or a redirection for the one under the cursor."""
        self.on_current(self.making.translate, "nat")

    def do_boot_order(self) -> None:
        """What starts at boot."""
        self.app.start_task(self.making.boot_order(), "boot order")

    def do_network_use(self) -> None:
        """How new jails are connected."""
        self.app.start_task(self.making.network_use(), "default network")

    def do_start_all(self) -> None:
        """All of our jails."""
        self.app.start_task(self.app.runner.run_all("start_all"), "start all")

    def do_stop_all(self) -> None:
        """All of our jails."""
        self.app.start_task(self.app.runner.run_all("stop_all"), "stop all")

    def do_trash(self) -> None:
        """What was destroyed."""
        days = self.app.preferences.settings.trash_days
        self.app.push_screen(TrashDialog(self.app.view, days))
