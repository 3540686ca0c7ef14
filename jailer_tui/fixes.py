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
from jailer_core.text import human_bytes, visible
from jailer_tui.forms import Item, Kind, Option

_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)\s*([KMGT]?)(?:i?B)?", re.IGNORECASE | re.ASCII)
_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


@dataclass(frozen=True, slots=True)
class Ask:
    """One field: the request's field, its label, what it is for."""

    key: str
    label: str
    help: str


ASKS: dict[type[Request], tuple[Ask, ...]] = {
    MakePool: (
        Ask("name", "Pool", "The name of the new pool."),
        Ask("path", "File", "The file that holds the pool; its directory must be there."),
        Ask("size", "Size", "How far the pool can grow, like 20G. It takes room as it fills."),
    ),
    MakeDataset: (
        Ask("pool", "Pool", "The pool that jails are put on."),
        Ask("dataset", "Dataset", "A new one, or one that exists: then it is adopted as it is."),
        Ask("mountpoint", "Mount point", "The directory where jails are seen on the host."),
    ),
    MakeBridge: (
        Ask("address", "Address", "The host's own address on the bridge, and the size of its net."),
    ),
    NatBridge: (
        Ask("interface", "Out by", "The network card whose address jails have for the world."),
    ),
}


def size_of(text: str) -> int:
    """Bytes of `20G`, `1.5T`, `800M`. Raises UsageError."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise UsageError(f"'{visible(text)}' is not a size", "Use one like 20G.")
    return int(float(found[1]) * _UNITS[found[2].upper()])


def asks(fix: Request | None, inventory: Inventory | None) -> tuple[Ask, ...]:
    """The fields of a fix; the pool is asked for only where there are several."""
    if fix is None:
        return ()
    several = inventory is not None and len(inventory.pools or ()) > 1
    return tuple(one for one in ASKS.get(type(fix), ()) if one.key != "pool" or several)


def preset(fix: Request, inventory: Inventory) -> Request:
    """The fix with what it cannot do without: of several pools the one with the most room."""
    pools = [one for one in inventory.pools or () if one.health == "ONLINE"]
    if not isinstance(fix, MakeDataset) or fix.pool or fix.dataset or len(pools) < 2:
        return fix
    if inventory.layout.dataset:
        return fix
    return replace(fix, pool=max(pools, key=lambda one: one.free).name)


def texts(fix: Request, inventory: Inventory) -> dict[str, str]:
    """What the fields of a fix say, as text; "" for what is left to the set-up."""
    found = {}
    for one in asks(fix, inventory):
        value = getattr(fix, one.key)
        found[one.key] = human_bytes(value) if isinstance(value, int) else str(value)
    return found


def with_texts(fix: Request, values: Mapping[str, str]) -> Request:
    """The fix as the fields say. Raises UsageError for what is no size."""
    usual = type(fix)()
    changed: dict[str, object] = {}
    for one in fields(fix):
        if one.name not in values:
            continue
        text, default = values[one.name].strip(), getattr(usual, one.name)
        if isinstance(default, int):
            changed[one.name] = size_of(text) if text else default
        else:
            changed[one.name] = text or default
    if changed.get("dataset") and "pool" in changed:
        changed["pool"] = ""
    return replace(fix, **changed)


def values_said(fix: Request, inventory: Inventory) -> str:
    """What a fix would take, chosen or not, for the page of the doctor; "" where nothing."""
    values = texts(fix, inventory)
    said = []
    for one in asks(fix, inventory):
        options = _options(one, inventory)
        usual = options[0].value if options else _suggestion(fix, one, inventory, values)
        said.append(f"{one.label.lower()} {values.get(one.key) or usual}")
    return ", ".join(said)


class FixSubject:
    """One fix, with the others that are to be done in the same plan (jailer_tui.forms.Subject)."""

    def __init__(self, fix: Request, others: Sequence[Request]) -> None:
        self.fix = fix
        self.others = tuple(others)

    def request(self, values: Mapping[str, str]) -> Init:
        """All of them together. Raises UsageError."""
        return Init((*self.others, with_texts(self.fix, values)))

    def items(self, inventory: Inventory, values: Mapping[str, str]) -> tuple[Item, ...]:
        """The fields."""
        wrong = self._problems(inventory, values)
        return tuple(
            self._item(one, inventory, values, wrong.get(one.key))
            for one in asks(self.fix, inventory)
        )

    def _item(
        self,
        ask: Ask,
        inventory: Inventory,
        values: Mapping[str, str],
        wrong: JailerError | None,
    ) -> Item:
        options = _options(ask, inventory)
        value = values.get(ask.key, "")
        if options and not any(one.value == value for one in options):
            value = options[0].value
        return Item(
            ask.key,
            ask.label,
            Kind.CHOICE if options else Kind.TEXT,
            value=value,
            suggestion="" if options else _suggestion(self.fix, ask, inventory, values),
            help=ask.help,
            options=options,
            problem=visible(wrong.message) if wrong is not None else "",
            hint=visible(wrong.hint) if wrong is not None else "",
        )

    # --- what is wrong -----------------------------------------------------------------------

    def _problems(self, inventory: Inventory, values: Mapping[str, str]) -> dict[str, JailerError]:
        """Which field is to blame: one that is refused alone, else the last that was changed."""
        before = texts(self.fix, inventory)
        changed = [key for key, text in values.items() if text != before.get(key, "")]
        error = self._refused(inventory, values)
        if error is None:
            return {}
        asked = [one.key for one in asks(self.fix, inventory)]
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


def _options(ask: Ask, inventory: Inventory) -> tuple[Option, ...]:
    """Where only a few values make sense."""
    if ask.key == "pool":
        return tuple(
            Option(one.name, visible(one.name), f"{human_bytes(one.free)} free, {one.health}")
            for one in inventory.pools or ()
        )
    if ask.key == "interface":
        way = inventory.doctor.way_out if inventory.doctor is not None else ""
        cards = [
            one
            for one in inventory.interfaces or ()
            if one.addresses and not one.is_bridge and not one.name.startswith("lo")
        ]
        cards.sort(key=lambda one: one.name != way)
        return tuple(
            Option(one.name, visible(one.name), visible(", ".join(map(str, one.addresses))))
            for one in cards
        )
    return ()


def _suggestion(fix: Request, ask: Ask, inventory: Inventory, values: Mapping[str, str]) -> str:
    """What an empty field becomes."""
    if ask.key == "dataset":
        pools = [one.name for one in inventory.pools or ()]
        pool = values.get("pool") or (pools[0] if pools else MakePool().name)
        return inventory.layout.dataset or f"{pool}/jails"
    if ask.key == "mountpoint":
        return inventory.layout.mountpoint
    if ask.key == "address" and inventory.doctor is not None:
        return str(free_net(inventory, inventory.doctor) or "")
    value = getattr(type(fix)(), ask.key)
    return human_bytes(value) if isinstance(value, int) else str(value)
