"""What others put in the way: links below the roots of jails, files of the same name."""

from __future__ import annotations

import asyncio

import pytest

from jailer_core.errors import FileFailed
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.journal import Journal, make_folders
from jailer_core.operations.jails.requests import Create, Start
from jailer_core.operations.setup.requests import MakePool
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.plan import (
    Outcome,
    OutcomeStatus,
    Plan,
    RemoveFile,
    Request,
    Step,
    Undo,
    WriteFile,
)
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import build
from jailer_core.watchdog import ConfirmWatchdog
from tests.core.making.hosts import carry_out, run, small

OUTER = "/usr/local/jails/app0"
INNER = f"{OUTER}/usr/jails/inner"


def nested() -> Machine:
    """`inner` lies in the tree of app0, whose root user lets its path lead to /host/inner."""
    machine = small()
    files = machine.files
    text = f'inner {{\n  path = "{INNER}";\n  vnet;\n  vnet.interface = epair9b;\n}}\n'
    files.write("/etc/jail.conf.d/inner.conf", text.encode())
    for path in ("/host/inner/bin", "/host/inner/etc"):
        files.mkdir(path, parents=True)
    files.write("/host/inner/bin/freebsd-version", b'USERLAND_VERSION="9.9-SECRET"\n')
    files.write("/host/inner/etc/rc.conf", b'ifconfig_epair9b="inet 10.9.9.9/24"\n')
    files.link(f"{OUTER}/usr/jails", "/host")
    return machine


async def test_the_path_of_a_jail_in_a_jail_is_not_trusted() -> None:
    machine = nested()
    host = SimulatedHost(machine)
    inventory = await Reader(host).gather()
    jail = inventory.jail("inner")
    assert jail is not None
    assert jail.release == ""
    assert not jail.addresses
    path = f"{INNER}/etc/rc.conf"
    before = machine.files.read(path)
    for work in (
        host.read(path, beneath=INNER),
        host.window(path, 0, 9),
        host.write(path, "x", beneath=INNER),
        host.remove(path),
        host.mkdir(f"{INNER}/etc/made"),
        host.rmdir(f"{INNER}/bin"),
        host.listdir(f"{INNER}/etc"),
    ):
        with pytest.raises(FileFailed, match="symbolic links"):
            await work
    assert machine.files.read(path) == before
    assert machine.files.listdir("/host/inner/etc") == ["rc.conf"]


# --- the console log in the message of a start that failed ---------------------------------------


def _start(machine: Machine, log: str) -> Outcome:
    """A start of app0 that fails after the jail was made, with that console log."""
    conf = "/etc/jail.conf.d/app0.conf"
    lines = machine.files.read(conf).decode().splitlines()
    lines = [line for line in lines if "exec.consolelog" not in line and "/bin/sh" not in line]
    lines.insert(-1, f'  exec.consolelog = "{log}";')
    machine.files.write(conf, "\n".join([*lines, ""]).encode())
    if "app0" in run(machine, "jls", "name").split():
        run(machine, "jail", "-r", "app0")
    machine.faults.append(Fault("late", lambda argv: argv[:2] == ("jail", "-v") and "-c" in argv))
    return carry_out(machine, Start("app0"))


def test_the_tail_of_a_log_in_a_jail_is_told() -> None:
    machine, log = small(), f"{OUTER}/var/log/console.log"
    machine.files.write(log, b"it failed for a reason\n")
    outcome = _start(machine, log)
    assert "it failed for a reason" in outcome.notes


@pytest.mark.parametrize("place", ["jail", "jail's folder", "log folder"])
def test_the_tail_of_a_log_does_not_lead_to_a_file_of_the_host(place: str) -> None:
    machine = small()
    machine.files.write("/etc/secret", b"the secret of the host\n")
    log = f"{OUTER}/var/log/console.log"
    if place == "jail":
        machine.files.link(log, "/etc/secret")
    elif place == "jail's folder":
        log = f"{OUTER}/var/other/secret"
        machine.files.link(f"{OUTER}/var/other", "/etc")
    else:
        log = "/var/log/jail/app0.log"
        machine.files.mkdir("/var/log/jail", parents=True)
        if machine.files.exists(log):
            machine.files.remove(log)
        machine.files.link(log, "/etc/secret")
    outcome = _start(machine, log)
    assert outcome.status is OutcomeStatus.FAILED
    assert not any("secret" in note for note in outcome.notes), outcome.notes


# --- new files -----------------------------------------------------------------------------------


class Racing(SimulatedHost):
    """Someone writes the same file right before a step does."""

    def __init__(self, machine: Machine, path: str, text: str | None) -> None:
        super().__init__(machine)
        self.path = path
        self.theirs = text

    async def write(self, path: str, text: str, **options: object) -> None:
        if path == self.path and not self.machine.files.exists(path):
            self.machine.files.write(path, (self.theirs or text).encode())
        await super().write(path, text, **options)  # type: ignore[arg-type]


def _race(machine: Machine, path: str, text: str | None, request: Request) -> Outcome:
    async def go() -> Outcome:
        reader = Reader(Racing(machine, path, text))
        plan = await prepare(reader, request)
        return await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)

    return asyncio.run(go())


@pytest.mark.parametrize("theirs", ["# theirs\n", None], ids=["other text", "same text"])
def test_a_file_that_others_make_meanwhile_is_neither_overwritten_nor_removed(
    theirs: str | None,
) -> None:
    machine, path = small(), "/etc/jail.conf.d/db0.conf"
    outcome = _race(machine, path, theirs, Create("db0", network="inherit", start=False))
    assert outcome.status is OutcomeStatus.FAILED
    assert "exists" in outcome.message, outcome.message
    text = machine.files.read(path).decode()
    assert text == theirs if theirs is not None else "db0" in text
    names = run(machine, "zfs", "list", "-H", "-o", "name").split()
    assert not any(name.endswith("/db0") for name in names)


def test_a_pool_does_not_take_a_file_that_others_make_meanwhile() -> None:
    machine, path = build("fresh"), "/usr/local/pool.img"
    request = MakePool(path=path, name="jailpool", size=2 << 30)
    outcome = _race(machine, path, "theirs", request)
    assert outcome.status is OutcomeStatus.FAILED
    assert "exists" in outcome.message, outcome.message
    assert machine.files.read(path) == b"theirs"
    assert machine.files.get(path).length == len("theirs")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("/jails/web", "/jails/new"),
        ('"/jails/web/etc"', '"/jails/new/etc"'),
        ("mount -t nullfs /data /jails/web/data", "mount -t nullfs /data /jails/new/data"),
        ("a=/jails/web", "a=/jails/new"),
        ("(cd /jails/web)", "(cd /jails/new)"),
        ("echo >/jails/web/x", "echo >/jails/new/x"),
        ("/mnt/jails/web", "/mnt/jails/web"),
        ("/srv.d/jails/web/x", "/srv.d/jails/web/x"),
        ("/srv@2/jails/web", "/srv@2/jails/web"),
        ("/a+b/jails/web", "/a+b/jails/web"),
        ("/a~/jails/web", "/a~/jails/web"),
        ("/jails/web.old", "/jails/web.old"),
        ("/jails/web2/x", "/jails/web2/x"),
        ("$top/jails/web", "$top/jails/web"),
        ("${top}/jails/web", "${top}/jails/web"),
    ],
)
def test_only_a_path_that_begins_like_the_root_follows_it(value: str, wanted: str) -> None:
    name = Name("web", "new", "/jails/web", "/jails/new")
    assert name.in_value("mount", value) == wanted


async def test_what_takes_back_by_itself_trusts_no_path_of_a_jail_in_a_jail() -> None:
    machine, path = nested(), f"{INNER}/etc/rc.conf"
    theirs = machine.files.read(path).decode()
    write = WriteFile(path, theirs, before="old", beneath=INNER)
    undo = Undo(RemoveFile(path, before=theirs), "remove it")
    plan = Plan(Start("inner"), "test", (Step(write, "write", undo=(undo,)),))
    host = SimulatedHost(machine)
    await make_folders(host, "/state")
    journal = await Journal.begin(host, "/state", plan)
    await journal.write("begun", step=0)
    await journal.write("done", step=0)
    watch = ConfirmWatchdog(host, "/state", "0123456789ab", 9)
    watch.path = journal.path
    machine.files.write(watch.ticket, f"{journal.path.rpartition('/')[2]}\n".encode())
    machine.now_run(("sleep", "600"))
    await watch.run()
    assert "reverting" in machine.files.read(journal.path).decode()
    assert machine.files.read(path).decode() == theirs
