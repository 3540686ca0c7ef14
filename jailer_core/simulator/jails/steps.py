"""The steps of jail(8) in order, as data: what starting and stopping a jail consists of.

Order: recordings 04, 09, 10 and 12, and command.c of jail(8).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from jailer_core.simulator.jails.jailconf import ConfJail
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Machine


class StepFailed(Exception):  # noqa: N818 - it is the step that failed
    """A step that cannot even begin; the text follows `jail: NAME: `."""


class Kind(Enum):
    """What a step is: a command, with or without a way back, or jail(8)'s own doing."""

    COMMAND = "command"
    INJAIL = "in jail"
    MAKE = "make"
    TERM = "term"


@dataclass(frozen=True, slots=True)
class Step:
    """`argv` is run; `back` takes it back when the start fails later; `check` is a mount point."""

    kind: Kind
    argv: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    param: str = ""
    check: str = ""
    fstype: str = ""


_SPECIAL = re.compile(r"[!\"$&'()*;<>?\[\\\]`{|}~]")
DEFAULT_RULESET = "4"


def words(command: str) -> tuple[str, ...]:
    """How jail(8) runs a command: through sh(1) when it has anything special."""
    if _SPECIAL.search(command):
        return ("/bin/sh", "-c", command)
    return tuple(command.split())


def _commands(jail: ConfJail, param: str, kind: Kind = Kind.COMMAND) -> list[Step]:
    return [Step(kind, words(text), param=param) for text in jail.values(param) if text]


def _addresses(jail: ConfJail) -> list[Step]:
    steps = []
    for family, param in (("inet", "ip4.addr"), ("inet6", "ip6.addr")):
        for text in jail.values(param):
            interface, bar, address = text.rpartition("|")
            interface = interface if bar else jail.value("interface")
            if interface:
                argv = ("/sbin/ifconfig", interface, family, *_with_mask(family, address))
                steps.append(Step(Kind.COMMAND, (*argv, "alias"), (*argv, "-alias"), param))
    return steps


def _with_mask(family: str, address: str) -> tuple[str, ...]:
    bare, slash, mask = address.partition("/")
    if not slash:
        return (
            bare,
            *(("netmask", "255.255.255.255") if family == "inet" else ("prefixlen", "128")),
        )
    return (bare, "netmask", mask) if "." in mask else (address,)


def _mounts(machine: Machine, jail: ConfJail) -> list[Step]:
    steps = [_mount("mount", line) for line in jail.values("mount")]
    fstab = jail.value("mount.fstab")
    if fstab:
        try:
            text = machine.files.read(fstab).decode(errors="surrogateescape")
        except SimOSError as error:
            raise StepFailed(f"{fstab}: {error.reason}") from None  # not recorded
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        steps += [_mount("mount.fstab", line) for line in lines if line]
    path = jail.value("path", "/").rstrip("/")
    if jail.true("mount.devfs"):
        ruleset = jail.value("devfs_ruleset", DEFAULT_RULESET)
        steps.append(_devfs(f"{path}/dev", ruleset))
    for name, where in (("fdescfs", f"{path}/dev/fd"), ("procfs", f"{path}/proc")):
        if jail.true(f"mount.{name}"):  # not recorded
            argv = ("/sbin/mount", "-t", name, ".", where)
            steps.append(
                Step(Kind.COMMAND, argv, ("/sbin/umount", where), f"mount.{name}", where, name)
            )
    return steps


def _devfs(where: str, ruleset: str) -> Step:
    argv = ("/sbin/mount", "-t", "devfs", f"-oruleset={ruleset}", ".", where)
    return Step(Kind.COMMAND, argv, ("/sbin/umount", where), "mount.devfs", where, "devfs")


def _mount(param: str, line: str) -> Step:
    r"""A line of an fstab; blanks in it are written as \040."""
    parts = [re.sub(r"\\([0-7]{3})", lambda m: chr(int(m[1], 8)), word) for word in line.split()]
    if len(parts) < 3:
        raise StepFailed(f"{param}: {line}: missing information")  # not recorded
    device, where, fstype, *options = parts[:4]
    argv = ("/sbin/mount", "-t", fstype, *(("-o", options[0]) if options else ()), device, where)
    return Step(Kind.COMMAND, argv, ("/sbin/umount", where), param, where, fstype)


def _interfaces(jail: ConfJail) -> list[Step]:
    """Interfaces lent to a VNET jail; `JID` is filled in when it is known."""
    return [
        Step(
            Kind.COMMAND,
            ("/sbin/ifconfig", name, "vnet", "JID"),
            ("/sbin/ifconfig", name, "-vnet", "JID"),
            "vnet.interface",
        )
        for name in jail.values("vnet.interface")
    ]


def start_steps(machine: Machine, jail: ConfJail) -> list[Step]:
    """Everything that starting takes. StepFailed when an fstab cannot be read."""
    return [
        *_commands(jail, "exec.prepare"),
        *_addresses(jail),
        *_mounts(machine, jail),
        *_commands(jail, "exec.prestart"),
        Step(Kind.MAKE),
        *_interfaces(jail),
        *_commands(jail, "exec.created"),
        *_commands(jail, "exec.start", Kind.INJAIL),
        *_commands(jail, "command", Kind.INJAIL),
        *_commands(jail, "exec.poststart"),
    ]


def _back(steps: list[Step]) -> list[Step]:
    return [
        Step(step.kind, step.back, param=step.param, check=step.check, fstype=step.fstype)
        for step in reversed(steps)
    ]


def stop_steps(machine: Machine, jail: ConfJail) -> list[Step]:
    """Everything that stopping takes."""
    return [
        *_commands(jail, "exec.prestop"),
        *_commands(jail, "exec.stop", Kind.INJAIL),
        Step(Kind.TERM),
        Step(Kind.MAKE),
        *_commands(jail, "exec.poststop"),
        *_back(_mounts(machine, jail)),
        *_back(_addresses(jail)),
        *_commands(jail, "exec.release"),
    ]
