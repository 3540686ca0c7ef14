"""Mounts and datasets of an opened jail, by keys alone, and how each is undone."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from tests.tui.harness import Stage, opened


def with_sources(machine: Machine) -> None:
    machine.now_run(("mkdir", "-p", "/srv/www"))
    machine.now_run(("zfs", "create", "-p", "zroot/data/app"))


async def mounts_of(it: Stage, name: str) -> None:
    await it.go_to(name)
    await it.press("enter", "right", "right", "right")
    await it.until(lambda: "adds a mount" in it.text, "the mounts")


async def run(it: Stage) -> None:
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    await it.settle()


async def test_a_directory_read_only_and_away_again() -> None:
    async with opened("small", change=with_sources) as it:
        await mounts_of(it, "app0")
        await it.press("m")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("/srv/www")
        await it.press("tab")
        await it.type("/mnt/www")
        await it.press("tab", "space")
        await run(it)
        await it.until(lambda: "/srv/www, read-only" in it.text, "the mount")
        await it.press("M")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("/mnt/www")
        await run(it)
        await it.until(lambda: "/srv/www" not in it.text, "no mount")
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Undo: Unmount /mnt/www in app0")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        await it.until(lambda: "/srv/www, read-only" in it.text, "the mount again")


async def test_a_dataset_is_given() -> None:
    async with opened("small", change=with_sources) as it:
        await mounts_of(it, "app0")
        await it.press("colon", *"give a dataset", "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("zroot/data/app")
        await run(it)
        await it.until(lambda: "Datasets of its own: zroot/data/app" in it.text, "the dataset")


def depending(machine: Machine) -> None:
    path = "/etc/jail.conf.d/app0.conf"
    text = (
        machine.files.read(path).decode().replace("  persist;\n", "  persist;\n  depend = www0;\n")
    )
    machine.files.write(path, text.encode())
    machine.now_run(("sysrc", "jail_list=app0 www0"))


async def test_the_boot_order_shows_who_starts_after_whom() -> None:
    async with opened("small", change=depending) as it:
        await it.press("U")
        await it.until(lambda: "STARTS AFTER" in it.text, "the boot order")
        it.sees("app0 needs www0, which must start before it.")
        await it.press("J")
        assert "must start before it" not in it.text
