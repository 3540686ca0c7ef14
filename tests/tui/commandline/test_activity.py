"""`activity` and `undo`: earlier changes, undone, interrupted, and pruned ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jailer_core.operations.jails.requests import Destroy, Stop
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios import build
from tests.core.changing.dying import AFTER, BEFORE, NEVER, deaths
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
JOURNAL = "/var/db/jailer-tui/journal"


def cut_off(machine: Machine, moment: str, step: int = 0) -> Machine:
    """The host on which stopping www0 was cut off."""
    _, _, found = deaths(machine, Stop("www0"), frozenset({moment}))
    return next(one for one in found if one.step == step).machine()


def test_nothing_yet(on: On, small: Machine) -> None:
    assert on(small, "activity").out == "no changes yet\n"
    assert on(small, "activity", "-j").json == []
    ran = on(small, "undo", "-y")
    assert ran.status == 1
    assert "no change to undo" in ran.err
    assert on(small, "activity", "recover").out == "no change was interrupted\n"


def test_listed_shown_and_undone(on: On, small: Machine) -> None:
    before = dump(small)
    on(small, "stop", "www0")
    (one,) = on(small, "activity", "-j").json
    assert (one["title"], one["state"], one["undoable"]) == ("Stop www0", "done", True)
    header, row = on(small, "activity").lines
    assert header.split() == ["ENTRY", "WHEN", "STATE", "WHO", "TOOK", "CHANGE"]
    assert row.startswith(one["entry"])
    shown = on(small, "activity", "show", one["entry"])
    assert "$ jail -v -f /etc/jail.conf.d/www0.conf -r www0" in shown.out
    assert f"Undo it: undo {one['entry']}" in shown.out
    steps = on(small, "activity", "show", "-j", one["entry"]).json["steps"]
    assert [step["state"] for step in steps] == ["done"]

    dry = on(small, "undo", "-D")
    assert dry.lines[0] == "Undo: Stop www0"
    assert "www0" not in {jail.name for jail in small.state.jails.values()}
    assert on(small, "undo", "-y").status == 0
    assert not [line for line in same(before, dump(small)) if "processes" not in line]
    states = [row["state"] for row in on(small, "activity", "-j").json]
    assert states == ["done", "undone"]


def test_one_after_the_other_backwards(on: On, small: Machine) -> None:
    on(small, "stop", "www0")
    on(small, "stop", "app0")
    on(small, "undo", "-y")
    names = {jail.name for jail in small.state.jails.values()}
    assert ("app0" in names, "www0" in names) == (True, False)
    on(small, "undo", "-y")
    assert "www0" in {jail.name for jail in small.state.jails.values()}
    assert on(small, "undo", "-y").status == 1


def test_what_is_gone_for_good_does_not_let_another_change_be_undone_in_its_place(
    on: On, small: Machine
) -> None:
    on(small, "snap", "www0@keep", "-y")
    on(small, "snap", "www0@gone", "-y")
    on(small, "snap", "destroy", "www0@gone", "-y")
    before = dump(small)
    ran = on(small, "undo", "-y")
    assert ran.status == 1
    assert "the last change cannot be undone: Destroy zroot/jails/www0@gone" in ran.err
    assert "undo 2" in ran.err
    assert not same(before, dump(small))
    on(small, "stop", "app0", "-y")
    assert on(small, "undo", "-y").status == 0
    assert on(small, "undo", "-y").status == 1
    kept = next(one for one in on(small, "activity", "-j").json if "keep" in one["title"])
    assert on(small, "undo", kept["entry"], "-y").status == 0


def test_the_order_holds_within_a_second_in_which_the_journal_moves(on: On) -> None:
    machine = build("busy")
    on(machine, "stop", "app1", "-y")
    on(machine, "destroy", "www0", "-y")
    on(machine, "create", "www0", "-y")
    ran = on(machine, "undo", "-D")
    assert ran.lines[0] == "Undo: Create www0"


def test_an_undo_is_asked_about(on: On, small: Machine) -> None:
    on(small, "stop", "www0")
    ran = on(small, "undo")
    assert ran.status == 1
    assert "no terminal to ask on" in ran.err
    assert "www0" not in {jail.name for jail in small.state.jails.values()}


def test_only_the_last_ones(on: On, small: Machine) -> None:
    for _ in range(3):
        on(small, "stop", "www0")
        on(small, "start", "www0")
    assert len(on(small, "activity", "-j", "-n", "4").json) == 4
    assert (
        on(small, "activity", "-n", "4").lines[-1] == "2 earlier changes not shown: -n 6 shows all"
    )
    assert on(small, "activity", "-n", "x").status == 2


def test_secrets_are_hidden(on: On, small: Machine, tmp_path: Path) -> None:
    new = tmp_path / "new.conf"
    new.write_text('www0 { path = "/usr/local/jails/www0"; persist; exec.poststart = "x --password hunter2"; }\n')  # fmt: skip # noqa: E501
    assert on(small, "edit", "-y", "--file", str(new), "www0").status == 0
    (entry,) = on(small, "activity", "-j").json
    shown = on(small, "activity", "show", entry["entry"]).out
    assert "hunter2" not in shown
    assert "(hidden)" in shown
    (name,) = small.files.listdir(JOURNAL)
    assert b"hunter2" in small.files.read(f"{JOURNAL}/{name}")


def test_what_was_cut_off_is_said_and_undone(on: On, small: Machine) -> None:
    before = dump(small)
    there = cut_off(small, AFTER)
    assert "an earlier change was interrupted: Stop www0" in on(there, "list").err
    assert "an earlier change was interrupted: Stop www0" in on(there, "info", "app0").err
    ran = on(there, "stop", "app0")
    assert ran.status == 1
    assert "activity recover" in ran.err
    said = on(there, "activity", "recover")
    assert said.status == 0
    assert "It is unclear whether this was done: Stop www0." in said.out
    assert "--undo" in said.out
    assert on(there, "activity", "recover", "--undo", "-D").lines[0] == "Undo: Stop www0"
    assert on(there, "activity", "recover", "--undo", "-y").status == 0
    assert on(there, "list").err == ""
    assert not [line for line in same(before, dump(there)) if "processes" not in line]


@pytest.mark.parametrize("how", ["--go-on", "--leave"])
def test_or_gone_on_with_or_left(on: On, small: Machine, how: str) -> None:
    there = cut_off(small, BEFORE)
    assert on(there, "activity", "recover", how, "-y").status == 0
    running = {jail.name for jail in there.state.jails.values()}
    assert ("www0" in running) is (how == "--leave")
    assert on(there, "stop", "app0").status == 0


def test_a_command_that_still_runs_is_ended(on: On, small: Machine) -> None:
    there = cut_off(small, NEVER)
    assert "Its command is still running: jail -v" in on(there, "activity", "recover").out
    assert on(there, "activity", "recover", "-j").json["running"]
    ran = on(there, "activity", "recover", "--undo", "--end", "-y")
    assert ran.status == 0, ran
    assert "terminating commands that are still running" in ran.out


def test_only_one_way(on: On, small: Machine) -> None:
    assert on(cut_off(small, AFTER), "activity", "recover", "--undo", "--leave").status == 2


def test_the_going_back_of_a_destruction(on: On, small: Machine) -> None:
    _, _, found = deaths(small, Destroy("www0", "20261124T101500"), frozenset({AFTER}))
    there = found[-1].machine()
    assert "Destroy www0" in on(there, "list").err
    assert on(there, "activity", "recover", "--go-on", "-y").status == 0
    assert on(there, "undo", "-y").status == 0
    assert "www0" in {jail.name for jail in there.state.jails.values()}


def test_old_records_go_only_when_told(
    on: On, small: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on(small, "stop", "www0")
    small.state.now += 400 * 86400
    on(small, "start", "www0")
    assert len(on(small, "activity", "-j").json) == 2
    folder = tmp_path / "jailer-tui"
    folder.mkdir()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (folder / "settings.toml").write_text("journal_days = 0\n")
    assert on(small, "activity", "prune", "-y").status == 1
    (folder / "settings.toml").write_text("journal_days = 365\n")
    assert "no terminal to ask on" in on(small, "activity", "prune").err
    assert on(small, "activity", "prune", "-y").status == 0
    titles = [one["title"] for one in on(small, "activity", "-j").json]
    assert titles == ["Remove the records of 1 change older than 365 days", "Start www0"]


def test_what_is_old_in_the_trash_is_offered(on: On, small: Machine) -> None:
    on(small, "destroy", "-y", "www0")
    assert (
        on(small, "trash", "purge", "--old", "-y").out == "there are no old entries in the trash\n"
    )
    assert on(small, "trash", "purge").status == 2
    small.state.now += 31 * 86400
    on(small, "destroy", "-y", "app0")
    lines = on(small, "trash", "list").lines
    assert [line.split()[-1] for line in lines if "-2026" in line].count("old") == 1
    assert lines[-1] == "old entries are kept until you run: trash purge --old"
    assert [one["old"] for one in on(small, "trash", "list", "-j").json] == [False, True]
    assert on(small, "trash", "purge", "--old", "www0").status == 2
    assert on(small, "trash", "purge", "--old", "-y").status == 0
    assert [one["name"] for one in on(small, "trash", "list", "-j").json] == ["app0"]


def test_only_root_sees_what_was_changed(on: On, small: Machine) -> None:
    on(small, "stop", "www0")
    assert on(small, "activity", "-j", user="nobody").json == []
    ran = on(small, "activity", "show", "20261124T101500Z-stop-1", user="nobody")
    assert ran.status == 1


def test_what_one_command_did_to_several_jails_is_undone_together(on: On, small: Machine) -> None:
    on(small, "stop", "www0", "app0")
    assert on(small, "undo", "-D").out.count("Undo: Stop") == 2
    ran = on(small, "undo", "-y")
    assert ran.status == 0
    assert "2 changes were made together" in ran.out + ran.err
    assert {"www0", "app0"} <= {jail.name for jail in small.state.jails.values()}
    assert [row["state"] for row in on(small, "activity", "-j").json][-2:] == ["undone"] * 2

    on(small, "stop", "www0", "app0")
    newest = on(small, "activity", "-j").json[0]["entry"]
    on(small, "undo", "-y", newest)
    assert "www0" not in {jail.name for jail in small.state.jails.values()}
    on(small, "undo", "-y")
    assert "www0" in {jail.name for jail in small.state.jails.values()}
