"""Every file of tests/plans: the plan, or the refusal, that must result."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any

import pytest

from jailer_core.plan import Plan, decode, encode
from jailer_core.plan.preview import describe, preview
from tests.core.changing.lacking import lacking
from tests.core.changing.plancases import Case, cases, outcomes, same_host

ALL = cases()
OPERATIONS = tuple(dict.fromkeys(case.path.parent.name for case in ALL))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_plans(operation: str) -> None:
    wrong = [
        f"{case.id}: {message}"
        for on_one_host in same_host(case for case in ALL if case.path.parent.name == operation)
        for case, found in zip(on_one_host, outcomes(on_one_host), strict=True)
        for message in wrong_with(case, *found)
    ]
    assert not wrong, "\n".join(wrong)


def wrong_with(case: Case, plan: Plan | None, found: dict[str, Any]) -> Iterator[str]:
    """What is not as the case says, or not as it is with every plan."""
    wanted: dict[str, Any] = {
        key: case.data[key] for key in ("plan", "refused") if key in case.data
    }
    if found != wanted:
        yield _difference(wanted, found)
    if plan is not None:
        yield from _of_every_plan(case, plan)


def _difference(wanted: dict[str, Any], found: dict[str, Any]) -> str:
    old, new = (json.dumps(each, indent=1, ensure_ascii=False) for each in (wanted, found))
    lines = unified_diff(old.split("\n"), new.split("\n"), "the case", "now", n=1, lineterm="")
    return "\n".join(lines)


def _of_every_plan(case: Case, plan: Plan) -> Iterator[str]:
    if decode(json.loads(json.dumps(encode(plan)))) != plan:
        yield "it is another plan after it was written and read"
    if any(step.staging for step in plan.steps[plan.staged :]):
        yield "a step that stages comes after one that does not"
    texts = {line.text for line in preview(plan)}
    undos = [(step, undo) for step in plan.steps for undo in step.undo]
    actions = {describe(step.action) for step in plan.steps}
    for text in (actions | {f"undo: {describe(undo.action)}" for _, undo in undos}) - texts:
        yield f"the preview does not show: {text}"
    if case.path.parent.name != "undo":  # its steps have their undos from the others
        for step, undo in undos:
            if text := lacking(step, undo):
                yield f"{step.title}: its undo does not check {text}"
    for step in plan.steps[: plan.staged]:
        # without the lock for changes nothing happens but to this file of ours
        if "/.jailer-tui.base-" not in describe(step.action):
            yield f"{step.title}: does more than stage"


def test_there_are_cases_of_every_operation() -> None:
    ops = {case.path.parent.name for case in ALL}
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
    refused = [case for case in ALL if "refused" in case.data]
    assert len(refused) > 20
    assert len(ALL) - len(refused) > 50
