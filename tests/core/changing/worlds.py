"""Random hosts: configurations in many shapes, and what jail(8) reads there."""

from __future__ import annotations

import asyncio
import os
import pickle
from functools import cache

from hypothesis import strategies as some

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.parse.jailconf import jails
from jailer_core.plan import Plan, Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from tests.core.changing.workbench import Bench

ROOT = "/usr/local/jails"
EXAMPLES = int(os.environ.get("JAILER_TUI_EXAMPLES", "3"))
Params = dict[str, dict[str, tuple[str, ...]]]

INCLUDE = '.include "/etc/jail.conf.d/*.conf";'
GLOBALS = (
    "",
    "exec.clean;",
    "securelevel = 2; devfs_ruleset = 4;",
    f'path = "{ROOT}/$name"; host.hostname = "$name.example.org";',
    'mount.devfs; exec.prestop = "jexec ${name} true";',
)
MAINS = (
    "",
    "{globals}\n",
    "{globals}\n" + INCLUDE + "\n",
    INCLUDE + "\n{globals}\n",
    "* {{ {globals} }}\n" + INCLUDE + "\n",
    'old {{ path = "/srv/old"; ip4 = inherit; persist; }}\n{globals}\n' + INCLUDE + "\n",
    '{globals}\n.include "/etc/jail.conf.d/web.conf";\n',
    '{globals}\n.include "jail.conf.d/w*.conf";\n',
)
PATHS = (
    "",
    f'path = "{ROOT}/web";',
    f'path = "{ROOT}//web/";',
    f'path = "{ROOT}/${{name}}";',
    f'$root = "{ROOT}"; path = "$root/web";',
    f"path = /nowhere; path = {ROOT}/$name;",
)
NETS = (
    "ip4 = inherit;",
    'interface = vtnet0; ip4.addr = "10.0.2.40";',
    '$ip = "10.0.2.40", "10.0.2.41"; interface = vtnet0; ip4.addr = $ip;',
    "ip4.addr = vtnet0|10.0.2.40/24; ip4.addr += vtnet0|10.0.2.41/32;",
    (
        'vnet; vnet.interface = "epair8b"; exec.prestart = "ifconfig epair8 create up", '
        '"ifconfig bridge0 addm epair8a up"; exec.poststop = "ifconfig epair8a destroy";'
    ),
    (
        '$id = "54"; vnet; vnet.interface = "epair${id}b"; '
        'exec.prestart = "ifconfig epair${id} create up"; '
        'exec.prestart += "ifconfig bridge0 addm epair${id}a up"; '
        'exec.start = "ifconfig epair${id}b 10.0.0.${id}/24 up"; '
        'exec.poststop = "ifconfig epair${id}a destroy";'
    ),
)
MORE = (
    "",
    "securelevel = 3;",
    "jid = 77;",
    'mount.fstab = "/etc/fstab.web";',
    'mount.fstab = "/etc/fstab.$name";',
    'exec.prestop = "jexec web true";',
    'exec.poststop += "rm -f /var/run/web.pid";',
    'host.hostname = "web.example.org"; exec.consolelog = "/var/log/jail_console_web.log";',
)
LEAKS = ("", "allow.raw_sockets;\n", 'securelevel = 1;\n$x = "y";\n')


@cache
def _small() -> bytes:
    bench = Bench()
    bench.run_now("zfs", "clone", "zroot/jails/image/15.1-RELEASE@base", "zroot/jails/web")
    bench.run_now("mkdir", "-p", f"{ROOT}/web/mnt", "/export/data", "/srv/old")
    bench.write("/etc/fstab.web", f"/export/data {ROOT}/web/mnt nullfs rw 0 0\n")
    for name in ("fd1dafdc", "99d6c13c"):  # two are others enough
        bench.run_now("jail", "-q", "-f", f"/etc/jail.conf.d/{name}.conf", "-r", name)
        bench.run_now("rm", f"/etc/jail.conf.d/{name}.conf")
    return pickle.dumps(bench.machine)


@some.composite
def hosts(draw: some.DrawFn) -> tuple[str, str]:
    """The texts of /etc/jail.conf and of web's file."""
    chosen = draw(some.lists(some.sampled_from(GLOBALS), max_size=3, unique=True))
    main = draw(some.sampled_from(MAINS)).format(globals=" ".join(chosen))
    lines = [draw(some.sampled_from(pool)) for pool in (PATHS, NETS, MORE, MORE)]
    name = draw(some.sampled_from(("web", '"web"', "'web'")))
    block = f"{name} {{\n" + "".join(f"  {line}\n" for line in lines if line) + "  persist;\n}\n"
    return main, draw(some.sampled_from(LEAKS)) + block


class World:
    """A simulated host with these texts, and what jail(8) reads there."""

    def __init__(self, main: str, web: str) -> None:
        self.machine: Machine = pickle.loads(_small())  # noqa: S301 - ours
        if main:
            self.machine.files.write("/etc/jail.conf", main.encode())
        self.machine.files.write("/etc/jail.conf.d/web.conf", web.encode())
        self.reader = Reader(SimulatedHost(self.machine))
        self.changed = False

    def read(self) -> Params:
        """What `service jail start NAME` would start each jail with (rc.d/jail, recording 18)."""
        files = self.machine.files
        main = files.read("/etc/jail.conf").decode() if files.exists("/etc/jail.conf") else ""
        names = [name for name in files.listdir("/etc/jail.conf.d") if name.endswith(".conf")]
        found = self._ask("/etc/jail.conf") if main else {}
        for name in names:
            jail = name.removesuffix(".conf")
            if name[0] != "." and jail not in found:
                found |= {
                    key: value
                    for key, value in self._ask(f"/etc/jail.conf.d/{name}").items()
                    if key == jail
                }
        return found

    def _ask(self, path: str) -> Params:
        result = self.machine.now_run(("jail", "-f", path, "-e", "\x1f"))
        return dict(jails(result.stdout).entire()) if result.status == 0 else {}

    def paths(self) -> dict[str, str]:
        """The roots of running jails."""
        return {one.name: one.path for one in self.machine.state.jails.values() if not one.dying}

    async def do(self, request: Request) -> Plan | None:
        """Carry a request out; None when it was refused."""
        try:
            plan = await prepare(self.reader, request)
        except Refused:
            return None
        self.changed = bool(plan.steps)
        outcome = await execute(self.reader, plan, lambda _: None, asyncio.Event(), pause=0)
        assert outcome.ok, (outcome.message, outcome.hint)
        return plan
