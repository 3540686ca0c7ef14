"""A condition on what uses a resource of the host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import Inventory
from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import Condition
from jailer_core.plan.conditions.users import User, find_users, needs_of

_THINGS = {
    "ruleset": "the devfs ruleset {name}",
    "bridge": "the bridge {name}",
    "interface": "the interface {name}",
    "dataset": "the dataset {name}",
    "directory": "the directory {name}",
    "mount": "what is mounted on {name}",
    "mountpoint": "the directory of {name}",
    "package": "the package {name}",
    "boot": "the start of jails at boot",
    "forwarding": "the forwarding of packets",
    "anchors": "the packet filter",
    "zfs": "ZFS",
}


@dataclass(frozen=True, slots=True)
class NotInUse(Condition):
    """Nothing uses a thing of the host. What counts as a use, by `kind`: see users.py.

    `except_jails` are users that had nothing when it was made either, by name.
    """

    FAILURE: ClassVar[str] = "{0.thing} is in use"
    UNKNOWN: ClassVar[str] = "what uses {0.thing} could not be determined"

    kind: str
    name: str
    except_jails: tuple[str, ...] = ()

    def needs(self) -> Needs:
        return needs_of(self.kind, self.name)

    def users(self, inventory: Inventory) -> tuple[User, ...] | None:
        """Those that use it, without `except_jails`; None when that is not known."""
        using = find_users(inventory, self.kind, self.name)
        if using is None:
            return None
        return tuple(user for user in using if user.name not in self.except_jails)

    def holds(self, inventory: Inventory) -> bool | None:
        using = self.users(inventory)
        return None if using is None else not using

    @property
    def thing(self) -> str:
        """What is used, in words."""
        return _THINGS[self.kind].replace("{name}", self.name)
