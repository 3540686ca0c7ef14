"""Creating jails: the result, refusals, and what is left after failures."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.facts import Reader
from jailer_core.model import JailState, Network, Owner
from jailer_core.operations.jails import jailconf
from jailer_core.operations.jails.requests import Create, Destroy, Start, Stop
from jailer_core.parse.jailconf import SEPARATOR, jails
from jailer_core.plan import Event, Outcome, OutcomeStatus, StepStarted
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump, same
from tests.core.making.hosts import carry_out, plan_of, read, run, small

MAC = "02:00:00:00:00:01"


def failed(machine: Machine, request: Create) -> Outcome:
    """Carry out what must fail, and leave nothing but a log behind."""
    before = dump(machine)
    outcome = carry_out(machine, request)
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.undone, outcome.leftovers
    left = [line for line in same(before, dump(machine)) if "/var/log" not in line]
    assert left == []
    return outcome


def test_a_jail_with_an_epair_runs_with_its_own_address() -> None:
    machine = small()
    request = Create("db0", network="eb", address="10.0.0.50", address6="fd00::50/64", mac=MAC)
    outcome = carry_out(machine, request)
    assert outcome.ok, outcome
    jail = read(machine).jail("db0")
    assert jail is not None
    assert (jail.state, jail.owner, jail.network) == (
        JailState.RUNNING,
        Owner.JAILER,
        Network.EPAIR,
    )
    assert [str(one) for one in jail.addresses or ()] == ["10.0.0.50/24", "fd00::50/64"]
    assert jail.gateway == "10.0.0.1"
    assert jail.hostname == "db0.armbsd15"
    assert f"ether {MAC}" in run(machine, "ifconfig", "-j", "db0", "epair5b")
    devices = run(machine, "jexec", "db0", "ls", "/dev").split()
    assert "mem" not in devices
    assert "bpf" in devices


def test_the_configuration_is_read_by_jail8_as_it_was_meant() -> None:
    for want in (
        Create("db0", network="eb", memory="1G", processes="9"),
        Create("db0", network="new", address="10.0.2.77"),
        Create("db0", network="inherit", cpu="50"),
    ):
        full = replace(want, domain="example.org", bridge="bridge0")
        shape = jailconf.JailSettings(full, "/usr/local/jails/db0", 7, 61)
        done = small().now_run(
            ("jail", "-f", "-", "-e", SEPARATOR), stdin=jailconf.text(shape).encode()
        )
        ((name, params),) = jails(done.stdout).value
        assert name == "db0"
        assert dict(params) == dict(jailconf.config(shape).params)


def test_it_starts_and_stops_by_the_rules_of_freebsd_too() -> None:
    machine = small()
    assert carry_out(machine, Create("db0", network="eb", boot=True, memory="512M")).ok
    assert run(machine, "rctl", "jail:db0") == "jail:db0:memoryuse:deny=536870912\n"
    run(machine, "service", "jail", "stop", "db0")
    assert run(machine, "rctl", "jail:db0") == ""
    assert "epair5a" not in run(machine, "ifconfig", "-l").split()
    run(machine, "service", "jail", "start")
    assert "db0" in run(machine, "jls", "name").split()
    assert run(machine, "rctl", "jail:db0") == "jail:db0:memoryuse:deny=536870912\n"


def test_one_that_the_original_made_is_started_and_destroyed() -> None:
    machine = small()
    for request in (Stop("app0"), Start("app0"), Destroy("app0", "S1", purge=False)):
        assert carry_out(machine, request).ok
    inventory = read(machine)
    assert inventory.jail("app0") is None
    assert [entry.name for entry in inventory.trash] == ["app0"]


def test_a_bridge_that_goes_meanwhile_leaves_no_epair() -> None:
    machine = small()

    def hear(event: Event) -> None:
        if isinstance(event, StepStarted) and event.title == "Start db0":
            run(machine, "ifconfig", "bridge0", "destroy")

    outcome = carry_out(machine, Create("db0", network="eb", mac=MAC), hear)
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.undone, outcome.leftovers
    assert "ifconfig bridge0 addm epair5a up: failed" in outcome.message
    assert "epair5a" not in run(machine, "ifconfig", "-l").split()
    inventory = read(machine)
    assert inventory.jail("db0") is None
    assert inventory.dataset("zroot/jails/db0") is None


def test_a_start_that_fails_tells_why_and_the_last_lines_of_its_log() -> None:
    machine = small()
    run(machine, "zfs", "create", "zroot/jails/odd")
    for folder in ("etc", "dev"):
        run(machine, "mkdir", f"/usr/local/jails/odd/{folder}")
    run(machine, "zfs", "snapshot", "zroot/jails/odd@empty")
    outcome = failed(machine, Create("db0", network="inherit", base="odd@empty", memory="1G"))
    assert outcome.message.endswith("/bin/sh /etc/rc: failed")
    assert run(machine, "rctl", "jail:db0") == ""


def test_the_log_of_a_start_that_failed_is_told() -> None:
    machine = small()
    wrong = Fault("late", lambda argv: argv[:2] == ("jail", "-v") and argv[-2] == "-c")
    machine.faults.append(wrong)
    outcome = failed(machine, Create("db0", network="inherit"))
    assert outcome.notes[0] == "Last lines of its console log:"
    assert len(outcome.notes) > 1


def test_a_copy_that_breaks_off_leaves_nothing() -> None:
    machine = small()
    machine.faults.append(Fault("fail", lambda argv: argv[:2] == ("zfs", "recv")))
    outcome = failed(machine, Create("db0", network="inherit", copy=True))
    assert outcome.message.startswith("the copy failed")
    assert outcome.hint


def test_a_link_in_a_snapshot_does_not_lead_out_of_the_jail() -> None:
    machine = small()
    root = "/usr/local/jails/app0/etc"
    machine.files.remove(f"{root}/rc.conf")
    machine.files.link(f"{root}/rc.conf", "/etc/rc.conf")
    machine.files.remove(f"{root}/resolv.conf")
    machine.files.link(f"{root}/resolv.conf", "/etc/resolv.conf")
    run(machine, "zfs", "snapshot", "zroot/jails/app0@evil")
    before = machine.files.read("/etc/rc.conf"), machine.files.read("/etc/resolv.conf")
    request = Create("db0", network="eb", base="app0@evil", resolver="9.9.9.9")
    outcome = failed(machine, request)
    assert outcome.message == (
        "cannot read /usr/local/jails/db0/etc/rc.conf: Too many levels of symbolic links"
    )
    assert (machine.files.read("/etc/rc.conf"), machine.files.read("/etc/resolv.conf")) == before


def test_a_linked_directory_does_not_lead_out_either() -> None:
    machine = small()
    run(machine, "zfs", "create", "zroot/jails/odd")
    machine.files.link("/usr/local/jails/odd/etc", "/etc")
    run(machine, "zfs", "snapshot", "zroot/jails/odd@evil")
    before = machine.files.read("/etc/resolv.conf")
    outcome = failed(machine, Create("db0", network="inherit", base="odd@evil", resolver="9.9.9.9"))
    assert "Too many levels of symbolic links" in outcome.message
    assert machine.files.read("/etc/resolv.conf") == before


@pytest.mark.parametrize("clear", [True, False])
def test_the_number_is_the_lowest_that_nobody_has(clear: bool) -> None:
    machine = small()
    if clear:
        run(machine, "ifconfig", "epair9", "create")
        assert carry_out(machine, Destroy("99d6c13c", "S1")).ok
    plan = plan_of(machine, Create("db0", network="inherit", start=False))
    text = next(
        line for step in plan.steps for line in repr(step.action).split("\\n") if "$id" in line
    )
    assert f'"{1 if clear else 5}"' in text


def test_two_with_the_same_address_are_refused_whoever_has_it() -> None:
    machine = small()
    assert carry_out(machine, Create("db0", network="eb", address="10.0.0.50", start=False)).ok
    with pytest.raises(Refused, match=r"10.0.0.50 is in use by the jail db0"):
        plan_of(machine, Create("db1", network="eb", address="10.0.0.50"))


def test_nothing_is_asked_more_often_than_needed() -> None:
    host = SimulatedHost(small())
    reader = Reader(host)
    request = Create("db0", network="eb")
    asyncio.run(prepare(reader, request))
    host.log.clear()
    asyncio.run(prepare(reader, request))
    assert len(host.log) < 20
