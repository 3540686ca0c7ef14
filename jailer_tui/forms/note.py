"""The form for the note of a jail: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.operations.jails import note
from jailer_core.operations.jails.requests import JailNote
from jailer_core.operations.spec import spec_of
from jailer_core.text import sanitize
from jailer_tui.forms.model import FormField, Kind


@dataclass(frozen=True, slots=True)
class NoteForm:
    """One field."""

    jail: Jail

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> JailNote:
        """What is asked for."""
        return JailNote(self.jail.name, values["text"].strip())

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        spec = spec_of(JailNote).field("text")
        problem, hint = note.problems(self.request(inventory, values)).get("text", ("", ""))
        field = FormField(
            "text",
            spec.label,
            Kind.TEXT,
            values["text"],
            help=spec.help,
            problem=sanitize(problem),
            hint=sanitize(hint),
        )
        return (field,)
