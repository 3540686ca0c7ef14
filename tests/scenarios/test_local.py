"""What a real host needs besides: files put back, a base system, refusals, the command itself."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import tarfile
from pathlib import Path

import pytest

from tests.scenarios import base_archive, local
from tests.scenarios.corner import POOL, corner
from tests.scenarios.network import SavedNetwork
from tests.scenarios.saved import SavedFiles
from tests.scenarios.simulated import Simulated
from tests.scenarios.stage import Ran, StageError

IFCONFIG = """\
vtnet0: flags=1008843<UP,BROADCAST,RUNNING> metric 0 mtu 1500
\tether 52:54:00:12:34:56
\tinet 10.0.2.15 netmask 0xffffff00 broadcast 10.0.2.255
lo0: flags=1008049<UP,LOOPBACK,RUNNING,MULTICAST,LOWER_UP> metric 0 mtu 16384
\tinet 127.0.0.1 netmask 0xff000000
"""


def test_files_are_put_back(tmp_path: Path) -> None:
    conf, folder, new = tmp_path / "rc.conf", tmp_path / "jails", tmp_path / "new"
    conf.write_text("before")
    conf.chmod(0o640)
    (folder / "below").mkdir(parents=True)
    (folder / "below" / "web.conf").write_text("web")
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "web.log").write_text("old")
    saved = SavedFiles((str(conf), str(folder), str(new)), logs)
    (logs / "web.log").write_text("old and new")
    (logs / "storyweb.log").write_text("of a story")
    conf.unlink()
    conf.write_text("after")
    (folder / "below" / "web.conf").unlink()
    (folder / "below").rmdir()
    (folder / "added").mkdir()
    (folder / "added" / "db.conf").write_text("db")
    (folder / "link").symlink_to(folder / "added")
    (new / "deep").mkdir(parents=True)
    (new / "deep" / "file").write_text("x")
    saved.restore()
    assert (conf.read_text(), conf.stat().st_mode & 0o777) == ("before", 0o640)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")) == [
        "jails",
        "jails/below",
        "jails/below/web.conf",
        "logs",
        "logs/web.log",
        "rc.conf",
    ]
    assert (logs / "web.log").read_text() == "old and new"


def test_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pf.conf").symlink_to("/etc/passwd")
    with pytest.raises(StageError, match="symbolic link"):
        SavedFiles((str(tmp_path / "pf.conf"),))


def test_the_base_system_is_what_its_manifest_says(tmp_path: Path) -> None:
    root = tmp_path / "root"
    for name in ("bin/sh", "etc/rc", "usr/bin/touch", "usr/lib/libfoo.so.1"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name)
    asked: list[tuple[str, ...]] = []

    def run(*argv: str) -> list[str]:
        asked.append(argv)
        if argv[0] == "pwd_mkdb":
            (Path(argv[3]) / "passwd").write_text("root")
            return []
        return [f"{root}/usr/bin/touch:", "/lib/libc.so.7", "/usr/lib/libfoo.so.1"]

    base_archive.make(tmp_path / "15.1-RELEASE", run, root)
    archive = tmp_path / "15.1-RELEASE" / "base.txz"
    name, digest, count, *_ = (archive.parent / "MANIFEST").read_text().split("\t")
    assert (name, digest) == ("base.txz", hashlib.sha256(archive.read_bytes()).hexdigest())
    with tarfile.open(archive) as tar:
        names = set(tar.getnames())
    assert len(names) == int(count)
    assert {"./bin/sh", "./etc/rc", "./usr/bin/touch", "./usr/lib/libfoo.so.1"} <= names
    assert {"./etc/passwd", "./etc/master.passwd", "./root"} <= names
    assert sorted(argv[0] for argv in asked) == ["ldd", "pwd_mkdb"]


def test_the_card_with_the_host_s_address() -> None:
    lines = IFCONFIG.splitlines()
    assert local.card_of("10.0.2.15", lines) == "vtnet0"
    assert local.card_of("127.0.0.1", lines) == "lo0"
    assert local.card_of("10.0.2.1", lines) == ""


# --- where it may be played ------------------------------------------------------------------


class Fake(local.Local):
    """A host that runs nothing."""

    answers: dict[tuple[str, ...], Ran]

    def run(self, argv: object, ssh: str = "") -> Ran:
        assert isinstance(argv, tuple | list)
        words = tuple(argv)
        return self.answers.get(words, Ran(words, 1, "", ""))


def fake(tmp_path: Path, *, allow_network: bool = False, **answers: str) -> Fake:
    host = Fake(tmp_path, allow_network=allow_network)
    asked = {
        "dir": ("sysrc", "-n", "jailer_dir"),
        "pools": ("zpool", "list", "-H", "-o", "name"),
        "jails": ("jls", "name"),
        "interfaces": ("ifconfig", "-l"),
        "racct": ("sysctl", "-n", "kern.racct.enable"),
    }
    host.answers = {asked[key]: Ran(asked[key], 0, text, "") for key, text in answers.items()}
    return host


def test_it_refuses_anything_but_a_free_freebsd_host_as_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert local.refusal(fake(tmp_path)) == "this is not FreeBSD"
    monkeypatch.setattr(sys, "platform", "freebsd15")
    monkeypatch.setattr(os, "geteuid", lambda: 1001)
    assert "only root" in local.refusal(fake(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert "set up already" in local.refusal(fake(tmp_path, dir="zfs:zroot/jails\n"))
    taken = fake(
        tmp_path, pools="zroot\nstorypool\n", jails="www\nstoryweb\n", interfaces="bridge99"
    )
    assert local.refusal(taken) == "these names are taken: bridge99, storypool, storyweb"
    assert local.refusal(fake(tmp_path, pools="zroot\n", jails="www\n", interfaces="em0 lo0")) == ""


def test_what_a_host_lacks(tmp_path: Path) -> None:
    plain = fake(tmp_path, jails="www\n", racct="0\n")
    assert "--allow-network" in plain.missing("network")
    assert "download" in plain.missing("packages")
    assert plain.missing("alone") == "the host has jails of its own"
    assert plain.missing("limits") == "kern.racct.enable is not 1"
    assert "nothing is known" in plain.missing("wings")
    able = fake(tmp_path, allow_network=True, racct="1\n")
    assert (able.missing("network"), able.missing("limits")) == ("", "")


@pytest.mark.processes
def test_the_program_runs_as_a_process_of_its_own(tmp_path: Path) -> None:
    ran = local.Local(tmp_path).run(("jailer-tui", "version"))
    assert (ran.status, ran.stdout[:11], ran.stderr) == (0, "jailer-tui ", "")


# --- whatever happens ------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, AssertionError])
def test_everything_is_removed_whatever_ends_a_story(
    tmp_path: Path, error: type[BaseException]
) -> None:
    host = Simulated(str(tmp_path))
    network, handler = SavedNetwork(host), signal.getsignal(signal.SIGINT)

    def interrupted() -> None:
        with corner(host, None, network):
            assert POOL in host.machine.state.pools
            host.run(("ifconfig", "bridge99", "create"))
            host.run(("jail", "-c", "name=storyweb", "path=/", "persist"))
            assert host.run(("jls", "-j", "storyweb", "name")).status == 0
            raise error

    with pytest.raises(error):
        interrupted()
    assert POOL not in host.machine.state.pools
    assert not host.machine.state.jails
    assert "bridge99" not in host.run(("ifconfig", "-l")).stdout
    assert signal.getsignal(signal.SIGINT) is handler


def test_what_cannot_be_removed_is_an_error(tmp_path: Path) -> None:
    host = Simulated(str(tmp_path))
    with (
        pytest.raises(StageError, match="left behind: vlan7"),
        corner(host, None, SavedNetwork(host)),
    ):
        host.run(("ifconfig", "vlan7", "create"))


def test_forwarding_and_the_packet_filter_are_put_back(tmp_path: Path) -> None:
    host = Simulated(str(tmp_path))
    network = SavedNetwork(host)
    pf = host.machine.state.pf
    with corner(host, None, network):
        host.run(("sysctl", "net.inet.ip.forwarding=1"))
        rules = 'nat-anchor "jailer/*"\n'
        host.machine.files.write("/etc/pf.conf", rules.encode())
        assert host.run(("pfctl", "-e", "-f", "/etc/pf.conf")).status == 0
        assert pf.enabled
    assert not pf.enabled
    assert host.run(("sysctl", "-n", "net.inet.ip.forwarding")).stdout == "0\n"
    assert host.run(("pfctl", "-s", "nat")).stdout == ""


def test_a_packet_filter_that_was_on_stays_on(tmp_path: Path) -> None:
    host = Simulated(str(tmp_path))
    host.machine.files.write("/etc/pf.conf", b"pass\n")
    assert host.run(("pfctl", "-e", "-f", "/etc/pf.conf")).status == 0
    with corner(host, None, SavedNetwork(host)):
        host.run(("pfctl", "-F", "all"))
    assert host.machine.state.pf.enabled
    assert "pass" in host.run(("pfctl", "-s", "rules")).stdout
