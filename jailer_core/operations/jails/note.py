"""The note of a jail: a user property of its dataset."""

from __future__ import annotations

from jailer_core import checks
from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.jails.requests import JailNote
from jailer_core.operations.shared import user_property
from jailer_core.operations.shared.dataset_copies import NOTE
from jailer_core.operations.shared.user_property import TextProperty
from jailer_core.plan import Plan
from jailer_core.text import sanitize

TEXT = TextProperty(NOTE, "note", "text")
needs, form_values = TEXT.needs, TEXT.form_values


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose note cannot be set."""
    hint = f"A note is kept with a dataset; the files are in {sanitize(jail.path)}."
    guards.require_dataset(jail, hint)


def problems(_inventory: Inventory, request: JailNote) -> dict[str, tuple[str, str]]:
    """Problems of the text; {} if there are none."""
    return guards.problem("text", checks.note, request.text)


def change(inventory: Inventory, request: JailNote) -> Plan:
    """The plan that sets a jail's note, or removes it."""
    jail = guards.require_jail(inventory, request.name, refusal)
    guards.refuse(problems(inventory, request))
    text = request.text.strip()
    _, (_, source) = TEXT.require(inventory, jail)
    if not text and source not in (*user_property.OWN, "-"):
        raise Refused(
            f"{sanitize(jail.name)} has no note of its own: it is {sanitize(source)}",
            "Set another one, or remove it there.",
        )
    return TEXT.plan(inventory, request, jail, text)
