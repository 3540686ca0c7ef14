"""What can be chosen about a fix of the doctor: the fields of a form, checked by its own rules."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

from jailer_core.errors import JailerError, Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations.registry import decide
from jailer_core.operations.setup.bridge import free_net
from jailer_core.operations.setup.requests import Init, MakeBridge, MakeDataset, MakePool, NatBridge
from jailer_core.plan import Request
from jailer_core.text import human_bytes, sanitize
from jailer_tui.forms.model import ChoiceOption, FormField, Kind

_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True, slots=True)
class SetupOption:
    """One field: the request's field, its label, what it is for."""

    key: str
    label: str
    help: str


ASKS: dict[type[Request], tuple[SetupOption, ...]] = {
    MakePool: (
        SetupOption("name", "Pool", "The name of the new pool."),
        SetupOption("path", "File", "The file that holds the pool; its directory must exist."),
        SetupOption(
            "size", "Size", "Maximum size of the pool, for example 20G. It takes space as it fills."
        ),
    ),
    MakeDataset: (
        SetupOption("pool", "Pool", "The pool for jails."),
        SetupOption(
            "dataset", "Dataset", "A new dataset, or an existing one, which is used as it is."
        ),
        SetupOption("mountpoint", "Mount point", "Where jails are mounted on the host."),
    ),
    MakeBridge: (
        SetupOption("address", "Address", "The host's address on the bridge, with prefix length."),
    ),
    NatBridge: (
        SetupOption(
            "interface",
            "Outgoing interface",
            "The network card whose address jails use to reach the internet.",
        ),
    ),
}


def size_of(text: str) -> int:
    """Bytes of `20G`, `1.5T`, `800M`. Raises UsageError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"'{sanitize(text)}' is not a size", "Use a size such as 20G.")
    return int(float(match[1]) * _UNITS[match[2].upper()])


def asks(fix: Request | None, inventory: Inventory | None) -> tuple[SetupOption, ...]:
    """The fields of a fix; the pool is asked for only where there are several."""
    if fix is None:
        return ()
    several = inventory is not None and len(inventory.pools or ()) > 1
    return tuple(
        setup_option
        for setup_option in ASKS.get(type(fix), ())
        if setup_option.key != "pool" or several
    )


def preset(fix: Request, inventory: Inventory) -> Request:
    """The fix with what it cannot do without: of several pools the one with the most room."""
    pools = [pool for pool in inventory.pools or () if pool.health == "ONLINE"]
    if not isinstance(fix, MakeDataset) or fix.pool or fix.dataset or len(pools) < 2:
        return fix
    if inventory.layout.dataset:
        return fix
    return replace(fix, pool=max(pools, key=lambda one: one.free).name)


def texts(fix: Request, inventory: Inventory) -> dict[str, str]:
    """What the fields of a fix say, as text; "" for what is left to the set-up."""
    found = {}
    for setup_option in asks(fix, inventory):
        value = getattr(fix, setup_option.key)
        found[setup_option.key] = human_bytes(value) if isinstance(value, int) else str(value)
    return found


def with_texts(fix: Request, values: Mapping[str, str]) -> Request:
    """The fix as the fields say. Raises UsageError for what is not a size."""
    usual = type(fix)()
    changed: dict[str, object] = {}
    for field in fields(fix):
        if field.name not in values:
            continue
        text, default = values[field.name].strip(), getattr(usual, field.name)
        if isinstance(default, int):
            changed[field.name] = size_of(text) if text else default
        else:
            changed[field.name] = text or default
    if changed.get("dataset") and "pool" in changed:
        changed["pool"] = ""
    return replace(fix, **changed)


def values_said(fix: Request, inventory: Inventory) -> str:
    """What a fix would take, chosen or not, for the page of the doctor; "" where nothing."""
    values = texts(fix, inventory)
    said = []
    for setup_option in asks(fix, inventory):
        options = _options(setup_option, inventory)
        usual = options[0].value if options else _suggestion(fix, setup_option, inventory, values)
        said.append(f"{setup_option.label.lower()} {values.get(setup_option.key) or usual}")
    return ", ".join(said)


class SetupForm:
    """One fix, with the others of the same plan."""

    def __init__(self, fix: Request, others: Sequence[Request]) -> None:
        self.fix = fix
        self.others = tuple(others)

    def request(self, values: Mapping[str, str]) -> Init:
        """All of them together. Raises UsageError."""
        return Init((*self.others, with_texts(self.fix, values)))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """The fields."""
        wrong = self._problems(inventory, values)
        return tuple(
            self._item(setup_option, inventory, values, wrong.get(setup_option.key))
            for setup_option in asks(self.fix, inventory)
        )

    def _item(
        self,
        ask: SetupOption,
        inventory: Inventory,
        values: Mapping[str, str],
        wrong: JailerError | None,
    ) -> FormField:
        options = _options(ask, inventory)
        value = values.get(ask.key, "")
        if options and not any(choice_option.value == value for choice_option in options):
            value = options[0].value
        return FormField(
            ask.key,
            ask.label,
            Kind.CHOICE if options else Kind.TEXT,
            value=value,
            suggestion="" if options else _suggestion(self.fix, ask, inventory, values),
            help=ask.help,
            options=options,
            problem=sanitize(wrong.message) if wrong is not None else "",
            hint=sanitize(wrong.hint) if wrong is not None else "",
        )

    # --- what is wrong -----------------------------------------------------------------------

    def _problems(self, inventory: Inventory, values: Mapping[str, str]) -> dict[str, JailerError]:
        """Which field is to blame: one that is refused alone, else the last that was changed."""
        before = texts(self.fix, inventory)
        changed = [key for key, text in values.items() if text != before.get(key, "")]
        error = self._refused(inventory, values)
        if error is None:
            return {}
        asked = [setup_option.key for setup_option in asks(self.fix, inventory)]
        found = {}
        for key in changed:
            alone = self._refused(inventory, {**before, key: values[key]})
            if alone is not None and key in asked:
                found[key] = alone
        if found or not asked:
            return found
        return {(changed or asked)[-1]: error}

    def _refused(self, inventory: Inventory, values: Mapping[str, str]) -> JailerError | None:
        try:
            decide(inventory, self.request(values))
        except (Refused, UsageError) as error:
            return error
        return None


def _options(ask: SetupOption, inventory: Inventory) -> tuple[ChoiceOption, ...]:
    """Where only a few values make sense."""
    if ask.key == "pool":
        return tuple(
            ChoiceOption(
                pool.name, sanitize(pool.name), f"{human_bytes(pool.free)} free, {pool.health}"
            )
            for pool in inventory.pools or ()
        )
    if ask.key == "interface":
        way = inventory.setup.way_out if inventory.setup is not None else ""
        cards = [
            interface
            for interface in inventory.interfaces or ()
            if interface.addresses
            and not interface.is_bridge
            and not interface.name.startswith("lo")
        ]
        cards.sort(key=lambda one: one.name != way)
        return tuple(
            ChoiceOption(
                interface.name,
                sanitize(interface.name),
                sanitize(", ".join(map(str, interface.addresses))),
            )
            for interface in cards
        )
    return ()


def _suggestion(
    fix: Request, ask: SetupOption, inventory: Inventory, values: Mapping[str, str]
) -> str:
    """What an empty field becomes."""
    if ask.key == "dataset":
        pools = [one.name for one in inventory.pools or ()]
        pool = values.get("pool") or (pools[0] if pools else MakePool().name)
        return inventory.layout.dataset or f"{pool}/jails"
    if ask.key == "mountpoint":
        return inventory.layout.mountpoint
    if ask.key == "address" and inventory.setup is not None:
        return str(free_net(inventory, inventory.setup) or "")
    value = getattr(type(fix)(), ask.key)
    return human_bytes(value) if isinstance(value, int) else str(value)
