"""Start and stop Bastille's jails through its own program (recording 08)."""

from __future__ import annotations

from jailer_core.model import Jail
from jailer_core.operations import jail8, stopped
from jailer_core.operations.guards import named
from jailer_core.plan import NEW_JID, JailGone, JailIs, Run, Step, Undo


def start_step(jail: Jail) -> Step:
    """`bastille start NAME`; whether it worked, the list of jails tells."""
    return Step(
        Run(("bastille", "start", jail.name)),
        f"Start {named(jail.name)} through bastille",
        timeout=jail8.START_TIMEOUT,
        undo=(
            Undo(
                Run(("bastille", "stop", jail.name)),
                f"Stop {named(jail.name)} again",
                when=(JailIs(jail.name, NEW_JID),),
                settled=(JailGone(jail.name),),
                timeout=jail8.STOP_TIMEOUT + jail8.STOP_MARGIN,
                proof=f"{jail.name}: created",
            ),
        ),
        before=(JailGone(jail.name),),
        goal=(JailIs(jail.name),),
        wait="its services start",
        jail=jail.name,
        trace=f"jail {named(jail.name)}: what its start wrote to its log and {named(jail.path)}",
        mark=f"{jail.name}: created",
    )


def stop_step(jail: Jail, jid: int) -> Step:
    """`bastille stop NAME`."""
    return Step(
        Run(("bastille", "stop", jail.name)),
        f"Stop {named(jail.name)} through bastille",
        timeout=jail8.STOP_TIMEOUT + jail8.STOP_MARGIN,
        undo=(stopped.start_again(Run(("bastille", "start", jail.name)), jail.name, jid),),
        before=(JailIs(jail.name, jid),),
        goal=(JailGone(jail.name),),
        wait=stopped.stop_wait(jail8.STOP_TIMEOUT),
        ok=(0, 1),
        jail=jail.name,
        trace=stopped.stop_trace(jail.name),
        mark=f"[{jail.name}]",
    )
