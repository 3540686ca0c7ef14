"""Writing into a jail: no link of it leads out, on this machine as on the simulated one."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jailer_core.errors import FileFailed
from jailer_core.execution.perform import ActionContext, perform
from jailer_core.host.local import LocalHost
from jailer_core.parse.rcconf import settings, with_settings
from jailer_core.plan import SetRc


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "host").mkdir()
    (tmp_path / "host" / "rc.conf").write_text("secret")
    (tmp_path / "jail" / "etc").mkdir(parents=True)
    return tmp_path / "jail"


async def test_a_file_is_made_and_replaced(root: Path) -> None:
    path = root / "etc" / "rc.conf"
    await LocalHost().write(str(path), "a", mode=0o600, beneath=str(root))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    await LocalHost().write(str(path), "b", beneath=f"{root}/")
    assert path.read_text() == "b"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(path.parent) == ["rc.conf"]  # noqa: PTH208


async def test_a_link_at_the_path_is_replaced_not_followed(root: Path) -> None:
    path, outside = root / "etc" / "rc.conf", root.parent / "host" / "rc.conf"
    path.symlink_to(outside)
    outside.chmod(0o777)
    await LocalHost().write(str(path), "b", beneath=str(root))
    assert outside.read_text() == "secret"
    assert not path.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


async def test_a_linked_directory_is_not_entered(root: Path) -> None:
    (root / "etc").rmdir()
    (root / "etc").symlink_to(root.parent / "host")
    with pytest.raises(FileFailed, match="cannot write"):
        await LocalHost().write(str(root / "etc" / "rc.conf"), "b", beneath=str(root))
    assert (root.parent / "host" / "rc.conf").read_text() == "secret"


@pytest.mark.parametrize("place", ["../host/rc.conf", "etc/../../host/rc.conf", ""])
async def test_there_is_no_way_out(root: Path, place: str) -> None:
    with pytest.raises(FileFailed, match="not below"):
        await LocalHost().write(f"{root}/{place}", "b", beneath=str(root))
    assert (root.parent / "host" / "rc.conf").read_text() == "secret"


async def test_rc_conf_is_changed_where_it_is(root: Path) -> None:
    path = root / "etc" / "rc.conf"
    path.write_text('# mine\nifconfig_epair3b="DHCP"\nsyslogd_flags="-s"\nb=1\n')
    action = SetRc(str(path), str(root), (("syslogd_flags", "-ss"), ("c", "2")), ("ifconfig_e",))
    await perform(LocalHost(), action, 5.0, ActionContext(lambda _line, _error: None))
    assert path.read_text() == '# mine\nsyslogd_flags="-ss"\nb=1\nc="2"\n'


async def test_rc_conf_is_made_when_there_is_none(root: Path) -> None:
    path = root / "etc" / "rc.conf"
    action = SetRc(str(path), str(root), (("a", "1"),))
    await perform(LocalHost(), action, 5.0, ActionContext(lambda _line, _error: None))
    assert path.read_text() == 'a="1"\n'


async def test_rc_conf_that_is_a_link_is_an_error(root: Path) -> None:
    path = root / "etc" / "rc.conf"
    path.symlink_to(root.parent / "host" / "rc.conf")
    action = SetRc(str(path), str(root), (("a", "1"),))
    with pytest.raises(FileFailed, match="cannot read"):
        await perform(LocalHost(), action, 5.0, ActionContext(lambda _line, _error: None))
    assert (root.parent / "host" / "rc.conf").read_text() == "secret"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", 'a="1"\n'),
        ("a=0\n", 'a="1"\n'),
        ("a='0' # why\nb=2", 'a="1"\nb=2\n'),
        ('a="0"\na="3"\n', 'a="1"\n'),
        ('a="0\n1"\nb=2\n', 'a="1"\nb=2\n'),
        ("if true; then\n  a=3 b=4\nfi\n", 'if true; then\n  a=3 b=4\nfi\na="1"\n'),
        ("#a=0\naa=1\n", '#a=0\naa=1\na="1"\n'),
        ("defaultrouter=10.0.0.9\n", 'a="1"\n'),
    ],
)
def test_settings_are_put_where_they_were_or_at_the_end(text: str, wanted: str) -> None:
    changed = with_settings(text, {"a": "1"}, ("defaultrouter",))
    assert changed == wanted
    known = settings(changed)
    assert known is None or known["a"] == "1"
