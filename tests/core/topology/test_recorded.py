"""Recording 08 shows as the right tree, with each epair at its jail: as recorded and renamed."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.plan import Needs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.topology import Node, ends, tree, walk, wrong
from tests.core.reading.busy import busy, entry
from tests.core.sim import seeds
from tests.core.sim.compare import NOT_SIMULATED
from tests.core.sim.replay import RENAMED, SAME, Renaming, read_recording, replay

TREE = """\
host armbsd15
  interface vtnet0: 10.0.2.15/24
    jail shop: 10.0.2.30/32
    jail thick1: 10.0.2.31/32
    jail www0: 10.0.2.21/32 fd00::21/128
  bridge bridge0: 10.0.0.1/24
    epair epair1a in bridge0 to epair1b of app0:
    epair epair2a in bridge0 to epair2b of app1: 10.0.0.12/24 fd00:0:0:1::12/64
  jail byhand:
    jail byhand.child:
  loopback lo0: 127.0.0.1/8 ::1/128
"""
BUSY = 45
"""Up to that line of recording 08 everything runs."""


def said(depth: int, node: Node) -> str:
    at = f" in {node.bridge}" if node.bridge else ""
    if node.inside is not None and node.jail is not None:
        at += f" to {node.inside.name} of {node.jail.name}"
    found = " ".join(map(str, node.addresses or ()))
    colon = "" if depth == 0 else ":"
    return f"{'  ' * depth}{node.kind} {node.name}{at}{colon} {found}".rstrip()


def shown(inventory: Inventory) -> str:
    return "".join(f"{said(depth, node)}\n" for depth, node in walk(tree(inventory)))


@cache
def replayed() -> Machine:
    """The machine in the middle of recording 08, reached by replaying all before it."""
    machine = seeds.fresh()
    for session in seeds.SESSIONS[:8]:
        seeds.between(machine, session)
        entries = read_recording(session)
        replay(
            machine,
            session,
            entries=[one for one in entries if session != "08" or one.line <= BUSY],
            skip=lambda one, at=session: (at, one.line) in NOT_SIMULATED,  # type: ignore[misc]
        )
    return machine


async def read(machine: Machine) -> Inventory:
    return await Reader(SimulatedHost(machine)).gather(Needs(network=True))


@pytest.mark.parametrize("renaming", [SAME, RENAMED], ids=["as recorded", "renamed"])
async def test_the_replayed_host_shows_as_the_right_tree(renaming: Renaming) -> None:
    inventory = await read(Machine(renaming.state(replayed().state)))
    assert shown(inventory) == renaming.text(TREE)
    assert {end.found for end in ends(inventory).values()} == {"inside"}
    assert wrong(inventory) == ()
    assert inventory.problems == ()


async def test_the_recorded_answers_themselves_show_as_that_tree() -> None:
    host = busy()
    host.says(("netstat", "-ibn", "--libxo=json"), entry("08", 19)["stdout"])
    host.says(("arp", "-an", "--libxo=json"), entry("04", 34)["stdout"])
    inventory = await Reader(host).gather(Needs(network=True))
    running = "".join(
        f"{line}\n" for line in shown(inventory).splitlines() if not line.endswith("db01:")
    )
    assert running == TREE
    seen = inventory.connections
    assert seen is not None
    assert seen.traffic is not None
    assert seen.traffic["vtnet0"].received == 115917903
    assert seen.traffic["epair2a"].packets_received == 7


async def test_epairs_are_found_without_what_the_jails_show() -> None:
    """By configuration, and when no file can be read either, by description."""
    known = replace(await read(replayed()), connections=None)
    bare = replace(known, jails=tuple(replace(one, config=None) for one in known.jails))
    for inventory, found in ((known, "configuration"), (bare, "description")):
        assert {
            name: (end.jail.name, end.inside, end.found) for name, end in ends(inventory).items()
        } == {"epair1a": ("app0", None, found), "epair2a": ("app1", None, found)}
