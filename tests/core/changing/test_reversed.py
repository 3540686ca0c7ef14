"""Every plan case is run to its end, then undone: the host is as before, or the user is told."""

from __future__ import annotations

import asyncio
import re

from jailer_core import journal
from jailer_core.errors import Refused
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump, same
from tests.core.changing.covering import Covered
from tests.core.changing.plancases import with_steps
from tests.core.changing.reported import said
from tests.core.changing.workbench import STAMP, There

FOR_GOOD = ("purge", "unfetch", "rollback", "snapdestroy", "snapauto", "signal")
"""What they do cannot be undone."""
INTO_THE_TRASH = ("create", "clone")
"""Their opposite keeps what was made, in the trash."""


def test_done_and_undone(covered: Covered) -> None:
    case = covered.case
    machine = case.machine()
    wrong = asyncio.run(there_and_back(machine, case.request, case.path.parent.name))
    assert not wrong, "\n".join(wrong)


def test_a_jail_that_is_started_from_a_file_that_includes_its_own() -> None:
    case = next(case for case in with_steps() if case.id == "rename/globals")
    assert asyncio.run(there_and_back(case.machine(), case.request, "rename")) == []


STAYS = (
    r"datasets: zroot/jails/\.trash: new",  # other things go there too
    r"datasets: zroot/jails/image: new|mounts: /usr/local/jails/image: new",
    r"datasets: zroot/jails/\.trash/.*(new|gone) \(",  # what was there instead is not lost
    r"datasets: .*: origin: zroot/jails/\.trash/(\S+)-\d+T\d+\S* became zroot/jails/\.trash/\1-",
    r"mounts: .*/dev: gone|processes: .*: (gone|new)",  # what had to go before, and was said then
    r"mounts: /usr/local/jails/app0/data: gone",  # the jail itself mounts its dataset
    r"tmpfs: /tmp: new",
    r"mounts: /srv/web: new",  # what comes back is mounted, also where the jail's was not
)
"""What may differ afterwards without being said again."""


async def there_and_back(machine: Machine, request: Request, op: str) -> list[str]:
    there, before = There(machine), dump(machine)
    plan, outcome = await there.do(request)
    assert outcome.leftovers == ()
    if not plan.steps:
        return []
    entry = await there.last()
    assert entry.title == plan.title
    try:
        back, done = await there.do(UndoChange(entry.id, STAMP))
    except Refused as error:
        shown = all(step.irreversible_because and not step.undo for step in plan.steps)
        lasts = shown or op in (*FOR_GOOD, "destroy")
        if "but not started: the host itself has" in error.message:
            return []  # it ran on the host's own address: nothing here starts that again
        return [] if lasts and "cannot be undone" in error.message else [error.message]
    again = await journal.read_path(SimulatedHost(machine), entry.path)
    assert again is not None
    assert again.state == "undone"
    if op in INTO_THE_TRASH:
        assert plan.jail not in {one.name for one in machine.state.jails.values()}
        return []
    told = (*back.notes, *done.notes, *done.leftovers)
    lines = [line for line in same(before, dump(machine)) if not said(line, told)]
    lines = [line for line in lines if not any(re.match(one, line) for one in STAYS)]
    return [*lines, f"said: {told}"] if lines else []
