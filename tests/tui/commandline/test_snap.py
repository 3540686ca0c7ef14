"""`snap…` and `rollback` as a user types them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.cli.parser import parse
from jailer_tui.cli.terminal import Terminal

Ran = Any
On = Callable[..., Ran]
APP0 = "zroot/jails/app0"


def names(machine: Machine, dataset: str = APP0) -> list[str]:
    return [one.name for one in machine.state.datasets[dataset].snapshots]


def now(machine: Machine, *argv: str) -> None:
    assert machine.now_run(argv).status == 0, argv


# --- which word is meant ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "run", "operands"),
    [
        ("snap app0", "snapshots:take", ["app0"]),
        ("snap app0@x www0", "snapshots:take", ["app0@x", "www0"]),
        ("snapshot app0", "snapshots:take", ["app0"]),
        ("sn app0", "snapshots:take", ["app0"]),
        ("snap list", "snapshots:listing", []),
        ("snap list app0", "snapshots:listing", ["app0"]),
        ("snap -j list", "snapshots:listing", []),
        ("snapshot diff app0@x", "snapshots:diff", ["app0@x"]),
        # a jail may be called so: only the whole word is a word
        ("snap lis", "snapshots:take", ["lis"]),
        ("snap list@x", "snapshots:take", ["list@x"]),
        ("snap -- list", "snapshots:take", ["list"]),
        ("snap -D -- auto", "snapshots:take", ["auto"]),
        ("snap list -- auto", "snapshots:listing", ["auto"]),
    ],
)
def test_words_and_names(typed: str, run: str, operands: list[str]) -> None:
    found = parse(typed.split())
    assert found.command is not None
    assert (found.command.run, list(found.operands)) == (run, operands)


# --- taking, listing, destroying -------------------------------------------------------------


def test_one_is_taken_with_what_lies_below(on: On, small: Machine) -> None:
    now(small, "zfs", "create", f"{APP0}/data")
    said = on(small, "snap", "app0@before")
    assert said.status == 0, said.err
    assert "before" in names(small)
    assert names(small, f"{APP0}/data") == ["before"]
    assert on(small, "snap", "--alone", "app0@only").status == 0
    assert names(small, f"{APP0}/data") == ["before"]


def test_without_a_name_it_is_called_by_the_time(on: On, small: Machine) -> None:
    assert on(small, "snap", "app0", "www0").status == 0
    assert names(small)[-1] == "20261126T010531Z"
    assert names(small, "zroot/jails/www0")[-1] == "20261126T010531Z"


def test_all_of_them_at_once(on: On, small: Machine) -> None:
    assert on(small, "snap", "--all").status == 0
    assert all(
        names(small, f"zroot/jails/{jail}")[-1] == "20261126T010531Z"
        for jail in ("99d6c13c", "app0", "fd1dafdc", "www0")
    )
    assert on(small, "snap", "--all", "app0").status == 2


def test_a_name_that_is_taken_or_none(on: On, small: Machine) -> None:
    said = on(small, "snap", "app0@prod", "www0@prod")
    assert said.status == 1
    assert "the snapshot zroot/jails/app0@prod already exists" in said.err
    assert "prod" in names(small, "zroot/jails/www0")
    assert on(small, "snap", "app0@").status == 2


def test_they_are_listed(on: On, small: Machine) -> None:
    now(small, "zfs", "hold", "x", f"{APP0}@prod")
    now(small, "zfs", "clone", f"{APP0}@prod", "zroot/jails/copy")
    now(small, "zfs", "snapshot", "-o", "jailer:auto=daily", f"{APP0}@auto-daily-20260101T0000Z")
    lines = on(small, "snap", "list", "app0").lines
    assert lines[0].split() == ["JAIL", "SNAPSHOT", "TAKEN", "(UTC)", "USED", "NOTE"]
    assert lines[2].endswith("held, clone: zroot/jails/copy")
    assert lines[3].endswith("daily policy")
    assert on(small, "snap").lines[1].startswith("99d6c13c")
    found = on(small, "snap", "list", "-j", "app0").json
    assert found[1]["clones"] == ["zroot/jails/copy"]
    assert found[2]["policy"] == "daily"
    assert on(small, "snap", "list", "nosuch").status == 1


def test_what_changed(on: On, small: Machine) -> None:
    now(small, "touch", "/usr/local/jails/app0/root/a\x1bb")
    said = on(small, "snap", "diff", "app0@prod")
    assert said.status == 0
    assert any(line.startswith("+ F /usr/local/jails/app0/root/a") for line in said.lines)
    assert "\x1b" not in said.out
    assert said.lines[-1] == "1 added, 0 removed, 1 changed"
    short = on(small, "snap", "diff", "--limit", "1", "app0@prod")
    assert short.lines[-1].endswith("stopped after 1: --limit N shows more")
    assert {one["change"] for one in on(small, "snap", "diff", "-j", "app0@prod").json} == {
        "+",
        "M",
    }
    now(small, "zfs", "snapshot", f"{APP0}@later")
    assert on(small, "snap", "diff", "app0@later").lines == ["nothing changed"]
    assert len(on(small, "snap", "diff", "app0@prod", "@later").lines) == 3
    for wrong in (("app0",), ("app0@prod", "--limit", "0")):
        assert on(small, "snap", "diff", *wrong).status == 2
    assert on(small, "snap", "diff", "app0@nosuch").status == 1


def test_they_are_held_released_and_destroyed(on: On, small: Machine) -> None:
    assert on(small, "snap", "hold", "app0@prod").status == 0
    held = on(small, "snap", "destroy", "-y", "app0@prod")
    assert (held.status, "is held (keep)" in held.err) == (1, True)
    assert on(small, "snap", "release", "app0@prod").status == 0
    asked = on(small, "snap", "destroy", "app0@prod")
    assert (asked.status, "no terminal to ask on" in asked.err) == (1, True)
    assert on(small, "snap", "destroy", "-y", "zroot/jails/app0@prod").status == 0
    assert names(small) == ["base"]
    assert on(small, "snap", "destroy", "-y", "app0").status == 2


# --- going back ------------------------------------------------------------------------------


def test_back_and_forward(on: On, small: Machine) -> None:
    now(small, "touch", "/usr/local/jails/app0/newer")
    asked = on(small, "rollback", "app0@prod")
    assert asked.status == 1
    assert "this changes the jail app0" in asked.err
    assert on(small, "rollback", "-y", "app0@prod").status == 0
    assert not small.files.exists("/usr/local/jails/app0/newer")
    listed = on(small, "trash", "list")
    assert "before going back to @prod" in listed.out
    assert on(small, "trash", "list", "-j").json[0]["because"] == "before going back to @prod"
    refused = on(small, "trash", "restore", "app0")
    assert "rollback --undo app0" in refused.err
    small.state.now += 10
    assert on(small, "rollback", "-y", "--undo", "app0").status == 0
    assert small.files.exists("/usr/local/jails/app0/newer")


def test_the_whole_story(on: On, small: Machine) -> None:
    """Snapshot, change, compare, back, forward; destroyed and brought back with its address."""
    address = on(small, "list").lines
    assert on(small, "snap", "app0@good").status == 0
    now(small, "touch", "/usr/local/jails/app0/root/mistake")
    assert "+ F /usr/local/jails/app0/root/mistake" in on(small, "snap", "diff", "app0@good").lines
    assert on(small, "rollback", "-y", "app0@good").status == 0
    assert "before going back to @good" in on(small, "trash", "list").out
    small.state.now += 10
    assert on(small, "rollback", "-y", "--undo", "app0").status == 0
    assert "+ F /usr/local/jails/app0/root/mistake" in on(small, "snap", "diff", "app0@good").lines
    small.state.now += 10
    assert on(small, "destroy", "-y", "app0").status == 0
    assert len(on(small, "trash", "list", "-j").json) == 2
    assert on(small, "trash", "restore", "-y", "app0").status == 0
    told = [line.split()[:1] + line.split()[3:] for line in on(small, "list").lines]
    assert told == [line.split()[:1] + line.split()[3:] for line in address]


def test_the_plan_is_shown_before_it_is_agreed_to(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))

    async def yes(_self: Terminal, _question: str) -> str:
        return "y"

    monkeypatch.setattr(Terminal, "ask", yes)
    said = on(small, "rollback", "app0@prod")
    assert said.status == 0
    assert "zroot/jails/app0 is rolled back." in said.err


def test_the_plain_rollback_wants_the_name(on: On, small: Machine) -> None:
    now(small, "zfs", "snapshot", f"{APP0}@later")
    asked = on(small, "rollback", "--destroy", "app0@prod")
    assert "this destroys app0" in asked.err
    assert on(small, "rollback", "--destroy", "-y", "app0@prod").status == 0
    assert names(small) == ["base", "prod"]
    assert on(small, "rollback", "--destroy", "--undo", "app0").status == 2
    assert on(small, "rollback", "app0").status == 2


# --- policies --------------------------------------------------------------------------------


def test_a_policy_is_set_changed_shown_and_taken_away(on: On, small: Machine) -> None:
    props = small.state.datasets[APP0].props
    assert "no jail has a policy" in on(small, "snap", "policy").out
    assert on(small, "snap", "policy", "app0", "--hourly", "24", "--daily", "7").status == 0
    assert props["jailer:keep"] == "hourly=24,daily=7"
    assert on(small, "snap", "policy", "app0", "--daily", "0", "--monthly", "6").status == 0
    assert props["jailer:keep"] == "hourly=24,monthly=6"
    line = on(small, "snap", "policy").lines[1].split()
    assert line[:5] == ["app0", "24", "-", "-", "6"]
    shown = on(small, "snap", "policy", "-j", "app0").json
    assert (shown[0]["hourly"], shown[0]["last"], shown[0]["inherited"]) == (24, None, "")
    assert on(small, "snap", "policy", "app0", "--none").status == 0
    assert "jailer:keep" not in props
    for wrong in (("--daily", "7"), ("app0", "--daily", "x"), ("app0", "--none", "--daily", "7")):
        assert on(small, "snap", "policy", *wrong).status == 2


def test_the_schedule(on: On, small: Machine) -> None:
    path = "/etc/cron.d/jailer-tui"
    assert on(small, "snap", "schedule").lines[0].split() == ["Schedule:", "off"]
    assert on(small, "snap", "schedule", "on").status == 0
    assert b"root /usr/local/bin/jailer-tui snap auto --yes --quiet" in small.files.read(path)
    assert on(small, "snap", "schedule", "-j").json["next"] == 1795658400
    assert on(small, "snap", "schedule", "off").status == 0
    assert not small.files.exists(path)
    assert on(small, "snap", "schedule", "maybe").status == 2


def test_what_cron_calls_says_nothing_when_all_is_well(on: On, small: Machine) -> None:
    for jail in ("app0", "www0"):
        assert on(small, "snap", "policy", jail, "--hourly", "2").status == 0
    for _ in range(3):
        small.state.now += 3600
        said = on(small, "snap", "auto", "--yes", "--quiet")
        assert (said.status, said.out, said.err) == (0, "", "")
    assert [one for one in names(small) if one.startswith("auto")] == [
        "auto-hourly-20261126T0305Z",
        "auto-hourly-20261126T0405Z",
    ]


def test_one_jail_that_fails_does_not_stop_the_others(on: On, small: Machine) -> None:
    for jail in ("app0", "www0"):
        assert on(small, "snap", "policy", jail, "--hourly", "2").status == 0

    def of_app0(argv: tuple[str, ...]) -> bool:
        return argv[:2] == ("zfs", "snapshot") and any("app0" in one for one in argv)

    small.faults.append(Fault("fail", of_app0, times=9))
    said = on(small, "snap", "auto", "-y", "--quiet")
    assert said.status == 1
    assert "app0" in said.err
    assert names(small, "zroot/jails/www0")[-1].startswith("auto-hourly-")


def test_a_rollback_without_a_snapshot_names_those_there_are(on: On, small: Machine) -> None:
    for snapshot in names(small):
        now(small, "zfs", "destroy", f"{APP0}@{snapshot}")
    ran = on(small, "rollback", "app0")
    assert (ran.status, "Use NAME@SNAP. Take one first: snap app0." in ran.err) == (2, True)
    now(small, "zfs", "snapshot", f"{APP0}@before")
    assert "Use NAME@SNAP. Available: before." in on(small, "rollback", "app0").err
    assert "Use NAME@SNAP. See them: snap list x" in on(small, "rollback", "x").err
    for words in (("snap", "destroy", "app0"), ("snap", "diff", "app0")):
        ran = on(small, *words)
        assert (ran.status, "See them: snap list app0" in ran.err) == (2, True)
