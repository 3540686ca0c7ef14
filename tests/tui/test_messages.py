"""Messages lie over nothing, go with their tab, and esc closes them first."""

from __future__ import annotations

from tests.tui.changes import asked
from tests.tui.harness import opened


async def test_a_message_has_rows_of_its_own() -> None:
    async with opened() as it:
        before = it.text.splitlines()
        it.app.notify_user("no jail is selected", "Mark one.")
        await it.settle()
        rows = it.text.splitlines()
        assert rows[-3:-1] == [" ! no jail is selected", "   Mark one."]
        assert "? Help" in rows[-1]
        assert rows[:-3] == before[:-3]
        await it.press("slash")
        await it.type("www")
        await it.press("escape")  # the message first, then the filter
        it.sees("www")
        assert "Mark one" not in it.text
        await it.press("escape")

        await asked(it, "app1", "S")
        it.app.notify_user("copied 5 characters", bad=False)
        await it.settle()
        it.sees("✓ copied 5 characters", "[ Cancel ]", "esc Cancel", "╰─")
        await it.press("question_mark")  # it is shown once, on what is in front
        assert it.text.count("copied 5") == 1
        await it.press("q")
        await it.press("escape")
        it.sees("[ Cancel ]")
        assert "copied" not in it.text
        await it.press("escape")
        assert it.dialog == "JailsScreen"

        it.app.notify_user("app1: stopped")
        await it.settle()
        await it.press("2")
        assert "app1: stopped" not in it.text
        await it.press("1")
        assert "app1: stopped" not in it.text


async def test_a_console_keeps_its_size_and_its_escape() -> None:
    async with opened() as it:
        await it.press("5")
        it.app.notify_user("no console is open")
        await it.settle()
        rows = it.text.splitlines()
        assert rows[-1] == " ! no console is open"
        await it.press("escape")
        it.sees("? Help")
        assert it.dialog == "ConsoleScreen"
