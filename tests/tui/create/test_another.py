"""Another name, another jail, another boot order, another default: by keys alone."""

from __future__ import annotations

import secrets

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.list_form import BootOrderDialog
from tests.tui.harness import Stage, opened


@pytest.fixture(autouse=True)
def _same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_bytes", lambda size: bytes(range(10, 10 + size)))


async def asked(it: Stage, name: str, key: str, dialog: str = "FormDialog") -> None:
    await it.go_to(name)
    await it.press(key)
    await it.until(lambda: it.dialog == dialog, "the form")
    if isinstance(it.app.screen, FormDialog):
        form = it.app.screen
        await it.until(lambda: form.inventory.snapshots is not None, "the snapshots")


async def run(it: Stage) -> None:
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()


# --- rename ----------------------------------------------------------------------------------


async def test_rename() -> None:
    async with opened("small") as it:
        await asked(it, "app0", "R")
        await it.compare_sizes("rename")
        old = it.jail("app0")
        await it.type("web01")
        await run(it)
        it.sees("Done")
        await it.press("escape")
        assert it.inventory.jail("app0") is None
        assert it.jail("web01").running
        assert it.jail("web01").dataset == old.dataset.replace("app0", "web01")
        await it.settle()
        assert it.main.pane.grid.key == "web01"


async def test_a_name_is_needed_and_must_be_free() -> None:
    async with opened("small") as it:
        await asked(it, "app0", "R")
        it.sees("needed")
        await it.press("f10")
        assert it.dialog == "FormDialog"
        await it.type("www0")
        it.sees("the jail www0 already exists")
        await it.press("f10")
        assert it.dialog == "FormDialog"
        await it.press("ctrl+u")
        await it.type("app0")
        it.sees("it is already called")


async def test_a_rename_that_fails_leads_back() -> None:
    def broken(argv: tuple[str, ...]) -> bool:
        return argv[:2] == ("zfs", "rename")

    def breaks(machine: Machine) -> None:
        machine.faults.append(Fault("fail", broken, message="dataset is busy"))

    async with opened("small", change=breaks) as it:
        await asked(it, "app0", "R")
        await it.type("web01")
        await run(it)
        it.sees("Failed", "dataset is busy")
        assert it.jail("app0").running
        await it.press("escape")
        await it.until(lambda: it.dialog == "FormDialog", "the form again")
        it.sees("It failed", "web01")
        await it.type("2")
        assert "It failed" not in it.text  # it was about what stood there


async def test_foreign_jails_are_left_alone() -> None:
    async with opened("busy") as it:
        for key in ("R", "C"):
            await it.go_to("shop")
            await it.press(key)
            assert it.dialog == "JailsScreen"
        assert any("bastille" in one.message for one in it.app._notifications)


# --- note ------------------------------------------------------------------------------------


async def test_a_note_is_set_from_the_palette_and_removed() -> None:
    async with opened("small") as it:
        await it.go_to("app0")
        await it.press("enter")
        for text in ("the shop", ""):
            await it.press("colon")
            await it.type("jail's note")
            await it.press("enter")
            await it.until(lambda: it.dialog == "FormDialog", "the form")
            assert isinstance(it.app.screen, FormDialog)
            assert it.app.screen.values["text"] == ("" if text else "the shop")
            await it.press("ctrl+u")
            await it.type(text)
            await run(it)
            it.sees("Done")
            await it.press("escape")
            dataset = it.machine.state.datasets["zroot/jails/app0"]
            assert dataset.props.get("jailer:note", "") == text
            await it.settle()
            assert ("Note       the shop" in it.text) is bool(text)


# --- clone -----------------------------------------------------------------------------------


async def test_clone() -> None:
    async with opened("small") as it:
        await asked(it, "fd1dafdc", "C")
        await it.compare_sizes("clone")
        await it.type("web01")
        await run(it)
        it.sees("Done")
        await it.press("escape")
        new = it.jail("web01")
        assert new.running
        assert new.addresses
        assert {one.address for one in new.addresses}.isdisjoint(
            one.address for one in it.jail("fd1dafdc").addresses or ()
        )


async def test_a_clone_of_a_snapshot_that_does_not_start() -> None:
    async with opened("small") as it:
        await asked(it, "app0", "C")
        await it.type("web01")
        await it.press("enter", "right")
        it.sees("prod")
        await it.press("enter", "enter", "enter", "enter", "space")
        it.sees("[ ] no")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("f3")
        it.sees("zfs clone zroot/jails/app0@prod zroot/jails/web01")
        await it.press("y")
        await it.at_rest()
        assert not it.jail("web01").running


async def test_a_clone_with_an_address_that_is_taken() -> None:
    async with opened("small") as it:
        await asked(it, "fd1dafdc", "C")
        await it.type("web01")
        await it.press("down", "down")
        await it.type("10.0.0.10")
        it.sees("10.0.0.10 is in use by the jail fd1dafdc")
        await it.press("f10")
        assert it.dialog == "FormDialog"


# --- the boot order --------------------------------------------------------------------------


def listed(machine: Machine) -> None:
    machine.now_run(("sysrc", "jail_list=www0 app0"))


async def ordering(it: Stage) -> None:
    await it.press("U")
    await it.until(lambda: it.dialog == "BootOrderDialog", "the list")


def order(it: Stage) -> list[str]:
    assert isinstance(it.app.screen, BootOrderDialog), it.text
    return it.app.screen.names


async def test_boot_order() -> None:
    async with opened("small", change=listed) as it:
        await ordering(it)
        await it.compare_sizes("boot-order")
        await it.press("J")
        assert order(it) == ["app0", "www0"]
        await it.press("J", "K", "K", "down", "down", "space")
        assert order(it) == ["www0", "app0", "99d6c13c"]
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("jail_list=www0 app0 99d6c13c")
        await it.press("escape")
        assert order(it) == ["www0", "app0", "99d6c13c"]
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        assert it.dialog == "JailsScreen"
        assert it.inventory.boot_list == ("www0", "app0", "99d6c13c")


async def test_an_order_that_is_no_other_one() -> None:
    async with opened("small", change=listed) as it:
        await ordering(it)
        await it.press("enter")
        assert it.dialog == "BootOrderDialog"
        assert any("nothing has changed" in one.message.lower() for one in it.app._notifications)
        await it.press("escape", "escape")
        assert it.dialog == "JailsScreen"


async def test_an_empty_order_is_refused_and_can_be_mended() -> None:
    async with opened("small", change=listed) as it:
        await ordering(it)
        await it.press("space", "space")
        await it.press("home", "space") if order(it) else None
        while order(it):
            await it.press("home", "space")
        await it.press("enter")
        await it.until(lambda: bool(it.app._notifications), "the refusal")
        assert order(it) == []
        await it.press("space")
        assert len(order(it)) == 1


async def test_what_does_not_start_has_no_place() -> None:
    async with opened("small", change=listed) as it:
        await ordering(it)
        await it.press("G", "K")
        assert order(it) == ["www0", "app0"]


# --- the default network ---------------------------------------------------------------------


async def test_default_network() -> None:
    async with opened("small") as it:
        await it.press("colon")
        await it.type("default network")
        await it.press("enter")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the choice")
        await it.press("G", "enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("inherit")
        await it.press("y")
        await it.at_rest()
        await it.press("escape", "c")
        await it.until(lambda: it.dialog == "WizardDialog", "the wizard")
        await it.press("enter", "enter")
        screen = it.app.screen
        assert screen.grid.key == "inherit"  # type: ignore[attr-defined]
