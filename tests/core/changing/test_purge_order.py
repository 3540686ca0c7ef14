"""Several entries of the trash are purged in one go, also when one holds a clone of another."""

from __future__ import annotations

from jailer_core.operations.jails.dependencies import together
from jailer_core.operations.jails.requests import Clone, Destroy, TrashPurge
from jailer_core.operations.registry import decide, needs
from jailer_core.plan import Plan
from tests.core.changing.workbench import Bench


async def trashed() -> tuple[Bench, str, str]:
    """app0 and its clone app9, both in the trash."""
    bench = Bench()
    for request in (
        Clone("app0", "app9", "S1", start=False),
        Destroy("app0", "20261124T101500"),
        Destroy("app9", "20261124T101600"),
    ):
        assert (await bench.do(request)).ok
    return bench, "app0-20261124T101500", "app9-20261124T101600"


async def test_the_clone_goes_before_what_it_depends_on() -> None:
    bench, origin, clone = await trashed()
    inventory = await bench.reader.gather(quick=True)
    ordered = together(inventory, [TrashPurge(origin), TrashPurge(clone)])
    assert ordered == (TrashPurge(clone), TrashPurge(origin, after=(clone,)))
    plans: list[Plan] = []
    for request in ordered:  # all are planned before the first one runs
        known = await bench.reader.gather(needs(inventory, request))
        plans.append(decide(known, request))
    for plan in plans:
        assert (await bench.carry_out(plan)).ok
    assert not (await bench.reader.gather(quick=True)).trash


async def test_it_stays_when_what_should_go_before_it_did_not() -> None:
    bench, origin, clone = await trashed()
    done = await bench.do(TrashPurge(origin, after=(clone,)))
    assert not done.ok
    assert {entry.id for entry in (await bench.reader.gather(quick=True)).trash} == {origin, clone}
    assert bench.machine.files.exists(f"/usr/local/jails/.jailer-tui/kept/{origin}/jail.conf")
