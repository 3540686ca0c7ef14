"""A machine with a pool and little else, for tests of simulated storage."""

from __future__ import annotations

import copy

from jailer_core.simulator import commands as _rooms  # noqa: F401 - registers them all
from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.kernel.state import (
    Node,
    SimDataset,
    SimMount,
    SimPool,
    SimProcess,
    State,
)
from jailer_core.simulator.tools.archives import archive, checksum

IMAGE = "tank/jails/image/15.1-RELEASE"
MIRROR = "http://10.0.2.2:8000/releases/amd64/"
BASE = archive("base 15.1-RELEASE -p1", 20664460)


def mirror(url: str = MIRROR) -> dict[str, str]:
    """What the mirror of recording 02 holds."""
    listing = (
        '<!DOCTYPE HTML>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        "<title>Directory listing for /releases/amd64/</title>\n</head>\n<body>\n"
        "<h1>Directory listing for /releases/amd64/</h1>\n<hr>\n<ul>\n"
        '<li><a href="15.1-RELEASE/">15.1-RELEASE/</a></li>\n</ul>\n<hr>\n</body>\n</html>\n'
    )
    manifest = f'base.txz\t{checksum(BASE.encode())}\t2623\tbase\t"Base system (MANDATORY)"\ton\n'
    return {
        url: listing,
        f"{url}15.1-RELEASE/MANIFEST": manifest,
        f"{url}15.1-RELEASE/base.txz": BASE,
    }


def fresh(pool: str = "zroot") -> Machine:
    """A host with one empty pool."""
    state = State(mirror=mirror())
    state.pools[pool] = SimPool(pool, state.guid(), 12348030976)
    tree = {"": Node("dir", mode=0o755)}
    state.datasets[pool] = SimDataset(pool, state.guid(), 1795478151, 1, tree=tree)
    state.mounts += [
        SimMount("/dev/vtbd0p2", "/", "ufs", dump="1 1"),
        SimMount("devfs", "/dev", "devfs"),
        SimMount("tmpfs", "/tmp", "tmpfs"),
        SimMount(pool, f"/{pool}", "zfs", "rw,nfsv4acls"),
    ]
    for path in ("", "dev", "etc", "etc/defaults", "root", "tmp", "usr", "usr/local", "var", pool):
        state.root[path] = Node("dir", mode=0o755)
    state.root["etc/rc.conf"] = Node(data=b'hostname="armbsd15"\n')
    state.root["etc/resolv.conf"] = Node(data=b"nameserver 10.0.2.3\n")
    state.root["etc/defaults/rc.conf"] = Node(data=b"#", size=41202)
    state.processes[1] = SimProcess(1, 0, 0, "/sbin/init")
    return Machine(state)


def run(machine: Machine, line: str, *, user: str = "root", stdin: str = "") -> Done:
    """Carry out a command of words without quotes."""
    return machine.now_run(line.split(), Call((), user=user), stdin.encode())


def ok(machine: Machine, *lines: str) -> str:
    """Carry out commands that must work; what the last one printed."""
    out = ""
    for line in lines:
        done = run(machine, line)
        assert done.status == 0, f"{line}: {done.stderr}"
        out = done.stdout
    return out


def furnished() -> Machine:
    """Pool `tank` with an image of a base and a clone of it, `tank/jails/web` on /jails/web."""
    machine = fresh("tank")
    ok(
        machine,
        "zfs create -o mountpoint=/jails tank/jails",
        f"zfs create -p {IMAGE}",
        f"fetch -o /tmp/base.txz {MIRROR}15.1-RELEASE/base.txz",
        "tar -xf /tmp/base.txz -C /jails/image/15.1-RELEASE",
        f"zfs snapshot {IMAGE}@base",
        f"zfs clone {IMAGE}@base tank/jails/web",
    )
    return machine


def value(machine: Machine, name: str, prop: str) -> str:
    """A property as `zfs get -p` tells it."""
    return ok(machine, f"zfs get -Hp -o value {prop} {name}").rstrip("\n")


def number(machine: Machine, name: str, prop: str) -> int:
    """A property that is a number."""
    return int(value(machine, name, prop))


def names(machine: Machine, kind: str = "all") -> list[str]:
    """Names of all datasets or snapshots."""
    return ok(machine, f"zfs list -H -o name -t {kind}").split("\n")[:-1]


def refused(machine: Machine, line: str, message: str, status: int = 1, user: str = "root") -> None:
    """The command fails in these words and changes nothing."""
    before = copy.deepcopy(machine.state)
    done = run(machine, line, user=user)
    assert (done.status, done.stderr) == (status, message)
    assert machine.state == before
