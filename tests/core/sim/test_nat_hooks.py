"""The lines that load a jail's rules can stop it neither from starting nor from stopping."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.model.network import file_of
from jailer_core.operations.network.translations import jail_hooks
from jailer_core.operations.network.translations.requests import NatAdd
from jailer_core.plan import Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from tests.core.changing.hosts import config

JAIL, CONF = "www0", "/etc/jail.conf.d/www0.conf"


def carry_out(machine: Machine, request: Request) -> None:
    async def go() -> None:
        reader = Reader(SimulatedHost(machine))
        plan = await prepare(reader, request)
        done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
        assert done.ok, done

    asyncio.run(go())


@pytest.fixture
def machine() -> Machine:
    found = build("small")
    carry_out(found, NatAdd(JAIL))
    return found


def missing(machine: Machine) -> None:
    machine.files.remove(file_of(JAIL))


def broken(machine: Machine) -> None:
    machine.files.write(file_of(JAIL), b"nat on\n")


def no_module(machine: Machine) -> None:
    machine.now_run(("kldunload", "pf"))


def switched_off(machine: Machine) -> None:
    machine.now_run(("service", "pf", "onestop"))


def loaded(machine: Machine) -> bool:
    return bool(machine.state.pf.nat.get(f"jailer/{JAIL}"))


@pytest.mark.parametrize("harm", [missing, broken, no_module, switched_off])
def test_it_stops_and_starts_all_the_same(
    machine: Machine, harm: Callable[[Machine], None]
) -> None:
    assert loaded(machine)
    harm(machine)
    stopped = machine.now_run(("jail", "-v", "-f", CONF, "-r", JAIL))
    assert stopped.status == 0, stopped
    assert not loaded(machine)
    started = machine.now_run(("jail", "-v", "-f", CONF, "-c", JAIL))
    assert started.status == 0, started
    assert machine.jail_named(JAIL) is not None
    assert loaded(machine) is (harm is switched_off)
    again = machine.now_run(("jail", "-v", "-f", CONF, "-r", JAIL))
    assert again.status == 0, again


def test_a_reboot_loads_it_again(machine: Machine) -> None:
    machine.now_run(("jail", "-f", CONF, "-r", JAIL))
    machine.state.pf.nat.clear()
    assert machine.now_run(("jail", "-f", CONF, "-c", JAIL)).status == 0
    assert loaded(machine)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("web { path = /x; }\n", "}\n"),
        ("a { }\nweb {\n  persist;\n}\nb { }\n", "}\nb { }\n"),
        ('web {\n  exec.start = "echo }";\n  # }\n  /* } */\n  path = /x/${name};\n}\n', "}\n"),
        ("web {\n  a = 'it}';\n  // }\n  sub { x; }\n}\nrest;\n", "}\nrest;\n"),
        ('"web" {\n}\n', "}\n"),
    ],
)
def test_the_lines_go_to_the_end_of_the_block(text: str, end: str) -> None:
    new = jail_hooks.added(config("web"), text)
    lines = "".join(f"  {one}\n" for one in jail_hooks.LINES)
    assert new.endswith(lines + end)
    assert jail_hooks.removed(new).split() == text.split()


@pytest.mark.parametrize(
    "text",
    [
        "webs { }\n",
        "# web { }\n",
        '"w"eb { }\n',
        "web {\n",
        "web { }\nweb { }\n",
        "/*\nweb { }\n*/",
    ],
)
def test_a_block_that_is_not_plain_is_left_alone(text: str) -> None:
    assert jail_hooks.added(config("web"), text) == ""
