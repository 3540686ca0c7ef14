"""Commands in jails by keys alone: form, preview, grid, the output of one, abort, save."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.tools.pkg import repository
from jailer_tui.dialogs import fan_out as dialog_module
from jailer_tui.dialogs.fan_out import FanOutDialog, OutputDialog
from jailer_tui.state import History
from jailer_tui.stores.jobs import FanOutJob
from tests.tui.harness import WIDE, Stage, opened

FLOODED = 0.05
"""Seconds between two pictures of a flood; everything else is drawn at once."""


@pytest.fixture(autouse=True)
def _every_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialog_module, "FRAME", 0)
    # each command that enters a jail wakes the reader: how often depends on the turns
    monkeypatch.setattr(History, "add", lambda *_: None)


def in_jail(jid: int) -> Callable[[tuple[str, ...]], bool]:
    return lambda argv: argv[0] == "jexec" and str(jid) in argv


def crowd(stage: Stage) -> FanOutJob:
    (work,) = stage.app.jobs.all
    assert isinstance(work, FanOutJob)
    return work


def said(stage: Stage, text: str) -> bool:
    return any(text in one.message for one in stage.app._notifications)


async def command(stage: Stage, text: str) -> None:
    await stage.press("x")
    await stage.until(lambda: stage.dialog == "CommandDialog", "the form")
    await stage.type(text)
    await stage.press("f10")
    await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")


async def test_a_grid_with_failures_and_a_hang() -> None:
    def wrong(machine: Machine) -> None:
        machine.faults.append(Fault("hang", in_jail(75)))
        machine.faults.append(Fault("fail", in_jail(77), message="\x1b[2Jno"))

    async with opened("busy", change=wrong) as stage:
        await stage.press("a")
        await command(stage, "sh -c 'echo one; hostname'")
        await stage.compare_sizes("exec-preview")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "FanOutDialog", "the grid")
        many = crowd(stage).many
        await stage.until(lambda: sum(one.over for one in many.turns) == 7, "the others")
        await stage.refresh()
        await stage.compare_sizes("exec-grid")
        await stage.press("down", "enter")
        assert isinstance(stage.app.screen, OutputDialog)
        stage.sees("^[[2Jno", "failed: exit status 1", " in app1 ")
        await stage.press("left_square_bracket")
        stage.sees(" in app0 ", "one")
        await stage.press("right_square_bracket")
        stage.sees("^[[2Jno", " in app1 ")
        await stage.press("escape", "S")
        assert stage.dialog == "ConfirmDialog"
        await stage.press("y")
        await stage.until(lambda: many.over, "the end")
        stage.sees("5 of 8 done, 1 failed, 1 aborted, 1 refused.")
        assert not stage.host.attended
        await stage.press("escape")
        assert stage.dialog == "JailsScreen"
        await stage.press("w")
        assert isinstance(stage.app.screen, FanOutDialog)


async def test_one_jail_shows_its_output_at_once_and_can_be_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(dialog_module, "FRAME", FLOODED)
    async with opened(
        change=lambda machine: machine.faults.append(Fault("flood", in_jail(75), message="y"))
    ) as stage:
        await stage.go_to("www0")
        await command(stage, "yes")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output")
        turn = crowd(stage).many.turns[0]
        await stage.until(lambda: turn.output.lost > 0, "a flood")
        await stage.press("X", "y")
        await stage.until(lambda: crowd(stage).over, "the end")
        await stage.press("home")
        ended = "aborted: stopped before it finished"
        await stage.until(lambda: ended in stage.text, "the end on the screen")
        await stage.press("escape")
        assert stage.dialog == "JailsScreen"


async def test_one_of_several_is_ended_and_the_others_go_on() -> None:
    def hang(machine: Machine) -> None:
        machine.faults += [Fault("hang", in_jail(75)), Fault("hang", in_jail(76))]

    async with opened(change=hang) as stage:
        await stage.press("a")
        await command(stage, "id")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "FanOutDialog", "the grid")
        many = crowd(stage).many
        await stage.until(lambda: sum(one.over for one in many.turns) == 6, "the others")
        await stage.press("X")
        await stage.until(lambda: many.turns[0].over, "app0")
        assert [one.name for one in many.turns if not one.over] == ["www0"]
        await stage.press("X")
        assert said(stage, "it has finished there")
        # closed, it goes on; leaving the program asks
        await stage.press("escape", "escape", "q")
        assert stage.dialog == "LeaveDialog"
        await stage.press("escape")
        crowd(stage).stop()
        await stage.until(lambda: crowd(stage).over, "the end")
        assert said(stage, "Run id in 7 jails: 2 aborted, 5 done, 1 refused")


async def test_the_output_is_kept_in_a_file_for_its_owner_alone() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await command(stage, "hostname")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output")
        await stage.until(lambda: crowd(stage).over, "the end")
        await stage.press("greater_than_sign")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form")
        stage.sees("f10 Save")
        await stage.type("/root/said.txt")
        await stage.press("f10")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the end of the form")
        node = stage.machine.files.get("/root/said.txt")
        assert node.mode == 0o600
        assert b"# www0: done, exit status 0" in node.data
        assert node.data.endswith(b"\nwww0.example.org\n")
        # once more: it asks, and no leaves it as it is
        stage.machine.files.write("/root/said.txt", b"mine")
        await stage.press("greater_than_sign")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form")
        await stage.type("/root/said.txt")
        await stage.press("f10")
        await stage.until(lambda: stage.dialog == "ConfirmDialog", "the question")
        await stage.press("escape")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form again")
        assert stage.machine.files.read("/root/said.txt") == b"mine"
        await stage.press("f10")
        await stage.until(lambda: stage.dialog == "ConfirmDialog", "the question")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the end of the form")
        assert stage.machine.files.read("/root/said.txt") != b"mine"


async def test_what_cannot_be_a_command_is_said_in_the_form() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await stage.press("x")
        await stage.until(lambda: stage.dialog == "CommandDialog", "the form")
        await stage.type("echo 'a")
        stage.sees("a quote is not closed")
        await stage.press("enter")
        assert stage.dialog == "CommandDialog"
        await stage.press("'", "tab")
        await stage.type("-x")
        stage.sees("-x is not a user name")


async def test_enter_is_enough_and_empty_means_once_more() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await stage.press("x")
        await stage.type("hostname")
        await stage.press("enter")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output")
        await stage.until(lambda: crowd(stage).over, "the end")
        await stage.press("escape", "x")
        stage.sees("hostname")
        await stage.press("enter")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees("jexec -l 75 hostname")


async def test_a_stopped_jail_runs_nothing() -> None:
    async with opened() as stage:
        await stage.go_to("db01")
        await stage.press("x")
        assert said(stage, "Run a command: db01 is not running")


async def test_a_jail_that_was_started_anew_meanwhile_is_shown_again() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await command(stage, "hostname")
        stage.sees("jexec -l 75 hostname")
        machine = stage.machine
        for how in ("-r", "-c"):
            machine.now_run(("jail", "-f", "/etc/jail.conf.d/www0.conf", how, "www0"))
        await stage.press("y")
        await stage.until(lambda: "The host has changed" in stage.text, "the new preview")
        jail = machine.jail_named("www0")
        assert jail is not None
        stage.sees(f"jexec -l {jail.jid} hostname")
        assert not stage.app.jobs.all


async def test_services_are_chosen_from_a_list() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await stage.press("v")
        await stage.until(lambda: stage.dialog == "ChoiceDialog", "the list")
        stage.compare("services-list")
        await stage.press("down", "down", "enter")
        await stage.until(lambda: "cron in www0" in stage.text, "the actions")
        await stage.press("down", "enter")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees("$ service -j 75 cron restart")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output")
        await stage.until(lambda: crowd(stage).over, "the end")
        stage.sees("Stopping cron.", "Starting cron.", "done: exit status 0")


async def test_another_service_by_its_name() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await stage.press("v")
        await stage.until(lambda: stage.dialog == "ChoiceDialog", "the list")
        await stage.press("end", "enter")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form")
        await stage.type("sshd")
        await stage.press("f10")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output of status")
        await stage.until(lambda: crowd(stage).over, "the end")
        stage.sees("Run service sshd status in www0")


async def test_packages_look_without_being_asked() -> None:
    async with opened() as stage:
        await stage.go_to("www0")
        await stage.press("p")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form")
        stage.compare("packages-form")
        await stage.press("right", "right")
        stage.sees("install")
        await stage.press("f10")
        assert stage.dialog == "FormDialog"
        await stage.type("nginx")
        await stage.press("f10")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees("$ pkg -j 75 install -y nginx")
        await stage.press("escape")
        await stage.until(lambda: stage.dialog == "FormDialog", "the form again")
        await stage.press("shift+tab", "left", "left", "f10")
        await stage.until(lambda: stage.dialog == "OutputDialog", "the output")


@pytest.mark.usefixtures("hundred")
@pytest.mark.usefixtures("hundred")
async def test_fifty_jails_of_the_large_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Failures, hangs and floods in some of them: the grid tells each, and all can be ended."""
    monkeypatch.setattr(dialog_module, "FRAME", FLOODED)
    async with opened("large", WIDE) as stage:
        while sum(one.running for one in stage.main.pane.marked) < 50:
            await stage.press("space")
        jails = stage.main.pane.marked
        run = [one for one in jails if one.running]
        idle = len(jails) - len(run)
        kinds = {"fail": run[2:5], "hang": run[7:9], "flood": run[20:21], "die": run[30:31]}
        for kind, where in kinds.items():
            for one in where:
                assert one.jid is not None
                stage.machine.faults.append(Fault(kind, in_jail(one.jid), message="y"))
        await command(stage, "hostname")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "FanOutDialog", "the grid")
        many = crowd(stage).many
        await stage.until(lambda: sum(one.over for one in many.turns) == 47 + idle, "most of them")
        dialog = stage.app.screen
        assert isinstance(dialog, FanOutDialog)
        await stage.until(lambda: "43 of" in stage.text, "the line below")
        stage.sees(f"43 of {len(jails)} done, 3 running, 4 failed, {idle} refused.")
        assert len(dialog.grid.rows) == len(jails)
        states = {row.cells[1][0]: row.cells[2][0] for row in dialog.grid.rows}
        assert states[run[0].name] == "done"
        assert {states[one.name] for one in kinds["fail"]} == {"failed"}
        assert {states[one.name] for one in kinds["hang"]} == {"running"}
        assert len(stage.host.attended) == 3
        await stage.press("S", "y")
        await stage.until(lambda: many.over, "the end")
        stage.sees("43 of", "3 aborted")
        assert not stage.host.attended


def with_packages(machine: Machine) -> None:
    """app0 and www0 have a package to upgrade; in app0 pkg fails."""
    repository(machine, nginx="1.28")
    for name in ("app0", "www0"):
        root = f"/usr/local/jails/{name}/var/db/pkg"
        machine.files.mkdir(root, parents=True)
        machine.files.write(f"{root}/local.sqlite", b"nginx 1.26\n")
    argv = ("pkg", "-j", "76", "upgrade")
    machine.faults.append(Fault("fail", lambda words: words[:4] == argv))


async def test_a_jail_whose_upgrade_failed_is_rolled_back_by_a_key() -> None:
    async with opened("busy", change=with_packages) as stage:
        for name in ("app0", "www0"):
            await stage.go_to(name)
            await stage.press("space")
        await stage.press("p")
        await stage.until(lambda: "audit" in stage.text, "the form")
        while " upgrade " not in stage.text:
            await stage.press("right")
        await stage.press("tab", "tab", "tab", "tab", "space", "f10")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        await stage.press("y")
        await stage.until(lambda: stage.dialog == "FanOutDialog", "the grid")
        many = crowd(stage).many
        await stage.until(lambda: many.over, "the end")
        stage.sees("failed", "b Roll back")
        assert [turn.good for turn in many.turns] == [False, True]
        await stage.press("b")
        await stage.until(lambda: stage.dialog == "PreviewDialog", "the preview")
        stage.sees(f"Roll app0 back to @{many.turns[0].snapshot}"[:40])
        await stage.press("y")
        await stage.at_rest()
        assert any("app0-" in name for name in stage.machine.state.datasets)
