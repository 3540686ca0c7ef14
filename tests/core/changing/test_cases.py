"""Every file of tests/plans: the plan, or the refusal, that must come of it."""

from __future__ import annotations

import json

import pytest

from jailer_core.plan import decode, encode
from jailer_core.plan.preview import describe, preview
from tests.core.changing.lacking import lacking
from tests.core.changing.plancases import Case, cases, outcome

ALL = cases()


@pytest.mark.parametrize("case", ALL, ids=[one.id for one in ALL])
def test_plan(case: Case) -> None:
    plan, found = outcome(case)
    wanted = {key: case.data[key] for key in ("plan", "refused") if key in case.data}
    assert found == wanted
    if plan is not None:
        assert decode(json.loads(json.dumps(encode(plan)))) == plan
        assert not any(step.staging for step in plan.steps[plan.staged :])
        texts = {line.text for line in preview(plan)}
        for step in plan.steps:
            assert describe(step.action) in texts
            assert {f"undo: {describe(undo.action)}" for undo in step.undo} <= texts
        if case.path.parent.name != "undo":  # its steps have their undos from the others
            undos = [(step, undo) for step in plan.steps for undo in step.undo]
            assert not [
                (step.title, lacking(step, undo)) for step, undo in undos if lacking(step, undo)
            ]
        # without the lock for changes nothing happens but to this file of ours
        staged = [describe(step.action) for step in plan.steps[: plan.staged]]
        assert all("/.jailer-tui.base-" in command for command in staged)


def test_there_are_cases_of_every_operation() -> None:
    ops = {one.path.parent.name for one in ALL}
    assert ops >= {
        "start",
        "stop",
        "restart",
        "destroy",
        "restore",
        "purge",
        "edit",
        "create",
        "clone",
        "rename",
        "loadrules",
        "note",
        "own",
        "tag",
        "limits",
        "mount",
        "unmount",
        "remount",
        "set",
        "give",
        "take",
        "hostname",
        "resolver",
        "timezone",
        "depend",
        "boot",
        "fetch",
        "use",
        "unfetch",
        "network",
        "init",
        "guarded",
        "bridge",
        "member",
        "address",
        "signal",
        "snap",
        "snapdestroy",
        "snaphold",
        "snaprelease",
        "goback",
        "rebase",
        "health",
        "imageupdate",
        "goforward",
        "rollback",
        "snappolicy",
        "snapschedule",
        "snapauto",
    }
    refused = [one for one in ALL if "refused" in one.data]
    assert len(refused) > 20
    assert len(ALL) - len(refused) > 50
