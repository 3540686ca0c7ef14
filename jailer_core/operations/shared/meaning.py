"""The meaning of a configuration to jail(8), and how a change alters it.

Two configurations mean the same when jail(8) reads the same parameters in both, however they are
written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jailer_core.errors import Refused
from jailer_core.model import JailConfig
from jailer_core.operations.shared.names_in_config import Name
from jailer_core.text import sanitize

Values = tuple[str, ...]

FIRST = (
    "path",
    "securelevel",
    "devfs_ruleset",
    "vnet",
    "vnet.interface",
    "ip4.addr",
    "ip6.addr",
    "interface",
    "mount.fstab",
    "mount",
    "jid",
    "host.hostuuid",
    "enforce_statfs",
)
"""Reported first when several parameters differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that differs; None where it is not set."""

    param: str
    old: Values | None
    new: Values | None

    def __str__(self) -> str:
        """`securelevel = 2 becomes -1`."""
        if self.new is None:
            was = f" ({shown(self.old)})" if self.old else ""
            return f"{self.param}{was} is no longer set"
        if not self.new:
            return f"{self.param} is set"
        if self.old is None:
            return f"{self.param} becomes {shown(self.new)}"
        return f"{self.param} becomes {shown(self.new)} instead of {shown(self.old)}"


def shown(values: Values | None) -> str:
    """Values for a sentence."""
    if values is None:
        return "not set"
    return ", ".join(f'"{sanitize(value)}"' for value in values) or "set"


def differences(
    old: Mapping[str, Values], new: Mapping[str, Values], but: Sequence[str] = ()
) -> list[Difference]:
    """Parameters that differ, the weighty ones first; those of `but` do not count."""
    names = [name for name in dict.fromkeys((*FIRST, *old, *new)) if name not in but]
    return [
        Difference(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    ]


def must_be(name: str, expected: Mapping[str, Values], read: Mapping[str, Values]) -> None:
    """Raises Refused unless jail(8) reads exactly what is wanted."""
    for difference in differences(expected, read):
        if difference.param == "path":
            _on_root(name, (difference.new or ("",))[-1])
        param, old, new = difference.param, shown(difference.old), shown(difference.new)
        if difference.new is None:
            how = f"start without {param} ({old})"
        elif difference.old is None:
            how = f"also start with {param} {new}"
        else:
            how = f"start with {param} {new} instead of {old}"
        raise Refused(
            f"{sanitize(name)} would {how}",
            f"Find where {param} is set, and change it by hand: edit",
        )


def follows(
    name: Name,
    old: Mapping[str, Values],
    new: Mapping[str, Values],
    exact: Mapping[str, Values | None],
) -> None:
    """Raises Refused unless the new configuration is the old one for another name.

    `exact` are parameters that must have these values (None: must not be set). In all others the
    old name and root may have been replaced, and nothing else.
    """
    changed = {**old, **exact}
    expected = {param: values for param, values in changed.items() if values is not None}
    for param, values in new.items():
        before = old.get(param)
        if param in exact or before is None or len(before) != len(values):
            continue
        if all(name.may_become(value, other) for value, other in zip(before, values, strict=True)):
            expected[param] = values
    must_be(name.jail or name.new, expected, new)


def has_root(config: JailConfig) -> None:
    """Raises Refused for a jail on the host's own root: nothing here starts one."""
    if config.params:
        _on_root(config.name, config.first("path"))


def _on_root(name: str, path: str) -> None:
    if path.strip("/."):
        return
    read = f'with path "{path}"' if path else "without a path"
    raise Refused(
        f"{sanitize(name)} would start {read}, on the root of the host itself",
        "Give it its own root directory: edit its configuration.",
    )
