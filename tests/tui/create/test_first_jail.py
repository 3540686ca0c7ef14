"""From a bare host to a running jail with its own address, by two keys: enter and escape."""

from __future__ import annotations

from jailer_core.model import Network
from jailer_tui.dialogs.form import FormDialog
from tests.tui.harness import Stage, opened


async def shown_and_run(it: Stage) -> None:
    """Whatever is asked: enter, until it ran."""
    for _ in range(20):
        if it.dialog == "ProgressDialog":
            break
        if not (isinstance(it.app.screen, FormDialog) and it.app.screen.busy):
            await it.press("enter")
        await it.settle()
    await it.at_rest()
    it.sees("Done")
    await it.press("escape")


async def test_the_first_jail() -> None:
    async with opened("fresh") as it:
        await shown_and_run(it)
        assert it.inventory.layout.dataset
        while it.dialog != "JailsScreen":
            await it.press("escape")
        await shown_and_run(it)
        assert it.inventory.images
        await shown_and_run(it)
        (jail,) = it.inventory.jails
        assert jail.running
        assert jail.network is Network.EPAIR
        assert jail.addresses
