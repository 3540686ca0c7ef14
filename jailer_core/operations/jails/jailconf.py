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
from jailer_core.operations.jails.requests import Create
from jailer_core.templates import render

DIRECTORY = "/etc/jail.conf.d"
LOGS = "/var/log/jail"


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter or variable; without values it is a flag."""

    name: str
    values: tuple[str, ...] = ()
    quoted: bool = True


@dataclass(frozen=True, slots=True)
class JailSettings:
    """What a new jail's configuration is made of; every value of `want` has been checked."""

    want: Create
    path: str
    number: int
    ruleset: int = 0


def file_of(name: str) -> str:
    """The path of the configuration of one of our jails."""
    return f"{DIRECTORY}/{name}.conf"


def text(shape: JailSettings) -> str:
    """The path of the file."""
    return render("jail.conf.j2", name=shape.want.name, groups=list(_groups(shape)))


def config(shape: JailSettings) -> JailConfig:
    """What jail(8) will read in that file, variables expanded."""
    name = shape.want.name
    path, variables = file_of(name), {"name": name}
    params: dict[str, tuple[str, ...]] = {}
    for group in _groups(shape):
        for setting in group:
            if setting.name.startswith("$"):
                variables[setting.name[1:]] = setting.values[0]
            else:
                params[setting.name] = setting.values
    expanded = {
        param: tuple(Template(value).safe_substitute(variables) for value in values)
        for param, values in params.items()
    }
    return JailConfig(name, path, expanded, source=path, number=shape.number)


def _groups(shape: JailSettings) -> Iterator[tuple[Param, ...]]:
    want = shape.want
    network = {"eb": _epair, "new": _shared, "inherit": _inherit}[want.network]
    yield (Param("$id", (str(shape.number),)), *network(shape), Param("$domain", (want.domain,)))
    if want.network == "eb":
        yield _EPAIR_MADE
        start: tuple[str, ...] = ("/sbin/ifconfig lo0 up", "/bin/sh /etc/rc")
        away: tuple[str, ...] = _EPAIR_GONE
    else:
        start, away = ("/bin/sh /etc/rc",), ()
    rules = limits.rules({kind: getattr(want, kind) for kind in limits.CHECKS})
    if rules:
        yield (Param("exec.created", limits.set_lines(rules)),)
        away = (*away, limits.DROP_LINE)
    yield (Param("exec.start", start), Param("exec.stop", ("/bin/sh /etc/rc.shutdown jail",)))
    if away:
        yield (Param("exec.poststop", away),)
    yield (
        Param("host.hostname", ("${name}.${domain}" if want.domain else "${name}",)),
        Param("path", (shape.path,)),
        Param("exec.consolelog", (f"{LOGS}/${{name}}.log",)),
    )
    yield (Param("exec.clean"), Param("allow.raw_sockets"), Param("mount.devfs"), Param("persist"))


def _epair(shape: JailSettings) -> tuple[Param, ...]:
    return (
        Param("devfs_ruleset", (str(shape.ruleset),), quoted=False),
        Param("$bridge", (shape.want.bridge,)),
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
    want = shape.want
    given = (("ip4.addr", want.address), ("ip6.addr", want.address6))
    addresses = (Param(name, (address,), quoted=False) for name, address in given if address)
    return (Param("interface", (want.bridge,)), *addresses)


def _inherit(_shape: JailSettings) -> tuple[Param, ...]:
    return tuple(Param(name, ("inherit",), quoted=False) for name in ("ip4", "ip6"))
