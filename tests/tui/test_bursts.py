"""Keys that come faster than the screen: each acts where it was meant, or not at all."""

from __future__ import annotations

import asyncio
from itertools import count

import pytest

from jailer_core.model import Inventory
from jailer_core.operations.jails.requests import Start, Stop
from jailer_core.operations.registry import decide
from jailer_core.plan import Needs
from jailer_tui import operation_runner
from jailer_tui.dialogs.preview import of_items
from jailer_tui.presenters.plan_steps import interrupts
from jailer_tui.stores.jobs import Item
from jailer_tui.theme import UNICODE
from tests.tui.harness import Stage, burst, opened

EVERY_TAB = ("1", "2", "3", "4", "6")


async def comes(it: Stage, name: str) -> None:
    await it.until(lambda: it.dialog == name, name)


async def test_what_is_typed_behind_the_slash_is_searched_for() -> None:
    async with opened() as it:
        burst(it, "slash", *"app1", "enter")
        await it.until(lambda: it.main.pane.filter == "app1", "the filter")
        assert [row.key for row in it.main.pane.grid.rows] == ["app1"]
        assert not it.app.jobs.all


@pytest.mark.parametrize("answer", ["y", "enter"])
async def test_a_preview_is_not_answered_before_it_was_seen(answer: str) -> None:
    async with opened() as it:
        await it.go_to("www0")
        burst(it, "S", answer)
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        assert not it.app.jobs.all
        await it.press("enter")
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all
        assert it.jail("www0").running


async def test_keys_have_their_turn_between_the_plans_of_many_jails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    turns = 0

    def asked(*_: object) -> Needs:
        loop.call_soon(turn)
        return Needs()

    def turn() -> None:
        nonlocal turns
        turns += 1

    loop = asyncio.get_running_loop()
    monkeypatch.setattr(operation_runner, "needs", asked)
    requests = [Start("app1"), Start("www0"), Start("db01")]
    await operation_runner.needs_of_all(Inventory(), requests)
    assert turns == 3


async def test_leaving_counts_before_anything_was_drawn() -> None:
    async with opened() as it:
        await it.go_to("app1")
        for key in ("B", "question_mark", "Z", "x"):
            burst(it, key, "escape")
            for _ in range(8):
                await it.settle()
            assert it.dialog == "JailsScreen", key


async def test_a_name_typed_before_the_preview_destroys_nothing() -> None:
    async with opened() as it:
        await it.go_to("app1")
        burst(it, "d", *"app1", "enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.settle()
        assert it.dialog == "PreviewDialog"
        assert it.inventory.jail("app1") is not None


async def test_keys_do_nothing_while_a_plan_is_made() -> None:
    async with opened() as it:
        burst(it, "a", "S", "enter", "space", "r")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.settle()
        it.sees("Stop 6 jails")
        assert len(it.main.pane.grid.marks) == 8


@pytest.mark.parametrize("key", ["s", "S", "r"])
async def test_what_interrupts_a_service_proposes_to_cancel(key: str) -> None:
    async with opened() as it:
        await it.go_to("db01" if key == "s" else "www0")
        await it.press(key)
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("[ Run ]" if key == "s" else "[ Cancel ]")


async def test_stop_never_starts_and_start_never_stops() -> None:
    async with opened() as it:
        await it.go_to("app0")
        await it.press("space")
        await it.go_to("db01")
        await it.press("space", "S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Stop 1 jail", "db01: already stopped")
        await it.press("y")
        await it.at_rest()
        it.sees("stopped", "already stopped", "1 stopped, 1 already stopped.")
        assert not it.jail("app0").running
        assert not it.jail("db01").running
        await it.press("escape")
        assert not it.main.pane.grid.marks
        for name in ("app0", "db01"):
            await it.go_to(name)
            await it.press("space")
        await it.press("s")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Starts app0, db01. 2 steps; all can be undone.")
        await it.press("y")
        await it.at_rest()
        it.sees("2 started.")


async def test_more_than_a_handful_wants_its_number() -> None:
    async with opened() as it:
        stop, start = decide(it.inventory, Stop("app0")), decide(it.inventory, Start("db01"))
        assert interrupts(stop)
        assert not interrupts(start)
        assert of_items("", [Item(stop.request, "", stop)] * 5, UNICODE)._confirm == ""
        assert of_items("", [Item(stop.request, "", stop)] * 6, UNICODE)._confirm == "6"
        assert of_items("", [Item(start.request, "", start)] * 7, UNICODE)._confirm == "7"


async def test_leaving_goes_one_level_back(exhaustive: bool) -> None:
    """Each screen by one of the keys, in turn; with `--exhaustive` by each of them."""
    leaving, turns = ("q", "ctrl+c", "escape"), count()
    async with opened() as it:
        await it.go_to("www0")
        for opens in ("enter", "L", "P", "D", *EVERY_TAB[1:]):
            for key in leaving if exhaustive else [leaving[next(turns) % 3]]:
                await it.press(opens)
                await it.until(lambda: it.dialog != "JailsScreen", opens)
                await it.press(key)
                assert it.dialog == "JailsScreen", (key, opens)
        for opens in ("L", "question_mark"):
            await it.press("enter")
            await comes(it, "JailScreen")
            await it.press(opens)
            await it.until(lambda: it.dialog != "JailScreen", opens)
            await it.press("escape")
            assert it.dialog == "JailScreen", opens
            await it.press("escape")
            assert it.dialog == "JailsScreen", opens
        assert not it.app._exit


async def test_control_c_wants_a_second_one() -> None:
    async with opened() as it:
        await it.press("ctrl+c")
        assert not it.app._exit
        await it.press("ctrl+c")
        assert it.app._exit


async def test_escape_in_the_preview_of_the_trash_leads_back_to_the_trash() -> None:
    async with opened() as it:
        await it.go_to("app1")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.type("app1")
        await it.press("enter")
        await it.at_rest()
        await it.press("escape", "Z")
        for key in ("d", "enter"):
            await it.press(key)
            await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
            await it.press("escape")
            assert it.dialog == "TrashDialog"
        assert len(it.app.jobs.all) == 1


FORMS = {"B": "SnapshotDialog", "R": "FormDialog", "c": "WizardDialog", "C": "FormDialog",
         "F": "FormDialog", "A": "FormDialog", "x": "CommandDialog", "p": "FormDialog"}  # fmt: skip


async def test_a_dialog_can_be_left_at_once() -> None:
    async with opened() as it:
        await it.go_to("app1")
        for key in (*FORMS, "U", "b", "Z", "v", "z", "colon", "question_mark", "o"):
            it.app.clear_notifications()
            it.host.pace = 0.01  # what it asks the host for comes when it is gone
            await it.press(key)
            await it.until(lambda: it.dialog != "JailsScreen" or bool(it.app._notifications), key)
            await it.press("escape")
            it.host.pace = 0
            await it.until(lambda: not it.app.workers._workers or it.app.preparing is None)
            for _ in range(5):
                await it.settle()
            messages = [notification.message for notification in it.app._notifications]
            assert not [text for text in messages if "internal error" in text], (key, messages)
            assert it.dialog == "JailsScreen", key


async def test_a_form_may_learn_when_it_is_gone() -> None:
    async with opened() as it:
        await it.go_to("app1")
        for key, name in FORMS.items():
            await it.press(key)
            await comes(it, name)
            dialog = it.app.screen
            await it.press("escape")
            await it.until(lambda: it.dialog == "JailsScreen", "the table")
            dialog.learn(it.inventory)  # type: ignore[attr-defined]
            dialog.say_above([(("late", "text"),)])  # type: ignore[attr-defined]
            dialog.show(it.app.view)  # type: ignore[attr-defined]
            dialog._settle()  # type: ignore[attr-defined]


async def test_what_was_left_cannot_be_left_again() -> None:
    async with opened() as it:
        await it.press("enter")
        await comes(it, "JailScreen")
        screen = it.app.screen
        await it.press("question_mark")
        await comes(it, "HelpDialog")
        dialog = it.app.screen
        screen.dismiss()
        assert it.dialog == "HelpDialog"
        await it.press("escape")
        dialog.dismiss()
        await it.settle()
        assert it.dialog == "JailScreen"
