"""The form and the wizard that create a jail, with the command line's request. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

from jailer_core.model import Inventory
from jailer_core.operations.images import defaults
from jailer_core.operations.jails import create_defaults
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses
from jailer_tui.forms.create_fields import DHCP, FIXED, NO_ADDRESS, NONE, CreateFields
from jailer_tui.forms.model import NO, YES, FormField, Question

_FLAGS = ("copy", "quiet", "start", "boot")

START: Mapping[str, str] = {
    **{field.name: "" for field in fields(Create)},
    "how": "",
    **dict.fromkeys(_FLAGS, NO),
    "start": YES,
}
"""What an untouched form holds: nothing, so that everything is suggested."""

QUESTIONS = (
    Question(
        "What should the jail be called?",
        (
            "A jail is a FreeBSD system within this one, with its own files, users and",
            "programs. You start, stop and enter it by its name.",
        ),
        ("name",),
    ),
    Question(
        "What should it be created from?",
        (
            "An image is a fresh FreeBSD. A snapshot is an earlier state of a jail.",
            "Both take almost no space until files in the new jail change.",
        ),
        ("base",),
        choice=True,
    ),
    Question(
        "How should it be connected?",
        ("This decides who can reach it and what it can reach.",),
        ("network",),
        choice=True,
    ),
    Question(
        "Which address should it have?",
        (
            "The jail is reached at this address. It must be unique:",
            "it is checked against all jails and the host.",
        ),
        ("how", "address"),
    ),
    Question(
        "When should it run?",
        (
            "Space ticks and unticks. Next you see a preview of everything that will be",
            "done; nothing happens until you confirm it.",
        ),
        ("start", "boot"),
    ),
)
"""What the wizard asks. Enter alone takes what is suggested."""


NO_SIX = "none"
"""The text for no IPv6 address where one would be suggested."""


def request_of(values: Mapping[str, str]) -> Create:
    """The request for these fields; fields that are off do not count."""
    texts = {key: text.strip() for key, text in values.items() if key not in (*_FLAGS, "how")}
    flags = {key: values[key] == YES for key in _FLAGS}
    request = Create(**texts, **flags)  # type: ignore[arg-type]
    if not request.boot:
        request = replace(request, before="")
    if request.network == "inherit":
        return replace(
            request, bridge="", address="", netmask="", gateway="", address6="", gateway6="", mac=""
        )
    if request.network == "new":
        return replace(request, netmask="", gateway="", gateway6="", mac="")
    if values["how"] in (DHCP, NONE):
        return replace(
            request, address=DHCP if values["how"] == DHCP else "", netmask="", gateway=""
        )
    return request


def usual_network(inventory: Inventory) -> str:
    """The default network type; if none was chosen, its own network if there is a bridge."""
    chosen = inventory.file_texts.get(defaults.network_file(inventory), "").strip()
    bridge = inventory.interface(addresses.usual(inventory, "eb"))
    if not chosen and inventory.host.vimage and addresses.net_on(bridge, 4) is not None:
        return "eb"
    return defaults.default_network(inventory)


def _six(inventory: Inventory, request: Create) -> str:
    """On a bridge with IPv6 the next free address, unless another one is typed, or none."""
    if request.address6:
        return "" if request.address6 == NO_SIX else request.address6
    return addresses.free_address(inventory, request.bridge or addresses.usual(inventory, "eb"), 6)


@dataclass(frozen=True, slots=True)
class CreateForm:
    """The fields of a new jail. `name` and `mac` were made when the form was opened."""

    name: str
    mac: str

    def request(self, inventory: Inventory, values: Mapping[str, str]) -> Create:
        """The request, with the suggested address unless another one is typed."""
        network = values["network"] or usual_network(inventory)
        request = request_of({**values, "network": network})
        request = replace(request, name=request.name or self.name)
        if network == "eb":
            six = _six(inventory, request)
            request = replace(request, mac=request.mac or self.mac, address6=six)
        if request.address or values["how"] == NONE or network == "inherit":
            return request
        if values["how"] == FIXED:
            return replace(request, address=create_defaults.free_address(inventory, request))
        full = create_defaults.suggest(inventory, replace(request, address6=""))
        return replace(request, address=full.address)

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        full = create_defaults.suggest(inventory, request)
        wrong = create_defaults.problems(inventory, request)
        for cause in ("address", "netmask"):
            for effect in ("gateway", "address"):
                if effect != cause and wrong.get(effect) == wrong.get(cause):
                    wrong.pop(effect, None)
        if values["how"] == NONE and not request.address6 and full.network != "inherit":
            wrong["address6"] = NO_ADDRESS
        lines = CreateFields(inventory, values, full, wrong)
        return (*lines.jail(), *lines.network(), *lines.inside(), *lines.start(), *lines.limits())
