"""A fresh host: the set-up opens automatically, and pressing enter alone leads to an image."""

from __future__ import annotations

from tests.tui.harness import opened
from tests.tui.setup_parts import examined, outcome


async def test_enters_alone_lead_through_set_up_and_fetch() -> None:
    async with opened("fresh") as it:
        await examined(it)
        await it.compare_sizes("doctor-fresh")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Set up the host for jails")
        await it.press("enter")
        await it.at_rest()
        assert outcome(it).ok
        await it.press("enter")
        await examined(it)
        it.sees("all OK", "enter continues")
        await it.compare_sizes("doctor-done")
        await it.press("enter")
        assert it.dialog == "JailsScreen"
        assert it.inventory.layout.dataset == "zroot/jails"
        it.sees("enter  Fetch an image")
        await it.compare_sizes("start-fetch")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview of the fetch")
        it.sees("Fetch 15.1-RELEASE")
        await it.press("enter")
        await it.at_rest()
        assert outcome(it).ok
        await it.press("enter")
        assert [one.version for one in it.inventory.images] == ["15.1-RELEASE"]
        it.sees("enter  Create a jail")
        await it.press("enter")
        await it.until(lambda: it.dialog == "WizardDialog", "the wizard")


async def test_the_demo_says_that_it_is_one() -> None:
    async with opened("fresh", banner="Demo: nothing here is real.") as it:
        await examined(it)
        it.sees("Demo: nothing here is real.")


async def test_a_second_look_finds_nothing_to_do() -> None:
    async with opened("fresh") as it:
        await examined(it)
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        await it.press("escape", "escape", "D")
        await examined(it)
        it.sees("Nothing needs to be done here")
        await it.press("x", "e")
        assert it.dialog == "SetupScreen"
        assert any("nothing needs to be done" in one.message for one in it.app._notifications)


async def test_a_host_with_jails_is_not_greeted() -> None:
    async with opened("busy") as it:
        assert it.dialog == "JailsScreen"
        await it.press("D")
        await examined(it)
        assert not it.app.screen.query_one("#checks").marks  # type: ignore[attr-defined]
        await it.press("escape")
        assert it.dialog == "JailsScreen"


async def test_who_may_not_change_anything_is_not_greeted_but_may_look() -> None:
    async with opened("fresh", user="nobody") as it:
        assert it.dialog == "JailsScreen"
        await it.press("enter")
        await examined(it)
        it.sees("You can look, but not change anything: only root may change this host")
        await it.press("enter")
        assert it.dialog == "SetupScreen"
        assert any("only root" in one.message for one in it.app._notifications)
    async with opened("fresh", read_only=True) as it:
        assert it.dialog == "JailsScreen"
        await it.press("D")
        await examined(it)
        it.sees("this session is read-only")


async def test_nothing_of_it_is_read_on_the_refresh_path() -> None:
    async with opened("busy") as it:
        await it.refresh()
        assert not [argv for argv in it.host.log if argv[0] in ("kldstat", "devfs", "pfctl")]
        await it.press("D")
        await examined(it)
        looks = len([argv for argv in it.host.log if argv[0] == "devfs"])
        assert looks
        await it.refresh()
        assert len([argv for argv in it.host.log if argv[0] == "devfs"]) == looks
        await it.press("f5")
        await examined(it)
        assert len([argv for argv in it.host.log if argv[0] == "devfs"]) == 2 * looks
