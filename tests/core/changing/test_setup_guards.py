"""What a set-up never does: destroy what is not empty, overwrite what someone else changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.registry import decide
from jailer_core.operations.setup.checkup import checkup, suggested
from jailer_core.operations.setup.requests import (
    EnableJails,
    FilterAnchors,
    Init,
    MakeBridge,
    MakeDataset,
    MakePool,
    ServeDhcp,
)
from jailer_core.plan import Event, Needs, Outcome, OutcomeStatus, Plan, Request, StepStarted
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_core.simulator.persist import dump, same
from tests.core.changing.setup_host import Host


def interfere(host: Host, request: Request, title: str, act: Callable[[], object]) -> Outcome:
    """Carry it out; when the step of that title begins, someone else acts."""

    async def carry_out() -> Outcome:
        reader = Reader(SimulatedHost(host.machine))
        plan = await prepare(reader, request)
        assert any(title in step.title for step in plan.steps), [one.title for one in plan.steps]

        def hear(event: Event) -> None:
            if isinstance(event, StepStarted) and not event.undoing and title in event.title:
                act()

        return await execute(reader, plan, hear, asyncio.Event(), pause=0)

    return asyncio.run(carry_out())


def fail(host: Host, *argv: str) -> None:
    host.machine.faults.append(Fault("fail", lambda words: words[: len(argv)] == argv))


def test_a_pool_that_somebody_uses_already_is_not_destroyed() -> None:
    host = Host("fresh", ["zpool", "destroy", "zroot"])
    fail(host, "sysrc", "jail_enable=YES")
    request = Init((MakePool(size=2 << 30, name="tank"), EnableJails()))
    made = interfere(
        host, request, "Start jails", lambda: host.machine.now_run(("zfs", "create", "tank/mine"))
    )
    assert made.status is OutcomeStatus.FAILED
    assert not made.undone
    assert "tank/mine" in host.machine.state.datasets
    assert host.machine.files.exists("/usr/local/disk0.img")
    assert any("Destroy the pool tank" in line for line in made.leftovers)


def test_a_snapshot_is_something_too() -> None:
    host = Host("fresh")
    fail(host, "sysrc", "jail_enable=YES")
    made = interfere(
        host,
        Init((MakeDataset(), EnableJails())),
        "Start jails",
        lambda: host.machine.now_run(("zfs", "snapshot", "zroot/jails@mine")),
    )
    assert not made.undone
    assert [one.name for one in host.machine.state.datasets["zroot/jails"].snapshots] == ["mine"]


def test_a_file_that_was_edited_meanwhile_is_not_overwritten() -> None:
    host = Host("fresh", {"file": "/etc/pf.conf", "text": "pass\n"})
    text = b"block all\n"
    made = interfere(
        host,
        FilterAnchors(),
        "Check the new text",
        lambda: host.machine.files.write("/etc/pf.conf", text),
    )
    assert made.status is OutcomeStatus.FAILED
    assert "has changed since it was read" in made.message
    assert host.machine.files.read("/etc/pf.conf") == text


def test_an_undo_leaves_a_later_edit_alone() -> None:
    host = Host("fresh", {"file": "/etc/pf.conf", "text": "pass\n"})
    fail(host, "service", "pf", "onestart")
    text = b"block all\n"
    made = interfere(
        host,
        FilterAnchors(),
        "Enable the packet filter at",
        lambda: host.machine.files.write("/etc/pf.conf", text),
    )
    assert not made.undone
    assert host.machine.files.read("/etc/pf.conf") == text


def test_a_text_that_pfctl_refuses_is_not_stored() -> None:
    host = Host("fresh", {"file": "/etc/pf.conf", "text": "pass\n"})
    before = dump(host.machine)
    fail(host, "pfctl", "-n", "-f", "-")
    made = interfere(host, FilterAnchors(), "Check the new text", lambda: None)
    assert made.status is OutcomeStatus.FAILED
    assert same(before, dump(host.machine)) == ()


def test_the_order_of_the_parts_does_not_matter() -> None:
    inventory = Host("fresh").look()
    parts = list(suggested(inventory).parts)
    steps = decide(inventory, Init(tuple(parts))).steps
    for turn in range(len(parts)):
        turned = [*parts[turn:], *parts[:turn]]
        assert decide(inventory, Init(tuple(turned))).steps == steps
        assert decide(inventory, Init(tuple(reversed(turned)))).steps == steps


def test_any_choice_of_parts_is_a_plan_or_says_what_it_builds_upon() -> None:
    inventory = Host("fresh").look()
    parts = suggested(inventory).parts
    for number in range(1 << len(parts)):
        chosen = tuple(one for place, one in enumerate(parts) if number >> place & 1)
        bridge = any(isinstance(one, MakeBridge) for one in chosen)
        lone = {type(one).__name__ for one in chosen} & {"NatBridge", "ServeDhcp"}
        if bridge or not lone:
            assert isinstance(decide(inventory, Init(chosen)), Plan)


def test_what_is_not_offered_would_not_be_done() -> None:
    """A fix is offered for what is wrong only, and one that is offered makes steps."""
    for scenario in ("fresh", "small", "busy"):
        host = Host(scenario)
        for check in checkup(host.look()):
            if check.good:
                assert check.fix is None, check
            elif check.fix is not None and check.id not in ("nat", "dhcp"):
                plan = asyncio.run(prepare(host.reader, check.fix))
                assert plan.steps, check


@pytest.mark.usefixtures("hundred")
def test_large_hosts_are_looked_at_with_a_handful_of_commands() -> None:
    asked: dict[str, int] = {}
    for scenario in ("fresh", "large"):
        host = Host(scenario)
        asyncio.run(host.reader.gather())
        count = 0

        def listen(argv: tuple[str, ...]) -> bool:
            nonlocal count
            count += not argv[0].startswith("<")
            return False

        host.machine.faults.append(Fault("fail", listen))
        asyncio.run(host.reader.gather(Needs(setup=True)))
        asked[scenario] = count
    assert asked["large"] <= asked["fresh"] + 12


def test_dhcpd_that_runs_goes_on_with_what_it_had() -> None:
    host = Host("small")
    before = dump(host.machine)
    fail(host, "service", "dhcpd", "restart")
    made = interfere(host, ServeDhcp(), "Restart dhcpd", lambda: None)
    assert made.undone
    assert same(before, dump(host.machine)) == ()
    assert host.machine.now_run(("service", "dhcpd", "onestatus")).status == 0
