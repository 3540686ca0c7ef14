"""Operations without code of their own on the screen: palette, form and preview are derived."""

from __future__ import annotations

from jailer_core.operations.in_jail.requests import Exec, Packages
from jailer_core.operations.jails.requests import Clone, Create, Rename
from jailer_core.operations.network.bridges.requests import BridgeChange
from jailer_core.operations.snapshots.requests import SnapshotPolicy
from jailer_core.operations.spec import declared
from jailer_tui.actions import ACTIONS, BY_ID
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.forms.derived import DerivedForm
from jailer_tui.forms.model import Kind
from tests.tui.harness import Stage, opened


async def form_of(it: Stage, words: str) -> FormDialog:
    """Choose an action in the palette, and wait for its form."""
    await it.press("colon")
    await it.type(words)
    await it.press("enter")
    await it.until(lambda: it.dialog == "FormDialog", "the form")
    assert isinstance(it.app.screen, FormDialog)
    return it.app.screen


async def test_a_note_is_set_by_a_derived_form() -> None:
    async with opened("small") as it:
        await it.go_to("app0")
        dialog = await form_of(it, "note")
        it.sees("Note: app0")
        await it.type("much too long " * 20)
        await it.press("f10")
        assert it.app.screen is dialog
        await it.press("ctrl+u")
        await it.type("the shop")
        await it.press("f10")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("the shop")


async def test_every_operation_makes_a_form_and_a_request() -> None:
    async with opened("small") as it:
        for kind, spec in declared().items():
            if not spec.command:
                continue
            given = {field.name: "" for field in spec.fields if field.role == "provided"}
            form = DerivedForm(kind, given)
            values = form.start()
            items = form.items(it.inventory, values)
            keys = [item.key for item in items if item.kind in (Kind.TEXT, Kind.CHOICE)]
            assert keys == [field.name for field in form.fields], spec.op
            assert type(form.blank(given)) is kind


async def test_fields_become_what_they_are() -> None:
    async with opened("small") as it:
        form = DerivedForm(Create, {})
        kinds = {item.key: item.kind for item in form.items(it.inventory, form.start())}
        assert kinds["copy"] is kinds["network"] is Kind.CHOICE
        assert kinds["memory"] is Kind.TEXT
        made = form.request(it.inventory, {**form.start(), "copy": "yes", "network": "eb"})
        assert (made.copy, made.network, made.start) == (True, "eb", True)  # type: ignore[attr-defined]
        numbers = DerivedForm(Exec, {"names": ("app0", "www0")})
        wrong = numbers.items(it.inventory, {**numbers.start(), "argv": "id", "at_once": "many"})
        assert "not a positive number" in next(i.problem for i in wrong if i.key == "at_once")
        bridge = DerivedForm(BridgeChange, {"name": "bridge0"})
        made = bridge.request(it.inventory, {**bridge.start(), "address6": "next"})
        assert made == BridgeChange("bridge0", "", "next", "")  # an emptied value is removed
        policy = DerivedForm(SnapshotPolicy, {"name": "app0"})
        both = policy.items(it.inventory, {**policy.start(), "hourly": "x", "daily": "10001"})
        assert [item.key for item in both if item.problem] == ["hourly", "daily"]
        quoted = DerivedForm(Packages, {"names": ("app0",), "stamp": "1"})
        typed = {**quoted.start(), "verb": "audit", "snapshot": "yes"}
        words = quoted.items(it.inventory, {**typed, "words": "a 'b"})
        assert [i.problem for i in words if i.key == "words"] == ["a quote is not closed"]
        made = quoted.request(it.inventory, {**typed, "words": "'a b' c"})
        # an audit changes nothing: what is off in the form keeps its default
        assert made == Packages(("app0",), "audit", ("a b", "c"), snapshot=False, stamp="1")
        clone = DerivedForm(
            Clone, {"name": "app0", "stamp": "1"}, suggested={"mac": "02:0:0:0:0:1"}
        )
        assert [field.label for field in clone.fields][1:5] == ["As of", "IPv4", "IPv6", "MAC"]
        assert clone.blank().mac == "02:0:0:0:0:1"  # type: ignore[attr-defined]
        empty = DerivedForm(Rename, {"name": "app0"})
        assert empty.items(it.inventory, empty.start())[0].missing


def test_what_the_table_does_not_name_is_in_the_palette() -> None:
    assert BY_ID["note"].keys == ()
    assert BY_ID["note"].where == {"jails": 0}
    assert not [action.id for action in ACTIONS if action.id == "prune"]
