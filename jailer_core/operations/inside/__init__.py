"""What is done inside jails: commands, packages, services, signals.

requests.py    what can be asked for
commands.py    one command in many jails: a step for each, which execute/many.py runs side by side
signals.py     a signal to one process
"""

from __future__ import annotations

from jailer_core.model import Jail
from jailer_core.operations import guards
from jailer_core.operations.inside import commands, signals
from jailer_core.operations.inside.requests import Exec, Packages, Services, Signal
from jailer_core.operations.room import Room

__all__ = ["ROOM", "Exec", "Packages", "Services", "Signal"]


def _runs(jail: Jail) -> None:
    guards.running(jail)


ROOM = Room(
    needs={Packages: commands.package_needs, Signal: signals.needs},
    plans={
        Exec: commands.plan,
        Packages: commands.plan,
        Services: commands.plan,
        Signal: signals.signal,
    },
    of_jail={one.op: _runs for one in (Exec, Packages, Services, Signal)},
)
