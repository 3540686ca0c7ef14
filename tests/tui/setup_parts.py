"""Shared by the tests of the set-up's screens."""

from __future__ import annotations

from jailer_core.plan import Outcome
from jailer_tui.screens.setup import SetupScreen
from jailer_tui.stores.job import Job
from tests.tui.harness import Stage


def last(it: Stage) -> Job:
    """The work that was begun last."""
    work = it.app.jobs.all[-1]
    assert isinstance(work, Job)
    return work


def outcome(it: Stage) -> Outcome:
    """How it ended."""
    found = last(it).outcome
    assert found is not None
    return found


async def run_shown(it: Stage) -> Outcome:
    """Let the plan run whose preview is coming, and close what shows it."""
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await it.press("y")
    await it.at_rest()
    await it.press("escape")
    return outcome(it)


async def examined(it: Stage) -> None:
    """Until the doctor has seen everything."""
    await it.until(lambda: it.dialog == "SetupScreen", "the doctor")
    await it.until(lambda: not it.app.view.examined.asking, "the end of its look")


async def listed(it: Stage) -> None:
    """Until the mirror has answered."""
    await it.until(lambda: not it.app.view.mirror.asking, "the mirror's answer")


async def doctor(it: Stage) -> SetupScreen:
    await examined(it)
    assert isinstance(it.app.screen, SetupScreen)
    return it.app.screen
