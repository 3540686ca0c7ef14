"""An undo refuses before its first step when others use or changed what it would take away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import cache

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.operations.jails.requests import BootOrder, Edit, Rename, Restart, Start, Stop
from jailer_core.operations.mounts.requests import MountAdd
from jailer_core.operations.network.bridges.requests import BridgeAdd
from jailer_core.operations.network.translations.requests import NatAdd, NatRemove
from jailer_core.operations.setup.requests import (
    DevfsRules,
    EnableJails,
    ForwardPackets,
    Init,
    MakeBridge,
    MakeDataset,
    MakePool,
)
from jailer_core.operations.snapshots.requests import SnapshotPolicy
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Plan, RemoveFile, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios import build
from tests.core.changing.workbench import STAMP, There
from tests.mould import Mould, clone

APP = "/usr/local/jails/app0"
NAT = b"nat on vtnet0 inet from %s to any -> (vtnet0:0)\n"
NEW = "/etc/jail.conf.d/new.conf"
Change = Callable[[Machine], None]


def configured(*lines: str) -> Change:
    text = "".join(f"  {line};\n" for line in ("path = /srv/new", "persist", *lines))

    def change(machine: Machine) -> None:
        machine.files.write(NEW, f"new {{\n{text}}}\n".encode())

    return change


def by_hand(*argv: str) -> Change:
    def change(machine: Machine) -> None:
        done = machine.now_run(argv)
        assert done.status == 0, done

    return change


def written(path: str, text: str) -> Change:
    return lambda machine: machine.files.write(path, text.encode())


def all_of(*changes: Change) -> Change:
    def change(machine: Machine) -> None:
        for one in changes:
            one(machine)

    return change


def undone(machine: Machine) -> tuple[Plan, tuple[str, ...]]:
    """The last change undone: the plan, and what differs from before it."""

    async def go() -> tuple[Plan, tuple[str, ...]]:
        there, before = There(machine), dump(machine)
        entry = await there.last()
        plan, _ = await there.do(UndoChange(entry.id, STAMP))
        return plan, same(before, dump(machine))

    return asyncio.run(go())


def did(scenario: str, *requests: Request) -> Machine:
    machine = build(scenario)
    machine.files.mkdir("/export", parents=True)

    async def go() -> None:
        for request in requests:
            await There(machine).do(request)

    asyncio.run(go())
    return machine


IN_USE: dict[str, tuple[str, Request, Change, str]] = {
    "ruleset of a new jail": (
        "fresh",
        DevfsRules(),
        configured("devfs_ruleset = 10", "mount.devfs"),
        "the devfs ruleset 10 is used by new",
    ),
    "ruleset of a running jail": (
        "fresh",
        DevfsRules(),
        by_hand("jail", "-c", "name=hand", "path=/", "persist", "devfs_ruleset=10"),
        "the devfs ruleset 10 is used by hand",
    ),
    "ruleset of the host": (
        "fresh",
        DevfsRules(),
        by_hand("sysrc", "devfs_system_ruleset=jailer_vnet_10"),
        "is used by devfs_system_ruleset of rc.conf",
    ),
    "ruleset with another rule": (
        "fresh",
        DevfsRules(),
        by_hand("devfs", "rule", "-s", "10", "add", "path", "usb", "unhide"),
        "the rules of the devfs ruleset 10 were changed since",
    ),
    "rules file": (
        "fresh",
        DevfsRules(),
        written("/etc/devfs.rules", "[mine=20]\n"),
        "/etc/devfs.rules was changed since",
    ),
    "bridge with a member": (
        "fresh",
        MakeBridge(),
        all_of(
            by_hand("ifconfig", "epair7", "create"),
            by_hand("ifconfig", "bridge0", "addm", "epair7a"),
        ),
        "the bridge bridge0 is used by epair7a",
    ),
    "bridge with another address": (
        "fresh",
        MakeBridge(),
        by_hand("ifconfig", "bridge0", "inet", "10.77.0.1/24", "alias"),
        "the bridge bridge0 is used by 10.77.0.1/24",
    ),
    "bridge of a configuration": (
        "fresh",
        MakeBridge(),
        configured('exec.prestart = "ifconfig bridge0 addm epair9a"'),
        "the bridge bridge0 is used by new",
    ),
    "bridge of another service": (
        "fresh",
        BridgeAdd("bridge4"),
        by_hand("sysrc", "dhcpd_flags=bridge4"),
        "the bridge bridge4 is used by dhcpd_flags of rc.conf",
    ),
    "bridge with another address at boot": (
        "fresh",
        MakeBridge(),
        by_hand("sysrc", "ifconfig_bridge0=inet 10.9.0.1/24 up"),
        'ifconfig_bridge0 of rc.conf was changed since: it is "inet 10.9.0.1/24 up"',
    ),
    "forwarding for a new jail": (
        "fresh",
        ForwardPackets(),
        configured("vnet"),
        "the forwarding of packets is used by new",
    ),
    "forwarding that was switched off": (
        "fresh",
        ForwardPackets(),
        by_hand("sysctl", "net.inet.ip.forwarding=0"),
        "",
    ),
    "forwarding at boot": (
        "fresh",
        ForwardPackets(),
        by_hand("sysrc", "gateway_enable=NO"),
        'gateway_enable of rc.conf was changed since: it is "NO"',
    ),
    "jails at boot": (
        "fresh",
        EnableJails(),
        all_of(configured(), by_hand("sysrc", "jail_list=new")),
        "the start of jails at boot is used by new",
    ),
    "order at boot": (
        "small",
        BootOrder(("app0", "www0")),
        by_hand("sysrc", "jail_list=www0"),
        'jail_list of rc.conf was changed since: it is "www0"',
    ),
    "dataset with a file": (
        "fresh",
        MakeDataset(),
        written("/usr/local/jails/notes", "mine\n"),
        "the directory /usr/local/jails is used by /usr/local/jails/notes",
    ),
    "dataset with a snapshot": (
        "fresh",
        MakeDataset(),
        by_hand("zfs", "snapshot", "zroot/jails@mine"),
        "the dataset zroot/jails is used by zroot/jails@mine",
    ),
    "dataset with a child": (
        "fresh",
        MakeDataset(),
        by_hand("zfs", "create", "zroot/jails/other"),
        "the dataset zroot/jails is used by zroot/jails/other",
    ),
    "pool with a dataset": (
        "fresh",
        MakePool(name="jailpool", size=2 << 30),
        by_hand("zfs", "create", "jailpool/mine"),
        "the dataset jailpool is used by jailpool/mine",
    ),
    "pool with a file": (
        "fresh",
        MakePool(name="jailpool", size=2 << 30),
        written("/jailpool/mine", "mine\n"),
        "the directory /jailpool is used by /jailpool/mine",
    ),
    "file of a pool that is not imported": (
        "fresh",
        MakePool(name="jailpool", size=2 << 30),
        by_hand("zpool", "destroy", "jailpool"),
        "the pool jailpool is not imported: its file may still contain it",
    ),
    "policy that was set again": (
        "small",
        SnapshotPolicy("www0", daily=7),
        by_hand("zfs", "set", "jailer:keep=daily=30", "zroot/jails/www0"),
        "jailer:keep of zroot/jails/www0 is not daily=7",
    ),
    "directory of a mount": (
        "small",
        MountAdd("app0", source="/export", target="/opt/www/deep"),
        written("/usr/local/jails/app0/opt/www/file", "mine\n"),
        "the directory /usr/local/jails/app0/opt/www is used by /usr/local/jails/app0/opt/www/file",
    ),
    "mount below a mount": (
        "small",
        MountAdd("app0", source="/export", target="/opt"),
        all_of(
            by_hand("mkdir", "-p", f"{APP}/opt/cache"),
            by_hand("mount", "-t", "tmpfs", "tmpfs", f"{APP}/opt/cache"),
        ),
        f"other file systems are mounted below {APP}/opt: {APP}/opt/cache",
    ),
    "mount in the directory of a dataset": (
        "fresh",
        MakeDataset(),
        all_of(
            by_hand("mkdir", "/usr/local/jails/cache"),
            by_hand("mount", "-t", "tmpfs", "tmpfs", "/usr/local/jails/cache"),
        ),
        "/usr/local/jails/cache",
    ),
    "mount in the directory of a dataset that was renamed": (
        "small",
        Rename("www0", "shop"),
        all_of(
            by_hand("jail", "-f", "/etc/jail.conf.d/shop.conf", "-r", "shop"),
            by_hand("mount", "-t", "tmpfs", "tmpfs", "/usr/local/jails/shop/mnt"),
        ),
        "other file systems are mounted below zroot/jails/shop: /usr/local/jails/shop/mnt",
    ),
    "configuration that cannot be read": (
        "fresh",
        DevfsRules(),
        written(NEW, "new { path = \n"),
        "the devfs ruleset 10 is used by new (not readable)",
    ),
}


@pytest.mark.parametrize("name", IN_USE)
def test_refused_before_its_first_step(name: str) -> None:
    scenario, request, change, because = IN_USE[name]
    machine = did(scenario, request)
    change(machine)
    before = dump(machine)
    if not because:  # taken back by someone already
        undone(machine)
        return
    with pytest.raises(Refused) as refused:
        undone(machine)
    assert because in refused.value.message
    assert refused.value.hint
    assert not same(before, dump(machine))


WWW = "/etc/jail.conf.d/www0.conf"
TABLE = "/etc/fstab.www0"


@cache
def with_fstab() -> Mould:
    """A jail that runs with an fstab of its own, whose file was edited since."""
    machine = did("small", Stop("www0"))
    text = machine.files.read(WWW).decode()
    written(TABLE, "/export /usr/local/jails/www0/mnt nullfs ro 0 0\n")(machine)
    written(WWW, text.replace("persist;", f'persist; mount.fstab = "{TABLE}";'))(machine)
    asyncio.run(There(machine).do(Start("www0")))
    return Mould(machine)


def gone(path: str) -> Change:
    return lambda machine: machine.files.remove(path)


JAIL_FILES: dict[str, tuple[Request, Change, str]] = {
    "rename": (Rename("www0", "shop"), gone("/etc/fstab.shop"), "/etc/fstab.shop, which"),
    "stop": (Stop("www0"), gone(WWW), f"{WWW} no longer exists"),
    "start": (Restart("www0"), gone(WWW), f"{WWW} no longer exists"),
    "restart": (Restart("www0"), written(WWW, "www0 { path ="), f"{WWW} cannot be read"),
    "fstab": (Restart("www0"), gone(TABLE), f"{TABLE}, which {WWW} names, no longer exists"),
    "dependency": (
        Stop("www0"),
        written(WWW, "www0 { path = /usr/local/jails/www0; depend = base; }"),
        "www0 depends on base",
    ),
}


@pytest.mark.parametrize("name", JAIL_FILES)
def test_what_jail_would_not_read_is_refused(name: str) -> None:
    request, change, because = JAIL_FILES[name]
    machine = with_fstab().cast()
    asyncio.run(There(machine).do(request))
    change(machine)
    before = dump(machine)
    with pytest.raises(Refused) as refused:
        undone(machine)
    assert because in refused.value.message
    assert not same(before, dump(machine))


def test_what_cannot_be_read_may_use_a_ruleset() -> None:
    machine = build("fresh")
    written("/etc/jail.conf.d/theirs.conf", "theirs { path = \n")(machine)
    asyncio.run(There(machine).do(DevfsRules()))
    before = dump(machine)
    with pytest.raises(Refused, match=r"ruleset 10 is used by theirs \(not readable\)"):
        undone(machine)
    assert not same(before, dump(machine))


def test_the_file_that_it_was_started_with_is_not_replaced() -> None:
    machine = did("small")
    text = machine.files.read(WWW).decode()

    async def go() -> str:
        there = There(machine)
        await there.do(Edit("www0", text=text.replace("persist;", "persist; securelevel = 2;")))
        plan, _ = await there.do(Stop("www0"))
        return next(step.action.path for step in plan.steps if isinstance(step.action, RemoveFile))

    written(asyncio.run(go()), "theirs\n")(machine)
    with pytest.raises(Refused, match=r"running/www0-.* exists since"):
        undone(machine)


def test_rules_are_loaded_for_a_jail_that_runs() -> None:
    """A start loads what is stored; what someone else loaded since is not replaced."""
    machine = did("small", NatAdd("www0"), NatRemove("www0"))
    loaded_by_hand, stopped = clone(machine), clone(machine)
    loaded_by_hand.now_run(("pfctl", "-a", "jailer/www0", "-f", "-"), stdin=NAT % b"10.0.2.99")
    with pytest.raises(Refused, match="the rules that are loaded for www0 were changed"):
        undone(loaded_by_hand)
    by_hand("jail", "-f", "/etc/jail.conf.d/www0.conf", "-r", "www0")(stopped)
    for copy, rules in ((stopped, ""), (machine, (NAT % b"10.0.2.21").decode())):
        undone(copy)
        assert copy.now_run(("pfctl", "-a", "jailer/www0", "-s", "nat")).stdout == rules
        assert copy.files.exists("/usr/local/etc/jailer-tui/pf/www0.conf")


def test_what_was_set_on_a_dataset_is_told_before_it_goes() -> None:
    """All that is ours is empty, but for what someone set on it."""
    set_by_hand = (
        by_hand("zfs", "set", "compression=zstd", "zroot/jails"),
        by_hand("zfs", "set", "site:owner=ops", "zroot/jails"),
        by_hand("zfs", "allow", "nobody", "snapshot,mount", "zroot/jails"),
    )
    lost = (
        "zroot/jails is destroyed with what was set on it: compression=zstd, "
        "site:owner=ops, permissions of user nobody mount,snapshot"
    )
    for changes, notes in (((), ()), (set_by_hand, (lost,))):
        machine = did("fresh", MakeDataset())
        all_of(*changes)(machine)
        plan, _ = undone(machine)
        assert plan.notes == notes
        assert "zroot/jails" not in machine.state.datasets


def test_a_list_loses_only_our_word() -> None:
    machine = did("fresh", MakeBridge())
    by_hand("sysrc", "cloned_interfaces+=vlan5")(machine)
    plan, _ = undone(machine)
    assert any("cloned_interfaces-=bridge0" in str(step.action) for step in plan.steps)
    assert machine.now_run(("sysrc", "-n", "cloned_interfaces")).stdout == "vlan5\n"


def test_a_list_that_lost_our_word_stays() -> None:
    machine = did("fresh", MakeBridge())
    by_hand("sysrc", "cloned_interfaces=vlan5")(machine)
    undone(machine)
    assert machine.now_run(("sysrc", "-n", "cloned_interfaces")).stdout == "vlan5\n"


def test_what_cannot_be_read_is_refused() -> None:
    machine = did("fresh", EnableJails())
    machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("sysrc", "-ae"), times=99))
    written("/etc/rc.conf", "if true; then\n")(machine)
    with pytest.raises(Refused, match=r"cannot be undone now, because rc\.conf could not be read"):
        undone(machine)


NO_MATTER = (".jailer-tui", "zroot/jails: guid", "etc/rc.conf: ")
"""Our own files, an empty dataset made again, the order of lines in rc.conf."""
ALL = Init((MakeDataset(), EnableJails(), MakeBridge(), ForwardPackets(), DevfsRules()))


@pytest.mark.parametrize("way", ["fail", "late"])
def test_an_undo_that_fails_is_taken_back(way: str) -> None:
    """Whichever of its steps fails: the host is as before the undo, or what differs is said."""
    machine = did("fresh", ALL)

    async def go(copy: Machine, index: int) -> list[str]:
        there, reader = There(copy), Reader(SimulatedHost(copy))
        entry = await there.last()
        plan = await prepare(reader, UndoChange(entry.id, STAMP))
        if index >= len(plan.steps):
            return ["end"]
        before, values = dump(copy), copy.now_run(("sysrc", "-ae")).stdout
        wanted = getattr(plan.steps[index].action, "argv", None)
        if wanted is None:
            return []
        copy.faults.append(Fault(way, lambda argv: argv == wanted))
        done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
        left = [line for line in same(before, dump(copy)) if not any(map(line.count, NO_MATTER))]
        if done.ok:  # its goal decides, and was reached
            return []
        left += [] if copy.now_run(("sysrc", "-ae")).stdout == values else ["rc.conf"]
        return [f"{plan.steps[index].title}: {line}, said {done.leftovers}" for line in left]

    wrong: list[str] = []
    for index in range(99):
        found = asyncio.run(go(clone(machine), index))
        if found == ["end"]:
            break
        wrong += found
    assert index > 5
    assert not wrong, "\n".join(wrong)


def test_all_of_it_goes_while_nothing_uses_it() -> None:
    machine = did("fresh")
    before = dump(machine)
    asyncio.run(There(machine).do(ALL))
    undone(machine)
    assert not [line for line in same(before, dump(machine)) if "jailer-tui" not in line]
