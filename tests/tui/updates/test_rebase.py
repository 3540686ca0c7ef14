"""An image is updated, and jails move to it, by keys at 80x24."""

from __future__ import annotations

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import base
from jailer_tui.controllers import images
from tests.tui.harness import Stage, opened

ROOT = "/usr/local/jails"
NEW = "15.1-RELEASE-20261124"


def conflicting(machine: Machine) -> None:
    """db01 has a line of its own where the update changes one."""
    machine.files.write(f"{ROOT}/db01/etc/syslog.conf", b"*.*\t/var/log/all.log\n")


async def confirmed(it: Stage) -> None:
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")


async def updated(it: Stage) -> None:
    """The image has its newest patch level, as another image."""
    await it.press("2")
    await it.until(lambda: it.dialog == "ImagesScreen", "the images")
    it.app.screen.pane.grid.move_to_key("15.1-RELEASE")  # type: ignore[attr-defined]
    await it.press("circumflex_accent")
    await confirmed(it)
    await it.press("1")
    assert f"zroot/jails/image/{NEW}" in it.machine.state.datasets


async def test_an_update_three_jails_a_conflict_and_back_again() -> None:
    async with opened("busy", change=conflicting) as it:
        await updated(it)
        await it.press("V")
        await it.until(lambda: it.dialog == "ChoiceDialog", "who is behind")
        it.sees("15.1-p2", "patches", "app0")
        it.compare("outdated-80")
        await it.press("escape")
        for name in ("app0", "app1", "db01"):
            await it.go_to(name)
            await it.press("space")
        await it.press("circumflex_accent")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the images")
        it.sees("Move 3 jails to", NEW, "the base of 3 now")
        await it.press("enter")
        await it.until(lambda: it.dialog == "ConflictsDialog", "the conflict")
        it.sees("/etc/syslog.conf", "both changed it", "1 of 1 left")
        it.compare("conflicts-80")
        await it.press("o")
        it.sees("All are resolved", "jail's")
        await it.press("f10")
        await it.until(lambda: it.dialog == "ChoiceDialog", "what a failure means")
        it.sees("When a jail cannot be moved", "Go on", "Stop")
        await it.press("enter")
        await confirmed(it)
        assert [it.jail(name).userland for name in ("app0", "app1", "db01")] == [
            "15.1-RELEASE-p2"
        ] * 3
        assert it.machine.files.read(f"{ROOT}/db01/etc/syslog.conf") == b"*.*\t/var/log/all.log\n"
        # one goes back
        await it.press("Z")
        await it.until(lambda: it.dialog == "TrashDialog", "the trash")
        it.sees("db01", "earlier state", "before it was moved")
        await it.press("enter")
        await confirmed(it)
        assert sorted(it.jail(name).userland for name in ("app0", "app1", "db01")) == [
            "15.1-RELEASE-p1",
            "15.1-RELEASE-p2",
            "15.1-RELEASE-p2",
        ]


async def test_both_versions_can_be_edited(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[str] = []

    def edited(text: str) -> str:
        given.append(text)
        return text if len(given) == 1 else "*.*\t/var/log/both.log\n"

    monkeypatch.setattr(images, "edited", edited)
    async with opened("busy", change=conflicting) as it:
        monkeypatch.setattr(it.app, "in_terminal", lambda work: work())
        await updated(it)
        await it.go_to("db01")
        await it.press("circumflex_accent", "enter")
        await it.until(lambda: it.dialog == "ConflictsDialog", "the conflict")
        await it.press("f10")
        assert it.dialog == "ConflictsDialog"
        await it.press("e")
        it.sees("still has conflict markers")
        await it.press("e")
        it.sees("edited", "All are resolved")
        assert "<<<<<<< jail" in given[0]
        await it.press("f10")
        await confirmed(it)
        assert it.machine.files.read(f"{ROOT}/db01/etc/syslog.conf") == b"*.*\t/var/log/both.log\n"


async def test_leaving_the_conflicts_changes_nothing() -> None:
    async with opened("busy", change=conflicting) as it:
        await updated(it)
        await it.go_to("db01")
        await it.press("circumflex_accent", "enter")
        await it.until(lambda: it.dialog == "ConflictsDialog", "the conflict")
        await it.press("escape")
        await it.until(lambda: it.dialog == "JailsScreen", "the table")
        assert it.jail("db01").userland == "15.1-RELEASE-p1"


def with_old_packages(machine: Machine) -> None:
    """app0 and app1 have packages of FreeBSD 15, and there is an image of 14."""
    base.image(machine, "zroot/jails", "14.3-RELEASE", "-p2")
    for name in ("app0", "app1"):
        machine.files.mkdir(f"{ROOT}/{name}/var/db/pkg", parents=True)
        machine.files.write(f"{ROOT}/{name}/var/db/pkg/local.sqlite", b"nginx 1.26\n")


async def test_packages_that_no_longer_fit_are_the_next_step() -> None:
    async with opened("busy", change=with_old_packages) as it:
        for names in (("app0",), ("app1", "www0")):
            for name in names:
                await it.go_to(name)
                await it.press("space")
            await it.press("circumflex_accent")
            await it.until(lambda: it.dialog == "ChoiceDialog", "the images")
            it.app.screen.grid.move_to_key("14.3-RELEASE")  # type: ignore[attr-defined]
            await it.press("enter")
            if len(names) > 1:
                await it.until(lambda: "cannot be moved" in it.text, "what a failure means")
                await it.press("enter")
            await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
            await it.press("y")
            await it.at_rest()
            it.sees("p Packages")
            await it.press("p")
            await it.until(lambda: it.dialog == "PreviewDialog", "what replaces them")
            it.sees("upgrade -y -f", f"in {names[0]}")
            await it.press("escape", "escape")
            await it.until(lambda: it.dialog == "JailsScreen", "the table")
            await it.press("u")


def unmovable(machine: Machine) -> None:
    """There is an image of 14, and app0 no longer starts."""
    base.image(machine, "zroot/jails", "14.3-RELEASE", "-p2")
    start = ("jail", "-v", "-f", "/etc/jail.conf.d/app0.conf", "-c", "app0")
    machine.faults.append(Fault("fail", lambda argv: argv == start, times=1))


async def test_no_more_jails_are_moved_after_one_has_failed() -> None:
    async with opened("busy", change=unmovable) as it:
        for name in ("app0", "app1"):
            await it.go_to(name)
            await it.press("space")
        await it.press("circumflex_accent")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the images")
        it.app.screen.grid.move_to_key("14.3-RELEASE")  # type: ignore[attr-defined]
        await it.press("enter")
        await it.until(lambda: "cannot be moved" in it.text, "what a failure means")
        await it.press("down", "enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        it.sees("failed", "left out")
        assert [it.jail(name).userland for name in ("app0", "app1")] == ["15.1-RELEASE-p1"] * 2
