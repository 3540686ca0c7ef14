"""Who made a jail, by path, file and name (docs/jail-managers.md)."""

from __future__ import annotations

import pytest

from jailer_core.managers import Places, bastille_jails, owner, places
from jailer_core.model import Owner

WHERE = Places(bastille="/usr/local/bastille/jails", cbsd="/usr/jails-cbsd", ezjail="/usr/jails")
ID = 'x {\n  $id = "1";\n}\n'
D = "/etc/jail.conf.d"


@pytest.mark.parametrize(
    ("name", "path", "file", "text", "who"),
    [
        ("web01", "/usr/local/jails/web01", f"{D}/web01.conf", ID, Owner.JAILER),
        ("web01", "/usr/local/jails/web01", f"{D}/web01.conf", "x { }", Owner.NATIVE),
        ("web01", "/srv/web01", f"{D}/web01.conf", ID, Owner.NATIVE),
        ("web01", "/usr/local/jails/web01", "/etc/jail.conf", ID, Owner.NATIVE),
        ("web01", "/usr/local/jails/web01", f"{D}/web01.conf", 'a = "$id";\n', Owner.NATIVE),
        ("byhand", "/", "", "", Owner.BY_HAND),
        ("x", "/usr/local/jails/x", "", "", Owner.BY_HAND),
        (
            *("shop", "/usr/local/bastille/jails/shop/root"),
            *("/usr/local/bastille/jails/shop/jail.conf", "", Owner.BASTILLE),
        ),
        ("shop", "/usr/local/bastille/jails/shop/root", "", "", Owner.BASTILLE),
        ("shop", "", "/usr/local/bastille/jails/shop/jail.conf", "", Owner.BASTILLE),
        ("shop", "/usr/local/bastille/jails/shop/root", f"{D}/shop.conf", ID, Owner.BASTILLE),
        ("ioc-x", "/zroot/iocage/jails/x/root", "", "", Owner.IOCAGE),
        ("ioc-x", "/elsewhere/x/root", "", "", Owner.IOCAGE),
        ("ioc-x", "/srv/x", "", "", Owner.BY_HAND),
        ("p", "/opt/pot/jails/p/m", "", "", Owner.POT),
        ("a", "/usr/local/appjail/jails/a/jail", "", "", Owner.APPJAIL),
        ("c", "/usr/jails-cbsd/jails/c", "", "", Owner.CBSD),
        ("e", "/usr/jails/e", "", "", Owner.EZJAIL),
        ("o", "/var/db/containers/storage/zfs/graph/1", "", "", Owner.OCI),
    ],
)
def test_owner(name: str, path: str, file: str, text: str, who: Owner) -> None:
    assert owner(name, path, file, text, WHERE) is who


def test_a_manager_that_is_not_installed_owns_nothing() -> None:
    nothing = Places()
    assert owner("e", "/usr/jails/e", "", "", nothing) is Owner.BY_HAND
    assert owner("x", "/jails/x", "", "", nothing) is Owner.BY_HAND


def test_places_come_from_rc_conf() -> None:
    known = places("/usr/local/jails", {"cbsd_workdir": "/cbsd", "ezjail_enable": "YES"}, "")
    assert (known.cbsd, known.ezjail, known.bastille) == ("/cbsd", "/usr/jails", "")
    assert places("/x", None, "/b").cbsd == ""


@pytest.mark.parametrize(
    ("conf", "directory"),
    [
        ("", "/usr/local/bastille/jails"),
        ('bastille_prefix="/srv/b"\n', "/srv/b/jails"),
        (
            'bastille_prefix="/srv/b"\nbastille_jailsdir="${bastille_prefix}/jails" # x\n',
            "/srv/b/jails",
        ),
        ('bastille_jailsdir="/other"\n', "/other"),
    ],
)
def test_where_bastille_keeps_its_jails(conf: str, directory: str) -> None:
    assert bastille_jails(conf) == directory
