"""Recognize the program that manages a jail by path, configuration file and name alone.

No other manager's program is ever run to look: several change the host when they list
(docs/jail-managers.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from jailer_core.model import Owner
from jailer_core.parse.rcconf import plain_settings

BASTILLE_CONF = "/usr/local/etc/bastille/bastille.conf"
_ID = re.compile(r"^[ \t]*\$id[ \t]*=", re.MULTILINE)
_OCI = ("/var/db/containers/storage/", "/var/run/ocijail/", "/var/lib/runj/")


@dataclass(frozen=True, slots=True)
class Places:
    """Where managers keep their jails on this host; "" where one is not installed."""

    jailer: str = "/usr/local/jails"
    bastille: str = ""
    pot: str = "/opt/pot/jails"
    appjail: str = "/usr/local/appjail/jails"
    cbsd: str = ""
    ezjail: str = ""


def places(jailer: str, rc: Mapping[str, str] | None, bastille: str) -> Places:
    """The places, from our own mount point, rc.conf and Bastille's jails directory ("": none)."""
    known = rc or {}
    return Places(
        jailer=jailer,
        bastille=bastille,
        cbsd=known.get("cbsd_workdir", ""),
        ezjail="/usr/jails" if "ezjail_enable" in known else "",
    )


def bastille_jails(conf: str) -> str:
    """The directory of Bastille's jails, from the text of its bastille.conf (recording 08)."""
    known = plain_settings(conf)
    prefix = known.get("bastille_prefix") or "/usr/local/bastille"
    return known.get("bastille_jailsdir") or f"{prefix}/jails"


def owner(name: str, path: str, file: str, text: str, where: Places) -> Owner:
    """Who made the jail with that name and root directory, configured in `file` ("" for none).

    `text` is that file's text. The path counts before the file: a jail of another manager may
    well be named in jail.conf too.
    """
    foreign = _foreign(name, path, file, where)
    if foreign is not None:
        return foreign
    if not file:
        return Owner.BY_HAND
    ours = _below(path, where.jailer) and file.startswith("/etc/jail.conf.d/")
    return Owner.JAILER if ours and _ID.search(text) else Owner.NATIVE


def _foreign(name: str, path: str, file: str, where: Places) -> Owner | None:
    """Another manager's mark, if there is one."""
    signs = (
        (Owner.BASTILLE, _below(path, where.bastille) or _below(file, where.bastille)),
        (Owner.IOCAGE, "/iocage/jails/" in path or file.startswith("/var/run/jail.ioc-")),
        (Owner.IOCAGE, name.startswith("ioc-") and path.endswith("/root")),
        (Owner.POT, _below(path, where.pot) and path.endswith("/m")),
        (Owner.APPJAIL, _below(path, where.appjail)),
        (Owner.CBSD, _below(path, where.cbsd)),
        (Owner.EZJAIL, _below(path, where.ezjail)),
        (Owner.OCI, path.startswith(_OCI)),
    )
    return next((who for who, sign in signs if sign), None)


def _below(path: str, directory: str) -> bool:
    return bool(directory) and path.startswith(directory.rstrip("/") + "/")
