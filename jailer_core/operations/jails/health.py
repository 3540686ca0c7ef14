"""The health command of a jail: a user property of its dataset."""

from __future__ import annotations

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.guards import named
from jailer_core.operations.jails.requests import JailHealth
from jailer_core.operations.shared import user_property
from jailer_core.plan import Needs, Plan

HEALTH = "jailer:health"
LONGEST = 1000


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose health command cannot be set."""
    guards.require_owned(jail)
    guards.require_dataset(jail)


def problems(_inventory: Inventory, request: JailHealth) -> dict[str, tuple[str, str]]:
    """What is wrong with the command; {} when nothing is."""
    try:
        _checked(request.command)
    except JailerError as error:
        return {"command": (error.message, error.hint)}
    return {}


def _checked(command: str) -> str:
    text = command.strip()
    if not text.isprintable() or len(text) > LONGEST or text == "-":
        raise Refused(
            f"the command must be one line of at most {LONGEST} printable characters",
            "Put a longer one into a script of the jail.",
        )
    return text


def needs(inventory: Inventory, request: JailHealth) -> Needs:
    """The present command, and where it comes from."""
    jail = guards.require_jail(inventory, request.name)
    return Needs(commands=(user_property.ask(HEALTH, [jail.dataset]),) if jail.dataset else ())


def form_values(inventory: Inventory, request: JailHealth) -> dict[str, str]:
    """The command that the jail has now."""
    jail = guards.require_jail(inventory, request.name)
    known = user_property.current(inventory, HEALTH, jail.dataset)
    return {"command": "" if known is None or known[1] == "-" else known[0]}


def change(inventory: Inventory, request: JailHealth) -> Plan:
    """The plan that sets a jail's health command, or removes it."""
    jail = guards.require_jail(inventory, request.name)
    refusal(jail)
    text = _checked(request.command)
    guards.require_datasets(inventory)
    dataset = inventory.dataset(jail.dataset)
    present = user_property.current(inventory, HEALTH, jail.dataset)
    if dataset is None or present is None:
        raise Refused(f"the health command of {named(jail.name)} could not be read")
    own = present[1] in user_property.OWN
    title = f"{'Set' if text else 'Remove'} the health command of {named(jail.name)}"
    if (present[0] == text) if own else not text:
        return Plan(request, title, notes=("Nothing to change.",), jail=jail.name)
    step = user_property.change(
        dataset,
        HEALTH,
        old=present,
        new=text,
        title=f"{title}: {text}" if text else title,
        undo_title="Set the health command as it was",
        jail=jail.name,
    )
    return Plan(request, title, (step,), jail=jail.name)
