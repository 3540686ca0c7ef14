"""Actions on several hosts: tabs of hosts, opening one, jails of several at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from itertools import chain
from typing import TYPE_CHECKING

from jailer_core.facts.on_demand import Clients, clients
from jailer_core.operations.jails.dependencies import together
from jailer_core.operations.jails.requests import Start, Stop
from jailer_core.request import Request
from jailer_core.text import counted
from jailer_tui.actions import why_not_now
from jailer_tui.controllers.base import Controller, Handler
from jailer_tui.controllers.console import open_console
from jailer_tui.operation_runner import item_on, why_not_on
from jailer_tui.presenters.jail_parts import SUMMARY
from jailer_tui.presenters.plan_steps import connections_end, consoles_end, consoles_in_stopped
from jailer_tui.screens.hosts import FleetJailsScreen, HostsScreen
from jailer_tui.screens.tab_screen import TabScreen
from jailer_tui.stores.fleet_member import FleetJail, Member
from jailer_tui.stores.jobs import Item, plans_of

if TYPE_CHECKING:
    from jailer_tui.controllers.commands_in_jails import Agreed, CommandController

Make = Callable[[str], Start | Stop]
"""Makes the request for a jail of that name."""
Pair = tuple[FleetJail, Item]


class FleetController(Controller):
    """Actions for several hosts."""

    def handlers(self) -> Mapping[str, Handler]:
        """The method for each action."""
        return {
            "hosts_tab": lambda _: self._tab(HostsScreen),
            "fleet_tab": lambda _: self._tab(FleetJailsScreen),
            "fleet_go": lambda _: self._with_current(
                lambda entry: self.app.open_jail(entry.jail, SUMMARY)
            ),
            "fleet_log": lambda _: self._logs(),
            "fleet_console": lambda _: self._with_current(self._console),
            "fleet_start": lambda _: self._work(Start, "Start"),
            "fleet_stop": lambda _: self._work(Stop, "Stop"),
            "fleet_undo": lambda _: self._undo(),
            "fleet_command": lambda _: self._in_jails(self._commands.command, "Run a command"),
            "fleet_packages": lambda _: self._in_jails(self._commands.packages, "Packages"),
        }

    @cached_property
    def _commands(self) -> CommandController:
        from jailer_tui.controllers.commands_in_jails import CommandController  # noqa: PLC0415

        return CommandController(self.app)

    def _in_jails(self, ask: Callable[[tuple[str, ...], Agreed], None], label: str) -> None:
        """On jails of hosts that can be reached; what cannot be done is said before it is asked."""
        from jailer_tui.controllers import fleet_commands  # noqa: PLC0415 - rarely needed

        chosen = self._chosen
        for entry in chosen:
            why = why_not_on(entry.member)
            if why:
                self.app.notify_user(f"{label}: {entry.label}: {why}")
                return
        if chosen:
            names = tuple(entry.label for entry in chosen)
            ask(names, partial(fleet_commands.agreed, self.app, chosen))

    @property
    def _chosen(self) -> tuple[FleetJail, ...]:
        """The marked jails of all hosts, else the one under the cursor."""
        screen = self.app.screen
        return tuple(screen.pane.chosen) if isinstance(screen, FleetJailsScreen) else ()

    def _tab(self, kind: type[HostsScreen | FleetJailsScreen]) -> None:
        fleet = self.app.fleet
        if fleet is None or isinstance(self.app.screen, kind):
            return
        while isinstance(self.app.screen, TabScreen) and len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        self.app.push_screen(kind(self.app.view, fleet))

    # --- one jail ----------------------------------------------------------------------------

    def _with_current(self, act: Callable[[FleetJail], None]) -> None:
        screen = self.app.screen
        entry = screen.pane.current if isinstance(screen, FleetJailsScreen) else None
        if entry is not None:
            self.app.show_host(entry.member.session)
            act(entry)

    def _logs(self) -> None:
        """One log on its host, those of several jails together."""
        from jailer_tui.screens.log import LogScreen  # noqa: PLC0415
        from jailer_tui.screens.logs import Followed, LogsScreen  # noqa: PLC0415

        chosen = self._chosen
        if len(chosen) == 1:
            self.app.show_host(chosen[0].member.session)
            self.app.push_screen(LogScreen(self.app.view, self.app.key_of(chosen[0].jail)))
        elif chosen:
            followed = [
                Followed(entry.label, entry.jail, entry.member.session.reader.host)
                for entry in chosen
            ]
            self.app.push_screen(LogsScreen(self.app.view, followed))

    def _console(self, entry: FleetJail) -> None:
        view = self.app.view
        why = why_not_now(view.inventory, view.now) or ("" if entry.jail.running else "not running")
        if why:
            self.app.notify_user(f"Console: {why}")
        else:
            open_console(self.app, entry.jail)

    def _undo(self) -> None:
        """On All jails undo what was done on several hosts; on Hosts the last change of one."""
        from jailer_tui.controllers.fleet_commands import FleetUndo  # noqa: PLC0415 - rarely

        screen, undo = self.app.screen, FleetUndo(self.app)
        if isinstance(screen, FleetJailsScreen):
            entry = screen.pane.current
            work = undo.last(entry.member if entry is not None else None)
            self.app.start_task(work, "undo")
        elif isinstance(screen, HostsScreen) and screen.pane.current is not None:
            self.app.start_task(undo.on_host(screen.pane.current), "undo")

    # --- many jails --------------------------------------------------------------------------

    def _work(self, make: Make, verb: str) -> None:
        if self._chosen:
            self.app.start_task(self._run(self._chosen, make, verb), verb.casefold())

    async def _run(self, chosen: Sequence[FleetJail], make: Make, verb: str) -> None:
        """Prepare all, show all, ask once, run on all hosts at once."""
        with self.app.busy():
            pairs = await _pairs(chosen, make)
        members, items = [entry.member for entry, _ in pairs], [item for _, item in pairs]
        count = counted(len(plans_of(items)) or len(items), "jail")
        title = f"{verb} {count} on {counted(len(set(members)), 'host')}"
        await self.app.runner.confirm_on_hosts(title, items, members, await _ended(pairs))


async def _ended(pairs: Sequence[Pair]) -> str:
    """Which open consoles and connections end, with their hosts: jails may share a name."""
    stopped = [(entry, item.plan) for entry, item in pairs if isinstance(item.request, Stop)]
    labels: list[str] = []
    for entry, plan in stopped:
        session = entry.member.session
        if plan is not None and session.consoles_open:
            consoles = [
                (console.whose.name, f"{entry.member.name}:{console.label}")
                for console in session.consoles.alive
            ]
            labels += consoles_in_stopped([plan], consoles)
    connected = await asyncio.gather(*(_clients(entry) for entry, plan in stopped if plan))
    ended = connections_end(chain.from_iterable(connected))
    return " ".join(filter(None, (consoles_end(list(dict.fromkeys(labels))), ended)))


async def _clients(entry: FleetJail) -> list[Clients]:
    """Who is connected to that jail, named with its host."""
    connected = await clients(entry.member.session.reader.host, [entry.jail])
    where = entry.member.name
    return [replace(counted, jail=f"{where}:{counted.jail}") for counted in connected]


async def _pairs(chosen: Sequence[FleetJail], make: Make) -> list[Pair]:
    """Hosts side by side. On each in an order in which every jail finds what it needs."""
    made: dict[Member, list[Pair]] = {}

    async def on_host(member: Member) -> None:
        own = {entry.jail.name: entry for entry in chosen if entry.member is member}
        requests: Sequence[Request] = [make(name) for name in own]
        if member.inventory is not None:
            requests = together(member.inventory, requests)
        why = why_not_on(member)
        made[member] = [
            (own[request.name], await item_on(member, request, own[request.name].label, why))
            for request in requests
            if isinstance(request, Start | Stop)
        ]

    members = dict.fromkeys(entry.member for entry in chosen)
    await asyncio.gather(*map(on_host, members))
    return [pair for member in members for pair in made[member]]
