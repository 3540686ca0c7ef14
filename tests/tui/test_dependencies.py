"""Starting and stopping jails that depend on each other, by keys alone."""

from __future__ import annotations

from jailer_core.simulator.kernel.machine import Machine
from tests.tui.harness import Stage, opened


def depending(machine: Machine) -> None:
    """app0 needs www0, in another file; both are stopped."""
    path = "/etc/jail.conf.d/app0.conf"
    text = machine.files.read(path).decode()
    machine.files.write(
        path, text.replace("  persist;\n", "  persist;\n  $depends = www0;\n").encode()
    )
    for name in ("app0", "www0"):
        machine.now_run(("jail", "-f", f"/etc/jail.conf.d/{name}.conf", "-r", name))


async def run(it: Stage) -> None:
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    await it.settle()


def running(it: Stage) -> set[str]:
    return {jail.name for jail in it.machine.state.jails.values() if not jail.dying}


async def test_what_it_needs_is_started_first_and_what_needs_it_stopped_first() -> None:
    async with opened("small", change=depending) as it:
        await it.go_to("app0")
        await it.press("s")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Start app0 after www0", "By starting those first", "which is not running")
        await run(it)
        assert {"app0", "www0"} <= running(it)
        await it.go_to("www0")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Stop www0 after app0", "By stopping those first")
        await run(it)
        assert not {"app0", "www0"} & running(it)
        await it.press("z")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await run(it)
        assert {"app0", "www0"} <= running(it)
        await it.press("r")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Restart www0 and app0")
        await it.press("escape")


async def test_marked_jails_are_started_and_stopped_in_their_order() -> None:
    async with opened("small", change=depending) as it:
        for name in ("app0", "www0"):
            await it.go_to(name)
            await it.press("space")
        await it.press("s")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        assert "not running" not in it.text
        await run(it)
        assert {"app0", "www0"} <= running(it)
        for name in ("app0", "www0"):
            await it.go_to(name)
            await it.press("space")
        await it.press("S")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        assert "is running and" not in it.text
        await run(it)
        assert not {"app0", "www0"} & running(it)
