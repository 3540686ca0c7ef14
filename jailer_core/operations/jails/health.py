"""The health command of a jail: a user property of its dataset."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations import guards
from jailer_core.operations.jails.requests import JailHealth
from jailer_core.operations.shared.user_property import TextProperty
from jailer_core.plan import Plan

HEALTH = "jailer:health"
TEXT = TextProperty(HEALTH, "health command", "command")
needs, form_values = TEXT.needs, TEXT.form_values
LONGEST = 1000


def problems(_inventory: Inventory, request: JailHealth) -> dict[str, tuple[str, str]]:
    """Problems of the command; {} if there are none."""
    return guards.problem("command", _checked, request.command)


def _checked(command: str) -> str:
    text = command.strip()
    if not text.isprintable() or len(text) > LONGEST or text == "-":
        raise Refused(
            f"the command must be one line of at most {LONGEST} printable characters",
            "Put a longer one into a script of the jail.",
        )
    return text


def change(inventory: Inventory, request: JailHealth) -> Plan:
    """The plan that sets a jail's health command, or removes it."""
    jail = guards.require_jail(inventory, request.name, guards.require_dataset)
    return TEXT.plan(inventory, request, jail, _checked(request.command))
