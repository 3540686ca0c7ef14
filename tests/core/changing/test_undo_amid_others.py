"""Changes by us, by the admin and by other tools in any order, and then an undo of one of ours.

It either restores what its change changed and leaves all else alone, or refuses before its first
step.
"""

from __future__ import annotations

import asyncio
from functools import cache

from hypothesis import HealthCheck, given, settings, strategies as st

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.network.bridges.requests import BridgeAdd
from jailer_core.operations.setup.requests import (
    DevfsRules,
    EnableJails,
    ForwardPackets,
    MakeBridge,
    MakeDataset,
)
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from tests.core.changing.leaves import facts, right
from tests.core.changing.workbench import STAMP, There
from tests.examples import some
from tests.mould import Mould

CONF = "/etc/jail.conf.d/theirs.conf"
OURS: tuple[Request, ...] = (
    MakeBridge(),
    BridgeAdd("bridge4"),
    ForwardPackets(),
    EnableJails(),
    DevfsRules(),
    MakeDataset(),
)
COMMANDS = (
    "sysrc cloned_interfaces+=vlan5",
    "sysrc cloned_interfaces=lo1",
    "sysrc -x cloned_interfaces",
    "sysrc ifconfig_bridge0=up",
    "sysrc gateway_enable=NO",
    "sysrc jail_enable=NO",
    "sysrc jail_list=theirs",
    "sysrc jailer_dir=zfs:zroot/other",
    "sysrc devfs_system_ruleset=10",
    "sysrc dhcpd_flags=bridge4",
    "sysctl net.inet.ip.forwarding=0",
    "sysctl net.inet.ip.forwarding=1",
    "ifconfig bridge0 inet 10.77.0.1/24 alias",
    "ifconfig bridge0 destroy",
    "ifconfig epair7 create",
    "ifconfig bridge0 addm epair7a",
    "ifconfig bridge4 addm epair7b",
    "zfs create zroot/jails",
    "zfs create zroot/jails/theirs",
    "zfs snapshot zroot/jails@theirs",
    "zfs destroy zroot/jails",
    "zfs unmount zroot/jails",
    "devfs rule -s 10 add path usb unhide",
    "devfs rule -s 10 delset",
    "jail -c name=theirs path=/ persist devfs_ruleset=10",
)
FILES = (
    ("/usr/local/jails/theirs", "a file\n"),
    ("/etc/devfs.rules", "[theirs=30]\nadd hide\n"),
    (CONF, "theirs { path = /; persist; devfs_ruleset = 10; mount.devfs; }\n"),
    (CONF, "theirs { path = /; persist; vnet; }\n"),
    (CONF, 'theirs { path = /; persist; exec.prestart = "ifconfig bridge0 addm x0a"; }\n'),
    (CONF, "theirs { path = \n"),
)
ACTS = st.one_of(
    st.sampled_from(OURS),
    st.sampled_from(OURS),
    st.sampled_from([one.split() for one in COMMANDS]),
    st.sampled_from(FILES),
)


@cache
def mould() -> Mould:
    return Mould(build("fresh"))


def act(machine: Machine, what: object) -> str:
    """The id of our change, when one of ours was made; what is not possible is left."""
    if isinstance(what, Request):
        return asyncio.run(_ours(machine, what))
    if isinstance(what, list):
        machine.now_run(tuple(what))
    elif isinstance(what, tuple) and machine.files.is_dir(what[0].rpartition("/")[0]):
        machine.files.write(what[0], what[1].encode())
    return ""


async def _ours(machine: Machine, request: Request) -> str:
    reader = Reader(SimulatedHost(machine))
    try:
        plan = await prepare(reader, request)
    except Refused:
        return ""
    done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
    if not done.ok or not plan.steps:
        return ""
    return (await There(machine).last()).id


@settings(
    max_examples=some(20),
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.sampled_from(OURS), st.lists(ACTS, max_size=4), st.lists(ACTS, max_size=4))
def test_restores_its_own_or_refuses(
    first: Request, before: list[object], after: list[object]
) -> None:
    machine = mould().cast()
    for one in before:
        act(machine, one)
    was = facts(machine)
    entry = act(machine, first)
    if not entry:
        return
    made = facts(machine)
    for one in after:
        act(machine, one)
    now = facts(machine)
    refused = asyncio.run(_undo(machine, entry))
    then = facts(machine)
    for name in sorted({*was, *made, *now, *then}):
        values = [one.get(name) for one in (was, made, now, then)]
        assert right(*values, refused=refused), (name, *values, refused)


async def _undo(machine: Machine, entry: str) -> bool:
    """Whether it was refused; once it began it must come to its end."""
    reader = Reader(SimulatedHost(machine))
    try:
        plan = await prepare(reader, UndoChange(entry, STAMP))
    except Refused:
        return True
    done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
    assert done.ok, (done.message, done.leftovers, plan.notes)
    return False
