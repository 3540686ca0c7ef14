"""Bastille 1.4.4 as recording 08 shows it: datasets, configuration, a thick and a thin jail."""

from __future__ import annotations

from jailer_core.simulator.kernel.base_tree import base_tree
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import Node, Tree
from jailer_core.simulator.scenarios.base import ARCHIVE, PATCH, RELEASE, fill, put, rc, run

POOL = "zroot"
PREFIX = "/usr/local/bastille"
OPTIONS = ("-o", "compression=on", "-o", "atime=off")
CONF = f"""\
bastille_prefix="{PREFIX}"
bastille_backupsdir="${{bastille_prefix}}/backups"
bastille_cachedir="${{bastille_prefix}}/cache"
bastille_jailsdir="${{bastille_prefix}}/jails"
bastille_releasesdir="${{bastille_prefix}}/releases"
bastille_templatesdir="${{bastille_prefix}}/templates"
bastille_logsdir="/var/log/bastille"
bastille_zfs_enable="YES"
bastille_zfs_zpool="{POOL}"
bastille_zfs_prefix="bastille"
"""
DATASETS = (
    "backups",
    "cache",
    f"cache/{RELEASE}",
    "jails",
    "logs",
    "templates",
    "volumes",
    "releases",
    f"releases/{RELEASE}",
)
_SHARED = ("bin", "boot", "lib", "libexec", "rescue", "sbin")
_SHARED_USR = ("bin", "include", "lib", "libexec", "sbin", "share", "src")


def install(machine: Machine) -> None:
    """`pkg install bastille`, `bastille setup`, `bastille bootstrap`."""
    put(machine, {"/usr/local/etc/bastille/bastille.conf": CONF})
    put(machine, {"/usr/local/etc/rc.d/bastille": "#!/bin/sh\n# PROVIDE: bastille\n"}, 0o755)
    machine.state.packages |= {"bastille": "1.4.4", "pkg": "2.4.2"}
    rc(machine, "bastille_enable=YES")
    run(machine, "zfs", "create", *OPTIONS, "-o", f"mountpoint={PREFIX}", f"{POOL}/bastille")
    for name in DATASETS:
        place = "/var/log/bastille" if name == "logs" else f"{PREFIX}/{name}"
        own = ("-o", f"mountpoint={place}")
        run(machine, "zfs", "create", *OPTIONS, *own, f"{POOL}/bastille/{name}")
    cache = machine.state.datasets[f"{POOL}/bastille/cache/{RELEASE}"].tree
    cache["base.txz"] = Node(size=ARCHIVE * 11 // 5)
    fill(machine, f"{POOL}/bastille/releases/{RELEASE}", RELEASE, PATCH)


def create(machine: Machine, name: str, address: str, *, thin: bool) -> None:
    """`bastille create NAME RELEASE ADDRESS vtnet0`, with -T for a thick one, without starting."""
    dataset, home = f"{POOL}/bastille/jails/{name}", f"{PREFIX}/jails/{name}"
    run(machine, "zfs", "create", *OPTIONS, dataset)
    run(machine, "zfs", "create", *OPTIONS, f"{dataset}/root")
    machine.state.datasets[f"{dataset}/root"].tree = _thin() if thin else base_tree(RELEASE, PATCH)
    release = f"{PREFIX}/releases/{RELEASE}"
    mounts = f"{release} {home}/root/.bastille nullfs ro 0 0\n" if thin else ""
    machine.files.mkdir(f"/var/log/bastille/{name}", parents=True)
    put(
        machine,
        {
            f"{home}/jail.conf": _conf(name, address),
            f"{home}/fstab": mounts,
            f"/var/log/bastille/{name}/console.log": "",
            f"{home}/settings.conf": 'boot="on"\ndepend=""\npriority="99"\n',
            f"{home}/root/etc/rc.conf": 'syslogd_flags="-ss"\nsendmail_enable="NONE"\n'
            'cron_flags="-J 60"\n',
        },
    )


def _thin() -> Tree:
    """The root of a thin jail: its own /etc and /var, the rest links into the release."""
    tree: Tree = {
        path: node
        for path, node in base_tree(RELEASE, PATCH).items()
        if path.partition("/")[0] not in (*_SHARED, "usr", "COPYRIGHT")
    }
    tree[".bastille"] = Node("dir", mode=0o755)
    tree["usr"] = Node("dir", mode=0o755)
    tree["usr/local"] = Node("dir", mode=0o755)
    tree["var/db/etcupdate.tgz"] = Node(size=2900 << 10)
    links = [*_SHARED, *(f"usr/{name}" for name in _SHARED_USR)]
    return tree | {path: Node("link", mode=0o755, target=f"/.bastille/{path}") for path in links}


def _conf(name: str, address: str) -> str:
    home = f"{PREFIX}/jails/{name}"
    # the blanks of the line before the last are Bastille's own (recording 08)
    lines = (
        "enforce_statfs = 2;",
        "devfs_ruleset = 4;",
        "exec.clean;",
        f"exec.consolelog = /var/log/bastille/{name}/console.log;",
        "exec.start = '/bin/sh /etc/rc';",
        "exec.stop = '/bin/sh /etc/rc.shutdown';",
        f"host.hostname = {name};",
        "mount.devfs;",
        f"mount.fstab = {home}/fstab;",
        f"path = {home}/root;",
        "securelevel = 2;",
        f'osrelease = "{RELEASE}{PATCH}";',
        "",
        f"ip4.addr = vtnet0|{address};\n  ",
        "ip6 = disable;",
    )
    return f"{name} {{\n" + "".join(f"  {line}\n" if line else "\n" for line in lines) + "}\n"
