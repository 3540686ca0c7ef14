"""Daemons that rc(8) starts, as processes: syslogd with its helpers, cron, and some of packages.

Those of the base: recordings 03, 04 and 08.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimProcess
from jailer_core.simulator.rc import rcconf


@dataclass(frozen=True, slots=True)
class Image:
    """One process of a daemon: sizes in KB, `skip` pids pass before it gets its own."""

    command: str
    user: str = "root"
    rss: int = 2700
    vsz: int = 14256
    state: str = "Ss"
    cpu: float = 0.0
    skip: int = 0


def _syslogd(flags: str) -> tuple[Image, ...]:
    return (
        Image(" ".join(("/usr/sbin/syslogd", *flags.split())), rss=3092, vsz=14404, state="SCs"),
        Image("syslogd: syslogd.casper (syslogd)", rss=2992, vsz=14404, state="S", skip=2),
        Image("syslogd: system.net (syslogd)", rss=2968, vsz=14404),
    )


def _cron(flags: str) -> tuple[Image, ...]:
    words = ("/usr/sbin/cron", *flags.split())
    return (Image(" ".join(words if "-s" in words else (*words, "-s")), rss=2688),)


def _sshd(flags: str) -> tuple[Image, ...]:
    listener = "/usr/sbin/sshd [listener] 0 of 10-100 startups (sshd)"
    return (Image(f"sshd: {listener}", rss=9184, vsz=23756, state="Is"),)


PACKAGES: Mapping[str, tuple[Image, ...]] = {  # not recorded
    "nginx": (
        Image("nginx: master process /usr/local/sbin/nginx", rss=9120, vsz=24320),
        Image("nginx: worker process (nginx)", "www", 11240, 24320, "S", 0.4),
    ),
    "postgresql": (
        Image("/usr/local/bin/postgres -D /var/db/postgres/data16", "postgres", 31240, 178400),
        Image("postgres: checkpointer    (postgres)", "postgres", 22150, 178400, cpu=0.1),
        Image("postgres: background writer    (postgres)", "postgres", 20460, 178400, cpu=0.2),
        Image("postgres: walwriter    (postgres)", "postgres", 20480, 178400, cpu=0.3),
    ),
    "redis": (
        Image("redis-server: 127.0.0.1:6379 (redis-server)", "redis", 14320, 32100, cpu=0.3),
    ),
    "php_fpm": (
        Image("php-fpm: master process (/usr/local/etc/php-fpm.conf)", rss=24120, vsz=182300),
        Image("php-fpm: pool www (php-fpm)", "www", 26340, 182300, "S", 0.6),
    ),
    "postfix": (
        Image("/usr/local/libexec/postfix/master -w", rss=6240, vsz=18120),
        Image("qmgr -l -t unix -u", "postfix", 6480, 18150, "S"),
    ),
    "dhcpd": (Image("/usr/local/sbin/dhcpd -cf /usr/local/etc/dhcpd.conf", "_dhcp", 3420),),
    "dovecot": (Image("/usr/local/sbin/dovecot -c /usr/local/etc/dovecot/dovecot.conf", rss=4620),),
}
BASE = ("syslogd", "sshd", "cron")
KEPT_AT_SHUTDOWN = frozenset({"syslogd"})
"""What rc.shutdown does not stop: it has no such keyword."""


def images(name: str, values: Mapping[str, str]) -> tuple[Image, ...]:
    """The processes of a daemon, with the flags that rc.conf gives it."""
    flags = values.get(f"{name}_flags", "")
    if name == "syslogd":
        return _syslogd(flags)
    if name == "cron":
        return _cron(flags)
    return _sshd(flags) if name == "sshd" else PACKAGES[name]


def enabled(values: Mapping[str, str]) -> list[str]:
    """The daemons that start at boot, in order."""
    order = ("syslogd", "sshd", *PACKAGES, "cron")
    return [name for name in order if rcconf.yes(values.get(f"{name}_enable"))]


def start(machine: Machine, name: str, values: Mapping[str, str], jid: int = 0) -> None:
    """Start a daemon."""
    for image in images(name, values):
        for _ in range(image.skip):
            machine.state.next("pid", kernel.FIRST_PID)
        made = kernel.spawn(machine, image.command, jid=jid)
        made.user, made.rss, made.vsz, made.cpu = image.user, image.rss, image.vsz, image.cpu
        made.state = image.state + ("J" if jid else "")


def running(machine: Machine, name: str, jid: int = 0) -> list[SimProcess]:
    """The processes of a daemon: those whose program, or the one they name, is its own."""
    known = {name, *(_program(image.command) for image in PACKAGES.get(name, ()))}
    return [
        process for process in machine.processes_of([jid]) if _program(process.command) in known
    ]


def _program(command: str) -> str:
    return command.split(maxsplit=1)[0].rpartition("/")[2].rstrip(":")


def stop(machine: Machine, name: str, jid: int = 0) -> list[int]:
    """Stop a daemon; the pids that it had."""
    processes = running(machine, name, jid)
    for process in processes:
        machine.state.processes.pop(process.pid, None)
    return [process.pid for process in processes]
