"""The parameters of a jail as they are: known to the kernel, configured, running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import parameter_catalog
from jailer_core.operations.settings.parameter_catalog import OF_JAIL8, Group, Kind, Parameter
from jailer_core.parse import jail_parameters, jailconf
from jailer_core.plan import Needs

_STATES = ("configured", "running")


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter of a jail; None where it is not set, or the jail does not run."""

    parameter: Parameter
    configured: str | None
    running: str | None

    @property
    def waits(self) -> bool:
        """Whether the next start changes it."""
        differs = self.configured not in (None, self.running)
        return self.running is not None and differs and not self.parameter.instead


def running_ask(jail: Jail) -> tuple[str, ...]:
    """All parameters of a running jail (recording 03)."""
    return ("jls", "-d", "-n", "--libxo=json", "-j", str(jail.jid))


def needs(jail: Jail) -> Needs:
    """What must be read for `known` and `running`."""
    asks = (jail_parameters.DESCRIPTIONS, jail_parameters.TYPES)
    return Needs(commands=(*asks, running_ask(jail)) if jail.jid is not None else asks)


@of_latest
def known(inventory: Inventory) -> dict[str, str] | None:
    """The kernel's parameters with their descriptions; None when they could not be read."""
    types = inventory.output(jail_parameters.TYPES)
    if types is None:
        return None
    rows = inventory.parsed(
        jail_parameters.DESCRIPTIONS, lambda text: jail_parameters.known(text, types).value
    )
    return None if rows is None else {row.name: row.description for row in rows}


def running(inventory: Inventory, jail: Jail) -> dict[str, str] | None:
    """The parameters of a running jail; None when it does not run, or they are not known."""
    if jail.jid is None:
        return None
    rows = inventory.parsed(running_ask(jail), lambda text: jail_parameters.running(text).entire())
    return dict(rows[0]) if rows else None


def configured(jail: Jail) -> dict[str, str]:
    """The parameters that its configuration sets, in one spelling, lists by commas."""
    if jail.config is None:
        return {}
    spelled = {}
    for name, values in jailconf.plain(jail.config.params).items():
        switch = parameter_catalog.of(name).kind is Kind.SWITCH
        text = values[-1] if switch else ",".join(values)
        spelled[name] = {"1": "true", "0": "false"}.get(text, text) if switch else text
    return spelled


def values(inventory: Inventory, jail: Jail) -> tuple[Value, ...] | None:
    """Every parameter of the kernel and jail(8) by group; None when the kernel's are not known."""
    of_kernel = known(inventory)
    if of_kernel is None:
        return None
    own, now = configured(jail), running(inventory, jail) or {}
    descriptions = of_kernel | dict.fromkeys(OF_JAIL8, "")
    values = [
        Value(parameter_catalog.of(name, text), own.get(name), now.get(name))
        for name, text in descriptions.items()
    ]
    order = list(Group)
    return tuple(
        sorted(values, key=lambda value: (order.index(value.parameter.group), value.parameter.name))
    )


def of_several(
    inventory: Inventory, jails: Sequence[Jail]
) -> tuple[tuple[Value, bool], ...] | None:
    """The values that all of the jails share, and whether they have it configured alike."""
    every = [values(inventory, jail) for jail in jails]
    known_ones = [value for value in every if value is not None]
    if not known_ones or len(known_ones) < len(every):
        return None
    return tuple(_shared(row) for row in zip(*known_ones, strict=True))


def _shared(row: tuple[Value, ...]) -> tuple[Value, bool]:
    configured, running = ({getattr(value, name) for value in row} for name in _STATES)
    first = row[0]
    value = Value(
        first.parameter,
        first.configured if len(configured) == 1 else None,
        first.running if len(running) == 1 else None,
    )
    return value, len(configured) == 1
