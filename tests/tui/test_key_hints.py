"""No text names a key itself: settings may bind another one. The core does not know keys at all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import jailer_core
import jailer_tui
from jailer_tui import key_hints
from tests.tui.harness import Stage, opened

SCREEN, CORE = Path(jailer_tui.__file__).parent, Path(jailer_core.__file__).parent
PLAIN = ("cli", "console", "actions/chosen.py", "actions/key_names.py", "widgets/search.py")
"""The command line has no keys; the others are about names of keys, or have keys of their own."""
NAMED = r"esc|ctrl-\S|f\d{1,2}|pgup|pgdn|backspace|shift-\w+"
DOES = (
    r"(?:there )?(?!is\b|this\b|jails\b|processes\b|hosts\b|was\b|has\b|does\b|lies\b)[a-z]{2,}s\b"
)
IN_WORDS = re.compile(
    rf"(?:^|[\s(])(?:{NAMED})(?:$|[\s.,;:)])|\b[Pp]ress (?!the\b|a\b|twice\b|\{{)\S"
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


def sources(root: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(root.rglob("*.py")):
        name = path.relative_to(root).as_posix()
        if root == CORE or not name.startswith(PLAIN):
            yield name, ast.parse(path.read_text(encoding="utf-8"))


def texts(tree: ast.Module) -> Iterator[str]:
    """All strings but docstrings, and what stands behind names as one."""
    documented = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if text and id(node) not in documented:
            yield str(node.value)  # type: ignore[attr-defined]


@pytest.mark.parametrize("root", [SCREEN, CORE])
def test_no_text_names_a_key(root: Path) -> None:
    named = [
        f"{name}: {text}"
        for name, tree in sources(root)
        for text in texts(tree)
        if " " in text and IN_WORDS.search(text) and text not in RIGHT and not TABLE.fullmatch(text)
    ]
    assert named == []


def test_no_span_is_a_key_of_its_own() -> None:
    for name, tree in sources(SCREEN):
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Tuple) and len(node.elts) == 2):
                continue
            text, tone = (getattr(part, "value", None) for part in node.elts)
            if tone == "key" and isinstance(text, str):
                assert not KEY.fullmatch(text), f"{name}:{node.lineno}: {text}"


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
