"""Changing a jail from the keyboard: shown, asked, run, and seen in the table."""

from __future__ import annotations

import pytest

from jailer_core.execution import prepare
from jailer_core.operations.jails.requests import Stop
from jailer_core.plan import OutcomeStatus
from jailer_core.plan.preview import preview
from jailer_core.simulator.kernel.machine import Fault
from tests.tui.changes import asked, last
from tests.tui.harness import opened


async def test_stop_then_start() -> None:
    async with opened() as it:
        await asked(it, "www0", "S")
        await it.compare_sizes("preview-stop")
        await it.press("y")
        await it.at_rest()
        it.compare("progress-stop")
        await it.press("escape")
        assert not it.jail("www0").running
        assert it.main.pane.grid.key == "www0"
        await asked(it, "www0", "s")
        await it.press("enter")
        await it.at_rest()
        it.sees("Done")
        assert it.jail("www0").running


async def test_the_preview_is_the_plan() -> None:
    async with opened() as it:
        dialog = await asked(it, "app1", "S")
        plan = await prepare(it.app.reader, Stop("app1"))
        rows = ["".join(text for text, _ in row).strip() for row in dialog.text.lines]
        shown = [row.removeprefix("$ ") for row in rows if row]
        assert shown[1] == "Stops app1. 1 step; it can be undone."
        assert [shown[0], *shown[2:]] == [line.text.strip() for line in preview(plan)]


async def test_a_long_plan_is_folded_and_opens_with_a_key() -> None:
    async with opened() as it:
        dialog = await asked(it, "app1", "d")
        it.sees(
            "10 steps; all can be undone.", "5 steps that only make directories", "8. Stop app1"
        )
        assert "zfs rename" not in it.text
        await it.press("f3")
        rows = ["".join(text for text, _ in row) for row in dialog.text.lines]
        assert any("zfs rename" in row for row in rows)
        await it.press("f3")
        assert "zfs rename" not in it.text
        it.sees("down and enter open a step, f3 all of them.")


async def test_a_single_step_of_a_folded_plan_opens() -> None:
    async with opened() as it:
        await asked(it, "app1", "d")
        await it.press("down", "down", "enter")
        it.sees("▼ 6. ", "host.hostname", "Open/close")
        await it.press("down")
        assert "▼ 6. " not in it.text  # it is longer than the screen: the key scrolls it
        await it.press("up", "space")
        it.sees("▸ 6. ", "▸ 8. Stop app1")
        assert "host.hostname" not in it.text
        await it.press("home", "enter")
        it.sees("▼ 1. ", "undo: ")
        await it.press("tab")
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        assert it.inventory.jail("app1") is None


async def test_the_preview_names_connections_that_end() -> None:
    async with opened("small") as it:
        await asked(it, "www0", "r")
        it.sees(
            "Restarts www0. 2 steps; all can be undone.", "Ends 3 connections to port 80 of www0."
        )


@pytest.mark.parametrize("key", ["escape", "n", "q", "ctrl+c"])
async def test_leaving_the_preview_changes_nothing(key: str) -> None:
    async with opened() as it:
        await asked(it, "app1", "S")
        commands = len(it.host.log)
        await it.press(key)
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all
        assert len(it.host.log) == commands


async def test_cancel_by_the_buttons() -> None:
    async with opened() as it:
        await asked(it, "app1", "S")
        await it.press("tab", "tab", "enter")
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all


async def test_restart_gives_another_jid() -> None:
    async with opened() as it:
        old = it.jail("app1").jid
        await asked(it, "app1", "r")
        await it.press("y")
        await it.at_rest()
        assert it.jail("app1").running
        assert it.jail("app1").jid != old


async def test_destroy_wants_the_name_and_the_trash_gives_it_back() -> None:
    async with opened() as it:
        before = it.jail("app1")
        await asked(it, "app1", "d")
        it.sees("To continue, type  app1", "enter Run")
        await it.press("enter")
        await it.type("app0")
        await it.press("enter")
        assert it.dialog == "PreviewDialog"
        await it.press(*["backspace"] * 4)
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        it.sees("Done")
        await it.press("escape")
        assert it.inventory.jail("app1") is None
        await it.press("Z")
        it.sees("app1", "running")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog")
        it.sees("Restore app1")
        await it.press("y")
        await it.at_rest()
        assert it.jail("app1").running
        assert it.jail("app1").dataset == before.dataset
        assert not it.inventory.trash
        await it.press("escape")
        assert it.dialog == "TrashDialog"


async def test_purge_wants_the_name() -> None:
    async with opened() as it:
        await asked(it, "app1", "d")
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        await it.press("escape", "Z", "d")
        await it.until(lambda: it.dialog == "PreviewDialog")
        plan_name = it.inventory.trash[0]
        it.sees("To continue, type")
        await it.press("y", "enter")
        assert it.dialog == "PreviewDialog"
        await it.press(*["backspace"] * 3)
        await it.type(plan_name.name if f"type  {plan_name.name} " in it.text else plan_name.id)
        await it.press("enter")
        await it.at_rest()
        assert last(it).outcome is not None
        assert last(it).outcome.ok  # type: ignore[union-attr]
        assert not it.inventory.trash


async def test_a_host_that_changed_meanwhile_shows_the_new_plan() -> None:
    async with opened() as it:
        await asked(it, "app1", "d")
        await it.press("f3")
        it.sees("zfs create -o mountpoint=none")
        await it.host.run(
            ("zfs", "create", "-o", "mountpoint=none", "-o", "canmount=off", "zroot/jails/.trash")
        )
        await it.type("app1")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the new plan")
        it.sees("The host has changed since this preview")
        await it.press("f3")
        assert "mountpoint=none" not in it.text
        assert it.jail("app1").running
        outcome = last(it).outcome
        assert outcome is not None
        assert outcome.status is OutcomeStatus.CHANGED
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        assert it.inventory.jail("app1") is None


async def test_a_failed_start_says_why_and_what_was_taken_back() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[0] == "jail" and "-c" in argv

    async with opened(
        change=lambda machine: machine.faults.append(
            Fault("fail", broken, message="no such bridge")
        )
    ) as it:
        await asked(it, "db01", "s")
        await it.press("y")
        await it.at_rest()
        it.sees("Failed", "no such bridge")
        assert "Abort" not in it.text
        assert not it.jail("db01").running
        await it.press("escape")
        await it.press("w")
        assert it.dialog == "ProgressDialog"


async def test_a_foreign_jail_says_why_it_cannot_be_changed() -> None:
    async with opened() as it:
        await it.go_to("byhand")
        await it.press("d")
        assert it.dialog == "JailsScreen"
        assert any("read-only" in one.message for one in it.app._notifications)
