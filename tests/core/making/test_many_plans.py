"""A plan for each of many jails: what depends on the host alone is computed once."""

from __future__ import annotations

import asyncio
import sys
from types import FrameType

import pytest

from jailer_core.facts import Reader
from jailer_core.latest import of_latest
from jailer_core.model import Inventory
from jailer_core.needs import Needs
from jailer_core.operations.jails.requests import Restart, Start
from jailer_core.operations.registry import decide, needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.scenarios import build, large

FEW, MANY = 30, 120


def test_an_answer_is_remembered_for_the_latest_object() -> None:
    asked: list[object] = []

    @of_latest
    def size(things: list[int]) -> int:
        asked.append(things)
        return len(things)

    one, same = [1], [1]
    assert [size(things) for things in (one, one, same, same, one)] == [1] * 5
    assert [id(things) for things in asked] == [id(one), id(same), id(one)]


def calls_for_each(kind: type[Start | Restart], jails: int) -> float:
    """How many functions are called to decide about one of so many jails."""
    large.COUNT, usual = jails, large.COUNT
    try:
        host = SimulatedHost(build("large"))
    finally:
        large.COUNT = usual
    reader = Reader(host)

    async def read() -> tuple[Inventory, list[Start | Restart]]:
        inventory = await reader.gather()
        wanted = kind is not Start
        requests = [kind(jail.name) for jail in inventory.jails if jail.running is wanted]
        asked = Needs.union(needs(inventory, request) for request in requests)
        return await reader.gather(asked), requests

    inventory, requests = asyncio.run(read())
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        for request in requests:
            decide(inventory, request)
    finally:
        sys.setprofile(None)
    return calls / len(requests)


@pytest.mark.parametrize("kind", [Start, Restart])
def test_a_plan_costs_the_same_among_many_jails(kind: type[Start | Restart]) -> None:
    few = calls_for_each(kind, FEW)  # with imports, and what is compiled once
    assert calls_for_each(kind, MANY) < 2 * few
