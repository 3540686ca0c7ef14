"""The form that asks where an output is to be kept. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.text import visible
from jailer_tui.forms import Item, Kind


@dataclass(frozen=True, slots=True)
class SaveSubject:
    """One field; empty, it is the suggestion."""

    suggestion: str

    def path(self, values: Mapping[str, str]) -> str:
        """The file."""
        return values["path"].strip() or self.suggestion

    def items(self, _inventory: Inventory, values: Mapping[str, str]) -> tuple[Item, ...]:
        """The line of the form."""
        typed = values["path"].strip()
        good = not typed or (typed.startswith("/") and not typed.endswith("/"))
        return (
            Item(
                "path",
                "File",
                Kind.TEXT,
                values["path"],
                suggestion="" if typed else visible(self.suggestion),
                help="A file of the host, mode 0600. What it held before is asked about.",
                problem="" if good else "a whole path, from / on",
                hint="" if good else "As in /root/output.txt.",
            ),
        )
