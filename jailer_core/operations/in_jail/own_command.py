"""The plan that runs a command of the user's own: one step, shown like any other."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.in_jail.requests import RunOwnCommand
from jailer_core.plan import JailRuns, Plan, Run, Step
from jailer_core.text import sanitize

TIMEOUT = 600.0


def run(inventory: Inventory, request: RunOwnCommand) -> Plan:
    """The plan of one step."""
    if not request.argv or not request.argv[0]:
        raise Refused("the command is empty", "Give it an argv in the settings.")
    argv = request.argv
    running: tuple[JailRuns, ...] = ()
    if request.name:
        jail = guards.require_jail(inventory, request.name)
        if request.inside:
            jid = guards.require_running(jail)
            argv = ("jexec", "-l", str(jid), *argv)
            running = (JailRuns(jail.name, jid),)
    elif request.inside:
        raise Refused("no jail is selected", "The command runs in a jail: select one.")
    of_jail = f" for {sanitize(request.name)}" if request.name else ""
    step = Step(
        Run(argv),
        f"{sanitize(request.label)}{of_jail}",
        timeout=TIMEOUT,
        irreversible_because="what a command of your own does is not known",
        preconditions=running,
        jail=request.name,
    )
    return Plan(request, step.title, (step,), jail=request.name)
