"""ZFS through pyzfs: the same plans, outcomes and messages as through the commands."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
import inspect
import os
import sys
import threading
from types import ModuleType
from typing import Any

import pytest

from jailer_core.errors import CommandTimedOut
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.host.local import LocalHost, lzc_requests
from jailer_core.host.local.lzc import LibZfsCore
from jailer_core.host.local.lzc_requests import Found, judge
from jailer_core.host.optional import libzfs_of, try_run
from jailer_core.operations.setup.checkup import checkup
from jailer_core.plan import DatasetExists, Needs, Outcome, Plan, Run
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump
from tests.core.changing.plancases import Case, cases
from tests.core.changing.workbench import Bench
from tests.core.local.standin import RELEASE, SIGNATURES, OldPyZfs, PyZfs
from tests.mould import clone

BASE = "zroot/jails/image/15.1-RELEASE"


class WithLibrary(SimulatedHost):
    """A simulated host with the side door that only the local one has."""

    def __init__(self, machine: Machine, module: ModuleType) -> None:
        super().__init__(machine)
        self.module = module
        self.looks = 0
        self.zfs = LibZfsCore(self, self._look)

    def _look(self) -> Found:
        self.looks += 1
        return judge(self.module)


def both(*setup: tuple[str, ...]) -> tuple[WithLibrary, PyZfs, SimulatedHost]:
    """Two hosts in the same state, the first with the library."""
    machine = Bench().machine
    for argv in setup:
        assert machine.now_run(argv).status == 0, argv
    other = clone(machine)
    module = PyZfs(machine)
    return WithLibrary(machine, module), module, SimulatedHost(other)


def state(host: SimulatedHost) -> Any:
    """Everything that can be compared."""
    return dump(host.machine)


# --- command by command ----------------------------------------------------------------------

TAKEN = ("zfs", "snapshot", "zroot/jails/www0@a")
KID = ("zfs", "create", "zroot/jails/www0/data")
CASES: list[tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...], set[str]]] = [
    ("take", (), TAKEN, {"snapshot"}),
    ("take twice", (TAKEN,), TAKEN, {"snapshot"}),
    ("take below", (KID,), ("zfs", "snapshot", "-r", "zroot/jails/www0@a"), {"snapshot"}),
    (
        "take below, one is there",
        (KID, ("zfs", "snapshot", "zroot/jails/www0/data@a")),
        ("zfs", "snapshot", "-r", "zroot/jails/www0@a"),
        {"snapshot"},
    ),
    (
        "all there",
        (KID, ("zfs", "snapshot", "-r", "zroot/jails/www0@a")),
        ("zfs", "snapshot", "-r", "zroot/jails/www0@a"),
        {"snapshot"},
    ),
    (
        "several",
        (),
        ("zfs", "snapshot", "zroot/jails/www0@a", "zroot/jails/app0@a"),
        {"snapshot"},
    ),
    (
        "with a property",
        (),
        ("zfs", "snapshot", "-o", "jailer:by=policy", "zroot/jails/www0@a"),
        {"snapshot"},
    ),
    ("bad name", (), ("zfs", "snapshot", "zroot/jails/www0@a@b"), set()),
    (
        "destroy",
        (TAKEN, ("zfs", "snapshot", "zroot/jails/www0@b")),
        ("zfs", "destroy", "zroot/jails/www0@a,b"),
        {"exists", "destroy_snaps"},
    ),
    (
        "destroy below",
        (KID, ("zfs", "snapshot", "-r", "zroot/jails/www0@a")),
        ("zfs", "destroy", "-r", "zroot/jails/www0@a"),
        {"exists", "destroy_snaps"},
    ),
    ("destroy nothing", (), ("zfs", "destroy", "zroot/jails/www0@nosuch"), {"exists"}),
    (
        "destroy held",
        (TAKEN, ("zfs", "hold", "keep", "zroot/jails/www0@a")),
        ("zfs", "destroy", "zroot/jails/www0@a"),
        {"exists", "destroy_snaps"},
    ),
    ("destroy cloned", (), ("zfs", "destroy", f"{BASE}@base"), {"exists", "destroy_snaps"}),
    ("a range", (TAKEN,), ("zfs", "destroy", "zroot/jails/www0@%a"), set()),
    ("only look", (TAKEN,), ("zfs", "destroy", "-nvp", "zroot/jails/www0@a"), set()),
    ("clone", (), ("zfs", "clone", f"{BASE}@base", "zroot/jails/new"), {"clone"}),
    (
        "clone with a note",
        (),
        ("zfs", "clone", "-o", "jailer:note=x", f"{BASE}@base", "zroot/jails/new"),
        {"clone"},
    ),
    (
        "clone with a quota",
        (),
        ("zfs", "clone", "-o", "quota=1G", f"{BASE}@base", "zroot/jails/new"),
        set(),
    ),
    ("clone, taken", (), ("zfs", "clone", f"{BASE}@base", "zroot/jails/www0"), {"clone"}),
    ("clone of nothing", (), ("zfs", "clone", f"{BASE}@x", "zroot/jails/new"), {"clone"}),
    (
        "clone to nowhere",
        (("zfs", "create", "-o", "mountpoint=none", "zroot/no"),),
        ("zfs", "clone", f"{BASE}@base", "zroot/no/x"),
        {"clone"},
    ),
    (
        "promote",
        (("zfs", "clone", f"{BASE}@base", "zroot/jails/new"),),
        ("zfs", "promote", "zroot/jails/new"),
        {"promote"},
    ),
    ("promote no clone", (), ("zfs", "promote", BASE), {"promote"}),
    ("promote nothing", (), ("zfs", "promote", "zroot/jails/nosuch"), {"promote"}),
    ("size", (), ("zfs", "send", "-nvP", f"{BASE}@base"), {"send_space"}),
    ("size of nothing", (), ("zfs", "send", "-nvP", f"{BASE}@x"), {"send_space"}),
]


@pytest.mark.parametrize("case", CASES, ids=[one[0] for one in CASES])
async def test_same_words_and_same_host_afterwards(
    case: tuple[str, tuple[tuple[str, ...], ...], tuple[str, ...], set[str]],
) -> None:
    _, setup, argv, called = case
    host, module, plain = both(*setup)
    result = await try_run(host, argv)
    by_library = result is not None
    if result is None:
        result = await host.run(argv)
    wanted = await plain.run(argv)
    assert (result.status, result.stdout, result.stderr) == (
        wanted.status,
        wanted.stdout,
        wanted.stderr,
    )
    assert state(host) == state(plain)
    assert set(module.calls) == called
    if by_library and argv[1] in ("snapshot", "destroy", "promote", "send"):
        assert argv not in host.log


async def test_a_missing_dataset_is_told_without_the_usage_text() -> None:
    host, _, plain = both()
    argv = ("zfs", "snapshot", "zroot/jails/nosuch@x")
    result, wanted = await try_run(host, argv), await plain.run(argv)
    assert result is not None
    assert result.status == wanted.status == 2
    assert wanted.stderr.startswith(result.stderr)


@pytest.mark.parametrize("name", [None, b"zroot/jails/other@a", 7])
async def test_an_error_that_does_not_say_which_is_left_to_the_command(name: object) -> None:
    host, module, _ = both(TAKEN)
    wrong = module.exceptions

    def refuse(*_args: object) -> None:
        raise wrong.SnapshotFailure([wrong.SnapshotExists(name)], 0)

    setattr(module, "lzc_snapshot", refuse)  # noqa: B010 - a method
    assert await try_run(host, TAKEN) is None
    assert not await host.zfs.why_not()


async def test_a_clone_that_cannot_be_mounted_is_there_all_the_same() -> None:
    host, _, _ = both()
    mount = ("zfs", "mount", "zroot/jails/new")
    host.machine.faults.append(Fault("fail", lambda argv: argv == mount))
    result = await try_run(host, ("zfs", "clone", f"{BASE}@base", "zroot/jails/new"))
    assert result is not None
    assert result.status == 1
    assert "created, but not mounted" in result.stderr
    assert "zroot/jails/new" in host.machine.state.datasets


@pytest.mark.parametrize(
    ("name", "there"),
    [("zroot/jails/www0", True), (f"{BASE}@base", True), ("zroot/jails/nosuch", False)],
)
async def test_existence_needs_no_process(name: str, there: bool) -> None:
    host, _, _ = both()
    from jailer_core.execution.evaluator import Evaluator  # noqa: PLC0415

    assert await Evaluator(host, {}).holds(DatasetExists(name)) is there
    assert not host.log


async def test_what_is_in_no_pool_that_is_seen_the_command_tells() -> None:
    host, _, _ = both()
    assert await host.zfs.exists("other/x") is None


# --- plans -----------------------------------------------------------------------------------


def carried() -> list[Case]:
    """Every plan case one of whose steps the library could do."""
    found = []
    for case in cases():
        lines = case.data.get("plan", ())
        commands = [tuple(one.removeprefix("command: ").split()) for one in lines]
        if any(lzc_requests.read(one) for one in commands):
            found.append(case)
    return found


def of_each_kind(found: list[Case]) -> list[Case]:
    """For each operation and each set of commands that the library does, one of the cases."""
    chosen: dict[object, Case] = {}
    for case in found:
        lines = [one.removeprefix("command: ").split() for one in case.data["plan"]]
        kinds = frozenset(type(lzc_requests.read(tuple(words))) for words in lines)
        chosen.setdefault((case.path.parent, kinds), case)
    return list(chosen.values())


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "carried_case" in metafunc.fixturenames:
        found = carried()
        found = found if metafunc.config.getoption("exhaustive") else of_each_kind(found)
        metafunc.parametrize("carried_case", found, ids=[case.id for case in found])


async def outcome(host: SimulatedHost, case: Case) -> tuple[Plan, Outcome]:
    reader = Reader(host)
    plan = await prepare(reader, case.request)
    return plan, await execute(reader, plan, lambda _: None, asyncio.Event(), pause=0)


def test_a_plan_is_the_same_either_way(carried_case: Case) -> None:
    case = carried_case
    machine = case.machine()
    other = clone(machine)
    module = PyZfs(other)
    host = WithLibrary(other, module)
    plain = SimulatedHost(clone(machine))
    plan, done = asyncio.run(outcome(host, case))
    wanted_plan, wanted = asyncio.run(outcome(plain, case))
    assert plan.steps == wanted_plan.steps
    *notes, way = plan.notes
    assert tuple(notes) == wanted_plan.notes
    assert "libzfs_core" in way
    assert (done.status, done.message, done.leftovers, done.notes) == (
        wanted.status,
        wanted.message,
        wanted.leftovers,
        wanted.notes,
    )
    assert state(host) == state(plain)
    assert set(module.calls) - {"exists"}
    ran = [one.action.argv for one in plan.steps if isinstance(one.action, Run)]
    assert [one for one in ran if one in host.log] == [
        one for one in ran if lzc_requests.read(one) is None
    ]


# --- unsound ones ----------------------------------------------------------------------------


def test_the_one_of_pypi_is_refused_and_never_called() -> None:
    case, old = carried()[0], OldPyZfs()
    host = WithLibrary(case.machine(), old)
    plan, done = asyncio.run(outcome(host, case))
    assert done.ok
    assert not any("libzfs_core" in one for one in plan.notes)
    assert "0.2.3" in asyncio.run(doctor_says(host))
    assert not old.called


async def doctor_says(host: SimulatedHost) -> str:
    inventory = await Reader(host).gather(Needs(setup=True))
    found = [one for one in checkup(inventory) if one.id == "pyzfs"]
    assert len(found) <= 1
    assert all(one.good and one.fix is None for one in found)
    return found[0].detail if found else ""


async def test_the_doctor_says_that_it_is_used() -> None:
    host, _, plain = both()
    assert "go through libzfs_core" in await doctor_says(host)
    assert not await doctor_says(plain)


def _without(module: PyZfs, name: str) -> PyZfs:
    class Less(PyZfs):
        def __getattribute__(self, key: str) -> Any:
            if key == name:
                raise AttributeError(key)
            return super().__getattribute__(key)

    return Less(module.machine)


@pytest.mark.parametrize("name", lzc_requests.NEWER)
def test_each_of_the_three_tells_the_old_one(name: str) -> None:
    assert judge(_without(PyZfs(Bench().machine), name)).why_not == lzc_requests.OLD_RELEASE


def test_an_old_c_library_and_one_that_does_not_open() -> None:
    module = PyZfs(Bench().machine)
    setattr(module, "is_supported", lambda function: function.__name__ != "lzc_promote")  # noqa: B010 - a method
    assert "too old" in judge(module).why_not

    def broken(_function: object) -> bool:
        raise OSError("find_library() did not manage to locate libzfs_core\nand more")

    setattr(module, "is_supported", broken)  # noqa: B010 - a method
    assert judge(module).why_not.endswith("did not manage to locate libzfs_core")


def test_none_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "libzfs_core", None)
    assert lzc_requests.look() == Found(why_not=lzc_requests.ABSENT)


def test_only_root_loads_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: object())
    monkeypatch.setattr(importlib, "import_module", lambda _name: pytest.fail("loaded"))
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    assert lzc_requests.look().why_not == lzc_requests.NOT_ROOT


async def test_it_is_looked_for_once_and_only_when_a_change_wants_it() -> None:
    host, _, _ = both()
    reader = Reader(host)
    await reader.gather()
    assert host.looks == 0
    await try_run(host, ("zfs", "list"))
    assert host.looks == 0
    await try_run(host, TAKEN)
    await try_run(host, ("zfs", "destroy", "zroot/jails/www0@a"))
    assert host.looks == 1


# --- what goes wrong -------------------------------------------------------------------------


async def test_a_library_that_fails_by_itself_is_not_asked_again() -> None:
    host, module, _ = both()

    fine = module.lzc_snapshot

    def snapshot(names: list[bytes], props: dict[bytes, bytes]) -> None:
        fine(names, props)
        raise AttributeError("iteritems")

    setattr(module, "lzc_snapshot", snapshot)  # noqa: B010 - a method
    result = await try_run(host, TAKEN)
    # it did take it: the command must not be told to try again
    assert result is not None
    assert result.status == 1
    assert "AttributeError" in result.stderr
    assert await try_run(host, TAKEN) is None
    assert "no longer used" in await doctor_says(host)


async def test_a_call_that_does_not_return_is_given_up() -> None:
    host, module, _ = both()
    go_on = threading.Event()
    setattr(module, "lzc_snapshot", lambda *_args: go_on.wait())  # noqa: B010 - a method
    with pytest.raises(CommandTimedOut):
        await try_run(host, TAKEN, 0.01)
    go_on.set()
    assert await try_run(host, TAKEN) is None


async def test_whoever_aborts_waits_for_the_call_to_be_over() -> None:
    host, module, _ = both()
    begun, go_on = threading.Event(), threading.Event()
    fine = module.lzc_snapshot

    def slow(names: list[bytes], props: dict[bytes, bytes]) -> None:
        begun.set()
        go_on.wait()
        fine(names, props)

    setattr(module, "lzc_snapshot", slow)  # noqa: B010 - a method
    task = asyncio.create_task(try_run(host, TAKEN))
    await asyncio.to_thread(begun.wait)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "a" in [one.name for one in host.machine.state.datasets["zroot/jails/www0"].snapshots]


async def test_only_the_local_host_has_one() -> None:
    local = LocalHost()
    assert isinstance(libzfs_of(local), LibZfsCore)
    assert libzfs_of(local) is libzfs_of(local)
    assert libzfs_of(SimulatedHost(Bench().machine)) is None


# --- argument lists --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "argv",
    [
        ("zfs", "snapshot", "-o", "quota=1", "p/a@s"),
        ("zfs", "snapshot", "p/a@s", "q/a@s"),
        ("zfs", "snapshot", "p/a"),
        ("zfs", "snapshot", "-x", "p/a@s"),
        ("zfs", "snapshot", "p/a@" + "x" * 300),
        ("zfs", "snapshot", "p/ä@s"),
        ("zfs", "destroy", "-r", "p/a"),
        ("zfs", "destroy", "-d", "p/a@s"),
        ("zfs", "destroy", "-R", "p/a@s"),
        ("zfs", "clone", "-p", "p/a@s", "p/b"),
        ("zfs", "clone", "p/a@s"),
        ("zfs", "promote", "p/a", "p/b"),
        ("zfs", "send", "p/a@s"),
        ("zfs", "send", "-nvP", "-i", "p/a@r", "p/a@s"),
        ("zfs", "list"),
        ("zpool", "promote", "p/a"),
    ],
)
def test_what_is_the_commands_alone(argv: tuple[str, ...]) -> None:
    assert lzc_requests.read(argv) is None


@pytest.mark.parametrize("name", [*lzc_requests.USED, "is_supported"])
def test_the_stand_in_is_called_as_the_real_module_is(name: str) -> None:
    module = PyZfs(Bench().machine)
    parameters = inspect.signature(getattr(module, name)).parameters.values()
    shown = [
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={parameter.default}"
        for parameter in parameters
    ]
    assert ", ".join(shown) == SIGNATURES[RELEASE]["functions"][name]


@pytest.mark.parametrize("name", lzc_requests.USED)
def test_what_is_used_is_the_same_since_the_first_release_of_freebsd_13(name: str) -> None:
    """FreeBSD 13 has OpenZFS 2.1; arguments that came later are not used."""
    old, new = (SIGNATURES[release]["functions"][name] for release in ("2.1.15", "2.4.2"))
    assert new.startswith(old)
