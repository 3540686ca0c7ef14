"""The fields in the form of a new jail: their suggestions and checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory
from jailer_core.operations.jails import create_defaults
from jailer_core.operations.jails.requests import Create
from jailer_core.operations.shared import addresses, base_image
from jailer_core.text import sanitize
from jailer_tui.forms.model import NO, ON_OFF, YES, ChoiceOption, FormField, Kind
from jailer_tui.presenters.jails import Span

DHCP, FIXED, NONE = "dhcp", "fixed", "none"
"""Where its IPv4 address comes from."""

NETWORKS = (
    ChoiceOption("eb", "own network", "Its own address, firewall and routes: the usual choice."),
    ChoiceOption("new", "own address", "Its own address on a network card of the host."),
    ChoiceOption("inherit", "the host's", "No address of its own: it uses the host's."),
)
_COPY = (
    ChoiceOption(NO, "clone", "Created instantly; shares space with its source."),
    ChoiceOption(YES, "full copy", "Takes the time and space of a full copy; depends on nothing."),
)
_HOW = (
    ChoiceOption(DHCP, "by DHCP", "The DHCP server of its network assigns the address."),
    ChoiceOption(FIXED, "fixed", "It always has this address."),
    ChoiceOption(NONE, "IPv6 only", "No IPv4 address at all."),
)
_NAME = "Letters, digits, - and _. Enter accepts the suggestion."
_SIX = "For example fd00::11/64; the bridge's prefix length is the default. none: no IPv6."
NO_ADDRESS = ("without IPv4 it needs an IPv6 address", "Type one here, or choose IPv4 above.")


@dataclass(frozen=True, slots=True)
class CreateFields:
    """The fields of the form; `full` is the complete request, `wrong` its problems."""

    inventory: Inventory
    values: Mapping[str, str]
    full: Create
    wrong: Mapping[str, tuple[str, str]]

    def text(
        self,
        key: str,
        label: str,
        beside: str = "",
        *,
        help: str = "",  # noqa: A002 - what it is called everywhere
        off: str = "",
    ) -> FormField:
        """A text field; its suggestion is the value of the complete request."""
        text = self.values[key]
        suggestion = "" if text.strip() else sanitize(str(getattr(self.full, key)))
        field = FormField(key, label, Kind.TEXT, text, suggestion, (beside, "dim"), help, off=off)
        return field.judged(self.wrong)

    def choice(  # noqa: PLR0913 - what a line says
        self,
        key: str,
        label: str,
        options: tuple[ChoiceOption, ...],
        value: str,
        *,
        beside: str = "",
        help: str = "",  # noqa: A002
        off: str = "",
    ) -> FormField:
        """A choice field."""
        tone: Span = (beside, "dim")
        field = FormField(key, label, Kind.CHOICE, value, "", tone, help, options, off)
        return field.judged(self.wrong)

    # --- the parts ---------------------------------------------------------------------------

    def jail(self) -> tuple[FormField, ...]:
        """The fields for the jail itself."""
        copied = self.values["copy"] == YES
        return (
            FormField("t_jail", "The jail", Kind.TITLE),
            self.text(
                "name", "Name", "free" if self.values["name"].strip() else "suggested", help=_NAME
            ),
            self.choice(
                "base",
                "Created from",
                self._bases(),
                self.full.base,
                help="Space shows all images and snapshots.",
            ),
            self.choice(
                "copy",
                "Method",
                _COPY,
                self.values["copy"],
                beside="" if copied else "instant, takes no space",
            ),
            self.text("note", "Note", help="Your own note: what the jail is for."),
        )

    def _bases(self) -> tuple[ChoiceOption, ...]:
        options = tuple(
            ChoiceOption(base.text, sanitize(base.text), sanitize(base.why_not or base.label))
            for base in base_image.bases(self.inventory)
        )
        if any(option.value == self.full.base for option in options):
            return options
        fetched = ChoiceOption(self.full.base, sanitize(self.full.base), "Will be fetched first.")
        return (*options, fetched)

    def network(self) -> tuple[FormField, ...]:
        """The fields for its network."""
        none = "uses the host's" if self.full.network == "inherit" else ""
        shared = self.full.network == "new"  # it has addresses on the host's own card
        how = DHCP if self.full.address == DHCP else FIXED
        how = NONE if self.values["how"] == NONE and not none else how
        given = none or {DHCP: "by DHCP", NONE: "IPv6 only"}.get(how, "")
        own = none or ("the host's" if shared else "")
        mac = create_defaults.epair(self.inventory, self.full)[1]
        cards = addresses.networks_of(self.inventory, self.full.network)
        options = tuple(ChoiceOption(card, sanitize(card)) for card in cards)
        bridge = self.full.bridge
        net = addresses.net_on(self.inventory.interface(bridge), 4)
        return (
            FormField("t_network", "Network", Kind.TITLE),
            self.choice("network", "Type", NETWORKS, self.full.network, beside=self.full.network),
            self.choice(
                "bridge",
                "Interface" if shared else "Bridge",
                options or (ChoiceOption(bridge, sanitize(bridge) or "-"),),
                bridge,
                beside="" if net is None else str(net),
                off=none,
            ),
            self.choice("how", "Address", _HOW[1:] if shared else _HOW, how, off=none),
            self.text("address", "IPv4", self._whose("address"), off=given),
            self.text(
                "netmask", "Netmask", help="For example 255.255.255.0 or 24.", off=given or own
            ),
            self.text("gateway", "Gateway", help="The router of that network.", off=given or own),
            self.text("address6", "IPv6", self._whose("address6"), help=_SIX, off=none),
            self.text("gateway6", "IPv6 gateway", help="The router for IPv6.", off=none or own),
            self.text("mac", "MAC", mac, help="MAC address of its network card.", off=none or own),
        )

    def _whose(self, key: str) -> str:
        if self.values[key].strip():
            return "free"
        return "next free" if key == "address" else "empty: none"

    def inside(self) -> tuple[FormField, ...]:
        """The fields for its own files."""
        return (
            FormField("t_inside", "Inside", Kind.TITLE),
            self.text("domain", "Domain", help="The host name is name.domain."),
            self.text(
                "resolver", "Name server", "empty: the host's", help="IP address of a DNS server."
            ),
            self.choice(
                "quiet",
                "Disable cron",
                ON_OFF,
                self.values["quiet"],
                help="No cron jobs run in it.",
            ),
        )

    def start(self) -> tuple[FormField, ...]:
        """The fields for its start."""
        others = (
            ChoiceOption(name, f"before {sanitize(name)}") for name in self.inventory.boot_list
        )
        ends = (ChoiceOption("", "at the end"), *others)
        boots = self.values["boot"] == YES
        return (
            FormField("t_start", "Start", Kind.TITLE),
            self.choice("start", "Start now", ON_OFF, self.values["start"]),
            self.choice("boot", "Start at boot", ON_OFF, self.values["boot"]),
            self.choice(
                "before",
                "Boot position",
                ends,
                self.values["before"],
                help="Jails start one after another; earlier ones are already running.",
                off="" if boots else "does not start at boot",
            ),
        )

    def limits(self) -> tuple[FormField, ...]:
        """The fields for its limits."""
        racct = self.inventory.host.racct
        off = "" if racct else "racct is off: kern.racct.enable=1 in loader.conf, reboot"
        return (
            FormField("t_limits", "Limits", Kind.TITLE),
            self.text(
                "memory", "Memory", "empty: no limit", help="For example 512M or 2G.", off=off
            ),
            self.text(
                "cpu",
                "CPU",
                "percent of one core",
                help="For example 50; 200 means two cores.",
                off=off,
            ),
            self.text(
                "processes", "Processes", "empty: no limit", help="For example 100.", off=off
            ),
        )
