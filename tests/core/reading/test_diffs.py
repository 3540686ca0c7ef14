"""What changed since a snapshot: streamed, limited, ended."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from jailer_core.errors import CommandFailed
from jailer_core.facts.on_demand import diff
from tests.core.changing.workbench import Bench

APP0 = "zroot/jails/app0"


def changed() -> Bench:
    bench = Bench()
    for name in ("a", "b c", "ä"):
        bench.run_now("touch", f"/usr/local/jails/app0/root/{name}")
    bench.run_now("rm", "/usr/local/jails/app0/etc/resolv.conf")
    return bench


async def names(
    bench: Bench, snapshot: str, other: str = "", limit: int = 100
) -> list[tuple[str, str]]:
    async with aclosing(diff(bench.host, APP0, snapshot, other, limit)) as found:
        return [(one.sign, one.name.rpartition("/")[2]) async for one in found]


async def test_all_of_it() -> None:
    found = await names(changed(), "prod")
    assert {("+", "a"), ("+", "b c"), ("+", "ä"), ("-", "resolv.conf")} <= set(found)


async def test_between_two_snapshots() -> None:
    bench = changed()
    bench.run_now("zfs", "snapshot", f"{APP0}@later")
    bench.run_now("touch", "/usr/local/jails/app0/root/newest")
    found = await names(bench, "prod", "later")
    assert ("+", "a") in found
    assert ("+", "newest") not in found


async def test_it_ends_at_the_limit() -> None:
    assert len(await names(changed(), "prod", limit=2)) == 2


async def test_a_flood_is_not_piled_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command may print any number of lines before the first is taken."""
    most = 0

    class Counted(asyncio.Queue[object]):
        def put_nowait(self, item: object) -> None:
            nonlocal most
            super().put_nowait(item)
            most = max(most, self.qsize())

    monkeypatch.setattr(asyncio, "Queue", Counted)
    assert len(await names(changed(), "prod", limit=2)) == 2
    assert most <= 3


async def test_a_limit_that_is_just_reached_is_no_error() -> None:
    whole = await names(changed(), "prod")
    assert await names(changed(), "prod", limit=len(whole)) == whole


async def test_there_is_no_such_snapshot() -> None:
    with pytest.raises(CommandFailed) as caught:
        await names(changed(), "nosuch")
    assert "No such file or directory" in caught.value.message
