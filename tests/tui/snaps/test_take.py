"""Taking snapshots, holding, destroying, cloning and keeping them, by keys."""

from __future__ import annotations

from jailer_core.operations.snapshots.retention import by_default
from tests.tui.harness import Stage, opened
from tests.tui.snaps.parts import look, run, snapshots, told, with_children

BOTH = "zroot/jails/app0@both"


def names(it: Stage, dataset: str) -> list[str]:
    return [one.name for one in it.machine.state.datasets[dataset].snapshots]


async def test_one_key_and_enter() -> None:
    async with opened("small") as it:
        await it.go_to("www0")
        now = by_default(it.host.clock())
        await it.press("B")
        await it.until(lambda: "$ zfs snapshot" in it.text, "the command")
        it.sees(f"$ zfs snapshot zroot/jails/www0@{now}")
        await it.compare_sizes("snap-take")
        await it.press("enter")
        await it.at_rest()
        assert now in names(it, "zroot/jails/www0")


async def test_a_name_is_checked_while_it_is_typed() -> None:
    async with opened("small", change=with_children) as it:
        await snapshots(it, BOTH)
        await it.press("B")
        await it.type("both")
        await it.until(lambda: "already exists" in it.text, "the refusal")
        await it.press("enter")
        assert it.dialog == "SnapshotDialog"
        await it.press("2")
        it.sees("$ zfs snapshot zroot/jails/app0@both2 zroot/jails/app0/data@both2")
        it.sees("1 dataset below")
        await it.press("enter")
        await it.at_rest()
        assert "both2" in names(it, "zroot/jails/app0/data")
        await it.press("escape")
        await look(it)
        it.sees("both2")


async def test_marked_jails_in_one_grid() -> None:
    async with opened("small") as it:
        await it.go_to("app0")
        await it.press("space", "B")
        await it.press("escape")
        await it.go_to("www0")
        await it.press("space", "B")
        it.sees("2 jails", "app0, www0")
        await it.type("two")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("zfs snapshot zroot/jails/app0@two", "zfs snapshot zroot/jails/www0@two")
        await it.press("y")
        await it.at_rest()
        it.sees("2 taken")
        assert names(it, "zroot/jails/app0")[-1] == names(it, "zroot/jails/www0")[-1] == "two"


async def test_a_jail_that_cannot_be_does_not_keep_the_others_back() -> None:
    async with opened("busy") as it:
        await it.press("a", "B")
        await it.until(lambda: "of 8 can be" in it.text, "the snapshots")
        await it.type("all")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("byhand: ", "made by hand")
        await it.press("y")
        await it.at_rest()
        assert names(it, "zroot/jails/www0")[-1] == "all"


async def test_destroy_asks_for_the_name_and_says_what_comes_back() -> None:
    async with opened("small", change=with_children) as it:
        await snapshots(it, BOTH)
        await it.press("d")
        told(it, "a clone depends on it")
        screen = await snapshots(it, "zroot/jails/app0@prod")
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("To continue, type  prod", "This frees")
        await it.type("prod")
        await it.press("enter")
        await it.at_rest()
        assert "prod" not in names(it, "zroot/jails/app0")
        await it.press("escape")
        await look(it)
        assert "zroot/jails/app0@prod" not in [row.key for row in screen.pane.grid.rows]


async def test_several_are_destroyed_together() -> None:
    def change(machine: object) -> None:
        for name in ("one", "two"):
            run(machine, "zfs", "snapshot", f"zroot/jails/app0@{name}")  # type: ignore[arg-type]

    async with opened("small", change=change) as it:
        await snapshots(it, "zroot/jails/app0@two")
        await it.press("space", "space", "d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("zfs destroy zroot/jails/app0@one,two", "type  2 snapshots")
        await it.type("2 snapshots")
        await it.press("enter")
        await it.at_rest()
        assert names(it, "zroot/jails/app0") == ["base", "prod"]


async def test_which_of_several_cannot_be_destroyed_is_said() -> None:
    async with opened("small", change=with_children) as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("space", "k", "k", "space", "d")
        told(it, "app0@both: a clone depends on it")


async def test_hold_and_release() -> None:
    async with opened("small") as it:
        prod = "zroot/jails/app0@prod"
        await snapshots(it, prod)
        await it.press("H")
        await it.type("audit")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees(f"zfs hold audit {prod}")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        await look(it)
        await look(it)
        it.sees("held")
        await it.press("d")
        told(it, "it is held; H releases it")
        await it.press("H")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the tags")
        it.sees("Release", "audit", "add another tag")
        await it.press("enter")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees(f"zfs release audit {prod}")
        await it.press("y")
        await it.at_rest()
        dataset = it.machine.state.datasets["zroot/jails/app0"]
        assert not any(one.holds for one in dataset.snapshots)


async def test_clone_of_a_snapshot_and_of_an_image() -> None:
    async with opened("small") as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("C")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.until(lambda: "prod" in it.text, "the snapshot")
        it.sees("Clone: app0", "prod")
        await it.press("escape")
        await snapshots(it, "zroot/jails/image/15.1-RELEASE@base")
        await it.press("C")
        await it.until(lambda: it.dialog == "WizardDialog", "the wizard")


async def test_a_policy_and_who_carries_it_out() -> None:
    async with opened("small") as it:
        await snapshots(it, "zroot/jails/app0@prod")
        await it.press("K")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("x")
        it.sees("not a number")
        await it.press("backspace", *"24", "tab", *"7")
        it.sees("the last 24 hours", "the last 7 days", "cron does not run `snap auto`")
        await it.compare_sizes("snap-policy")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.until(lambda: it.dialog == "ConfirmDialog", "the question")
        it.sees("Run it from cron?")
        await it.press("escape")
        await look(it)
        it.sees("24 hourly, 7 daily", "cron does not run it")
        await it.press("K")
        await it.until(lambda: it.dialog == "FormDialog", "the form again")
        it.sees("the last 24 hours", "the last 7 days")


async def test_without_root_nothing_is_changed() -> None:
    async with opened("small", user="nobody") as it:
        await snapshots(it, "zroot/jails/app0@prod")
        for key in "nBdHPSC":
            await it.press(key)
            assert it.dialog == "SnapshotsScreen", key
        told(it, "only root may change")
        await it.press("enter")
        assert it.dialog == "DiffScreen"


async def test_with_the_cursor_nowhere_the_jail_is_chosen() -> None:
    async with opened("small") as it:
        await snapshots(it, "zroot/jails/image/15.1-RELEASE@base")
        await it.press("B")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the jails")
        it.sees("A snapshot of", "zroot/jails/app0")
        await it.press("enter")
        await it.until(lambda: it.dialog == "SnapshotDialog", "the form")
        await it.press("escape")
        assert it.dialog == "ChoiceDialog"
        await it.press("enter")
        await it.until(lambda: "$ zfs snapshot" in it.text, "the form")
        await it.press("enter")
        await it.at_rest()
        await it.press("escape")
        assert it.dialog == "SnapshotsScreen"


async def test_a_policy_and_its_schedule_from_the_palette() -> None:
    async with opened("small") as it:
        await it.go_to("www0")
        await it.press("colon", *"policy", "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("Snapshots to keep of www0")
        await it.press("7", "f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.until(lambda: it.dialog == "ConfirmDialog", "the question")
        await it.press("y")
        await it.until(lambda: it.dialog == "PreviewDialog", "the line for cron")
        it.sees("snap auto", "/etc/cron.d/jailer-tui")
        await it.press("y")
        await it.at_rest()
        assert it.machine.files.exists("/etc/cron.d/jailer-tui")
        await it.press("escape")
        await snapshots(it, "zroot/jails/www0@base")
        it.sees("Policy     7 hourly", "never ran, next in")
        await it.app.dispatcher.perform("snapschedule")
        await it.until(lambda: it.dialog == "PreviewDialog", "no more")
        it.sees("remove /etc/cron.d/jailer-tui")
