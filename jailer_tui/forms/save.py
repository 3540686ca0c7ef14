"""The form that asks where an output is to be kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.text import sanitize
from jailer_tui.forms.model import FormField, Kind


@dataclass(frozen=True, slots=True)
class SaveForm:
    """One field; empty, it is the suggestion."""

    suggestion: str

    def path(self, values: Mapping[str, str]) -> str:
        """The file."""
        return values["path"].strip() or self.suggestion

    def items(self, _inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """The line of the form."""
        typed = values["path"].strip()
        good = not typed or (typed.startswith("/") and not typed.endswith("/"))
        return (
            FormField(
                "path",
                "File",
                Kind.TEXT,
                values["path"],
                suggestion="" if typed else sanitize(self.suggestion),
                help="A file on the host, mode 0600. Asks before replacing an existing file.",
                problem="" if good else "an absolute path",
                hint="" if good else "For example /root/output.txt.",
            ),
        )
