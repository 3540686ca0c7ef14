"""The configuration of a new jail: as parameters, and as the text that `jailer` reads too.

Everything stands inside the jail's block: at the top level it would leak into other jails when
files are included (jailer-behaviour.md, Layout).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from string import Template

from jailer_core.model import JailConfig
from jailer_core.operations.jails import limits
from jailer_core.templates import render

DIRECTORY = "/etc/jail.conf.d"
LOGS = "/var/log/jail"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter or variable; without values it is just set."""

    name: str
    values: tuple[str, ...] = ()
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class JailSettings:
    """What a new jail's configuration is made of; every value has been checked.

    `network` is eb, new or inherit; `rules` are limits as rctl(8) takes them (limits.py).
    """

    name: str
    path: str
    domain: str
    number: int
    network: str
    bridge: str = ""
    ruleset: int = 0
    address: str = ""
    address6: str = ""
    rules: tuple[str, ...] = ()


def file_of(name: str) -> str:
    """Where the configuration of a jail of ours lies."""
    return f"{DIRECTORY}/{name}.conf"


def text(shape: JailSettings) -> str:
    """The file."""
    return render("jail.conf.j2", name=shape.name, groups=list(_groups(shape)))


def config(shape: JailSettings) -> JailConfig:
    """What jail(8) will read in that file, variables expanded."""
    path = file_of(shape.name)
    variables = {"name": shape.name}
    params: dict[str, tuple[str, ...]] = {}
    for group in _groups(shape):
        for param in group:
            if param.name.startswith("$"):
                variables[param.name[1:]] = param.values[0]
            else:
                params[param.name] = param.values
    expanded = {
        name: tuple(Template(value).safe_substitute(variables) for value in values)
        for name, values in params.items()
    }
    return JailConfig(shape.name, path, expanded, source=path, number=shape.number)


def _groups(shape: JailSettings) -> Iterator[tuple[Param, ...]]:
    network = {"eb": _epair, "new": _shared, "inherit": _inherit}[shape.network]
    yield (Param("$id", (str(shape.number),)), *network(shape), Param("$domain", (shape.domain,)))
    if shape.network == "eb":
        yield _EPAIR_MADE
        start: tuple[str, ...] = ("/sbin/ifconfig lo0 up", "/bin/sh /etc/rc")
        away: tuple[str, ...] = _EPAIR_GONE
    else:
        start, away = ("/bin/sh /etc/rc",), ()
    if shape.rules:
        yield (Param("exec.created", limits.set_lines(shape.rules)),)
        away = (*away, limits.DROP_LINE)
    yield (Param("exec.start", start), Param("exec.stop", ("/bin/sh /etc/rc.shutdown jail",)))
    if away:
        yield (Param("exec.poststop", away),)
    yield (
        Param("host.hostname", ("${name}.${domain}" if shape.domain else "${name}",)),
        Param("path", (shape.path,)),
        Param("exec.consolelog", (f"{LOGS}/${{name}}.log",)),
    )
    yield (Param("exec.clean"), Param("allow.raw_sockets"), Param("mount.devfs"), Param("persist"))


def _epair(shape: JailSettings) -> tuple[Param, ...]:
    return (
        Param("devfs_ruleset", (str(shape.ruleset),), quoted=False),
        Param("$bridge", (shape.bridge,)),
        Param("vnet"),
        Param("vnet.interface", ("epair${id}b",)),
    )


_EPAIR_MADE = (
    Param(
        "exec.prestart",
        (
            "ifconfig epair${id} create up",
            "ifconfig epair${id}a up descr vnet-${name}",
            "ifconfig ${bridge} addm epair${id}a up",
        ),
    ),
)
_EPAIR_GONE = ("ifconfig ${bridge} deletem epair${id}a", "ifconfig epair${id}a destroy")


def _shared(shape: JailSettings) -> tuple[Param, ...]:
    four = (Param("ip4.addr", (shape.address,), quoted=False),) if shape.address else ()
    six = (Param("ip6.addr", (shape.address6,), quoted=False),) if shape.address6 else ()
    return (Param("interface", (shape.bridge,)), *four, *six)


def _inherit(_shape: JailSettings) -> tuple[Param, ...]:
    return (
        Param("ip4", ("inherit",), quoted=False),
        Param("ip6", ("inherit",), quoted=False),
    )
