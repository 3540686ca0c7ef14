"""Parameters that people look up together: what PostgreSQL, ping or a nested jail needs.

All settings of a request: those of its presets, and the parameters that it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import Refused, UsageError
from jailer_core.model import Inventory, Jail
from jailer_core.operations.settings import parameter_state
from jailer_core.operations.settings.requests import SetParameters
from jailer_core.operations.shared import devfs
from jailer_core.plan import Needs, Step
from jailer_core.text import sanitize


@dataclass(frozen=True, slots=True)
class Preset:
    """`settings` are parameters with their values; those of `newer` instead, where known.

    `module` is the kernel module without which the kernel does not know them. `ruleset`: it needs
    a devfs ruleset that shows bpf. `note` says what else is needed.
    """

    name: str
    about: str
    settings: Mapping[str, str]
    newer: Mapping[str, str] | None = None
    module: str = ""
    ruleset: bool = False
    note: str = ""


def _mounts(*kinds: str) -> dict[str, str]:
    allowed = ("allow.mount", *(f"allow.mount.{kind}" for kind in kinds))
    return {**dict.fromkeys(allowed, "true"), "enforce_statfs": "1"}


PRESETS: tuple[Preset, ...] = (
    Preset("ping", "ping and traceroute (raw sockets)", {"allow.raw_sockets": "true"}),
    Preset(
        "postgresql",
        "PostgreSQL (shared memory)",
        {"allow.sysvipc": "true"},
        newer={"sysvshm": "new", "sysvsem": "new", "sysvmsg": "new"},
    ),
    Preset("mlock", "programs that lock memory", {"allow.mlock": "true"}),
    Preset(
        "nested",
        "jails inside it, at most 10",
        {"children.max": "10", **_mounts("devfs")},
        note="The jails need a devfs ruleset that hides the host's devices.",
    ),
    Preset("tmpfs", "mounting tmpfs inside it", _mounts("tmpfs"), module="tmpfs"),
    Preset("nullfs", "mounting nullfs inside it", _mounts("nullfs"), module="nullfs"),
    Preset(
        "fuse",
        "mounting FUSE file systems inside it",
        _mounts("fusefs"),
        module="fusefs",
        note="It also needs a devfs ruleset that shows /dev/fuse.",
    ),
    Preset("zfs", "mounting datasets that are given to it", _mounts("zfs"), module="zfs"),
    Preset(
        "linux",
        "Linux programs",
        _mounts("devfs", "fdescfs", "linprocfs", "linsysfs", "tmpfs"),
        module="linprocfs",
        note="The host also needs the module linux64, and the jail a Linux userland.",
    ),
    Preset("dhcp", "DHCP and tcpdump inside it (bpf)", {}, ruleset=True),
)
BY_NAME = {preset.name: preset for preset in PRESETS}


def of(name: str) -> Preset:
    """The preset of that name. Raises UsageError."""
    if name not in BY_NAME:
        raise UsageError(
            f"there is no preset '{sanitize(name)}'", f"Presets: {', '.join(BY_NAME)}."
        )
    return BY_NAME[name]


RULESET = "devfs_ruleset"


def needs(inventory: Inventory, request: SetParameters) -> Needs:
    """The devfs rulesets, if one is chosen. Raises UsageError."""
    chosen = [of(name) for name in request.presets]
    asked = Needs()
    if any(preset.ruleset for preset in chosen):
        asked |= Needs(files=(devfs.FILE,), commands=devfs.asks(inventory))
    number = parameter_state.parse(request.settings).get(RULESET)
    return asked | Needs(commands=(devfs.show(number),)) if number else asked


def all_of(
    inventory: Inventory, jail: Jail, request: SetParameters
) -> tuple[dict[str, str | None], list[Step], tuple[str, ...]]:
    """Settings, steps that must come first, and notes. Raises Refused, UsageError."""
    settings: dict[str, str | None] = {}
    steps: list[Step] = []
    notes: list[str] = []
    known = parameter_state.known(inventory) or {}
    for name in request.presets:
        preset = of(name)
        settings |= _chosen(preset, known)
        if preset.ruleset:
            number, made = _ruleset(inventory, jail)
            settings[RULESET] = number
            steps += made
        notes += [preset.note] if preset.note else []
    given = parameter_state.parse(request.settings)
    if given.get(RULESET) is not None:
        _hides(inventory, given[RULESET] or "")
    settings |= given
    if not settings:
        hint = f"For example: allow.mlock=yes, or --preset {'|'.join(BY_NAME)}"
        raise Refused("no parameter is given", hint)
    return settings, steps, tuple(notes)


def _chosen(preset: Preset, known: dict[str, str]) -> dict[str, str]:
    """The settings of a preset on this kernel."""
    if preset.newer is not None and all(name in known for name in preset.newer):
        return dict(preset.newer)
    missing = [name for name in preset.settings if known and name not in known]
    if missing and preset.module:
        raise Refused(
            f"the kernel of this host does not know {missing[0]}",
            f"Load its module first: kldload {preset.module}",
        )
    return dict(preset.settings)


def _ruleset(inventory: Inventory, jail: Jail) -> tuple[str, list[Step]]:
    if jail.config is None or not jail.config.has("vnet"):
        raise Refused(
            f"{sanitize(jail.name)} does not have its own network",
            "bpf would show it the traffic of the host.",
        )
    number, steps = devfs.make(inventory)
    return str(number), steps


def _hides(inventory: Inventory, number: str) -> None:
    """Raises Refused for a ruleset without rules: the jail would see all devices of the host."""
    if number.strip("0") == "":
        raise Refused(
            "the ruleset 0 shows all devices of the host",
            "Use 4, the ruleset for jails, or default.",
        )
    result = inventory.command_results.get(devfs.show(number))
    if result is not None and not result.stdout.strip():
        raise Refused(
            f"the devfs ruleset {number} has no rules: the jail would see all devices of the host",
            "See the rulesets: devfs rule showsets",
        )
