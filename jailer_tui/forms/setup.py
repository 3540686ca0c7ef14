"""Options of a fix of the doctor, as the fields of a form with its own checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory
from jailer_core.operations.completion import source_of
from jailer_core.operations.fields import size
from jailer_core.operations.registry import decide
from jailer_core.operations.setup.bridge import free_net
from jailer_core.operations.setup.requests import Init, MakeBridge, MakeDataset, MakePool, NatBridge
from jailer_core.operations.spec import FieldSpec, spec_of
from jailer_core.plan import Request
from jailer_core.text import human_bytes, sanitize
from jailer_tui.forms.model import ChoiceOption, FormField, Kind

_ASKED: dict[type[Request], tuple[str, ...]] = {
    MakePool: ("name", "path", "size"),
    MakeDataset: ("pool", "dataset", "mountpoint"),
    MakeBridge: ("address",),
    NatBridge: ("interface",),
}
"""What is asked, in this order."""


def asks(fix: Request | None, inventory: Inventory | None) -> tuple[FieldSpec, ...]:
    """The fields of a fix; the pool is asked for only where there are several."""
    if fix is None:
        return ()
    several = inventory is not None and len(inventory.pools or ()) > 1
    spec = spec_of(fix)
    names = _ASKED.get(type(fix), ())
    return tuple(spec.field(name) for name in names if name != "pool" or several)


def preset(fix: Request, inventory: Inventory) -> Request:
    """The fix with required values: of several pools, the one with the most free space."""
    pools = [pool for pool in inventory.pools or () if pool.health == "ONLINE"]
    if not isinstance(fix, MakeDataset) or fix.pool or fix.dataset or len(pools) < 2:
        return fix
    if inventory.layout.dataset:
        return fix
    return replace(fix, pool=max(pools, key=lambda pool: pool.free).name)


def texts(fix: Request, inventory: Inventory) -> dict[str, str]:
    """The values of a fix as text; "" for defaults."""
    values = {}
    for field in asks(fix, inventory):
        value = getattr(fix, field.name)
        values[field.name] = human_bytes(value) if isinstance(value, int) else str(value)
    return values


def with_texts(fix: Request, values: Mapping[str, str]) -> Request:
    """The fix with these field values. Raises UsageError for an invalid size."""
    usual = type(fix)()
    changed: dict[str, object] = {}
    for field in fields(fix):
        if field.name not in values:
            continue
        text, default = values[field.name].strip(), getattr(usual, field.name)
        if isinstance(default, int):
            changed[field.name] = size(text) if text else default
        else:
            changed[field.name] = text or default
    if changed.get("dataset") and "pool" in changed:
        changed["pool"] = ""
    return replace(fix, **changed)


def values_said(fix: Request, inventory: Inventory) -> str:
    """The values that a fix would use, for the set-up screen, or ""."""
    values = texts(fix, inventory)
    lines = []
    for field in asks(fix, inventory):
        options = _options(field, inventory)
        usual = options[0].value if options else _suggestion(fix, field, inventory, values)
        lines.append(f"{field.label.lower()} {values.get(field.name) or usual}")
    return ", ".join(lines)


class SetupForm:
    """One fix, with the others of the same plan."""

    def __init__(self, fix: Request, others: Sequence[Request]) -> None:
        self.fix = fix
        self.others = tuple(others)

    def request(self, values: Mapping[str, str]) -> Init:
        """The request for all fixes together. Raises UsageError."""
        return Init((*self.others, with_texts(self.fix, values)))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[FormField, ...]:
        """The fields."""
        wrong = self._problems(inventory, values)
        return tuple(
            self._item(field, inventory, values).judged(wrong)
            for field in asks(self.fix, inventory)
        )

    def _item(self, ask: FieldSpec, inventory: Inventory, values: Mapping[str, str]) -> FormField:
        options = _options(ask, inventory)
        value = values.get(ask.name, "")
        if options and not any(option.value == value for option in options):
            value = options[0].value
        return FormField(
            ask.name,
            ask.label,
            Kind.CHOICE if options else Kind.TEXT,
            value=value,
            suggestion="" if options else _suggestion(self.fix, ask, inventory, values),
            help=ask.help,
            options=options,
            source=source_of(ask),
        )

    # --- what is wrong -----------------------------------------------------------------------

    def _problems(
        self, inventory: Inventory, values: Mapping[str, str]
    ) -> dict[str, tuple[str, str]]:
        """Which field is to blame: one that is refused alone, else the last that was changed."""
        before = texts(self.fix, inventory)
        changed = [key for key, text in values.items() if text != before.get(key, "")]
        error = self._refused(inventory, values)
        if error is None:
            return {}
        asked = [field.name for field in asks(self.fix, inventory)]
        chosen = {}
        for key in changed:
            alone = self._refused(inventory, {**before, key: values[key]})
            if alone is not None and key in asked:
                chosen[key] = alone
        if chosen or not asked:
            return chosen
        return {(changed or asked)[-1]: error}

    def _refused(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[str, str] | None:
        try:
            decide(inventory, self.request(values))
        except (Refused, UsageError) as error:
            return error.message, error.hint
        return None


def _options(ask: FieldSpec, inventory: Inventory) -> tuple[ChoiceOption, ...]:
    """Where only a few values make sense."""
    if ask.name == "pool":
        rows = [
            (pool.name, f"{human_bytes(pool.free)} free, {pool.health}")
            for pool in inventory.pools or ()
        ]
    elif ask.name == "interface":
        way = inventory.setup.way_out if inventory.setup is not None else ""
        cards = [
            interface
            for interface in inventory.interfaces or ()
            if interface.addresses
            and not interface.is_bridge
            and not interface.name.startswith("lo")
        ]
        cards.sort(key=lambda interface: interface.name != way)
        rows = [(card.name, ", ".join(map(str, card.addresses or ()))) for card in cards]
    else:
        rows = []
    return tuple(ChoiceOption(name, sanitize(name), sanitize(about)) for name, about in rows)


def _suggestion(
    fix: Request, ask: FieldSpec, inventory: Inventory, values: Mapping[str, str]
) -> str:
    """What an empty field becomes."""
    if ask.name == "dataset":
        pools = [pool.name for pool in inventory.pools or ()]
        pool = values.get("pool") or (pools[0] if pools else MakePool().name)
        return inventory.layout.dataset or f"{pool}/jails"
    if ask.name == "mountpoint":
        return inventory.layout.mountpoint
    if ask.name == "address" and inventory.setup is not None:
        return str(free_net(inventory, inventory.setup) or "")
    value = getattr(type(fix)(), ask.name)
    return human_bytes(value) if isinstance(value, int) else str(value)
