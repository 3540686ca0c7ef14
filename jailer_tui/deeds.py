"""What the actions of the table do that concern more than one screen: `do_ID` each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from jailer_core.errors import UsageError
from jailer_core.text import visible
from jailer_tui import theme
from jailer_tui.actions import BY_ID, ONE, Action, Circumstances, in_places, why_not, why_not_now
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.help import HelpDialog
from jailer_tui.dialogs.leave import FINISH, UNDO, LeaveDialog
from jailer_tui.dialogs.palette import PaletteDialog
from jailer_tui.dialogs.trash import TrashDialog
from jailer_tui.editing import edit
from jailer_tui.jobs import title_of
from jailer_tui.making.carry import Making
from jailer_tui.present import SORTABLE, Column, descends
from jailer_tui.present_start import next_step
from jailer_tui.screens.face import Face
from jailer_tui.screens.main import MainScreen
from jailer_tui.screens.tabbed import TabbedFace
from jailer_tui.widgets.grid import Row

if TYPE_CHECKING:
    from jailer_tui.app import JailerApp
    from jailer_tui.inside.carry import Inside
    from jailer_tui.snapping import Snapping

_SORT = (Column("title", "", 26, 0), Column("how", "", 20, 0))
_WORK = (Column("state", "", 10, 0), Column("title", "", 56, 0))


class Deeds:
    """The app holds it."""

    def __init__(self, app: JailerApp) -> None:
        self.app = app
        self.making = Making(app)

    @cached_property
    def inside(self) -> Inside:
        """What is done inside jails; imported with the first such key."""
        from jailer_tui.inside.carry import Inside  # noqa: PLC0415

        return Inside(self.app)

    @cached_property
    def snapping(self) -> Snapping:
        """What the keys of snapshots do."""
        from jailer_tui.snapping import Snapping  # noqa: PLC0415

        return Snapping(self.app)

    async def perform(self, name: str) -> None:
        """Do an action of the screen in front; when it is not possible now, say why."""
        action, screen = BY_ID[name], self.app.screen
        why = self.why_not(action)
        if why:
            self.app.say(f"{action.label}: {why}")
            return
        method: Callable[[], object] = getattr(screen, f"do_{name}", None) or getattr(
            self, f"do_{name}"
        )
        method()

    @property
    def face(self) -> Face:
        """The full screen in front, below any dialog."""
        faces = [one for one in self.app.screen_stack if isinstance(one, Face)]
        return faces[-1]

    def why_not(self, action: Action) -> str:
        """Why an action cannot be done now, or ""."""
        face = self.face
        if action.id == "elevate":
            return self._why_not_elevate()
        if action.id == "work":
            return "" if self.app.jobs.all else "nothing was started from here yet"
        if action.op and not face.chosen and "jails" in action.where:
            return "no jail is chosen"
        if action.id in ONE:
            if self.app.jobs.running:
                return "something is being changed: wait for its end"
            now = Circumstances(face.view.now.read_only, 0, face.view.now.stale)
            return why_not(action, face.view.inventory, face.current, now)
        return face.why_not(action)

    def _why_not_elevate(self) -> str:
        inventory = self.app.view.inventory
        if self.app.view.now.read_only:
            return "this session is read-only"
        if inventory is None or inventory.host.uid is None:
            return "who runs this is not known yet"
        if inventory.host.root:
            return "this is root already"
        return "" if elevator() else "neither doas nor sudo is on this machine"

    # --- changes -----------------------------------------------------------------------------

    def do_toggle(self) -> None:
        """Start what is stopped, stop what runs."""
        self._on_jails("toggle")

    def do_restart(self) -> None:
        """Stop and start."""
        self._on_jails("restart")

    def do_destroy(self) -> None:
        """Into the trash."""
        self._on_jails("destroy")

    def _on_jails(self, name: str) -> None:
        self.app.wish(self.app.flow.do(name, self.face.chosen), name)

    def do_edit(self) -> None:
        """The configuration of the jail under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(edit(self.app, jail), "edit")

    def do_console(self) -> None:
        """A terminal inside the jail under the cursor."""
        from jailer_tui.console.deeds import open_console  # noqa: PLC0415

        jail = self.face.current
        if jail is not None:
            open_console(self.app, jail)

    def do_full_terminal(self) -> None:
        """The same on the real terminal."""
        from jailer_tui.console.deeds import full_terminal  # noqa: PLC0415

        jail = self.face.current
        if jail is not None:
            full_terminal(self.app, jail)

    def do_create(self) -> None:
        """A new jail."""
        self.app.wish(self.making.create(), "create")

    def do_clone(self) -> None:
        """Another jail of the one under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.making.clone(jail), "clone")

    def do_snapshot(self) -> None:
        """Of the jail under the cursor, or of all marked ones."""
        self.app.wish(self.snapping.take(self.face.chosen), "snapshot")

    def do_go_back(self) -> None:
        """The jail under the cursor, to a snapshot that is chosen."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.snapping.go_back(jail), "go back")

    def do_policy(self) -> None:
        """How many snapshots are kept of the jail under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.snapping.policy(jail), "policy")

    def do_snapshots_of(self) -> None:
        """The snapshots of the opened jail, on their tab."""
        jail = self.face.current
        self.app.pop_screen()
        self.show_snapshots(f"{jail.name}@" if jail is not None else "")

    def do_rename(self) -> None:
        """Another name for the one under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.making.rename(jail), "rename")

    def do_address(self) -> None:
        """Another address for the jail under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.making.readdress(jail), "address")

    def do_translate(self) -> None:
        """NAT or a redirection for the one under the cursor."""
        jail = self.face.current
        if jail is not None:
            self.app.wish(self.making.translate(jail), "nat")

    def do_boot_order(self) -> None:
        """What starts at boot."""
        self.app.wish(self.making.boot_order(), "boot order")

    def do_network_use(self) -> None:
        """How new jails are connected."""
        self.app.wish(self.making.network_use(), "default network")

    def do_start_all(self) -> None:
        """All of our jails."""
        self.app.wish(self.app.flow.everything("start_all"), "start all")

    def do_stop_all(self) -> None:
        """All of our jails."""
        self.app.wish(self.app.flow.everything("stop_all"), "stop all")

    def do_trash(self) -> None:
        """What was destroyed."""
        from jailer_core import settings  # noqa: PLC0415

        try:
            days = settings.load(os.environ).trash_days
        except UsageError as error:
            self.app.say(error.message, error.hint)
            days = 0
        self.app.push_screen(TrashDialog(self.app.view, days), self._from_trash)

    def _from_trash(self, answer: str | None) -> None:
        if answer:
            self.app.wish(self.app.flow.trash(answer), "trash")

    # --- inside jails ------------------------------------------------------------------------

    def do_exec(self) -> None:
        """A command in the chosen jails."""
        self.inside.command(self.face.chosen)

    def do_packages(self) -> None:
        """Packages of the chosen jails."""
        self.inside.packages(self.face.chosen)

    def do_services(self) -> None:
        """Services of the chosen jails."""
        self.app.wish(self.inside.services(self.face.chosen), "services")

    def do_processes(self) -> None:
        """The processes of the jail under the cursor."""
        jail = self.face.current
        if jail is None or not jail.running:
            self.app.say(
                "Processes: no jail is chosen" if jail is None else f"{jail.name} does not run"
            )
            return
        from jailer_tui.screens.processes import ProcessesScreen  # noqa: PLC0415

        self.app.push_screen(ProcessesScreen(self.app.view, self.app.key_of(jail)))

    def do_log(self) -> None:
        """The log of the jail under the cursor."""
        jail = self.face.current
        if jail is None:
            self.app.say("Log: no jail is chosen")
            return
        from jailer_tui.screens.log import LogScreen  # noqa: PLC0415

        self.app.push_screen(LogScreen(self.app.view, self.app.key_of(jail)))

    def do_undo(self) -> None:
        """The last change, or what was cut off."""
        from jailer_tui.recovery import undo_last  # noqa: PLC0415

        self.app.wish(undo_last(self.app), "undo")

    def undo_entry(self, entry: str) -> None:
        """That change."""
        from jailer_tui.recovery import undo  # noqa: PLC0415

        self.app.wish(undo(self.app, entry), "undo")

    def recover(self) -> None:
        """What was cut off in the middle."""
        from jailer_tui.recovery import recover  # noqa: PLC0415

        self.app.wish(recover(self.app), "recover")

    # --- tabs --------------------------------------------------------------------------------

    def do_jails_tab(self) -> None:
        """The first one lies below all others."""
        while isinstance(self.app.screen, TabbedFace) and len(self.app.screen_stack) > 1:
            self.app.pop_screen()

    def do_images_tab(self) -> None:
        """Images."""
        from jailer_tui.screens.images import ImagesScreen  # noqa: PLC0415

        self._tab(ImagesScreen)

    def do_snapshots_tab(self) -> None:
        """Snapshots."""
        self.show_snapshots("")

    def show_snapshots(self, words: str) -> None:
        """The tab of snapshots, with only those that match."""
        from jailer_tui.screens.snapshots import SnapshotsScreen  # noqa: PLC0415

        if not isinstance(self.face, SnapshotsScreen):
            self.do_jails_tab()
            self.app.push_screen(SnapshotsScreen(self.app.view, words))

    def do_network_tab(self) -> None:
        """Network."""
        from jailer_tui.screens.network import NetworkScreen  # noqa: PLC0415

        self._tab(NetworkScreen)

    def do_console_tab(self) -> None:
        """Consoles."""
        from jailer_tui.screens.console import ConsoleScreen  # noqa: PLC0415

        self._tab(ConsoleScreen)

    def do_activity_tab(self) -> None:
        """What is and was being changed."""
        from jailer_tui.screens.activity import ActivityScreen  # noqa: PLC0415

        self._tab(ActivityScreen)

    def _tab(self, kind: type[TabbedFace]) -> None:
        if not isinstance(self.face, kind):
            self.do_jails_tab()
            self.app.push_screen(kind(self.app.view))

    def next_step(self) -> None:
        """Towards the first jail."""
        inventory = self.app.view.inventory
        if inventory is None or any(one.source == "jls" for one in inventory.problems):
            return
        step = next_step(inventory)
        if step == "doctor":
            self.do_doctor()
        elif step == "create":
            self.app.call_later(self.perform, step)
        else:
            self._first_image()

    def _first_image(self) -> None:
        """The release of the host itself."""
        from jailer_core.operations.requests import ImageFetch  # noqa: PLC0415

        why = why_not_now(self.app.view.inventory, self.app.view.now)
        if why:
            self.app.say(f"Fetch: {why}")
        else:
            fetch = ImageFetch(mirror=self.app.mirrors.address)
            self.app.wish(self.app.flow.one(fetch), fetch.op)

    def do_doctor(self) -> None:
        """How the host is set up."""
        from jailer_tui.screens.doctor import DoctorScreen  # noqa: PLC0415

        self.app.push_screen(DoctorScreen(self.app.view))

    # --- looking -----------------------------------------------------------------------------

    def do_sort(self) -> None:
        """Choose a column."""
        face = self.face
        if not isinstance(face, MainScreen):
            return
        key, reverse = face.pane.sorted_by
        glyphs = self.app.glyphs
        sign = glyphs.down if descends(key, reverse=reverse) else glyphs.up
        rows = [
            Row(
                one.key,
                (
                    (one.title, "strong" if one.key == key else "text"),
                    ((f"{sign}  enter turns it", "accent") if one.key == key else ("", "text")),
                ),
            )
            for one in SORTABLE
        ]
        self.app.push_screen(ChoiceDialog("Sort by", _SORT, rows, key), self._sort)

    def _sort(self, key: str | None) -> None:
        face = self.face
        if key is not None and isinstance(face, MainScreen):
            face.sort_by(key)

    def do_work(self) -> None:
        """What was started in this session: the newest first."""
        work = self.app.jobs.all
        if len(work) == 1:
            self.app.show_work(work[0])
            return
        rows = [
            Row(
                str(index),
                (
                    ("ended", "dim") if one.over else ("running", "accent"),
                    (visible(title_of(one)), "strong"),
                ),
            )
            for index, one in reversed(list(enumerate(work)))
        ]
        self.app.push_screen(ChoiceDialog("Work of this session", _WORK, rows), self._show_work)

    def _show_work(self, key: str | None) -> None:
        if key is not None:
            self.app.show_work(self.app.jobs.all[int(key)])

    def do_palette(self) -> None:
        """Everything that can be done on this screen."""
        places = self.face.PLACES
        hidden = ("palette", "open", "clear", "back", "swap")
        actions = [
            one
            for one in in_places(*places)
            if one.id not in hidden and ":" not in one.id and (one.keys or one.id != "elevate")
        ]
        actions += [BY_ID["elevate"]] if not self._why_not_elevate() else []
        self.app.push_screen(PaletteDialog(actions, self.why_not), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name is not None:
            self.app.call_later(self.perform, name)

    def do_help(self) -> None:
        """What the keys do here."""
        screen = self.app.screen
        if isinstance(screen, HelpDialog):
            return
        places = [*(getattr(screen, "EXPLAINED", ()) or getattr(screen, "PLACES", ()))]
        if isinstance(screen, Face):
            places.append(screen.MOVES)
        own = getattr(screen, "why_not", self.why_not)
        why = self.why_not if isinstance(screen, Face) else own
        self.app.push_screen(HelpDialog(places, why, self.app.glyphs))

    # --- the terminal ------------------------------------------------------------------------

    def do_theme(self) -> None:
        """The next one."""
        names = [one.name for one in theme.THEMES]
        self.app.theme = names[(names.index(self.app.theme) + 1) % len(names)]

    def do_redraw(self) -> None:
        """Everything again: what other programs wrote over it goes away."""
        self.app.refresh(layout=True)
        self.app.live.wake()

    def do_suspend_process(self) -> None:
        """To the shell."""
        self.app.action_suspend_process()

    # --- leaving -----------------------------------------------------------------------------

    def do_leave(self) -> None:
        """At once, or after asking when something runs."""
        if "consoles" in self.app.__dict__ and self.app.consoles.alive:
            self.app.wish(self._leave_consoles(), "leave")
        else:
            self._leave_work()

    async def _leave_consoles(self) -> None:
        from jailer_tui.console.deeds import may_leave  # noqa: PLC0415

        if await may_leave(self.app):
            self._leave_work()

    def _leave_work(self) -> None:
        running = self.app.jobs.running
        if not running:
            self.app.exit(0)
            return
        titles = [visible(title_of(one)) for one in running]
        self.app.push_screen(LeaveDialog(titles), self._leave)

    def _leave(self, answer: str | None) -> None:
        if answer == UNDO:
            self.app.jobs.abort_all()
        if answer in (FINISH, UNDO):
            self.app.exit(0)

    def do_elevate(self) -> None:
        """Leave, and come back as root."""
        if self.app.jobs.running:
            self.app.say("something is being changed: wait for its end")
            return
        self.app.elevate_with = elevator()
        self.app.exit(0)


def elevator() -> str:
    """Doas or sudo, whichever is there, or ""."""
    return shutil.which("doas") or shutil.which("sudo") or ""
