"""The table of actions is the whole truth about the keys."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from jailer_core.plan import Danger
from jailer_tui import actions
from jailer_tui.actions import ACTIONS, BY_ID, ActionContext, in_places, why_not
from jailer_tui.controllers.dispatcher import ActionDispatcher
from jailer_tui.dialogs import batch, confirm, leave, palette, preview, progress, trash
from jailer_tui.dialogs.base import Buttons
from jailer_tui.dialogs.boot_order import BootOrderDialog
from jailer_tui.dialogs.change_detail import ChangeDetailDialog
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.help import HelpDialog
from jailer_tui.dialogs.interrupted import InterruptedChangeDialog
from jailer_tui.dialogs.setup_options import SetupOptionsDialog
from jailer_tui.dialogs.wizard import WizardDialog
from jailer_tui.screens.activity import ActivityScreen
from jailer_tui.screens.console import ConsoleScreen
from jailer_tui.screens.images import ImagesScreen
from jailer_tui.screens.jail import JailScreen
from jailer_tui.screens.jails import JailsScreen
from jailer_tui.screens.setup import SetupScreen
from jailer_tui.widgets.choice import Choice
from jailer_tui.widgets.field import Field
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines
from jailer_tui.widgets.terminal import TerminalView
from tests.tui.harness import opened

OWN = (
    JailsScreen,
    ActivityScreen,
    ChangeDetailDialog,
    InterruptedChangeDialog,
    ConsoleScreen,
    TerminalView,
    ImagesScreen,
    SetupScreen,
    SetupOptionsDialog,
    JailScreen,
    batch.BatchDialog,
    confirm.ConfirmDialog,
    HelpDialog,
    leave.LeaveDialog,
    palette.PaletteDialog,
    preview.PreviewDialog,
    progress.ProgressDialog,
    trash.TrashDialog,
    ChoiceDialog,
    FormDialog,
    BootOrderDialog,
    WizardDialog,
    Choice,
    Buttons,
    Field,
    Grid,
    Lines,
    Bar,
)
DECLARED = {(key, one.binding.action) for one in ACTIONS for key in one.keys}


def test_ids_are_unique() -> None:
    assert len(BY_ID) == len(ACTIONS)


@pytest.mark.parametrize(
    "places",
    [
        JailsScreen.PLACES,
        ImagesScreen.PLACES,
        (*ActivityScreen.PLACES, "list"),
        ("change", "text", "quiet"),
        SetupScreen.PLACES,
        JailScreen.PLACES,
        (*ConsoleScreen.PLACES, "list"),
        ("terminal", "history", "text"),
        ("trash", "list"),
        ("order", "list"),
        ("form", "wizard"),
    ],
)
def test_no_key_means_two_things(places: tuple[str, ...]) -> None:
    keys = [key for one in in_places(*places) for key in one.keys]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("kind", OWN)
def test_no_key_is_undeclared(kind: type) -> None:
    for key, found in kind._merge_bindings().key_to_bindings.items():  # type: ignore[attr-defined]
        for one in found:
            assert isinstance(one, Binding)
            assert (key, one.action) in DECLARED, f"{kind.__name__}: {key}"


@pytest.mark.parametrize("kind", OWN)
def test_every_declared_key_does_something(kind: type) -> None:
    for found in kind._merge_bindings().key_to_bindings.values():  # type: ignore[attr-defined]
        for one in found:
            name, _, argument = one.action.partition("(")
            if name == "do" and kind is not Buttons:
                method = f"do_{argument.strip(chr(39) + ')')}"
                owner = ConsoleScreen if kind is TerminalView else kind
                assert hasattr(owner, method) or hasattr(ActionDispatcher, method), (
                    f"{kind.__name__}.{method}"
                )
            else:
                assert hasattr(kind, f"action_{name}"), f"{kind.__name__}.action_{name}"


async def test_the_app_itself_has_no_keys_besides() -> None:
    async with opened() as it:
        for key, active in it.app.screen.active_bindings.items():
            assert (key, active.binding.action) in DECLARED, key


def test_no_destructive_control_key() -> None:
    for one in ACTIONS:
        if one.danger is not Danger.NONE:
            assert not any(key.startswith("ctrl") for key in one.keys), one.id


def test_everything_is_explained() -> None:
    for one in ACTIONS:
        assert one.label
        assert one.help.endswith((".", "it.", "…"))
        assert one.where


def test_key_table_has_every_action() -> None:
    table = actions.key_table()
    assert all(f"| {one.label} |" in table for one in ACTIONS)


async def test_reasons() -> None:
    async with opened() as it:
        inventory, running = it.inventory, it.jail("app1")
        stop, start = BY_ID["stop"], BY_ID["start_all"]
        assert why_not(stop, inventory, running, ActionContext()) == ""
        assert "read-only" in why_not(stop, inventory, running, ActionContext(read_only=True))
        assert "not been read" in why_not(stop, None, None, ActionContext())
        assert "out of date" in why_not(stop, inventory, running, ActionContext(stale=True))
        assert why_not(BY_ID["help"], None, None, ActionContext(read_only=True)) == ""
        assert why_not(start, inventory, None, ActionContext()) == ""
        assert why_not(stop, inventory, it.jail("byhand"), ActionContext()) == ""
        restart = BY_ID["restart"]
        assert "made by hand" in why_not(restart, inventory, it.jail("byhand"), ActionContext())
    async with opened(user="nobody") as it:
        assert "root" in why_not(stop, it.inventory, it.jail("app1"), ActionContext())
        assert "root" in why_not(stop, it.inventory, None, ActionContext(marked=2))
