"""Find what needs an epair of the host: rc.conf, or a jail that does not create it itself.

A pair that rc.conf makes at boot (`cloned_interfaces="epair0"`) is there once: a jail that takes
`epair0b` by vnet.interface cannot start without it. So a pair counts as left over only where
nothing names it but the hooks that create it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from jailer_core.model import Inventory, JailConfig

RC = "rc.conf"
_CREATE = re.compile(r"(?:^|[\s;&|('\"])(?:/sbin/)?ifconfig\s+(\w+\d)\s+create\b")
_HOOKS = ("exec.prepare", "exec.prestart")


def created(config: JailConfig) -> tuple[str, ...]:
    """Interfaces that the hooks of a configuration create by name."""
    lines = (line for hook in _HOOKS for line in config.params.get(hook, ()))
    return tuple(dict.fromkeys(name for line in lines for name in _CREATE.findall(line)))


def users(inventory: Inventory, name: str) -> tuple[str, ...] | None:
    """Who needs the pair of that end: names of jails, and RC. None: that is not known.

    A jail that creates the pair itself does not need the one that is there.
    """
    pair = name.rstrip("ab")
    if inventory.rc is None or any(not config.params for config in _configs(inventory)):
        return None
    ends = re.compile(rf"(?<![\w.]){re.escape(pair)}[ab]?(?![\w.])")
    names = [
        config.name
        for config in _configs(inventory)
        if pair not in created(config)
        and any(ends.search(value) for values in config.params.values() for value in values)
    ]
    settings = (f"{key.removeprefix('ifconfig_')} {value}" for key, value in inventory.rc.items())
    if any(ends.search(setting) for setting in settings):
        names.append(RC)
    return tuple(dict.fromkeys(names))


def _configs(inventory: Inventory) -> Iterator[JailConfig]:
    yield from inventory.configs
    known = {id(config) for config in inventory.configs}
    for jail in inventory.jails:
        if jail.config is not None and id(jail.config) not in known:
            yield jail.config
