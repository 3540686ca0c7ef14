"""Tags by keys alone: three jails get one, are stopped by it, and each is undone."""

from __future__ import annotations

from tests.tui.harness import Stage, opened


async def run(it: Stage) -> None:
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    await it.settle()


def tagged(it: Stage) -> dict[str, tuple[str, ...]]:
    assert it.inventory is not None
    return {jail.name: jail.tags for jail in it.inventory.jails if jail.tags}


async def test_tags_of_three_jails() -> None:
    async with opened("small") as it:
        for name in ("app0", "www0", "fd1dafdc"):
            await it.go_to(name)
            await it.press("space")
        await it.press("at")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        it.sees("Tags: 3 jails", "app0", "www0")
        await it.type("+web +new")
        await run(it)
        assert tagged(it) == dict.fromkeys(("app0", "www0", "fd1dafdc"), ("new", "web"))
        it.sees("TAGS", "new web")
        await it.press("escape", "slash", *"@web", "enter")
        assert len(it.main.pane.grid.rows) == 3
        await it.press("a", "S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await it.press("y")
        await it.at_rest()
        await it.press("escape")
        await it.settle()
        assert not any(it.jail(name).running for name in ("app0", "www0", "fd1dafdc"))


async def test_the_tags_of_one_jail() -> None:
    async with opened("small") as it:
        await it.go_to("app0")
        await it.press("at")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.type("we/b")
        await it.press("f10")
        it.sees("we/b")
        await it.press("home", "delete", "delete", "delete", "delete")
        await it.type("web")
        await run(it)
        assert tagged(it) == {"app0": ("web",)}
        await it.press("enter")
        it.sees("Tags", "web")
