"""Plan cases as data: a host, a request, and the plan (or the refusal) that must result.

A case is one file tests/plans/OP/NAME.json:

    about      what it is about, one sentence
    scenario   which simulated host (jailer_core.simulator.scenarios)
    tweaks     what is done to it first, in order:
                 ["zfs", "create", …]                      a command; "ok" of a dict allows failure
                 {"file": PATH, "text": TEXT, "mode": N}   a file
                 {"process": COMMAND, "cwd": PATH}         a process of the host
                 {"sysctl": NAME, "value": TEXT}           what the kernel was booted with
                 {"request": {"kind": …}}                  an earlier request, run first
    connection "CLIENT PORT SERVER PORT" when its user comes over ssh (SSH_CONNECTION)
    request    {"kind": "Stop", "name": "web01"}
    plan       the lines of the plan (`shown`), or
    refused    [message, hint]

To make a new one, write it without `plan` and `refused`, then
    python -m tests.core.changing.plancases tests/plans/OP/NAME.json
prints it with its present result, and with `--write` puts that into the file. Read it before
you believe it.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from jailer_core.errors import Refused
from jailer_core.execution import execute, prepare
from jailer_core.facts import Reader
from jailer_core.plan import Condition, Plan, Request, Step, decode
from jailer_core.plan.codec import FIELDS, KINDS
from jailer_core.plan.preview import preview
from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.kernel.state import SimProcess
from jailer_core.simulator.scenarios import build
from jailer_core.ssh_client import VARIABLE, of
from tests.mould import Mould

PLANS = Path(__file__).parents[2] / "plans"


@dataclass(frozen=True)
class Case:
    """One file of tests/plans."""

    path: Path
    data: dict[str, Any]

    @cached_property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    @property
    def request(self) -> Request:
        request = decode(self.data["request"])
        assert isinstance(request, Request)
        return request

    def host(self, machine: Machine) -> SimulatedHost:
        """A client of that host, over the connection of this case."""
        host = SimulatedHost(machine)
        host.connection = of({VARIABLE: self.data.get("connection", "")})
        return host

    def machine(self) -> Machine:
        """The host of this case, a new one each time."""
        return _tweaked(self.data["scenario"], json.dumps(self.data.get("tweaks", []))).cast()


def load(path: Path) -> Case:
    return Case(path, json.loads(path.read_text()))


@cache
def cases() -> tuple[Case, ...]:
    """All cases, read once."""
    return tuple(load(path) for path in sorted(PLANS.glob("*/*.json")))


@cache
def with_steps() -> tuple[Case, ...]:
    """The cases whose plan has steps, without those whose undo is refused on purpose."""
    return tuple(
        case
        for case in cases()
        if "undo" not in case.data
        and any(line.startswith("title: 1. ") for line in case.data.get("plan", ()))
    )


@cache
def _tweaked(scenario: str, tweaks: str) -> Mould:
    machine = build(scenario)
    for tweak in json.loads(tweaks):
        _tweak(machine, tweak)
    return Mould(machine)


def _tweak(machine: Machine, tweak: Any) -> None:
    if isinstance(tweak, list):
        done = machine.now_run(tuple(tweak))
        assert done.status == 0, (tweak, done)
    elif "command" in tweak:
        done = machine.now_run(tuple(tweak["command"]), stdin=tweak.get("stdin", "").encode())
        assert done.status == tweak.get("status", 0), (tweak, done)
    elif "file" in tweak:
        if "text" not in tweak:
            machine.files.remove(tweak["file"])
            return
        data = tweak["text"].encode(errors="surrogateescape")
        machine.files.write(tweak["file"], data, mode=tweak.get("mode"))
    elif "process" in tweak:
        state = machine.state
        pid = state.next("pid")
        cwd = tweak.get("cwd", "/")
        machine.spawn(SimProcess(pid, 1, 0, tweak["process"], started=state.now, cwd=cwd))
    elif "sysctl" in tweak:
        machine.state.sysctl[tweak["sysctl"]] = tweak["value"]
    elif "request" in tweak:
        asyncio.run(_carry_out(machine, decode(tweak["request"])))
    else:
        raise AssertionError(tweak)


async def _carry_out(machine: Machine, request: Request) -> None:
    reader = Reader(SimulatedHost(machine))
    plan = await prepare(reader, request)
    done = await execute(reader, plan, lambda _event: None, asyncio.Event(), pause=0)
    assert done.ok, done


# --- the result ------------------------------------------------------------------------------


def same_host(cases: Iterable[Case]) -> list[list[Case]]:
    """These cases, those together that are decided on the same host."""
    groups: dict[str, list[Case]] = {}
    for case in cases:
        about = [case.data.get(key) for key in ("scenario", "tweaks", "connection")]
        groups.setdefault(json.dumps(about), []).append(case)
    return list(groups.values())


def outcomes(cases: Sequence[Case]) -> list[tuple[Plan | None, dict[str, Any]]]:
    """For each case of one host: the plan, and what a case file says of it.

    One reader reads that host for all of them: nothing changes there.
    """
    machine = cases[0].machine()
    reader = Reader(cases[0].host(machine))

    async def decide_all() -> list[tuple[Plan | None, dict[str, Any]]]:
        return [await _outcome(case, reader, machine) for case in cases]

    return asyncio.run(decide_all())


async def _outcome(
    case: Case, reader: Reader, machine: Machine
) -> tuple[Plan | None, dict[str, Any]]:
    try:
        plan = await prepare(reader, case.request)
    except Refused as error:
        return None, {"refused": [error.message, error.hint]}
    return plan, {"plan": shown(plan, machine)}


def shown(plan: Plan, machine: Machine) -> list[str]:
    """The preview, and below each step what guards it; guids by the name of their dataset."""
    lines = [f"{line.kind}: {line.text}" for line in preview(plan)]
    lines.append(f"danger: {plan.danger.value} {plan.confirm}".rstrip())
    for number, step in enumerate(plan.steps, 1):
        lines += [f"{number} {line}" for line in _guards(step)]
    text = "\n".join(lines)
    for dataset in machine.state.datasets.values():
        text = text.replace(f"'{dataset.guid}'", f"guid of {dataset.name}")
    return text.split("\n")


def _guards(step: Step) -> list[str]:
    lines = [f"needs {_state(one)}" for one in step.preconditions]
    lines += [f"makes {_state(one)}" for one in step.postconditions]
    if step.ok_statuses != (0,):
        lines.append(f"status {step.ok_statuses}")
    for number, undo in enumerate(step.undo, 1):
        lines += [f"undo {number} when {_state(one)}" for one in undo.preconditions]
        lines += [f"undo {number} needless when {_state(one)}" for one in undo.done_when]
        lines += [f"undo {number} needless too when {_state(one)}" for one in undo.or_done_when]
        if undo.created_if_output is not None:
            denial = (
                f", and not {undo.not_created_if_output!r}" if undo.not_created_if_output else ""
            )
            lines.append(
                f"undo {number} when made by it: {undo.created_if_output or 'success'!r}{denial}"
            )
    return lines


def _state(state: Condition) -> str:
    text = _in_words(state)
    return text if len(text) <= 200 else f"{text[:160]}… ({len(text)} characters)"


def _in_words(state: Condition) -> str:
    """As its repr, by the names that it has on disk: they do not change with the code."""
    kind = type(state).__name__
    names = FIELDS.get(kind, {})
    values = ", ".join(
        f"{names.get(field.name, field.name)}={getattr(state, field.name)!r}"
        for field in fields(state)
        if field.repr
    )
    return f"{KINDS.get(kind, kind)}({values})"


def main() -> None:
    """See the module's docstring."""
    write = "--write" in sys.argv
    for name in [one for one in sys.argv[1:] if not one.startswith("-")]:
        case = load(Path(name))
        data = {key: value for key, value in case.data.items() if key not in ("plan", "refused")}
        text = json.dumps(data | outcomes([case])[0][1], indent=1, ensure_ascii=False) + "\n"
        if write:
            case.path.write_text(text)
        else:
            print(text)  # noqa: T201 - that is what it is for


if __name__ == "__main__":
    main()
