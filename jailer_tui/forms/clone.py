"""The form that makes another jail of a jail: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, Network
from jailer_core.operations.jails import clone
from jailer_core.operations.jails.requests import Clone, Create
from jailer_core.operations.shared import addresses
from jailer_core.text import sanitize
from jailer_tui.forms.model import NO, ON_OFF, YES, ChoiceOption, FormField, Kind

NAME = "Letters, digits, - and _."
CLONE: Mapping[str, str] = {
    "new": "",
    "snapshot": "",
    "address": "",
    "address6": "",
    "mac": "",
    "start": YES,
}
"""What an untouched clone form holds."""


def read_only_field(key: str, label: str, text: str) -> FormField:
    """A line that only tells something."""
    return FormField(key, label, Kind.FACT, said=(sanitize(text) or "-", "text"))


@dataclass(frozen=True, slots=True)
class CloneForm:
    """The fields of a clone. `mac` was made when the form was opened, `stamp` of the time."""

    jail: Jail
    mac: str
    stamp: str

    def request(self, _inventory: Inventory, values: Mapping[str, str]) -> Clone:
        """What is asked for."""
        own = self.jail.network is Network.EPAIR
        return Clone(
            self.jail.name,
            values["new"].strip(),
            snapshot=values["snapshot"],
            address=values["address"].strip(),
            address6=values["address6"].strip(),
            mac=(values["mac"].strip() or self.mac) if own else "",
            start=values["start"] == YES,
            stamp=self.stamp,
        )

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        wrong = clone.problems(inventory, request)
        try:
            full = clone.becomes(inventory, request)
        except Refused:
            full = Create(request.new)
        inherits = full.network == "inherit"
        off = "uses the host's" if inherits else ""
        no_mac = "" if full.network == "eb" else off or "the host's"

        def text(
            key: str, label: str, said: str, *, off: str = "", suggestion: str = ""
        ) -> FormField:
            problem, hint = wrong.get(key, ("", ""))
            return FormField(
                key,
                label,
                Kind.TEXT,
                values[key],
                suggestion="" if values[key].strip() else sanitize(suggestion),
                said=(said, "dim"),
                help=NAME if key == "new" else "",
                off=off,
                problem="" if off else sanitize(problem),
                hint=sanitize(hint),
            )

        return (
            text("new", "New name", "free"),
            _choice("snapshot", "As of", values, self._snapshots(inventory)),
            text("address", "IPv4", _said(full.address), off=off, suggestion=full.address),
            text("address6", "IPv6", "", off=off, suggestion=full.address6),
            text("mac", "MAC", _card(inventory, full), off=no_mac, suggestion=full.mac),
            _choice("start", "Start now", values, ON_OFF),
            _refused(wrong),
        )

    def _snapshots(self, inventory: Inventory) -> tuple[ChoiceOption, ...]:
        names = [
            snapshot.name
            for snapshot in inventory.snapshots or ()
            if snapshot.dataset == self.jail.dataset
        ]
        return (
            ChoiceOption("", "as it is now", "A snapshot is taken first."),
            *(ChoiceOption(name, sanitize(name)) for name in reversed(names)),
        )


def _choice(
    key: str, label: str, values: Mapping[str, str], options: tuple[ChoiceOption, ...]
) -> FormField:
    return FormField(
        key, label, Kind.CHOICE, values[key] or (NO if options == ON_OFF else ""), options=options
    )


def _said(address: str) -> str:
    return "" if address == "dhcp" else "free"


def _card(inventory: Inventory, full: Create) -> str:
    return f"epair{addresses.free_number(inventory)}b" if full.network == "eb" else ""


def _refused(wrong: Mapping[str, tuple[str, str]]) -> FormField:
    """What is wrong with the jail itself, and not with a field."""
    problem, hint = wrong.get("name", ("", ""))
    return FormField("name", "", Kind.FACT, problem=sanitize(problem), hint=sanitize(hint))
