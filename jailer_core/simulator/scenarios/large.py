"""A thousand jails of every kind, written straight into the state: commands would take minutes.

What the commands would have made is made: datasets that are clones of one image, mounts,
configuration files, epairs in bridges, processes, console logs.
"""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import (
    Node,
    SimAddress,
    SimDataset,
    SimInterface,
    SimMount,
    SimProcess,
    SimRoute,
    State,
)
from jailer_core.simulator.net import network
from jailer_core.simulator.scenarios import native
from jailer_core.simulator.scenarios.base import (
    PATCH,
    RELEASE,
    fresh,
    image,
    jails_dataset,
    put,
    rc,
    run,
)

COUNT = 1000
JAILS = "zroot/jails"
ROOT = "/usr/local/jails"
ROLES = ("web", "app", "db", "mail", "cache", "build", "proxy", "log")
BRIDGES = ("bridge0", "bridge1", "bridge2", "bridge3")
BASE_PROCESSES = (
    ("/usr/sbin/syslogd -s", 3096, "SCsJ"),
    ("syslogd: syslogd.casper (syslogd)", 2992, "IJ"),
    ("syslogd: system.net (syslogd)", 2968, "IsJ"),
    ("/usr/sbin/cron -s", 2688, "SsJ"),
)
WORK = {
    "web": "nginx: worker process (nginx)",
    "app": "/usr/local/bin/node server.js",
    "db": "postgres: checkpointer (postgres)",
    "mail": "/usr/local/libexec/postfix/master -w",
    "cache": "redis-server: /usr/local/bin/redis-server *:6379",
    "build": "/usr/local/sbin/poudriere-idle",
    "proxy": "/usr/local/sbin/haproxy -q -f /usr/local/etc/haproxy.conf",
    "log": "/usr/local/bin/vector",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """One jail of the thousand: everything about it follows from its number."""

    number: int

    @property
    def role(self) -> str:
        """What it is for; its name begins with it."""
        return ROLES[self.number % len(ROLES)]

    @property
    def name(self) -> str:
        """Its name."""
        return f"{self.role}{self.number:04d}"

    @property
    def kind(self) -> str:
        """epair, shared or inherit."""
        return ("epair", "shared", "epair", "shared", "inherit")[self.number % 5]

    @property
    def state(self) -> str:
        """running, stopped or dying."""
        if self.number % 97 == 96:
            return "dying"
        return "stopped" if self.number % 7 == 3 else "running"

    @property
    def bridge(self) -> str:
        """The bridge that its epair is in."""
        return BRIDGES[self.number // 250 % len(BRIDGES)]

    @property
    def address(self) -> str:
        """Its own address; without meaning when it inherits."""
        where = 100 + self.number // 250
        net = f"10.{where}" if self.kind == "epair" else f"10.0.{where}"
        host = self.number % 250 + 2
        return f"{net}.0.{host}" if self.kind == "epair" else f"{net}.{host}"

    @property
    def config(self) -> str:
        """The text of its configuration file."""
        if self.kind == "epair":
            return native.epair(self.name, self.number, self.bridge)
        if self.kind == "shared":
            return native.shared(self.name, self.number, "vtnet0", f"{self.address}/32")
        return native.inherit(self.name, self.number)


def build() -> Machine:
    """The thousand jails, most of them running."""
    machine = fresh()
    state = machine.state
    state.pools["zroot"].size = 4 << 40
    jails_dataset(machine, JAILS)
    snapshot = image(machine, JAILS, RELEASE, PATCH)
    put(machine, {"/etc/devfs.rules": native.DEVFS_RULES})
    run(machine, "service", "devfs", "restart")
    _bridges(machine)
    base = state.datasets[snapshot.partition("@")[0]].snapshots[0].tree
    for number in range(1, COUNT + 1):
        plan = Plan(number)
        _dataset(machine, plan, base, snapshot)
        _files(state, plan)
        if plan.state != "stopped":
            _jail(machine, plan)
    state.now += 5 * 86400
    for jail in state.jails.values():
        jail.ends = state.now + 120 if jail.dying else jail.ends
    return machine


def _bridges(machine: Machine) -> None:
    rc(machine, f"cloned_interfaces={' '.join(BRIDGES)}")
    for number, name in enumerate(BRIDGES):
        rc(machine, f"ifconfig_{name}=inet 10.{100 + number}.0.1/16 up")
        run(machine, "service", "netif", "start", name)


def _dataset(machine: Machine, plan: Plan, base: dict[str, Node], snapshot: str) -> None:
    state = machine.state
    name = f"{JAILS}/{plan.name}"
    tree = dict(base)
    settings = 'sendmail_enable="NONE"\n'
    if plan.kind == "epair":
        card = f"epair{plan.number}b"
        settings += f'ifconfig_{card}="inet {plan.address}/16"\n'
        settings += f'defaultrouter="{_gateway(plan)}"\n'
    tree["etc/rc.conf"] = Node(data=settings.encode(), mtime=state.now)
    tree["var/db/data"] = Node(size=(plan.number * 7919 % 400 + 1) << 20, mtime=state.now)
    made = SimDataset(name, state.guid(), int(state.now), state.next("txg"), {}, tree, snapshot)
    state.datasets[name] = made
    state.datasets[JAILS].tree[plan.name] = Node("dir", mode=0o755)
    state.mounts.append(SimMount(name, f"{ROOT}/{plan.name}", "zfs", "rw,nfsv4acls"))


def _gateway(plan: Plan) -> str:
    return f"10.{100 + BRIDGES.index(plan.bridge)}.0.1"


def _files(state: State, plan: Plan) -> None:
    log = f"Starting syslogd.\nStarting cron.\n\n{plan.name} is up.\n"
    state.root[f"etc/jail.conf.d/{plan.name}.conf"] = Node(
        data=plan.config.encode(), mtime=state.now
    )
    state.root[f"var/log/jail/{plan.name}.log"] = Node(data=log.encode(), mtime=state.now)


def _jail(machine: Machine, plan: Plan) -> None:
    state = machine.state
    given: list[tuple[str, list[str]]] = [
        ("name", [plan.name]),
        ("host.hostname", [f"{plan.name}.example.org"]),
        ("path", [f"{ROOT}/{plan.name}"]),
        ("persist", []),
    ]
    if plan.kind == "epair":
        given += [("vnet", ["new"]), ("devfs_ruleset", ["61"])]
    elif plan.kind == "shared":
        given += [("ip4.addr", [plan.address]), ("allow.raw_sockets", [])]
    else:
        given += [("ip4", ["inherit"]), ("allow.raw_sockets", [])]
    jail = kernel.create(machine, given)
    ruleset = 61 if plan.kind == "epair" else 4
    jail.dying = plan.state == "dying"
    if plan.kind == "epair":
        _epair(state, plan, 0 if jail.dying else jail.jid)
    elif plan.kind == "shared" and not jail.dying:
        card = state.interfaces["vtnet0"]
        card.addresses.append(SimAddress(plan.address, 32, plan.address))
    if jail.dying:
        return
    where = f"{ROOT}/{plan.name}/dev"
    state.mounts.append(SimMount("devfs", where, "devfs", ruleset=ruleset))
    _processes(state, plan, jail.jid)


def _processes(state: State, plan: Plan, jid: int) -> None:
    work = (WORK[plan.role], 8000 + plan.number * 37 % 90000, "SJ")
    for command, rss, how in (*BASE_PROCESSES, work):
        pid = state.next("pid")
        path = f"{ROOT}/{plan.name}"
        state.processes[pid] = SimProcess(
            pid, 1, jid, command, rss=rss, vsz=rss * 4, state=how, started=state.now, cwd=path
        )


def _epair(state: State, plan: Plan, jid: int) -> None:
    """Both ends, as prestart and rc would have left them; none for a jail that is dying."""
    if not jid:
        return
    index = len(state.interfaces) + 1
    for end, where in (("a", 0), ("b", jid)):
        name = f"epair{plan.number}{end}"
        interface = SimInterface(name, "epair", index, state.mac(name), jid=where)
        state.interfaces[network.key(name, where)] = interface
        index += 1
        if end == "a":
            interface.description, interface.promiscuous = f"vnet-{plan.name}", True
            state.interfaces[plan.bridge].members.insert(0, name)
        else:
            interface.addresses.append(SimAddress(plan.address, 16, _broadcast(plan)))
    loop = state.interfaces[network.key("lo0", jid)]
    network.bring_up(state, loop)
    network.add_address(state, loop, "127.0.0.1", 8)
    state.routes.append(SimRoute(jid, "default", _gateway(plan), f"epair{plan.number}b"))


def _broadcast(plan: Plan) -> str:
    return f"10.{100 + BRIDGES.index(plan.bridge)}.255.255"
