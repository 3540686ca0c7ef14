"""Run an operation from request to outcome: prepare, preview, ask, run, show the result."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from jailer_core.errors import Already, JailerError, Refused
from jailer_core.execution import prepare, with_methods
from jailer_core.execution.run_steps import confirm, waiting
from jailer_core.facts.on_demand import clients
from jailer_core.model import Inventory
from jailer_core.operations.jails.requests import (
    Destroy,
    Restart,
    Start,
    Stop,
    TrashPurge,
)
from jailer_core.operations.network.bridges.requests import BridgeRemove
from jailer_core.operations.registry import decide, expand, needs
from jailer_core.operations.spec import spec_of
from jailer_core.plan import Needs, Outcome, OutcomeStatus, Plan, Request
from jailer_core.plan.preview import stopped_jails
from jailer_core.text import counted, sanitize
from jailer_tui.actions import why_not_now
from jailer_tui.context import AppContext
from jailer_tui.dialogs import preview
from jailer_tui.dialogs.base import Dialog
from jailer_tui.dialogs.batch import BatchDialog
from jailer_tui.dialogs.progress import ProgressDialog
from jailer_tui.presenters.plan_steps import connections_end, consoles_end, consoles_in_stopped
from jailer_tui.stores.fleet import FleetBatch
from jailer_tui.stores.fleet_member import Member, production_names, why_not_reached
from jailer_tui.stores.job import Job
from jailer_tui.stores.jobs import Batch, FanOutJob, Item, Work, plans_of

CHANGED = "The host has changed since this preview; here is the updated plan."


class OperationRunner:
    """Runs requests; the app holds it. Its coroutines run as workers of the app."""

    def __init__(self, app: AppContext) -> None:
        self.app = app
        self._preparing = False

    # --- what is wanted ----------------------------------------------------------------------

    async def run_all(self, request: Request) -> None:
        """Start or stop all of our jails."""
        inventory = await self.app.reader.gather(quick=True)
        requests = expand(inventory, request)
        if not requests:
            self.app.notify_user("there is no such jail")
        await self.run_one_or_many(requests, lambda count: f"{spec_of(request).label}: {count}")

    async def run_one_or_many(
        self, requests: Sequence[Request], title: Callable[[str], str]
    ) -> None:
        """One alone, or several together: see run_many."""
        if len(requests) == 1:
            await self.run(requests[0])
        elif requests:
            await self.run_many(title, requests)

    # --- one plan ----------------------------------------------------------------------------

    async def run(self, request: Request, accepted: Callable[[], object] | None = None) -> None:
        """Prepare, show, ask, run; one at a time, whatever keys are pressed in the meantime.

        `accepted` is called before it runs: what asked for it can be closed then.
        """
        if self._preparing:
            return
        work = self.app.jobs.under_way(request)
        if work is not None:
            self.app.show_work(work)
            return
        self._preparing = True
        try:
            with self.app.busy():
                plan = await prepare(self.app.reader, request)
        except JailerError as error:
            self._preparing = False
            await self._offer_force(request, error, accepted)
            return
        finally:
            self._preparing = False
        await self.show_and_run(plan, accepted=accepted)

    async def show_and_run(
        self,
        plan: Plan,
        note: str = "",
        *,
        accepted: Callable[[], object] | None = None,
        shown: bool = False,
    ) -> Job | None:
        """Show, run when that is wanted, and start over when the host has changed.

        Returns the job when it has ended, None when it was not wanted; `accepted` is called
        before it begins. `shown`: a form has shown all of it already, and it is wanted.
        """
        while shown or await self._agreed(plan, note):
            shown = False
            if accepted is not None:
                accepted()
                accepted = None
            job = self.app.jobs.start(plan)
            self.app.show_work(job)
            job.listeners.append(partial(self._bring_back, job))
            outcome = await _end(job)
            self.app.session.live.wake()
            if outcome.status is not OutcomeStatus.CHANGED:
                return job
            self.app.leave_work(job)
            plan, note = outcome.plan, CHANGED
        return None

    def _bring_back(self, job: Job) -> None:
        """What waits to be confirmed is shown again where it was left in the background."""
        if job.held is not None and not self.app.is_shown(job):
            self.app.show_work(job)

    async def keep(self, job: Job) -> None:
        """Confirm what this job waits for: the user is still connected."""
        if job.held is not None:
            await confirm(self.app.reader.host, job.held.plan_hash)

    async def keep_all(self) -> None:
        """Confirm whatever waits for confirmation, even changes of other programs."""
        reader = self.app.reader
        with self.app.telling():
            inventory = await reader.gather(quick=True)
            waiting_ids = await waiting(reader.host, inventory.layout)
            for ticket in waiting_ids:
                await confirm(reader.host, ticket)
            if waiting_ids:
                self.app.notify_user("confirmed: the change is kept", bad=False)
            else:
                self.app.notify_user(
                    "no change is waiting for confirmation", "It may already have been undone."
                )

    async def _offer_force(
        self, request: Request, error: JailerError, accepted: Callable[[], object] | None
    ) -> None:
        """Offer to remove what is in the way; otherwise say why it is not possible."""
        for harder, how in _harder(request) if isinstance(error, Refused) else ():
            try:
                plan = await prepare(self.app.reader, harder)
            except JailerError:
                continue
            note = f"{sanitize(error.message)}. {how}, this would be done:"
            await self.show_and_run(plan, note, accepted=accepted)
            return
        self.app.notify_user(error.message, error.hint)

    # --- several -----------------------------------------------------------------------------

    async def _agreed(self, plan: Plan, note: str) -> bool:
        dialog = preview.of_plan(plan, note, self.app.view.marks, await _ended(self.app, [plan]))
        agreed: bool | None = await self.app.push_screen_wait(dialog)
        return bool(agreed)

    async def run_many(
        self, title: Callable[[str], str], requests: Sequence[Request], *, stop_early: bool = False
    ) -> None:
        """Prepare all, show all, ask once, run one after the other.

        `title` makes a title of how many jails something is done with. `stop_early`: after one
        that fails, no others are begun.
        """
        with self.app.telling():
            with self.app.busy():
                items = await self._items(requests)
            message = title(counted(len(plans_of(items)), "jail"))
            await self.confirm_items(message, items, stop_early=stop_early)

    async def confirm_items(
        self, message: str, items: list[Item], *, stop_early: bool = False
    ) -> None:
        """Show all plans, ask once, and run them in order."""
        plans = plans_of(items)
        production, marks = "", self.app.view.marks
        if marks is not None:
            message += f" on {marks.name}"
            production = marks.name if marks.production else ""
        dialog = preview.of_items(
            message, items, self.app.glyphs, production, await _ended(self.app, plans)
        )
        if await self.app.push_screen_wait(dialog):
            batch = Batch(message, items, stop_early=stop_early)
            self.app.jobs.start_batch(batch)
            self.app.show_work(batch)
            self.app.clear_marks()

    async def confirm_on_hosts(
        self, title: str, items: list[Item], members: Sequence[Member], ended: str = ""
    ) -> None:
        """Show the plans for several hosts, ask once, run on all of them at once."""
        dialog = preview.of_items(title, items, self.app.glyphs, production_names(members), ended)
        if await self.app.push_screen_wait(dialog) and self.app.fleet is not None:
            batch = FleetBatch(title, items, members)
            self.app.fleet.start_batch(batch)
            self.app.show_work(batch)

    async def _items(self, requests: Sequence[Request]) -> list[Item]:
        """One reading for all of them; every plan is made again before it runs anyway.

        Starts and stops come in an order in which each finds what it needs.
        """
        from jailer_core.operations.jails.dependencies import together  # noqa: PLC0415 - a plan

        first = await self.app.reader.gather(quick=True)
        requests = together(first, requests)
        asked = await needs_of_all(first, requests)
        inventory = await self.app.reader.gather(asked)
        again = await needs_of_all(inventory, requests)
        if again != asked:
            inventory = await self.app.reader.gather(again)
        items = []
        for request in requests:
            items.append(_item(inventory, request))
            await asyncio.sleep(0)  # keys, and the line that says what goes on
        for item in items:
            if item.plan is not None:
                item.plan = await with_methods(self.app.reader, item.plan)
        return items


async def needs_of_all(inventory: Inventory, requests: Sequence[Request]) -> Needs:
    """The union of the needs of several requests."""
    several = []
    for request in requests:
        several.append(needs(inventory, request))
        await asyncio.sleep(0)  # keys, as above
    return Needs.union(several)


async def _ended(app: AppContext, plans: Sequence[Plan]) -> str:
    """Which open consoles and which connections end, for they are in jails that stop."""
    stopped = stopped_jails(plans)
    open_ones = app.session.consoles.alive if app.session.consoles_open else ()
    labels = [(console.whose.name, console.label) for console in open_ones]
    jails = [jail for jail in app.view.jails if jail.name in stopped]
    connected = await clients(app.reader.host, jails)
    texts = (consoles_end(consoles_in_stopped(plans, labels)), connections_end(connected))
    return " ".join(filter(None, texts))


async def _end(job: Job) -> Outcome:
    """Report the result."""
    over = asyncio.Event()
    job.listeners.append(lambda: over.set() if job.over else None)
    if not job.over:
        await over.wait()
    assert job.outcome is not None  # noqa: S101 - what `over` means
    return job.outcome


def _harder(request: Request) -> Iterator[tuple[Request, str]]:
    """The same with more and more force, where there is such a thing, and what to call it."""
    match request:
        case Destroy():
            killing = replace(request, kill=True)
            yield killing, "By terminating these"
            yield replace(killing, force=True), "By force"
        case Start():
            yield replace(request, dependencies=True), "By starting those first"
        case Stop():
            yield replace(request, dependents=True), "By stopping those first"
        case Restart():
            yield replace(request, dependents=True), "By restarting those, too"
        case BridgeRemove():
            yield replace(request, release=True), "After removing its members"
        case TrashPurge():
            yield replace(request, promote=True), "After promoting its dependents"


def _item(inventory: Inventory, request: Request) -> Item:
    name = getattr(request, "name", "") or getattr(request, "entry", "")
    jail = inventory.jail(name)
    if isinstance(request, Start) and jail is not None and jail.running:
        return Item(request, name, already="already running")
    if isinstance(request, Stop) and jail is not None and not jail.running:
        return Item(request, name, already="already stopped")
    try:
        return Item(request, name, decide(inventory, request))
    except Refused as error:
        return Item(request, name, refused=error.message)


def why_not_on(member: Member) -> str:
    """Why nothing can be changed on one of several hosts now, or ""."""
    view = member.session.view
    return why_not_reached(member) or why_not_now(view.inventory, view.now)


async def item_on(member: Member, request: Request, name: str, why: str) -> Item:
    """The plan for one of several hosts, or why there is none: `why`, or what it is refused for."""
    if why:
        return Item(request, name, refused=why)
    try:
        plan = await prepare(member.session.reader, request)
    except Already as error:
        return Item(request, name, already=error.message)
    except JailerError as error:
        return Item(request, name, refused=sanitize(error.message))
    if not plan.steps:
        return Item(request, name, already="nothing to do")
    # its title says where: what is compared before it runs are the steps
    titled = replace(plan, title=f"{member.name}: {plan.title}")
    return Item(request, name, titled, where=member.name)


def dialog_of(work: Work) -> Dialog[None]:
    """The dialog for a job."""
    if isinstance(work, FanOutJob):
        from jailer_tui.dialogs import fan_out  # noqa: PLC0415 - rarely needed

        return fan_out.dialog_of(work)
    return BatchDialog(work) if isinstance(work, Batch) else ProgressDialog(work)
