"""Who is connected to a jail, by the port it listens on; what cannot be read is unknown."""

from __future__ import annotations

from jailer_core.facts import Reader
from jailer_core.facts.on_demand import MOST, Clients, clients
from jailer_core.model.network import TcpSocket
from jailer_core.parse import process_tables
from jailer_core.simulator import scenarios
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault
from jailer_tui.presenters.plan_steps import connections_end

TABLE = """\
USER COMMAND      PID FD PROTO  LOCAL ADDRESS         FOREIGN ADDRESS
root cron       22872  6 dgram  ??                    -> /var/run/log
www  nginx      23001  6 tcp4   10.0.2.21:80          *:*
www  nginx      23001  7 tcp6   *:80                  *:*
www  nginx      23001 11 tcp4   10.0.2.21:80          10.0.2.101:51200
www  nginx      23001 12 tcp6   [fd00::21]:80         [fd00::5]:40100
?    ?              ?  ? tcp4   10.0.2.21:80          10.0.2.103:51201
"""
"""Rows of recording 08; those of connected sockets are # not recorded."""


def test_the_table() -> None:
    found = process_tables.tcp_table(TABLE)
    assert found.unread == ()
    assert found.value == (
        TcpSocket(80),
        TcpSocket(80),
        TcpSocket(80, "10.0.2.101"),
        TcpSocket(80, "fd00::5"),
        TcpSocket(80, "10.0.2.103"),
    )


async def test_clients_of_jails_that_run() -> None:
    machine = scenarios.build("small")
    host = SimulatedHost(machine, pace=0)
    jails = (await Reader(host).gather()).jails
    found = await clients(host, jails)
    assert Clients("www0", {80: 3}) in found
    assert all(each.ports == {} for each in found if each.jail != "www0")
    assert connections_end(found) == "Ends 3 connections to port 80 of www0."
    assert await clients(host, jails * MOST) == ()

    machine.faults.append(Fault("fail", lambda argv: argv[0] == "sockstat", times=99))
    www0 = next(jail for jail in jails if jail.name == "www0")
    unknown = await clients(host, [www0])
    assert unknown == (Clients("www0", None),)
    assert connections_end(unknown) == "Who is connected to www0 could not be read."


def test_words() -> None:
    found = (Clients("a", {22: 1, 80: 2}), Clients("b", {}))
    assert connections_end(found) == "Ends 1 connection to port 22, 2 connections to port 80 of a."
