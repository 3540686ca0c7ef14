from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jailer_core.errors import Refused
from jailer_core.operations.jails.requests import Destroy, TrashPurge, TrashRestore
from jailer_core.plan import Request
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from jailer_tui.cli import run as changing
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]
SMALL = {"99d6c13c", "app0", "fd1dafdc", "www0"}


def running(ran: Ran) -> set[str]:
    return {one["name"] for one in ran.json if one["state"] == "Active"}


@pytest.fixture
def small_run(run: Run, state: str) -> Run:
    def call(*argv: str) -> Ran:
        return run("--demo", "small", "--state", state, *argv)

    return call


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], list[str]]:
    """Someone sits at the terminal and types that; the questions are collected."""

    def make(text: str) -> list[str]:
        asked: list[str] = []

        async def ask(_self: Terminal, question: str) -> str:
            asked.append(question)
            return text

        monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
        monkeypatch.setattr(Terminal, "ask", ask)
        return asked

    return make


def test_calls_that_follow_each_other_see_the_same_host(small_run: Run) -> None:
    assert small_run("stop", "www0", "app0").status == 0
    assert running(small_run("list", "-j")) == {"99d6c13c", "fd1dafdc"}
    assert small_run("restart", "fd1dafdc").status == 0
    assert small_run("startall").status == 0
    assert running(small_run("list", "-j")) == SMALL
    assert small_run("stopall").status == 0
    assert running(small_run("list", "-j")) == set()
    again = small_run("stopall")
    assert (again.status, again.out) == (0, "all jails of Jailer TUI are already stopped\n")
    assert small_run("stopall", "--strict").status == 1
    told = small_run("stopall", "-j")
    assert [(one["op"], one["ok"], one["ending"]) for one in told.json] == [
        ("stopall", True, "nothing to do")
    ]


@pytest.mark.parametrize("words", [("startall",), ("stopall",), ("stop", "www0")])
def test_jails_that_cannot_be_read_are_not_called_missing(
    on: On, small: Machine, words: tuple[str, ...]
) -> None:
    small.faults.append(Fault("fail", lambda argv: argv[0] == "jls", times=9, message="no"))
    ran = on(small, *words)
    assert ran.status == 1
    assert "jls: no" in ran.err
    assert ran.out == ""


def test_without_a_state_file_nothing_is_kept(run: Run) -> None:
    assert run("--demo", "small", "stop", "www0").status == 0
    assert "www0" in running(run("--demo", "small", "list", "-j"))


def test_progress_shows_what_the_jail_says(small_run: Run) -> None:
    ran = small_run("stop", "www0")
    assert ran.lines[0] == "Stop www0"
    assert "      www0: removed" in ran.lines
    assert ran.lines[-1].startswith("www0: done in ")
    assert ran.err == ""


def test_one_that_fails_does_not_stop_the_others(small_run: Run) -> None:
    ran = small_run("stop", "nope", "www0", "www0")
    assert ran.status == 1
    assert ran.err.splitlines()[0] == "jailer-tui: there is no jail nope"
    assert "www0: done" in ran.out
    assert ran.out.count("Stop www0") == 1


def test_results_as_json(small_run: Run) -> None:
    ran = small_run("-j", "stop", "nope", "www0")
    assert ran.status == 1
    assert [(one["name"], one["op"], one["ok"], one["ending"]) for one in ran.json] == [
        ("nope", "stop", False, "refused"),
        ("www0", "stop", True, "done"),
    ]
    assert ran.json[0].keys() == ran.json[1].keys()
    assert "www0: removed" in ran.err


def test_what_is_so_already_is_told(small_run: Run) -> None:
    ran = small_run("start", "www0")
    assert (ran.status, ran.err) == (0, "")
    assert ran.out.startswith("www0 is already running (jid ")
    strict = small_run("start", "--strict", "www0")
    assert (strict.status, strict.out) == (1, "")
    assert strict.err.startswith("jailer-tui: www0 is already running")
    assert small_run("start", "nope").status == 1


NAT = ("nat", "add", "-y", "fd1dafdc")
RDR = ("rdr", "add", "-y", "-p", "tcp", "-r", "8080", "fd1dafdc")
HOLD = ("snap", "hold", "-y", "www0@base")


@pytest.mark.parametrize(
    ("first", "again", "sentence"),
    [
        (("stop", "www0"), ("stop", "www0"), "www0 is already stopped"),
        (
            ("image", "use", "15.1-RELEASE"),
            ("image", "use", "15.1-RELEASE"),
            "15.1-RELEASE is already the default.",
        ),
        ((), ("image", "fetch", "15.1-RELEASE"), "15.1-RELEASE already exists"),
        (("network", "use", "eb"), ("network", "use", "eb"), "eb is already the default."),
        (HOLD, HOLD, "All of it is already held as keep."),
        ((), ("snap", "release", "-y", "www0@base"), "zroot/jails/www0@base is not held"),
        (NAT, NAT, "fd1dafdc already has this NAT rule"),
        (RDR, RDR, "fd1dafdc already has this redirect"),
        ((), ("nat", "del", "-y", "fd1dafdc"), "fd1dafdc has no NAT"),
        ((), ("rdr", "del", "-y", "fd1dafdc"), "fd1dafdc has no redirect"),
        (
            ("bridge", "add", "-y", "bridge7", "-a", "10.7.0.1/24"),
            ("bridge", "add", "-y", "bridge7", "-a", "10.7.0.1/24"),
            "bridge7 already exists as requested",
        ),
        ((), ("bridge", "deletem", "-y", "bridge0", "vtnet0"), "vtnet0 is not a member of bridge0"),
        (("init", "-y"), ("init", "-y"), "init: nothing to do"),
        (("init", "bridge", "-y"), ("init", "bridge", "-y"), "bridge: nothing to do"),
        (
            ("boot", "order", "-y", "www0"),
            ("boot", "order", "-y", "www0"),
            "boot order: nothing to do",
        ),
    ],
    ids=lambda words: "-".join(words[:2]) if isinstance(words, tuple) else None,
)
def test_what_a_script_repeats_is_no_failure(
    on: On, small: Machine, first: tuple[str, ...], again: tuple[str, ...], sentence: str
) -> None:
    if first:
        assert on(small, *first).status == 0
    before = dump(small)
    ran = on(small, *again)
    assert (ran.status, ran.err) == (0, "")
    assert sentence in ran.out
    assert on(small, *again, "--strict").status == 1
    (result,) = on(small, *again, "-j").json
    assert (result["ok"], result["ending"]) == (True, "nothing to do")
    assert dump(small) == before


@pytest.mark.parametrize(
    "words",
    [
        ("restart", "www0"),
        ("destroy", "-y", "nope"),
        ("bridge", "add", "-y", "bridge0", "-a", "10.9.0.1/24"),
        ("bridge", "deletem", "-y", "bridge0", "nope0"),
        ("rdr", "del", "-y", "-i", "7", "fd1dafdc"),
        ("network", "keep"),
    ],
)
def test_what_is_not_so_is_refused_as_before(
    on: On, small: Machine, words: tuple[str, ...]
) -> None:
    assert on(small, "stop", "www0").status == 0
    assert on(small, *words).status == 1


def test_a_failure_says_why_and_that_it_was_undone(on: On, small: Machine) -> None:
    assert on(small, "stop", "fd1dafdc").status == 0
    small.state.interfaces.pop("bridge0")
    ran = on(small, "start", "fd1dafdc")
    assert ran.status == 1
    assert ran.err.startswith("jailer-tui: ifconfig: interface bridge0 does not exist")
    assert "Everything is as it was before." in ran.err
    assert running(on(small, "list", "-j")) == SMALL - {"fd1dafdc"}


@pytest.mark.parametrize(
    "argv",
    [
        ("stop", "www0"),
        ("restart", "app0"),
        ("stopall",),
        ("destroy", "www0"),
        ("destroy", "--purge", "www0"),
    ],
)
def test_a_dry_run_shows_and_changes_nothing(on: On, small: Machine, argv: tuple[str, ...]) -> None:
    before = dump(small)
    ran = on(small, *argv, "-D")
    assert ran.status == 0
    assert "     $ " in ran.out
    told = on(small, *argv, "-D", "-j").json
    assert all(one["steps"] and one["preview"] for one in told)
    assert dump(small) == before


def test_a_dry_run_does_not_even_make_the_state_file(small_run: Run, state: str) -> None:
    assert small_run("-D", "stop", "www0").status == 0
    assert not Path(state).exists()


def test_a_dry_run_of_nonsense_fails(small_run: Run) -> None:
    assert small_run("-D", "stop", "nope").status == 1


def test_read_only_refuses_every_change(on: On, small: Machine) -> None:
    before = dump(small)
    for argv in (("stop", "www0"), ("stopall",), ("destroy", "-y", "www0"), ("edit", "www0")):
        ran = on(small, "--read-only", *argv)
        assert ran.status == 1
        assert ran.err.startswith("jailer-tui: --read-only is set: nothing can be changed")
    assert on(small, "--read-only", "list").status == 0
    assert on(small, "--read-only", "-D", "stop", "www0").status == 0
    assert dump(small) == before


def test_an_ordinary_user_is_refused_with_the_reason(on: On, small: Machine) -> None:
    before = dump(small)
    ran = on(small, "stop", "www0", user="nobody")
    assert ran.status == 1
    assert "only root may change jails" in ran.err
    assert dump(small) == before


def test_destroying_needs_the_name(
    on: On, small: Machine, answer: Callable[[str], list[str]]
) -> None:
    asked = answer("wwwO")
    before = dump(small)
    ran = on(small, "destroy", "www0")
    assert (ran.status, asked) == (1, ["Type www0 to continue: "])
    assert "  10. Remove /etc/jail.conf.d/www0.conf" in ran.err
    assert "not confirmed" in ran.err
    assert dump(small) == before
    answer("www0")
    assert on(small, "destroy", "www0").status == 0
    assert "www0" not in on(small, "list").out


def test_destroying_without_anybody_to_ask_is_refused(small_run: Run) -> None:
    ran = small_run("destroy", "www0")
    assert ran.status == 1
    assert "Use -y" in ran.err
    assert running(small_run("list", "-j")) == SMALL


def test_into_the_trash_and_back(small_run: Run) -> None:
    assert small_run("destroy", "-y", "www0", "app0").status == 0
    assert running(small_run("list", "-j")) == {"99d6c13c", "fd1dafdc"}
    entries = small_run("trash", "list", "-j").json
    assert {one["name"] for one in entries} == {"www0", "app0"}
    table = small_run("trash", "list").lines
    assert table[0].split() == ["ENTRY", "NAME", "DESTROYED", "USED", "NOTE"]
    assert len(table) == 3
    assert small_run("trash", "restore", "www0").status == 0
    assert "www0" in running(small_run("list", "-j"))
    assert small_run("trash", "purge", "app0").status == 1
    assert small_run("trash", "purge", "-y", "app0").status == 0
    assert small_run("trash", "list").out == "the trash is empty\n"
    assert small_run("trash", "restore", "app0").status == 1


def test_restored_without_starting(small_run: Run) -> None:
    assert small_run("destroy", "-y", "www0").status == 0
    assert small_run("trash", "restore", "--no-start", "www0").status == 0
    assert running(small_run("list", "-j")) == SMALL - {"www0"}


def test_a_changed_host_gets_a_new_plan(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A user who is asked while the host changes is asked again, with the new plan."""
    questions = 0

    async def ask(_self: Terminal, _question: str) -> str:
        nonlocal questions
        questions += 1
        if questions == 1:
            file = "/etc/jail.conf.d/www0.conf"
            small.files.write(file, small.files.read(file) + b"# changed\n")
        return "www0"

    monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
    monkeypatch.setattr(Terminal, "ask", ask)
    ran = on(small, "destroy", "www0")
    assert (ran.status, questions) == (0, 2)
    assert "the host has changed in the meantime" in ran.out


def test_a_fault_in_the_middle_leaves_status_one(on: On, small: Machine) -> None:
    small.faults.append(Fault("fail", lambda argv: argv[:2] == ("zfs", "rename"), message="busy"))
    ran = on(small, "-y", "destroy", "www0")
    assert ran.status == 1
    assert "  undo: " in ran.out
    assert running(on(small, "list", "-j")) == SMALL


@pytest.mark.parametrize(
    ("words", "request_"),
    [
        ("destroy a", Destroy("a", "20261124T000500")),
        ("destroy -f a", Destroy("a", "20261124T000500", force=True)),
        ("destroy --purge a", Destroy("a", "20261124T000500", purge=True)),
        ("destroy --kill a", Destroy("a", "20261124T000500", kill=True)),
        ("trash restore a", TrashRestore("a", None)),
        ("trash restore --start a", TrashRestore("a", start=True)),
        ("trash restore --no-start a", TrashRestore("a", start=False)),
        ("trash purge a", TrashPurge("a")),
        ("trash purge --promote a", TrashPurge("a", promote=True)),
    ],
)
def test_options_reach_the_request(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch, words: str, request_: Request
) -> None:
    asked: list[Request] = []

    async def prepare(_reader: object, request: Request) -> None:
        asked.append(request)
        raise Refused("enough")

    small.state.now = 1795478700.0
    monkeypatch.setattr(changing, "prepare", prepare)
    assert on(small, *words.split()).status == 1
    assert asked == [request_]


@pytest.mark.parametrize("program", ["doas", "sudo", ""])
def test_on_a_real_host_root_is_wanted_before_anything_is_asked(
    on: On, small: Machine, monkeypatch: pytest.MonkeyPatch, program: str
) -> None:
    monkeypatch.setattr(SimulatedHost, "simulated", False)
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    monkeypatch.setattr(shutil, "which", lambda name: name if name == program else None)
    monkeypatch.setattr(sys, "argv", ["x", "destroy", "two words"])
    ran = on(small, "destroy", "www0")
    assert ran.status == 1
    message, hint = ran.err.splitlines()
    assert message == "jailer-tui: only root may change jails"
    wanted = f"{program} jailer-tui destroy 'two words'" if program else ""
    assert hint.strip().removesuffix(".") == "Run it again as root" + (wanted and f": {wanted}")
    assert on(small, "list").status == 0
    assert on(small, "-D", "destroy", "www0").status == 0


def test_this_machine_is_the_host_on_freebsd(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host_selection, "is_freebsd", lambda: True)
    assert not host_selection.open_host(host_selection.Choice()).simulated
    assert host_selection.open_host(host_selection.Choice("small")).simulated


def test_a_jail_without_a_configuration_is_stopped_for_good(on: On) -> None:
    busy = build("busy")
    refused = on(busy, "stop", "byhand")
    assert refused.status == 1
    assert (
        "byhand cannot be started again from here, and there is no terminal to ask on"
        in refused.err
    )
    assert on(busy, "start", "byhand").status == 1
    ran = on(busy, "stop", "-y", "byhand")
    assert ran.status == 0
    assert "byhand" not in running(on(busy, "list", "-j"))
    undone = on(busy, "undo", "-y")
    assert undone.status == 1
    assert "the last change cannot be undone: Stop byhand" in undone.err
    assert on(busy, "start", "byhand").status == 1


def test_the_rest_is_left_out_after_a_failure_where_that_is_wanted(on: On, small: Machine) -> None:
    def stop(name: str) -> Callable[[tuple[str, ...]], bool]:
        return lambda argv: argv[:1] == ("jail",) and argv[-2:] == ("-r", name)

    small.faults.append(Fault("fail", stop("app0"), times=2))
    ran = on(small, "stop", "app0", "www0", "--stop-on-failure", "-j")
    assert [(one["name"], one["ok"]) for one in ran.json] == [("app0", False), ("www0", False)]
    assert "not started: an earlier one failed" in ran.json[1]["message"]
    assert small.jail_named("www0") is not None
    assert [one["ok"] for one in on(small, "stop", "app0", "www0", "-j").json] == [False, True]
    small.faults.append(Fault("fail", lambda argv: argv[:1] == ("jail",) and "-r" in argv))
    rest = on(small, "stopall", "--stop-on-failure", "-j").json
    assert [one["ok"] for one in rest] == [False] * len(rest)
