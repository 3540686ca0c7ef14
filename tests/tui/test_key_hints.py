"""No text names a key itself: settings may bind another one. The core does not know keys at all."""

from __future__ import annotations

import re

import pytest

from jailer_tui import key_hints
from tests.tui.harness import Stage, opened
from tests.tui.sources import Source, sources

PLAIN = (
    "jailer_tui/cli",
    "jailer_tui/console",
    "jailer_tui/actions/chosen.py",
    "jailer_tui/key_hints.py",
    "jailer_tui/widgets/search.py",
)
"""The command line has no keys; the others are about names of keys, or have keys of their own."""
NAMED = r"esc|ctrl-\S|f\d{1,2}|pgup|pgdn|backspace|shift-\w+"
DOES = (
    r"(?:there )?(?!is\b|this\b|jails\b|processes\b|hosts\b|was\b|has\b|does\b|lies\b)[a-z]{2,}s\b"
)
IN_WORDS = re.compile(
    rf"(?:^|[\s(])(?:{NAMED})(?:$|[\s.,;:)])|\b[Pp]ress (?!the\b|a\b|another\b|twice\b|\{{)\S"
    rf"|\b(?:enter|space|tab|right|left) {DOES}|[;,.] [B-HJ-Zb-z=!^%@&#>] {DOES}"
)
KEY = re.compile(rf"\s*(?:[^\s$>+]|enter|space|tab|{NAMED})\s*")
TABLE = re.compile(r"[\w+]+( [\w+]+)* *(?:f\d+|ctrl\+\w)|(f\d+) \S+")
"""The keys of an action, as the table of keys has them."""
RIGHT = {
    "Search what is shown; n and N go to the next and previous match.",  # while words are searched
    "what ctrl-c sends",  # in a terminal
    " (ctrl-c aborts and undoes it)",  # after the screen
}


def with_keys(package: str) -> list[Source]:
    ours = [source for source in sources() if source.path.startswith(f"{package}/")]
    return [source for source in ours if not source.path.startswith(PLAIN)]


@pytest.mark.parametrize("package", ["jailer_tui", "jailer_core"])
def test_no_text_names_a_key(package: str) -> None:
    named = [
        f"{source.path}: {text}"
        for source in with_keys(package)
        for text in source.texts
        if " " in text and IN_WORDS.search(text) and text not in RIGHT and not TABLE.fullmatch(text)
    ]
    assert named == []


def test_no_span_is_a_key_of_its_own() -> None:
    for source in with_keys("jailer_tui"):
        for line, text, tone in source.pairs:
            if tone == "key" and isinstance(text, str):
                assert not KEY.fullmatch(text), f"{source.path}:{line}: {text}"


def test_a_key_an_action_without_one_and_a_text(monkeypatch: pytest.MonkeyPatch) -> None:
    known = {"undo": ("f9", "z"), "trash": (), "palette": (":",)}
    monkeypatch.setattr(key_hints, "_KEYS", known)
    assert key_hints.key_for("undo") == "f9"
    assert key_hints.keys_for("undo") == "f9 or z"
    assert key_hints.key_for("trash") == ":Trash"
    assert key_hints.told("{undo} undoes {jail}") == "f9 undoes {jail}"


async def sees(it: Stage, *keys: str) -> None:
    await it.until(lambda: all(key in it.text for key in keys), str(keys))


async def test_what_is_shown_names_the_keys_that_are_bound(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_hints, "_KEYS", {name: (f"<{name}>",) for name in key_hints._KEYS})
    async with opened() as it:
        await it.press("slash")
        await it.type("nowhere")
        it.sees("<clear> shows all again")
        await it.press("escape", "escape")
        for part, keys in {
            3: ("<mount> adds a mount, <unmount> removes one",),
            4: ("<limits> sets",),
            6: ("<snap> takes one",),
        }.items():
            await it.go_to("www0")
            await it.press("enter", *["right"] * part)
            await sees(it, *keys)
            await it.press("escape")
        await it.press("5", "enter")
        await it.until(lambda: "<console_leave> leaves" in it.text)
        it.app.screen.set_focus(None)
        await it.settle()
        it.sees("<console_enter> goes in")
        await it.press("D")
        await it.until(lambda: "<fix> previews the fixes, <mark_fix> marks" in it.text)
