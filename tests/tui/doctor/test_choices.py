"""What can be chosen about a fix: suggested, and checked while it is typed."""

from __future__ import annotations

import pytest

from jailer_core.errors import UsageError
from jailer_core.operations.fields import size
from jailer_core.operations.setup.requests import MakeBridge, MakeDataset, MakePool
from jailer_core.simulator.kernel.machine import Machine
from jailer_tui.forms.setup import texts, with_texts
from tests.tui.harness import Stage, opened
from tests.tui.setup_parts import doctor, examined, run_shown


def two_pools(machine: Machine) -> None:
    machine.now_run(("truncate", "-s", "5G", "/usr/local/tank.img"))
    machine.now_run(("zpool", "create", "tank", "/usr/local/tank.img"))


def no_pool(machine: Machine) -> None:
    machine.now_run(("zpool", "destroy", "zroot"))


async def chosen(it: Stage, check: str) -> None:
    screen = await doctor(it)
    screen.grid.move_to_key(check)
    await it.press("e")
    await it.until(lambda: it.dialog == "SetupOptionsDialog", "the form")


async def test_another_net_for_the_bridge() -> None:
    async with opened("fresh") as it:
        await chosen(it, "bridge")
        it.sees("10.0.0.1/24")
        await it.type("10.0.2.1/24")
        it.sees("overlaps 10.0.2.0/24")
        await it.press("f10")
        assert it.dialog == "SetupOptionsDialog"
        await it.press("ctrl+u")
        await it.type("nonsense")
        it.sees("not an IPv4 address")
        await it.press("ctrl+u")
        await it.type("192.168.77.1/24")
        it.compare("choices-bridge")
        await it.press("f10")
        assert it.dialog == "SetupScreen"
        it.sees("192.168.77.1/24")
        await it.press("enter")
        assert (await run_shown(it)).ok
        await examined(it)
        it.sees("bridge0 has 192.168.77.1/24")


async def test_which_pool_when_there_are_two() -> None:
    async with opened("fresh", change=two_pools) as it:
        await chosen(it, "dataset")
        await it.press("right")
        it.sees("tank", "tank/jails")
        it.compare("choices-pool")
        await it.press("f10", "x")
        assert (await run_shown(it)).ok
        assert it.inventory.layout.dataset == "tank/jails"


async def test_a_pool_on_a_file() -> None:
    async with opened("fresh", change=no_pool) as it:
        await chosen(it, "pool")
        await it.press("down", "ctrl+u")
        await it.type("/nowhere/disk.img")
        await it.until(lambda: "no directory /nowhere" in it.text, "what is wrong with the path")
        await it.press("ctrl+u")
        await it.type("/usr/local/jails.img")
        await it.press("down", "ctrl+u")
        await it.type("big")
        it.sees("is not a size")
        await it.press("ctrl+u")
        await it.type("3G")
        await it.until(lambda: not it.app.view.examined.asking, "the look at the room")
        it.compare("choices-file")
        await it.press("f10")
        it.sees("file /usr/local/jails.img, size 3G")
        await it.press("enter")
        assert (await run_shown(it)).ok
        assert [one.name for one in it.inventory.pools or ()] == ["zroot"]
        assert it.inventory.layout.dataset == "zroot/jails"


async def test_leaving_the_form_changes_nothing() -> None:
    async with opened("fresh") as it:
        await chosen(it, "bridge")
        await it.press("escape")
        assert it.dialog == "SetupScreen"
        it.sees("10.0.0.1/24")


def test_sizes() -> None:
    assert size("20G") == 20 << 30
    assert size(" 1.5 t ") == 3 << 39
    assert size("800MiB") == 800 << 20
    assert size("4096") == 4096
    for wrong in ("", "G", "-1G", "1e9", "20 apples", "٣G"):
        with pytest.raises(UsageError):
            size(wrong)


async def test_texts_and_back() -> None:
    async with opened("fresh", change=two_pools) as it:
        for fix in (MakePool(), MakeDataset(pool="tank"), MakeBridge("10.1.0.1/24")):
            assert with_texts(fix, texts(fix, it.inventory)) == fix
        named = with_texts(MakeDataset(pool="tank"), {"pool": "tank", "dataset": "zroot/x"})
        assert named == MakeDataset(dataset="zroot/x")
