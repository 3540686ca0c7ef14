"""sockstat(1): which process has which sockets open (recording 08)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.state import SimProcess

LOG = "/var/run/log"
SERVERS = {"nginx": 80}
CLIENTS = ("10.0.2.101", "10.0.2.102", "10.0.2.117")


@dataclass(frozen=True, slots=True)
class Socket:
    """An open socket. `listens` is what -l shows; `server` has what its peers connect to."""

    process: SimProcess
    number: int
    protocol: str
    local: str = "??"
    foreign: str = "??"
    listens: bool = True
    peers: tuple[str, ...] | None = None


def program(process: SimProcess) -> str:
    """The program's own name."""
    return process.command.split()[0].rpartition("/")[2].rstrip(":")


def _of(machine: Machine, one: SimProcess) -> Iterator[Socket]:
    name = program(one)
    if name == "sshd-session":
        yield Socket(one, 9, "stream", "(not connected)")
    elif name == "sshd":
        yield Socket(one, 6, "tcp6", "*:22", "*:*")
        yield Socket(one, 7, "tcp4", "*:22", "*:*")
    elif name == "devd":
        yield Socket(one, 4, "stream", "/var/run/devd.pipe")
        yield Socket(one, 5, "seqpacket", "/var/run/devd.seqpacket.pipe")
    elif name == "cron" and one.jid:
        yield Socket(one, 6, "dgram", foreign=f"-> {LOG}", listens=False)
    elif name == "syslogd":
        yield from _syslogd(machine, one)
    elif one.jid and name in SERVERS and "worker" in one.command:
        yield from _server(machine, one, SERVERS[name])


def _server(machine: Machine, one: SimProcess, port: int) -> Iterator[Socket]:
    """A server in a jail listens, and has clients."""  # not recorded
    jail = machine.state.jails.get(one.jid)
    for address in (jail.params.get("ip4.addr", []) if jail is not None else ())[:1]:
        yield Socket(one, 6, "tcp4", f"{address}:{port}", "*:*")
        for number, client in enumerate(CLIENTS):
            where = f"{client}:{51200 + number}"
            yield Socket(one, 10 + number, "tcp4", f"{address}:{port}", where, listens=False)


def _syslogd(machine: Machine, one: SimProcess) -> Iterator[Socket]:
    """The daemon listens, on its jail's addresses too unless -ss; its helpers are connected."""
    family = [two for two in machine.processes_of([one.jid]) if program(two) == "syslogd"]
    main = next((two for two in family if not two.command.startswith("syslogd:")), one)
    helpers = [two for two in family if two is not main]
    if one is not main:
        far = 16 if one is helpers[0] else 18
        yield Socket(one, 18, "stream", foreign=f"-> [{main.pid} {far}]", listens=False)
        return
    secure = "-ss" in one.command.split()
    jail = machine.state.jails.get(one.jid)
    if jail is not None and not secure:
        for address in jail.params.get("ip6.addr", []):
            yield Socket(one, 6, "udp6", f"[{address}]:514", "*:*")
        for address in jail.params.get("ip4.addr", []):
            yield Socket(one, 7, "udp4", f"{address}:514", "*:*")
    first = 6 if secure else 8
    writers = [two for two in machine.processes_of([one.jid]) if two.jid and program(two) == "cron"]
    peers = tuple(f"{two.pid} 6" for two in writers)
    yield Socket(one, first, "dgram", LOG, " <-", peers=peers)
    yield Socket(one, first + 2, "dgram", "/var/run/logpriv")
    for number, two in zip((16, 18), helpers, strict=False):
        yield Socket(one, number, "stream", foreign=f"-> [{two.pid} 18]", listens=False)


@command("sockstat")
def sockstat(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    only: int | None = call.jid or None
    if "-j" in words:
        name = "".join(words[words.index("-j") + 1 : words.index("-j") + 2])
        jail = machine.jail_named(name) or machine.state.jails.get(
            int(name) if name.isdecimal() else -1
        )
        if jail is None and name != "0":
            return (yield from fail("sockstat", f"jail not found: {name}"))  # not recorded
        only = jail.jid if jail is not None else 0
    listening, inet = "-l" in words, "-4" in words
    sockets = [
        socket
        for process in sorted(machine.state.processes.values(), key=lambda one: -one.pid)
        if only is None or process.jid == only
        for socket in _of(machine, process)
        if (socket.listens or not listening) and (not inet or socket.protocol[:3] in ("tcp", "udp"))
    ]
    if "--libxo=json" in words:
        shown = ", ".join(_as_json(one) for one in sockets)
        yield Say(f'{{"__version": "1", "sockstat": {{"socket": [{shown}]}}}}\n')
    else:
        yield Say(_as_text(sockets, listening=listening))
    return 0


def _as_text(sockets: list[Socket], *, listening: bool) -> str:
    wide = 7 if any(len(socket.protocol) > 6 for socket in sockets) else 6
    lines = [
        f"USER COMMAND      PID FD {'PROTO':<{wide}} {'LOCAL ADDRESS':<21} {'FOREIGN ADDRESS':<21}"
    ]
    for socket in sockets:
        linked = " ".join(f"[{peer}]" for peer in socket.peers or () if not listening)
        foreign = f"{socket.foreign} {linked}".rstrip()
        lines.append(
            f"{socket.process.user:<4} {program(socket.process)[:10]:<10}{socket.process.pid:>6}"
            f"{socket.number:>3} {socket.protocol[:7]:<{wide}} "
            f"{socket.local[:21]:<21} {foreign:<21}"
        )
    return "\n".join(lines) + "\n"


def _as_json(one: Socket) -> str:
    entry: dict[str, object] = {
        "user": one.process.user,
        "command": program(one.process),
        "pid": one.process.pid,
        "fd": one.number,
        "proto": one.protocol,
    }
    text = json.dumps(entry, separators=(",", ":"))[:-1]
    if one.local.startswith("/"):
        text += f', "local": {{"path":"{one.local}"}}'
        text += ', "foreign": {"connections": []}' if one.peers is not None else ""
    elif ":" in one.local:
        host, _, port = one.local.rpartition(":")
        text += f', "local": {{"address":"{host.strip("[]")}","port":{port}}}'
        far, _, number = one.foreign.rpartition(":")
        number = "0" if number == "*" else number
        text += f', "foreign": {{"address":"{far.strip("[]")}","port":{number}}}'
    return text + "}"
