"""Variables are read where rc reads them, and written where they count (recording 15)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.model.host import HOMES
from jailer_core.operations.jails import boot
from jailer_core.operations.jails.requests import BootOrder
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import RcListHasWord, RcVariableIs
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from tests.core.changing.workbench import Bench
from tests.core.sim.replay import read_recording

LINES = 'jail_enable="YES"\njail_list="\n    www0\n    app0\n"\n'


def machine(**files: str) -> Machine:
    """The small host with files written: `main`, `local`, `jail`, `jail2`, `netif`."""
    host = build("small")
    paths = {
        "main": "/etc/rc.conf",
        "local": "/etc/rc.conf.local",
        "jail": f"{HOMES[0]}/jail",
        "jail2": f"{HOMES[1]}/jail",
        "netif": f"{HOMES[0]}/netif",
    }
    for name, text in files.items():
        path = paths[name]
        host.files.mkdir(path.rpartition("/")[0], parents=True)
        old = host.files.read(path).decode() if host.files.exists(path) else ""
        host.files.write(path, (old + text).encode())
    return host


async def gathered(host: Machine) -> Inventory:
    return await Reader(SimulatedHost(host)).gather()


async def test_values_over_several_lines() -> None:
    found = await gathered(machine(main=LINES))
    assert found.boot_list == ("www0", "app0")
    assert found.rc_on("jail_enable") is True
    assert found.problems == ()


@pytest.mark.parametrize(
    ("files", "names", "place"),
    [
        ({"main": 'jail_list="a"\n', "local": 'jail_list="b"\n'}, ("b",), "/etc/rc.conf.local"),
        ({"local": 'jail_list="b"\n', "jail": 'jail_list="c"\n'}, ("c",), f"{HOMES[0]}/jail"),
        ({"jail": 'jail_list="c"\n', "jail2": 'jail_list="d"\n'}, ("d",), f"{HOMES[1]}/jail"),
        ({"main": 'jail_list="a"\n', "netif": 'jail_list="no"\n'}, ("a",), ""),
    ],
)
async def test_the_last_file_of_the_service_counts(
    files: dict[str, str], names: tuple[str, ...], place: str
) -> None:
    found = await gathered(machine(**files))
    assert found.boot_list == names
    assert found.rc_places.get("jail_list", "") == place


async def test_a_directory_in_place_of_the_file() -> None:
    host = build("small")
    host.files.mkdir(f"{HOMES[0]}/jail", parents=True)
    host.files.write(f"{HOMES[0]}/jail/10", b'jail_list="x"\n')
    host.files.write(f"{HOMES[0]}/jail/20", b'jail_list="y"\n')
    found = await gathered(host)
    assert found.boot_list == ("y",)
    assert found.rc_places["jail_list"] == f"{HOMES[0]}/jail/20"


async def test_a_file_that_needs_a_shell_is_asked_of_sysrc() -> None:
    found = await gathered(machine(main='me=app0\njail_list="x"\n', jail='jail_list="$me"\n'))
    assert found.boot_list == ("app0",)


async def test_what_is_not_known_is_not_told_as_no() -> None:
    host = machine(jail="if true; then jail_enable=YES; fi\n")
    host.files.remove("/etc/rc.conf")
    host.files.mkdir("/etc/rc.conf")
    found = await gathered(host)
    assert found.rc is None
    assert found.rc_on("jail_enable") is None
    (note,) = boot.switched_off(found)
    assert "unknown" in note
    listless = replace(found, rc={"jail_enable": "YES"}, incomplete=frozenset({"rc"}))
    assert "jail_list could not be read" in boot.switched_off(listless)[0]
    assert boot.switched_off(replace(listless, incomplete=frozenset())) == []


@pytest.mark.parametrize(
    ("files", "path"),
    [
        ({"jail": 'jail_list="www0"\n'}, f"{HOMES[0]}/jail"),
        ({"jail2": 'jail_list="www0"\n'}, f"{HOMES[1]}/jail"),
        ({"local": 'jail_list="www0"\n'}, "/etc/rc.conf.local"),
        ({"main": LINES}, "/etc/rc.conf"),
        ({"jail": LINES}, f"{HOMES[0]}/jail"),
    ],
)
async def test_the_list_is_written_where_it_counts(files: dict[str, str], path: str) -> None:
    bench = Bench()
    bench.machine = machine(**files)
    bench.host = SimulatedHost(bench.machine)
    bench.reader = Reader(bench.host)
    main = bench.text("/etc/rc.conf")
    outcome = await bench.do(BootOrder(("app0", "www0")))
    assert outcome.ok, outcome
    assert (await bench.reader.gather()).boot_list == ("app0", "www0")
    assert 'jail_list="app0 www0"\n' in bench.text(path)
    if path != "/etc/rc.conf":
        assert bench.text("/etc/rc.conf") == main
    assert (await bench.do(UndoChange(bench.journal()[-1], "S"))).ok
    after = (await bench.reader.gather()).boot_list
    assert after == ("www0", "app0") if files in ({"main": LINES}, {"jail": LINES}) else ("www0",)


async def test_a_broken_line_costs_that_line() -> None:
    """As recorded (15): a multi-line list, escapes, and a line that a shell cannot run."""
    text = next(entry.text for entry in read_recording("15") if "spaces = " in entry.text)
    bench = Bench()
    bench.write("/etc/rc.conf", text)
    found = await bench.reader.gather()
    assert found.boot_list == ("teb", "web01")
    assert found.rc_on("jail_enable") is True
    bench.write("/etc/rc.conf", text.replace("teb", "app0").replace("web01", "www0"))
    assert (await bench.do(BootOrder(("www0", "app0")))).ok
    assert (await bench.reader.gather()).boot_list == ("www0", "app0")
    assert 'spaces = "x"' in bench.text("/etc/rc.conf")


async def test_what_is_not_known_keeps_an_undo_open() -> None:
    found = replace(await gathered(machine()), rc={}, incomplete=frozenset({"rc"}))
    assert RcVariableIs("jail_list", None).holds(found) is None
    assert RcListHasWord("jail_list", "www0", present=False).holds(found) is None
    known = replace(found, incomplete=frozenset())
    assert RcVariableIs("jail_list", None).holds(known) is True
