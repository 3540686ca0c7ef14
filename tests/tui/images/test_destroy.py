"""Destroying an image: by its name, and never under a jail."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from tests.tui.harness import opened
from tests.tui.setup_parts import listed


async def test_an_image_that_jails_live_on_stays() -> None:
    async with opened("busy") as it:
        await it.press("2")
        await listed(it)
        it.app.screen.query_one("#images").move_to_key("15.1-RELEASE")  # type: ignore[attr-defined]
        await it.press("d")
        assert it.dialog == "ImagesScreen"
        assert any("3 jails use it" in one.message for one in it.app._notifications)


async def test_destroying_wants_the_name() -> None:
    def another(machine: Machine) -> None:
        machine.now_run(("zfs", "create", "zroot/jails/image/14.3-RELEASE"))
        machine.now_run(("zfs", "snapshot", "zroot/jails/image/14.3-RELEASE@base"))

    async with opened("busy", change=another) as it:
        await it.press("2")
        await listed(it)
        it.app.screen.query_one("#images").move_to_key("14.3-RELEASE")  # type: ignore[attr-defined]
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y", "enter")
        assert it.dialog == "PreviewDialog"
        await it.press("backspace")
        await it.type("14.3-RELEASE")
        await it.press("enter")
        await it.at_rest()
        assert "14.3-RELEASE" not in {one.version for one in it.inventory.images}
        await it.press("escape")
        it.sees("to fetch")


async def test_reading_only_and_not_root() -> None:
    async with opened("busy", read_only=True) as it:
        await it.press("2")
        await listed(it)
        await it.press("enter")
        assert any("read-only" in one.message for one in it.app._notifications)
    async with opened("busy", user="nobody") as it:
        await it.press("2")
        await listed(it)
        await it.press("enter")
        assert any("only root" in one.message for one in it.app._notifications)
