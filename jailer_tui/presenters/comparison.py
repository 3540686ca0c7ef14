"""Compare two jails: differences in configuration, rc.conf, packages and datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Inventory, Jail
from jailer_core.text import human_bytes, sanitize
from jailer_tui.presenters.jails import Line

ABSENT = "-"


@dataclass(frozen=True, slots=True)
class Pair:
    """One thing of two jails. `left` and `right` are None where it is not known."""

    part: str
    name: str
    left: str | None
    right: str | None

    @property
    def same(self) -> bool:
        """Whether both are known and alike."""
        return self.left is not None and self.left == self.right


@dataclass(frozen=True, slots=True)
class Extra:
    """What is read for a comparison alone; None is unknown."""

    rc: Mapping[str, str] | None = None
    packages: Mapping[str, str] | None = None


def compare(
    inventory: Inventory, jails: tuple[Jail, Jail], extras: tuple[Extra, Extra]
) -> list[Pair]:
    """Everything of both, part by part, in the order of its names."""
    left, right = jails
    return [
        *_pairs("general", _general(left), _general(right)),
        *_pairs("configuration", _config(left), _config(right)),
        *_pairs("rc.conf", extras[0].rc, extras[1].rc, by_name=True),
        *_pairs("packages", extras[0].packages, extras[1].packages, by_name=True),
        *_pairs("datasets", _datasets(inventory, left), _datasets(inventory, right)),
    ]


def _general(jail: Jail) -> Mapping[str, str]:
    addresses = ", ".join(map(str, jail.addresses)) if jail.addresses is not None else "?"
    return {
        "state": jail.state.value,
        "owner": jail.owner.value,
        "release": jail.release or "?",
        "network": jail.network.words,
        "addresses": addresses or ABSENT,
        "at boot": {True: "starts", False: "does not start", None: "?"}[jail.boots],
    }


def _config(jail: Jail) -> Mapping[str, str]:
    """The parameters, with the jail's own name as it is written in most files."""
    if jail.config is None:
        return {}
    return {
        name: "; ".join(values).replace(jail.name, "${name}") or "true"
        for name, values in jail.config.params.items()
    }


def _datasets(inventory: Inventory, jail: Jail) -> Mapping[str, str]:
    if not jail.dataset:
        return {}
    rows = {}
    for dataset in inventory.below(jail.dataset):
        name = dataset.name[len(jail.dataset) :].lstrip("/") or "(the jail itself)"
        origin = f", clone of {dataset.origin}" if dataset.origin else ""
        rows[name] = f"{human_bytes(dataset.used)}{origin}"
    return rows


def _pairs(
    part: str,
    left: Mapping[str, str] | None,
    right: Mapping[str, str] | None,
    *,
    by_name: bool = False,
) -> list[Pair]:
    """A part, which may not be known of one of them."""
    if left is None and right is None:
        return [Pair(part, "could not be read", None, None)]
    names = dict.fromkeys((*(left or ()), *(right or ())))
    order = sorted(names) if by_name else names
    return [Pair(part, name, _value(left, name), _value(right, name)) for name in order]


def _value(known: Mapping[str, str] | None, name: str) -> str | None:
    return None if known is None else known.get(name, ABSENT)


def shown(value: str | None) -> str:
    """A value for the screen."""
    return "?" if value is None else sanitize(value)


def whole(pair: Pair, names: tuple[str, str]) -> list[Line]:
    """Both values, nothing cut."""
    lines: list[Line] = []
    for name, value in zip(names, (pair.left, pair.right), strict=True):
        lines += [()] if lines else []
        lines += [((sanitize(name), "title"),), ((f"  {shown(value)}", "text"),)]
    return lines
