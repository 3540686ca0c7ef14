"""The host that every scenario starts from (recording 01), and helpers to add to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from jailer_core.simulator.kernel.base_tree import base_tree
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import (
    Node,
    SimDataset,
    SimMount,
    SimPool,
    SimProcess,
    SimRoute,
    State,
)
from jailer_core.simulator.net import network
from jailer_core.simulator.tools import archives, devfs
from jailer_core.simulator.zfs.store import Zfs

RELEASE = "15.1-RELEASE"
PATCH = "-p1"
BOOT = 1795478039.0
POOL_SIZE = 12348030976
POOL_MADE = 1795478151
MIRROR = "http://10.0.2.2:8000/releases/amd64/"
ARCHIVE = 20664460
"""Bytes of base.txz (recording 02)."""

LISTING = f"""\
<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Directory listing for /releases/amd64/</title>
</head>
<body>
<h1>Directory listing for /releases/amd64/</h1>
<hr>
<ul>
<li><a href="{RELEASE}/">{RELEASE}/</a></li>
</ul>
<hr>
</body>
</html>
"""
BASE = archives.archive(f"base {RELEASE} {PATCH}", ARCHIVE)
MANIFEST = (
    f'base.txz\t{archives.checksum(BASE.encode())}\t2623\tbase\t"Base system (MANDATORY)"\ton\n'
)

OFFICIAL = "https://download.freebsd.org/releases/amd64/"
"""FreeBSD's own mirror, of which the demo has these; what is behind it is not recorded."""
RELEASES = {"13.5-RELEASE": "", "14.3-RELEASE": "-p2", RELEASE: PATCH, "15.2-RELEASE": ""}


def mirror() -> dict[str, str]:
    """What fetch(1) finds: the recorded mirror, and FreeBSD's own."""
    found = {
        MIRROR: LISTING,
        f"{MIRROR}{RELEASE}/MANIFEST": MANIFEST,
        f"{MIRROR}{RELEASE}/base.txz": BASE,
    }
    links = "".join(f'<a href="{one}/" title="{one}">{one}/</a>\n' for one in RELEASES)
    found[OFFICIAL] = f"<html><body><pre>\n{links}</pre></body></html>\n"
    for version, patch in RELEASES.items():
        base = archives.archive(f"base {version} {patch}".rstrip(), ARCHIVE)
        digest = archives.checksum(base.encode())
        count = len(base_tree(version, patch))
        line = f'base.txz\t{digest}\t{count}\tbase\t"Base system (MANDATORY)"\ton\n'
        found |= {f"{OFFICIAL}{version}/MANIFEST": line, f"{OFFICIAL}{version}/base.txz": base}
    return found


RC_CONF = """\
hostname="armbsd15"
ifconfig_vtnet0="inet 10.0.2.15 netmask 255.255.255.0"
defaultrouter="10.0.2.2"
sshd_enable="YES"
sendmail_enable="NONE"
syslogd_flags="-ss"
kld_list="zfs if_bridge if_epair pf"
zfs_enable="YES"
growfs_enable="NO"
dumpdev="NO"
"""
MODULES = ("kernel", "zfs", "if_bridge", "bridgestp", "if_epair", "pf")

KERNEL_THREADS = (
    (0, "kernel", 1840, "DLs"),
    (2, "clock", 32, "WL"),
    (3, "crypto", 48, "DL"),
    (4, "cam", 48, "DL"),
    (5, "zfskern", 704, "DL"),
    (6, "rand_harvestq", 16, "DL"),
    (7, "pagedaemon", 48, "DL"),
    (8, "vmdaemon", 16, "DL"),
    (9, "bufdaemon", 48, "DL"),
    (10, "audit", 16, "DL"),
    (11, "idle", 32, "RNL"),
    (12, "intr", 240, "WL"),
    (13, "geom", 48, "DL"),
    (14, "vnlru", 16, "DL"),
    (15, "syncer", 16, "DL"),
    (16, "racctd", 16, "DL"),
    (143, "pf purge", 16, "DL"),
)
DAEMONS = (
    (676, "/sbin/devd", 3756, 15764, "Is"),
    (939, "/usr/sbin/syslogd -ss", 2912, 14404, "ICs"),
    (942, "syslogd: syslogd.casper (syslogd)", 2808, 14404, "I"),
    (943, "syslogd: system.net (syslogd)", 2760, 14404, "Is"),
    (1085, "sshd: /usr/sbin/sshd [listener] 0 of 10-100 startups (sshd)", 9184, 23756, "Is"),
    (1090, "/usr/sbin/cron -s", 2680, 14260, "Is"),
    (1132, "sshd-session: root [priv] (sshd-session)", 9792, 24236, "Ss"),
    (1134, "sshd-session: root@notty (sshd-session)", 28180, 48812, "S"),
    (1112, "/usr/libexec/getty Pc ttyv0", 2424, 14180, "Is+"),
    (1113, "/usr/libexec/getty Pc ttyv1", 2424, 14180, "Is+"),
    (1120, "/usr/libexec/getty 3wire ttyu0", 2420, 14180, "Is+"),
)


def fresh() -> Machine:
    """A host with one pool, nothing set up for jails yet."""
    state = State(boot_time=BOOT, now=POOL_MADE + 549.0)
    machine = Machine(state)
    _root(machine)
    _pool(machine, "zroot")
    _network(state)
    _processes(state)
    devfs.load_defaults(machine)
    state.modules = list(MODULES)
    state.counters |= {"pid": 4231, "jid": 51}
    state.mirror = mirror()
    return machine


ZONES = ("UTC", "Europe/Berlin", "Europe/Paris", "America/New_York", "Asia/Tokyo")


def _zone(name: str) -> str:
    """A file of tzfile(5) as far as anything here looks: its magic, and a footer (not recorded)."""
    return f"TZif2{chr(0) * 39}\n{name.rpartition('/')[2].upper()[:3]}0\n"


def _root(machine: Machine) -> None:
    state = machine.state
    state.root = base_tree(RELEASE, PATCH)
    state.mounts = [
        SimMount("/dev/vtbd0p2", "/", "ufs", dump="1 1"),
        SimMount("devfs", "/dev", "devfs"),
        SimMount("tmpfs", "/tmp", "tmpfs"),
    ]
    began = "Nov 23 23:54:03 armbsd15"
    # where this program is installed, and what cron reads
    put(machine, {"/usr/local/bin/jailer-tui": ""}, mode=0o755)
    put(machine, {f"/usr/share/zoneinfo/{zone}": _zone(zone) for zone in ZONES})
    machine.files.mkdir("/etc/cron.d")
    put(
        machine,
        {
            "/etc/rc.conf": RC_CONF,
            "/etc/resolv.conf": "nameserver 10.0.2.3\n",
            "/var/log/messages": f"{began} syslogd: kernel boot file is /boot/kernel/kernel\n"
            f"{began} kernel: lo0: link state changed to UP\n",
        },
    )


def _pool(machine: Machine, name: str) -> None:
    state = machine.state
    state.pools[name] = SimPool(name, state.guid(), POOL_SIZE)
    dataset = SimDataset(
        name, state.guid(), POOL_MADE, 1, tree={"": Node("dir", mode=0o755, mtime=POOL_MADE)}
    )
    state.datasets[name] = dataset
    Zfs(machine).mount_if_wanted(dataset)


def _network(state: State) -> None:
    card = network.add(state, "vtnet0", "ether", up=True)
    card.mac = "52:54:00:12:34:56"
    card.received, card.sent = 70724525, 1545445
    network.add_address(state, card, "10.0.2.15", 24)
    loop = network.add(state, "lo0", "loop")
    network.bring_up(state, loop)
    network.add_address(state, loop, "127.0.0.1", 8)
    state.routes.append(SimRoute(0, "default", "10.0.2.2", "vtnet0"))


def _processes(state: State) -> None:
    started = state.boot_time + 8
    for pid, name, rss, how in KERNEL_THREADS:
        state.processes[pid] = SimProcess(
            pid, 0, 0, f"[{name}]", rss=rss, vsz=0, state=how, started=started
        )
    state.processes[1] = SimProcess(
        1, 0, 0, "/sbin/init", rss=1104, vsz=12416, state="SLs", started=started
    )
    for pid, command, rss, vsz, how in DAEMONS:
        state.processes[pid] = SimProcess(
            pid, 1, 0, command, rss=rss, vsz=vsz, state=how, started=started + 20
        )


# --- furnishing ------------------------------------------------------------------------------


class ScenarioError(Exception):
    """A command that a scenario needs failed: the scenario or a room is wrong."""


def run(machine: Machine, *argv: str) -> str:
    """Run a command on the host that must succeed; the host's clock moves a little."""
    machine.state.now += 1
    done = machine.now_run(argv)
    if done.status != 0:
        raise ScenarioError(f"{argv}: {done.stderr or done.stdout}")
    return done.stdout


def put(machine: Machine, texts: Mapping[str, str], mode: int | None = None) -> None:
    """Write files, making their directories."""
    for path, text in texts.items():
        machine.files.mkdir(path.rpartition("/")[0] or "/", parents=True)
        machine.files.write(path, text.encode(), mode=mode)


def rc(machine: Machine, *settings: str) -> None:
    """Set variables in rc.conf."""
    run(machine, "sysrc", *settings)


def jails_dataset(machine: Machine, name: str, where: str = "/usr/local/jails") -> None:
    """The set-up that jailer makes: dataset, mount point, rc.conf."""
    run(machine, "zfs", "create", "-o", f"mountpoint={where}", name)
    rc(machine, f"jailer_dir=zfs:{name}", "jail_enable=YES")
    for path in ("/etc/jail.conf.d", "/var/log/jail"):
        try:
            machine.files.mkdir(path, parents=True)
        except SimOSError as error:
            raise ScenarioError(f"{path}: {error}") from error


def image(machine: Machine, jails: str, version: str, patch: str = "") -> str:
    """A fetched base image; returns its snapshot."""
    name = f"{jails}/image/{version}"
    run(machine, "zfs", "create", "-p", name)
    fill(machine, name, version, patch)
    run(machine, "zfs", "snapshot", f"{name}@base")
    return f"{name}@base"


def fill(machine: Machine, dataset: str, version: str, patch: str = "") -> None:
    """Extract a base system into a dataset."""
    machine.state.datasets[dataset].tree = base_tree(version, patch)


def block(name: str, lines: Sequence[str]) -> str:
    """The text of a jail.conf with one jail."""
    return f"{name} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"
