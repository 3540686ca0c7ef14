"""The note of a jail: a user property of its dataset."""

from __future__ import annotations

from jailer_core import checks
from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.guards import named
from jailer_core.operations.jails.requests import JailNote
from jailer_core.operations.shared import user_property
from jailer_core.operations.shared.dataset_copies import NOTE
from jailer_core.plan import Needs, Plan


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose note cannot be set."""
    guards.require_owned(jail)
    if not jail.dataset:
        raise Refused(
            f"{named(jail.name)} has no dataset of its own",
            f"A note is kept with a dataset; the files are in {named(jail.path)}.",
        )


def problems(_inventory: Inventory, request: JailNote) -> dict[str, tuple[str, str]]:
    """What is wrong with the text; {} when nothing is."""
    try:
        checks.note(request.text)
    except JailerError as error:
        return {"text": (error.message, error.hint)}
    return {}


def needs(inventory: Inventory, request: JailNote) -> Needs:
    """The present note, and where it comes from."""
    jail = guards.require_jail(inventory, request.name)
    return Needs(commands=(user_property.ask(NOTE, [jail.dataset]),) if jail.dataset else ())


def form_values(inventory: Inventory, request: JailNote) -> dict[str, str]:
    """The note that the jail has now."""
    jail = guards.require_jail(inventory, request.name)
    known = user_property.current(inventory, NOTE, jail.dataset)
    if known is None:
        return {}
    value, source = known
    return {"text": "" if source == "-" else value}


def change(inventory: Inventory, request: JailNote) -> Plan:
    """The plan that sets a jail's note, or removes it."""
    jail = guards.require_jail(inventory, request.name)
    refusal(jail)
    for message, hint in problems(inventory, request).values():
        raise Refused(message, hint)
    text = request.text.strip()
    guards.require_datasets(inventory)
    dataset = inventory.dataset(jail.dataset)
    present = user_property.current(inventory, NOTE, jail.dataset)
    if dataset is None or present is None:
        raise Refused(f"the note of {named(jail.name)} could not be read")
    own = present[1] in user_property.OWN
    title = f"{'Set' if text else 'Remove'} the note of {named(jail.name)}"
    if not text and not own and present[1] != "-":
        raise Refused(
            f"{named(jail.name)} has no note of its own: it is {named(present[1])}",
            "Set another one, or remove it there.",
        )
    if (present[0] == text) if own else not text:
        return Plan(request, title, notes=("Nothing to change.",), jail=jail.name)
    step = user_property.change(
        dataset,
        NOTE,
        old=present,
        new=text,
        title=f"{title}: {text}" if text else title,
        undo_title="Set the note as it was",
        jail=jail.name,
    )
    return Plan(request, title, (step,), jail=jail.name)
