"""The form that adds NAT or a redirection to a jail: pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jailer_core.errors import JailerError
from jailer_core.model import Inventory, Jail
from jailer_core.model.network import NAT, RDR, Firewall, Translation
from jailer_core.operations.network.translations import add, addresses, conflicts, resolve, rules
from jailer_core.operations.network.translations.requests import NatAdd, RedirectAdd
from jailer_core.operations.shared import addresses as nets
from jailer_core.text import sanitize
from jailer_tui.forms.model import ChoiceOption, FormField, Kind, fact
from jailer_tui.presenters.jails import Span

PORT, ADDRESS, GOES_OUT = "port", "address", "nat"
WHAT = (
    ChoiceOption(PORT, "redirect a port", "Traffic to a port of the host goes to the jail."),
    ChoiceOption(
        GOES_OUT, "outgoing NAT", "NAT: the jail reaches the internet with a host address."
    ),
    ChoiceOption(
        ADDRESS, "redirect an address", "All traffic to a second address goes to the jail."
    ),
)
PROTOCOLS = (ChoiceOption("tcp", "tcp"), ChoiceOption("udp", "udp"))
START: Mapping[str, str] = {
    "what": PORT,
    "protocol": "tcp",
    **dict.fromkeys(("port", "inside_port", "interface", "address", "family"), ""),
}
"""What an untouched form holds."""


def _full(inventory: Inventory) -> Firewall | None:
    """The packet filter, once all of it was read."""
    firewall = inventory.firewall
    return firewall if firewall is not None and firewall.main is not None else None


@dataclass(frozen=True, slots=True)
class TranslationForm:
    """The fields of one rule."""

    jail: Jail

    def request(self, inventory: Inventory, values: Mapping[str, str]) -> NatAdd | RedirectAdd:
        """The request; an empty port becomes the suggested one."""
        what, family = values["what"], int(values["family"] or 0)
        card, address = values["interface"], values["address"].strip()
        if what == GOES_OUT:
            return NatAdd(self.jail.name, card, address, family)
        if what == ADDRESS:
            return RedirectAdd(self.jail.name, card, address, family=family)
        given = RedirectAdd(
            self.jail.name,
            card,
            address,
            values["protocol"],
            values["port"].strip(),
            values["inside_port"].strip(),
            family,
        )
        return given if given.port else replace(given, port=self._free(inventory, given))

    def _free(self, inventory: Inventory, empty: RedirectAdd) -> str:
        """A free port, "" while that is not known."""
        firewall = _full(inventory)
        if firewall is None:
            return ""
        try:
            like, _ = resolve.filled(inventory, replace(empty, port=str(conflicts.FIRST_FREE)))
        except JailerError:
            return str(conflicts.FIRST_FREE)
        return str(conflicts.free_port(inventory, firewall, like) or "")

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """Every line of the form."""
        request = self.request(inventory, values)
        known = _full(inventory) is not None
        wrong = add.problems(inventory, request) if known else {}
        rule = _rule(inventory, request)
        off = "" if values["what"] == PORT else "only for a port"
        card = rule.interface if rule is not None else ""

        def text(key: str, label: str, beside: str, suggestion: str, off: str = "") -> FormField:
            typed = values[key]
            suggestion = "" if typed.strip() else sanitize(suggestion)
            tone: Span = (beside, "dim")
            return FormField(key, label, Kind.TEXT, typed, suggestion, tone, off=off).judged(wrong)

        def choice(
            key: str, label: str, options: tuple[ChoiceOption, ...], off: str = ""
        ) -> FormField:
            return FormField(key, label, Kind.CHOICE, values[key], options=options, off=off)

        port = getattr(request, "port", "")
        outside = "" if values["what"] == ADDRESS else _own(inventory, rule)
        return (
            choice("what", "What", WHAT),
            choice("protocol", "Protocol", PROTOCOLS, off),
            text("port", "External port", "free" if port else "", port, off),
            text("inside_port", "Port in jail", "", port, off),
            choice("interface", "Interface", _cards(inventory, card)).judged(wrong),
            text("address", "Address", "its own" if outside else "", outside),
            self._families(inventory, values),
            FormField("t_rule", "Result", Kind.TITLE),
            fact("Packets", _shown(rule, known=known) or "-"),
            fact("Existing", self._has(inventory) or "-"),
            # what is wrong with the jail itself, or with something that is chosen and not typed
            FormField("name", "", Kind.FACT).judged(
                {"name": wrong.get("name", wrong.get("protocol", ("", "")))}
            ),
        )

    def _families(self, inventory: Inventory, values: Mapping[str, str]) -> FormField:
        jail = inventory.jail(self.jail.name) or self.jail
        known = addresses.families(jail)
        both = (ChoiceOption("", "IPv4"), ChoiceOption("6", "IPv6"))
        only = "the jail has only IPv6" if known == (6,) else "the jail has only IPv4"
        off = "" if len(known) > 1 else only if known else "it has no address yet"
        return FormField("family", "Family", Kind.CHOICE, values["family"], options=both, off=off)

    def _has(self, inventory: Inventory) -> str:
        firewall = inventory.firewall
        if firewall is None:
            return ""
        known = [rule.translation for rule in rules.of(firewall, self.jail.name)]
        translations = [translation for translation in known if translation is not None]
        names = ["NAT"] if any(translation.kind == NAT for translation in translations) else []
        names += [translation.came_to for translation in translations if translation.kind == RDR]
        return ", ".join(names) or "nothing"


def _rule(inventory: Inventory, request: NatAdd | RedirectAdd) -> Translation | None:
    if _full(inventory) is None:
        return None
    try:
        return resolve.filled(inventory, request)[0]
    except JailerError:
        return None


def _cards(inventory: Inventory, usual: str) -> tuple[ChoiceOption, ...]:
    """The interface of the default route first, then all that a packet can come in by."""
    names = (*nets.networks_of(inventory, "new"), *nets.networks_of(inventory, "eb"))
    text = "The interface of the default route."
    first = ChoiceOption("", f"{sanitize(usual)} (default)" if usual else "default route", text)
    return (first, *(ChoiceOption(name, sanitize(name)) for name in names))


def _own(inventory: Inventory, rule: Translation | None) -> str:
    if rule is None:
        return ""
    card = inventory.interface(rule.interface)
    return nets.own_address(card, rule.family)


def _shown(rule: Translation | None, *, known: bool) -> str:
    """Where packets come from and where they go to."""
    if rule is None:
        return "" if known else "reading"
    if rule.kind == NAT:
        outside = rule.outside or "the interface's address"
        return f"from {rule.inside} out on {rule.interface}, as {outside}"
    port = f" port {rule.inside_port}" if rule.inside_port else ""
    return f"{rule.came_to} on {rule.interface} -> {rule.inside}{port}"
