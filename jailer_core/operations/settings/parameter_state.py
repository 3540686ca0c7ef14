"""The parameters of a jail as they are, and their values checked and spelled.

Values of parameters: checked, spelled as files and commands want them, and shown to people.

The parameters of a jail as they are: known to the kernel, configured, running.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from jailer_core import checks
from jailer_core.errors import Refused, UsageError
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import parameter_catalog
from jailer_core.operations.settings.parameter_catalog import OF_JAIL8, Group, Kind, Parameter
from jailer_core.parse import jail_settings, jailconf
from jailer_core.parse.jailconf import affirmed
from jailer_core.plan import Needs
from jailer_core.text import sanitize

YES, NO = "true", "false"
_YES = ("yes", "true", "on", "1", "new")
_NO = ("no", "false", "off", "0")
_UNSETS = ("", "default", "none")
_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
LENGTH = 255


def parse(words: Sequence[str]) -> dict[str, str | None]:
    """Values by parameter of words like `allow.mlock=yes`, `allow.nomlock`, `children.max=`.

    None is the default. Raises UsageError.
    """
    settings: dict[str, str | None] = {}
    for word in words:
        given, equals, value = word.partition("=")
        name = _named(given.strip(), valued=bool(equals))
        if not name:
            raise UsageError(
                f"'{sanitize(word)}' names no parameter", "For example: allow.mlock=yes"
            )
        if name in settings:
            raise UsageError(f"{sanitize(name)} is given twice", "Give each parameter once.")
        parameter = parameter_catalog.of(name)
        if not equals:
            value = NO if name != given.strip() else YES
            if parameter.kind is not Kind.SWITCH:
                raise UsageError(f"{sanitize(name)} has no value", _example_of(parameter))
        elif name != given.strip():
            raise UsageError(f"{sanitize(given)} takes no value", f"Write {name}=no.")
        settings[name] = checked(parameter, value)
    return settings


def _named(given: str, *, valued: bool) -> str:
    """The parameter that is meant: `noX` is X where there is such a parameter."""
    name = affirmed(given)
    if name in parameter_catalog.BY_NAME or (name.startswith("allow.") and not valued):
        return name
    return given


def _example_of(parameter: Parameter) -> str:
    listed = parameter_catalog.BY_NAME
    close = [] if parameter.name in listed else get_close_matches(parameter.name, listed, 1)
    if close:
        return f"Did you mean {close[0]}?"
    return f"For example: {sanitize(parameter.name)}={_example(parameter)}"


def _example(parameter: Parameter) -> str:
    if parameter.choices:
        return parameter.choices[0]
    return {Kind.SWITCH: "yes", Kind.NUMBER: "1"}.get(parameter.kind, "text")


def checked(parameter: Parameter, value: str) -> str | None:
    """The value as stored; None for the default. Raises UsageError."""
    text = value.strip()
    if text.lower() in _UNSETS:
        return None
    match parameter.kind:
        case Kind.SWITCH:
            return _switch(parameter, text)
        case Kind.NUMBER:
            if not _NUMBER.fullmatch(text) or int(text) < 0 or int(text) >= 1 << 31:
                raise _wrong(parameter, text, "is not a number of at least 0")
            return str(int(text))
        case Kind.CHOICE:
            if text not in parameter.choices:
                raise _wrong(parameter, text, f"is not one of {', '.join(parameter.choices)}")
            return text
    return _text(parameter, text)


def _switch(parameter: Parameter, text: str) -> str:
    if text.lower() in _YES:
        return YES
    if text.lower() in _NO:
        return NO
    raise _wrong(parameter, text, "is neither yes nor no")


def _text(parameter: Parameter, text: str) -> str:
    if parameter.name == "host.hostname":
        return checks.hostname(text)
    if len(text) > LENGTH or sanitize(text) != text or not text.isprintable():
        raise _wrong(parameter, text[:40], "is too long, or has characters that cannot be printed")
    return text


def _wrong(parameter: Parameter, text: str, why: str) -> UsageError:
    return UsageError(
        f"{sanitize(parameter.name)} '{sanitize(text)}' {why}",
        f"For example: {parameter.name}={_example(parameter)}",
    )


def must_be_known(name: str, known: Mapping[str, str]) -> None:
    """Raises Refused for a parameter that neither the kernel nor jail(8) knows."""
    if name in known or name in OF_JAIL8:
        return
    hint = "See the parameters of this host: get NAME"
    kind = name.removeprefix("allow.mount.")
    close = get_close_matches(name, [*known, *OF_JAIL8], 1)
    if kind != name and parameter_catalog.BY_NAME.get(name) is not None:
        hint = f"Load its kernel module first: kldload {kind}"
    elif name.startswith("exec.") and not get_close_matches(name, OF_JAIL8, 1, 0.85):
        hint = "It belongs to jail(8), not to the kernel: change it with edit NAME."
    elif close:
        hint = f"Did you mean {close[0]}?"
    raise Refused(f"the kernel of this host does not know the parameter {sanitize(name)}", hint)


def shown_value(value: str | None) -> str:
    """A value for people: yes or no, "-" if it is not set."""
    if value is None:
        return "-"
    return {YES: "yes", NO: "no"}.get(value, value or '""')


_STATES = ("configured", "running")


@dataclass(frozen=True, slots=True)
class Value:
    """One parameter of a jail; None if it is not set, or the jail is not running."""

    parameter: Parameter
    configured: str | None
    running: str | None

    @property
    def waits(self) -> bool:
        """Whether the next start changes the value."""
        differs = self.configured not in (None, self.running)
        return self.running is not None and differs and not self.parameter.instead


def running_ask(jail: Jail) -> tuple[str, ...]:
    """All parameters of a running jail (recording 03)."""
    return ("jls", "-d", "-n", "--libxo=json", "-j", str(jail.jid))


def needs(jail: Jail) -> Needs:
    """What must be read for `known` and `running`."""
    asks = (jail_settings.DESCRIPTIONS, jail_settings.TYPES)
    return Needs(commands=(*asks, running_ask(jail)) if jail.jid is not None else asks)


@of_latest
def known(inventory: Inventory) -> dict[str, str] | None:
    """The kernel's parameters with their descriptions; None if they could not be read."""
    types = inventory.output(jail_settings.TYPES)
    if types is None:
        return None
    rows = inventory.parsed(
        jail_settings.DESCRIPTIONS, lambda text: jail_settings.known_parameters(text, types).value
    )
    return None if rows is None else {row.name: row.description for row in rows}


def running(inventory: Inventory, jail: Jail) -> dict[str, str] | None:
    """The parameters of a running jail; None if it is not running, or they are unknown."""
    if jail.jid is None:
        return None
    rows = inventory.parsed(
        running_ask(jail), lambda text: jail_settings.running_parameters(text).entire()
    )
    return dict(rows[0]) if rows else None


def configured(jail: Jail) -> dict[str, str]:
    """The parameters that its configuration sets, in one spelling; lists with commas."""
    if jail.config is None:
        return {}
    spelled = {}
    for name, values in jailconf.plain(jail.config.params).items():
        switch = parameter_catalog.of(name).kind is Kind.SWITCH
        text = values[-1] if switch else ",".join(values)
        spelled[name] = {"1": "true", "0": "false"}.get(text, text) if switch else text
    return spelled


def values(inventory: Inventory, jail: Jail) -> tuple[Value, ...] | None:
    """Every parameter of the kernel and jail(8) by group; None if the kernel's are unknown."""
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
    """The values that all jails share, and whether they are configured alike."""
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
