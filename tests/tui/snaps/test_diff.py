"""What changed since a snapshot: a tree that grows while it is read, can be folded and stopped."""

from __future__ import annotations

import pytest

from jailer_core.parse.zfsdiff import Branch, Change
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.presenters.comparison import FEW, folders, tree_rows
from jailer_tui.screens.diff import DiffScreen
from jailer_tui.stores import journal
from tests.core.parse.commands import tree
from tests.tui.harness import Stage, opened
from tests.tui.snaps.parts import ROOT, run, snapshots

APP = f"{ROOT}/app0"


def changed(machine: Machine) -> None:
    files = machine.files
    files.write(f"{APP}/etc/rc.conf", b"x")
    files.remove(f"{APP}/etc/motd.template")
    files.mkdir(f"{APP}/usr/local/etc/nginx", parents=True)
    for name in ("nginx.conf", "mime.types", "evil\x1b[2J"):
        files.write(f"{APP}/usr/local/etc/nginx/{name}", b"x")


def many(machine: Machine) -> None:
    changed(machine)
    for number in range(FEW):
        machine.files.write(f"{APP}/root/file{number}", b"x")


async def difference(it: Stage) -> DiffScreen:
    await snapshots(it, "zroot/jails/app0@prod")
    await it.press("enter")
    screen = it.app.screen
    assert isinstance(screen, DiffScreen)
    await it.until(lambda: screen.difference is not None and screen.difference.over, "the end")
    return screen


async def test_a_few_changes_are_all_open() -> None:
    async with opened("small", change=changed) as it:
        await difference(it)
        it.sees("app0@prod compared with now", "rc.conf", "removed", "nginx.conf", "evil^[[2J")
        await it.compare_sizes("diff")


async def test_many_are_folded_with_their_counts() -> None:
    async with opened("small", change=many) as it:
        screen = await difference(it)
        it.sees("root/", f"+{FEW}")
        assert "file12" not in it.text
        screen.grid.move_to_key("/root")
        await it.press("enter")
        it.sees("file12")
        await it.press("j", "left")
        assert screen.grid.key == "/root"
        await it.press("left")
        assert "file12" not in it.text
        await it.press("right", "asterisk", "asterisk")
        assert "file12" not in it.text
        await it.press("asterisk")
        it.sees("rc.conf")
        await it.press("escape")
        assert it.dialog == "SnapshotsScreen"


async def test_nothing_changed() -> None:
    def change(machine: Machine) -> None:
        run(machine, "zfs", "snapshot", "zroot/jails/app0@now")

    async with opened("small", change=change) as it:
        await snapshots(it, "zroot/jails/app0@now")
        await it.press("enter")
        await it.until(lambda: "Nothing has changed" in it.text, "the answer")


async def test_children_are_compared_as_well() -> None:
    def change(machine: Machine) -> None:
        run(machine, "zfs", "create", "zroot/jails/app0/data")
        run(machine, "zfs", "snapshot", "-r", "zroot/jails/app0@both")
        machine.files.write(f"{APP}/data/row", b"x")

    async with opened("small", change=change) as it:
        await snapshots(it, "zroot/jails/app0@both")
        await it.press("enter")
        await it.until(lambda: "row" in it.text, "the change of the child")
        it.sees("data/")


async def test_a_failure_is_a_line() -> None:
    def change(machine: Machine) -> None:
        broken = Fault("fail", lambda argv: argv[:2] == ("zfs", "diff"), message="no diffs here")
        machine.faults.append(broken)

    async with opened("small", change=change) as it:
        await difference(it)
        it.sees("no diffs here")
        await it.press("f5")
        await it.until(lambda: "no diffs here" not in it.text, "the second try")


async def test_it_can_be_stopped_and_leaves_nothing_running() -> None:
    def change(machine: Machine) -> None:
        machine.faults.append(Fault("stuck", lambda argv: argv[:2] == ("zfs", "diff"), times=2))

    async with opened("small", change=change) as it:
        it.host.pace = 1e9  # what waits, waits
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("enter")
        it.sees("reading")
        await it.press("X")
        await it.until(lambda: "stopped" in it.text, "the stop")
        await it.press("f5")
        it.sees("reading")
        await it.press("escape")
        await it.until(
            lambda: not any(one.is_running for one in it.app.workers if one.group == "diff"),
            "the end of the reading",
        )


async def test_too_much_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal, "LIMIT", 3)
    async with opened("small", change=many) as it:
        await difference(it)
        it.sees("stopped: more than")


def test_chains_of_folders_are_one_line() -> None:
    top = tree([Change("+", "F", "/j/a/b/c/x"), Change("+", "F", "/j/a/b/c/y")], "/j")
    rows = list(tree_rows(top, ()))
    assert [(one.name, one.folder, one.open) for one in rows] == [("a/b/c", True, False)]
    every = list(tree_rows(top, folders(top)))
    assert [(one.depth, one.name) for one in every] == [(0, "a/b/c"), (1, "x"), (1, "y")]


def test_a_folder_that_changed_itself_ends_a_chain() -> None:
    found = [Change("M", "/", "/j/a"), Change("+", "F", "/j/a/b/x")]
    rows = list(tree_rows(tree(found, "/j"), {"/a", "/a/b"}))
    assert [one.path for one in rows] == ["/a", "/a/b", "/a/b/x"]


def test_an_empty_tree() -> None:
    assert not list(tree_rows(Branch(""), ()))
    assert not folders(Branch(""))
