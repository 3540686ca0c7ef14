"""The comparison that the tests of undo rely upon: it sees everything but what may differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node, SimAddress, SimMount, SimRoute
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios import build

Change = Callable[[Machine], object]
APP = "zroot/jails/app0"


def write(path: str, text: bytes = b"x", mode: int | None = None) -> Change:
    return lambda machine: machine.files.write(path, text, mode=mode)


def run(*argv: str) -> Change:
    def change(machine: Machine) -> None:
        done = machine.now_run(argv)
        assert done.status == 0, done.stderr

    return change


def assign(where: Callable[[Machine], object], name: str, value: object) -> Change:
    return lambda machine: setattr(where(machine), name, value)


def card(machine: Machine) -> object:
    return machine.state.interfaces["epair1a"]


SEEN: dict[str, Change] = {
    "file new": write("/usr/local/jails/app0/etc/mine"),
    "file of the host": write("/etc/mine"),
    "bytes": write("/etc/rc.conf", b"hostname=x\n"),
    "mode": run("chmod", "600", "/etc/rc.conf"),
    "owner": run("chown", "7:7", "/etc/rc.conf"),
    "file gone": run("rm", "/etc/jail.conf.d/db01.conf"),
    "directory": run("mkdir", "/usr/local/jails/app0/mine"),
    "link": run("ln", "-s", "/etc/rc.conf", "/etc/link"),
    "in memory": write("/tmp/mine"),
    "dataset": run("zfs", "create", "zroot/new"),
    "dataset renamed": run("zfs", "rename", "zroot/jails/db01", "zroot/jails/db02"),
    "property": run("zfs", "set", "quota=9G", APP),
    "snapshot": run("zfs", "snapshot", f"{APP}@new"),
    "hold": run("zfs", "hold", "mine", "zroot/jails/db01@prod"),
    "guid": assign(lambda m: m.state.datasets[APP], "guid", "1"),
    "origin": assign(lambda m: m.state.datasets[APP], "origin", ""),
    "file in a snapshot": assign(
        lambda m: m.state.datasets["zroot/jails/db01"].snapshots[0], "tree", {"etc/mine": Node()}
    ),
    "snapshot's guid": assign(
        lambda m: m.state.datasets["zroot/jails/db01"].snapshots[0], "guid", "1"
    ),
    "unmounted": run("zfs", "unmount", "zroot/jails/db01"),
    "a second mount": lambda m: m.state.mounts.append(
        SimMount("devfs", "/usr/local/jails/app0/dev", "devfs", ruleset=61)
    ),
    "another ruleset": lambda m: setattr(m.state.mounts[-1], "ruleset", 9),
    "epair left": run("ifconfig", "epair9", "create"),
    "address": run("ifconfig", "vtnet0", "inet", "10.0.2.99/32", "alias"),
    "address in a jail": lambda m: m.state.interfaces["epair2b@77"].addresses.append(
        SimAddress("10.0.0.99", 24)
    ),
    "description": assign(card, "description", "x"),
    "down": assign(card, "up", value=False),
    "ether": assign(card, "mac", "58:9c:fc:00:00:01"),
    "member": run("ifconfig", "bridge0", "deletem", "epair1a"),
    "route": lambda m: m.state.routes.append(SimRoute(0, "10.9.0.0/16", "10.0.2.3", "vtnet0")),
    "jail stopped": run("jail", "-R", "www0"),
    "jail new": run("jail", "-c", "name=new", "path=/", "persist"),
    "jail modified": run("jail", "-m", "name=www0", "allow.raw_sockets=0"),
    "jail dying": assign(lambda m: m.state.jails[75], "dying", value=True),
    "process gone": lambda m: m.state.processes.pop(1090),
    "process of a jail gone": lambda m: m.state.processes.pop(m.processes_of([75])[0].pid),
    "process moved": lambda m: setattr(m.processes_of([75])[0], "cwd", "/"),
    "sysctl": run("sysctl", "net.inet.ip.forwarding=1"),
    "module": run("kldunload", "if_bridge"),
    "rctl": run("rctl", "-a", "jail:www0:memoryuse:deny=1G"),
    "devfs rule": run("devfs", "rule", "-s", "61", "add", "path", "mem", "unhide"),
    "devfs ruleset": run("devfs", "rule", "-s", "62", "add", "path", "mem", "unhide"),
    "pf on": run("pfctl", "-e"),
    "pf rules": lambda m: m.state.pf.nat.update({"jailer/app0": ["nat"]}),
    "user": run("pw", "useradd", "-n", "guest1", "-m", "-s", "/bin/sh"),
    "hostname": assign(lambda m: m.state, "hostname", "other"),
}


@pytest.mark.parametrize("change", SEEN.values(), ids=SEEN.keys())
def test_it_sees(change: Change) -> None:
    machine = build("busy")
    before = dump(machine)
    change(machine)
    found = same(before, dump(machine))
    assert found
    assert all(line.strip() for line in found)


def restart(name: str) -> Change:
    def change(machine: Machine) -> None:
        config = f"/etc/jail.conf.d/{name}.conf"
        run("jail", "-f", config, "-r", name)(machine)
        run("jail", "-f", config, "-c", name)(machine)

    return change


def touch_all(machine: Machine) -> None:
    for tree in (machine.state.root, machine.state.datasets[APP].tree):
        tree.update({path: replace(node, mtime=9.0) for path, node in tree.items()})


UNSEEN: dict[str, Change] = {
    "clock": lambda m: setattr(m.state, "now", m.state.now + 999),
    "times of files": touch_all,
    "a jail restarted": restart("www0"),
    "a VNET jail restarted": restart("app1"),
    "two restarted in another order": lambda m: [restart(name)(m) for name in ("app1", "app0")],
    "Bastille's restarted": lambda m: [
        run("bastille", "stop", "shop")(m),
        run("bastille", "start", "shop")(m),
    ],
    "our own directory": lambda m: [
        run("mkdir", "-p", "/var/db/jailer-tui/kept")(m),
        run("touch", "/var/db/jailer-tui/kept/a")(m),
    ],
    "our own dataset": run("zfs", "create", "zroot/jails/.jailer-tui"),
    "a log": write("/var/log/jail/app0.log"),
    "a log in a jail": write("/usr/local/jails/app0/var/log/messages"),
    "a pid file": write("/usr/local/jails/app0/var/run/cron.pid"),
}


@pytest.mark.parametrize("change", UNSEEN.values(), ids=UNSEEN.keys())
def test_it_overlooks(change: Change) -> None:
    machine = build("busy")
    before = dump(machine)
    change(machine)
    assert same(before, dump(machine)) == ()


def test_it_says_what_and_where() -> None:
    machine = build("busy")
    before = dump(machine)
    run("zfs", "set", "quota=9G", APP)(machine)
    run("ifconfig", "epair1a", "descr", "other")(machine)
    assert same(before, dump(machine)) == (
        "datasets: zroot/jails/app0: properties: quota: new (9663676416)",
        "interfaces: epair1a: description: vnet-app0 became other",
    )


def test_names_with_our_own_in_them_are_not_ours() -> None:
    machine = build("fresh")
    before = dump(machine)
    run("zfs", "create", "zroot/not.jailer-tui")(machine)
    assert same(before, dump(machine))
    before = dump(machine)
    write("/var/logs")(machine)
    assert same(before, dump(machine)) == ("files of /: var/logs: new (file 644 0:0 b'x')",)
