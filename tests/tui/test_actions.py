"""The table of actions is the whole truth about the keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from textual.binding import Binding

from jailer_core.model import Jail
from jailer_core.plan import Danger
from jailer_tui import actions
from jailer_tui.actions import ACTIONS, BY_ID, Selection, Situation, in_places
from jailer_tui.dialogs import batch, confirm, preview, progress, trash
from jailer_tui.dialogs.base import Buttons
from jailer_tui.dialogs.choice import ChoiceDialog
from jailer_tui.dialogs.confirm import ChangeDetailDialog, InterruptedChangeDialog
from jailer_tui.dialogs.form import FormDialog
from jailer_tui.dialogs.help import HelpDialog, PaletteDialog
from jailer_tui.dialogs.list_form import BootOrderDialog
from jailer_tui.dialogs.short_forms import SetupOptionsDialog
from jailer_tui.dialogs.wizard import WizardDialog
from jailer_tui.screens.activity import ActivityScreen
from jailer_tui.screens.console import ConsoleScreen
from jailer_tui.screens.jails import JailScreen, JailsScreen
from jailer_tui.screens.setup import SetupScreen
from jailer_tui.screens.snapshots import ImagesScreen
from jailer_tui.state import AppState
from jailer_tui.widgets.form import Choice
from jailer_tui.widgets.grid import Grid
from jailer_tui.widgets.lines import Bar, Lines
from jailer_tui.widgets.search import Field
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
    confirm.LeaveDialog,
    PaletteDialog,
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
DECLARED = {(key, one.binding.action) for one in ACTIONS for key in one.binding.key.split(",")}


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


def bindings() -> Iterator[tuple[type, str, Binding]]:
    """The keys of all our screens and widgets."""
    for kind in OWN:
        for key, bound in kind._merge_bindings().key_to_bindings.items():
            for binding in bound:
                assert isinstance(binding, Binding)
                yield kind, key, binding


def test_no_key_is_undeclared() -> None:
    for kind, key, binding in bindings():
        assert (key, binding.action) in DECLARED, f"{kind.__name__}: {key}"


async def test_every_declared_key_does_something() -> None:
    async with opened() as it:
        handled = it.app.dispatcher._handlers
    for kind, _, binding in bindings():
        name, _, argument = binding.action.partition("(")
        if name == "do":
            name = argument.strip("')")
            if name in BY_ID and BY_ID[name].covers:
                continue
        in_console = kind is TerminalView and not hasattr(kind, f"action_{name}")
        owner = ConsoleScreen if in_console else kind
        assert name in handled or hasattr(owner, f"action_{name}"), f"{kind.__name__}: {name}"


async def test_every_operation_is_done_by_a_controller_or_a_form() -> None:
    async with opened() as it:
        handled = it.app.dispatcher._handlers
        assert all(one.id in handled or one.covers for one in ACTIONS if one.spec is not None)
        assert all(name in BY_ID for name in handled)


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


async def test_reasons() -> None:
    async with opened() as it:
        state, running, byhand = it.app.view, it.jail("app1"), it.jail("byhand")
        stop = BY_ID["stop"]

        def why(name: str, state: AppState, *jails: Jail) -> str:
            return BY_ID[name].why_not(Situation(state, Selection(jails, (*jails, None)[0])))

        assert why("stop", state, running) == ""
        assert "no jail is selected" in why("stop", state)
        read_only = replace(state, now=replace(state.now, read_only=True))
        assert "read-only" in why("stop", read_only, running)
        assert "not been read" in why("stop", replace(state, inventory=None))
        assert "out of date" in why(
            "stop", replace(state, now=replace(state.now, stale=True)), running
        )
        assert why("help", read_only) == ""
        assert why("startall", state) == ""
        assert why("stop", state, byhand) == ""
        assert "made by hand" in why("restart", state, byhand)
        assert why("restart", state, byhand, running) == ""
        busy = Situation(state, Selection((running,), running), busy=True)
        assert "in progress" in BY_ID["rename"].why_not(busy)
        assert stop.why_not(busy) == ""
    async with opened(user="nobody") as it:
        assert "root" in why("stop", it.app.view, running)
        assert "root" in why("stop", it.app.view, running, byhand)


def test_a_key_is_named_once() -> None:
    for action in ACTIONS:
        names = actions.key_names(action).split()
        assert len(names) == len(set(names)), action.id
