"""Fields of a form are completed by what the host has, with a key that the footer shows."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from tests.tui.harness import opened

KEY = "ctrl+@"  # what a terminal sends for ctrl-space


def with_sources(machine: Machine) -> None:
    for name in ("www", "wwwlog", "data"):
        machine.now_run(("mkdir", "-p", f"/srv/{name}"))
    machine.now_run(("mkdir", "-p", "/usr/local/jails/app0/mnt/site"))
    machine.now_run(("zfs", "create", "-p", "zroot/given"))


async def test_directories_of_host_and_jail_and_a_dataset() -> None:
    async with opened("small", change=with_sources) as it:
        await it.go_to("app0")
        await it.press("m")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("ctrl-space Complete")
        await it.type("/sr")
        await it.press(KEY)
        await it.until(lambda: "/srv/ " in it.text, "the directory")
        await it.type("w")
        await it.press(KEY)
        await it.until(lambda: "/srv/www " in it.text, "what both have in common")
        await it.press(KEY)
        await it.until(lambda: it.dialog == "ChoiceDialog", "the list")
        it.sees("www/", "wwwlog/")
        await it.press("down", "enter")
        await it.until(lambda: "/srv/wwwlog/" in it.text, "the second one")
        await it.press("tab")
        await it.type("/mnt/s")
        await it.press(KEY)
        await it.until(lambda: "/mnt/site/" in it.text, "the directory of the jail")
        await it.press("tab")
        assert "Complete" not in it.text


async def test_what_cannot_be_completed_says_why() -> None:
    async with opened("small", change=with_sources) as it:
        await it.go_to("app0")
        await it.press("colon", *"give a dataset", "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("nosuch")
        await it.press(KEY)
        await it.until(lambda: "no match" in it.text, "the message")
        await it.press("ctrl+u")
        assert "nothing begins" not in it.text
        await it.type("zroot/g")
        await it.press(KEY)
        await it.until(lambda: "zroot/given" in it.text, "the dataset")
