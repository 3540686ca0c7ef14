"""What a plan means, in a line or two."""

from __future__ import annotations

import pytest

from jailer_core.plan import JailRuns, JailStopped, MakeDir, Plan, Request, Run, Step
from jailer_core.plan.preview import is_housekeeping, meaning

STOP = Step(Run(("jail", "-r", "a")), "Stop a", postconditions=(JailStopped("a"),), jail="a")
START = Step(Run(("jail", "-c", "a")), "Start a", postconditions=(JailRuns("a", None),), jail="a")
KEEP = Step(Run(("zfs", "set", "x=y", "z")), "Set", irreversible_because="it is gone")


def said(*steps: Step) -> str:
    return meaning([Plan(Request(), "title", steps)])


def test_one_plan() -> None:
    assert said() == ""
    assert said(STOP) == "Stops a. 1 step; it can be undone."
    assert said(STOP, START) == "Restarts a. 2 steps; all can be undone."
    assert said(START, KEEP) == "Starts a. 2 steps; 1 of them cannot be undone: it is gone."
    assert said(KEEP) == "1 step; it cannot be undone: it is gone."
    assert said(KEEP, KEEP) == "2 steps; none can be undone: it is gone."


def test_many_reasons_are_left_to_the_steps() -> None:
    steps = [Step(Run(("a",)), "A", irreversible_because=reason) for reason in "abc"]
    assert said(*steps) == "3 steps; none can be undone."


def test_many_plans_are_counted() -> None:
    plans = [
        Plan(
            Request(),
            "Stop",
            (Step(Run(("jail",)), "", postconditions=(JailStopped(name),), jail=name),),
        )
        for name in "abcdef"
    ]
    assert meaning(plans) == "Stops 6 jails. 6 steps; all can be undone."
    assert meaning(plans[:2]) == "Stops a, b. 2 steps; all can be undone."
    same = [plans[0], plans[0]]
    assert meaning(same, ["web1", "web2"]).startswith("Stops web1:a, web2:a. 2 steps")


@pytest.mark.parametrize(
    ("step", "wanted"),
    [
        (Step(MakeDir("/x"), "Make"), True),
        (Step(Run(("chmod", "700", "/x")), "Chmod"), True),
        (Step(Run(("/bin/mkdir", "/x")), "Make"), True),
        (Step(Run(("zfs", "create", "-o", "mountpoint=none", "z/jails/.trash")), "Make"), True),
        (Step(Run(("zfs", "create", "z/jails/web")), "Make"), False),
        (STOP, False),
        (KEEP, False),
    ],
)
def test_housekeeping(step: Step, wanted: bool) -> None:
    assert is_housekeeping(step) is wanted
