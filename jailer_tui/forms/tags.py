"""The form for the tags of one jail or several: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.operations.jails import tags
from jailer_core.operations.jails.tag_requests import JailTags
from jailer_core.operations.spec import spec_of
from jailer_core.text import sanitize
from jailer_tui.forms.model import FormField, Kind
from jailer_tui.presenters import jails as presenters


@dataclass(frozen=True, slots=True)
class TagForm:
    """What the jails have now, and the changes."""

    jails: tuple[Jail, ...]

    def requests(self, values: Mapping[str, str]) -> tuple[JailTags, ...]:
        """What is asked for: the same for each jail."""
        changes = tuple(dict.fromkeys(values["changes"].replace(",", " ").split()))
        return tuple(JailTags(jail.name, changes) for jail in self.jails)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        present = [
            FormField(
                f"present {index}",
                sanitize(jail.name)[:14],
                Kind.FACT,
                said=self._present(inventory, jail),
            )
            for index, jail in enumerate(self.jails)
        ]
        spec = spec_of(JailTags).field("changes")
        problem, hint = tags.problems(self.requests(values)[0]).get("changes", ("", ""))
        field = FormField(
            "changes",
            spec.label,
            Kind.TEXT,
            values["changes"],
            help=spec.help,
            problem=sanitize(problem),
            hint=sanitize(hint),
        )
        return (*present, field)

    @staticmethod
    def _present(inventory: Inventory, jail: Jail) -> presenters.Span:
        shown = presenters.tags(inventory.jail(jail.name) or jail)
        return shown if shown[0] else presenters.NOTHING
