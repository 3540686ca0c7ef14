"""Parameters that people look up together: what PostgreSQL, ping or a nested jail needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.errors import UsageError
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
