"""The first jail, by questions: enters alone lead to a running jail with its own address."""

from __future__ import annotations

from jailer_core.model import Network
from jailer_tui.dialogs.preview import PreviewDialog
from jailer_tui.dialogs.wizard import WizardDialog
from tests.tui.harness import Stage, opened


def wizard(it: Stage) -> WizardDialog:
    assert isinstance(it.app.screen, WizardDialog), it.text
    return it.app.screen


async def asked(it: Stage) -> None:
    await it.press("c")
    await it.until(lambda: it.dialog == "WizardDialog", "the wizard")
    await it.until(lambda: wizard(it).inventory.snapshots is not None, "the snapshots")


async def enters(it: Stage, wanted: str, *, most: int = 12) -> None:
    """Press enter until that dialog is there."""
    for _ in range(most):
        if it.dialog == wanted:
            return
        if not (it.dialog == "WizardDialog" and wizard(it).busy):
            await it.press("enter")
        await it.settle()
    raise AssertionError(f"no {wanted}:\n{it.text}")


async def test_enters_alone_make_a_running_jail() -> None:
    async with opened("small") as it:
        old = {one.name for one in it.inventory.jails}
        await asked(it)
        await enters(it, "PreviewDialog")
        await enters(it, "ProgressDialog")
        await it.at_rest()
        it.sees("Done")
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        (name,) = {one.name for one in it.inventory.jails} - old
        jail = it.jail(name)
        assert jail.running
        assert jail.network is Network.EPAIR
        assert jail.addresses
        await it.settle()
        assert it.main.pane.grid.key == name


async def test_pictures_of_the_questions() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.type("web01")
        for index in range(1, 6):
            await it.compare_sizes(f"wizard-{index}")
            await it.press("enter")


async def test_back_through_the_questions_and_out() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.press("enter", "enter", "escape")
        it.sees("2 of 5")
        await it.press("escape", "escape")
        assert it.dialog == "JailsScreen"
        assert not it.app.jobs.all


async def test_what_was_filled_in_is_not_thrown_away_unasked() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.type("web01")
        await it.press("escape")
        assert it.dialog == "ConfirmDialog"
        await it.press("enter")
        assert it.dialog == "WizardDialog"
        it.sees("web01")
        await it.press("escape", "tab", "enter")
        await it.until(lambda: it.dialog == "JailsScreen", "the table")


async def test_a_question_that_makes_no_sense_is_not_asked() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.press("enter", "enter", "G", "enter")
        it.sees("When should it run?", "4 of 4")
        await it.press("escape", "home")
        it.sees("3 of 5")


async def test_a_name_that_is_taken_does_not_get_further() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.type("www0")
        it.sees("the jail www0 already exists")
        await it.press("enter")
        it.sees("1 of 5")
        await it.type("x")
        assert "already" not in it.text
        await it.press("enter")
        it.sees("2 of 5")


async def test_an_address_that_is_taken() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.press("enter", "enter", "enter", "right", "enter")
        await it.type("10.0.0.10")
        it.sees("10.0.0.10 is in use by the jail fd1dafdc")
        await it.press("enter")
        it.sees("4 of 5")
        await it.press("backspace", "backspace")
        await it.type("99")
        it.sees("free")
        await it.press("enter")
        it.sees("5 of 5")
        await enters(it, "PreviewDialog")
        await it.press("y")
        await it.at_rest()
        it.sees("Done")
        addresses = [one.address for jail in it.inventory.jails for one in jail.addresses or ()]
        assert "10.0.0.99" in addresses


async def test_a_snapshot_to_begin_with() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.type("copy1")
        await it.press("enter", "j", "j", "j")
        await enters(it, "PreviewDialog")
        screen = it.app.screen
        assert isinstance(screen, PreviewDialog)
        await it.press("f3")
        shown = "".join(text for line in screen.text.lines for text, _ in line)
        assert "zfs clone zroot/jails/app0@prod zroot/jails/copy1" in shown


async def test_the_buttons_do_what_they_say() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.press("tab", "enter")
        it.sees("2 of 5")
        await it.press("tab", "enter")
        it.sees("3 of 5")
        await it.press("tab", "right", "enter")
        it.sees("2 of 5")


async def test_the_preview_from_any_question() -> None:
    async with opened("small") as it:
        await asked(it)
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("escape")
        assert it.dialog == "WizardDialog"
        it.sees("1 of 5")


async def test_where_no_default_was_chosen_a_bridge_decides() -> None:
    async with opened("busy") as it:
        await asked(it)
        await it.press("enter", "enter")
        assert wizard(it).grid.key == "eb"
        await it.press("enter")
        it.sees("fixed", "10.0.0.")
