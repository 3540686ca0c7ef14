"""Start and stop Bastille's jails through its own program (recording 08)."""

from __future__ import annotations

from jailer_core.model import Jail
from jailer_core.operations.jails import jail_command, stop_parts
from jailer_core.plan import NEW_JID, JailRuns, JailStopped, Run, Step, Undo
from jailer_core.text import sanitize


def start_step(jail: Jail) -> Step:
    """`bastille start NAME`; whether it worked, the list of jails tells."""
    return Step(
        Run(("bastille", "start", jail.name)),
        f"Start {sanitize(jail.name)} through bastille",
        timeout=jail_command.START_TIMEOUT,
        undo=(
            Undo(
                Run(("bastille", "stop", jail.name)),
                f"Stop {sanitize(jail.name)} again",
                preconditions=(JailRuns(jail.name, NEW_JID),),
                done_when=(JailStopped(jail.name),),
                timeout=jail_command.STOP_TIMEOUT + jail_command.STOP_MARGIN,
                created_if_output=f"{jail.name}: created",
            ),
        ),
        preconditions=(JailStopped(jail.name),),
        postconditions=(JailRuns(jail.name),),
        wait_reason="its services start",
        jail=jail.name,
        side_effect=(
            f"the start of {sanitize(jail.name)} has written to its log and {sanitize(jail.path)}"
        ),
        side_effect_if_output=f"{jail.name}: created",
    )


def stop_step(jail: Jail, jid: int, inside: tuple[str, ...] = ()) -> Step:
    """`bastille stop NAME`."""
    return Step(
        Run(("bastille", "stop", jail.name)),
        f"Stop {sanitize(jail.name)} through bastille",
        timeout=jail_command.STOP_TIMEOUT + jail_command.STOP_MARGIN,
        undo=(stop_parts.start_again(Run(("bastille", "start", jail.name)), jail.name, jid),),
        preconditions=(JailRuns(jail.name, jid),),
        postconditions=(JailStopped(jail.name),),
        wait_reason=stop_parts.stop_wait(jail_command.STOP_TIMEOUT),
        ok_statuses=(0, 1),
        jail=jail.name,
        side_effect=stop_parts.stop_trace(jail.name, inside),
        side_effect_if_output=f"[{jail.name}]",
    )
