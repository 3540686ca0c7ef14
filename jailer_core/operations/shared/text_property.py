"""Operations on one text property of a jail's dataset."""

from __future__ import annotations

from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.shared import user_property
from jailer_core.plan import Needs, Plan
from jailer_core.request import Request
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class TextProperty:
    """The user property `name`; `what` is the word for it in titles and messages.

    `field` is the field of a request that sets it.
    """

    name: str
    what: str
    field: str = ""

    def needs(self, inventory: Inventory, request: Request) -> Needs:
        """The present text of a jail, and where it comes from. Raises Refused for no jail."""
        dataset = self._jail(inventory, request).dataset
        return Needs(commands=(user_property.ask(self.name, [dataset]),) if dataset else ())

    def form_values(self, inventory: Inventory, request: Request) -> dict[str, str]:
        """The text that the jail has now, "" for none and while it is not known."""
        jail = self._jail(inventory, request)
        known = user_property.current(inventory, self.name, jail.dataset)
        return {self.field: "" if known is None or known[1] == "-" else known[0]}

    @staticmethod
    def _jail(inventory: Inventory, request: Request) -> Jail:
        name: str = getattr(request, "name", "")
        return guards.require_jail(inventory, name)

    def require(self, inventory: Inventory, jail: Jail) -> tuple[Dataset, tuple[str, str]]:
        """The jail's dataset, and the value and source on it. Raises Refused for the unknown."""
        guards.require_datasets(inventory)
        dataset = inventory.dataset(jail.dataset)
        present = user_property.current(inventory, self.name, jail.dataset)
        if dataset is None or present is None:
            raise Refused(f"the {self.what} of {sanitize(jail.name)} could not be read")
        return dataset, present

    def plan(self, inventory: Inventory, request: Request, jail: Jail, text: str) -> Plan:
        """The plan that sets the text, or with "" removes what the dataset has. Raises Refused."""
        dataset, present = self.require(inventory, jail)
        title = f"{'Set' if text else 'Remove'} the {self.what} of {sanitize(jail.name)}"
        own = present[1] in user_property.OWN
        if (present[0] == text) if own else not text:
            return Plan.unchanged(request, title, jail.name)
        step = user_property.change(
            dataset,
            self.name,
            old=present,
            new=text,
            title=f"{title}: {text}" if text else title,
            undo_title=f"Set the {self.what} as it was",
            jail=jail.name,
        )
        return Plan(request, title, (step,), jail=jail.name)
