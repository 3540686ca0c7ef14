"""File programs, mounts and downloads of the simulated host."""

from __future__ import annotations

import hashlib

import pytest

from jailer_core.simulator.kernel.machine import Call, Machine
from jailer_core.simulator.kernel.state import Node, SimJail, SimProcess
from tests.core.sim.storage import BASE, MIRROR, fresh, ok, refused, run


@pytest.fixture
def host() -> Machine:
    machine = fresh("tank")
    ok(machine, "mkdir -p /srv/a/b", "touch /srv/a/one")
    machine.state.root["srv/a/text"] = Node(data=b"1\n2\n3\n")
    return machine


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("cat /nope", "cat: /nope: No such file or directory\n"),
        ("cat /srv", "cat: /srv: Is a directory\n"),
        ("ls /nope", "ls: /nope: No such file or directory\n"),
        ("rm /nope", "rm: /nope: No such file or directory\n"),
        ("rm /srv", "rm: /srv: is a directory\n"),
        ("rmdir /srv/a", "rmdir: /srv/a: Directory not empty\n"),
        ("mkdir /srv", "mkdir: /srv: File exists\n"),
        ("touch /no/x", "touch: /no/x: No such file or directory\n"),
        ("stat -f %z /nope", "stat: /nope: No such file or directory\n"),
        ("sha256 -q /nope", "sha256: /nope: No such file or directory\n"),
    ],
)
def test_failures_name_path_and_reason(host: Machine, line: str, message: str) -> None:
    refused(host, line, message)


def test_reading(host: Machine) -> None:
    assert ok(host, "cat /srv/a/text") == "1\n2\n3\n"
    assert ok(host, "head -n 1 /srv/a/text") == "1\n"
    assert ok(host, "tail -n 2 /srv/a/text") == "2\n3\n"
    assert ok(host, "wc -l /srv/a/text").split() == ["3", "/srv/a/text"]
    done = run(host, "cat /srv/a/text /nope /srv/a/text")
    assert (done.status, done.stdout) == (1, "1\n2\n3\n" * 2)


def test_listing(host: Machine) -> None:
    ok(host, "touch /srv/.hidden", "ln -s text /srv/a/link")
    assert ok(host, "ls /srv") == ".hidden\na\n"
    assert run(host, "ls /srv", user="guest1").stdout == "a\n"
    assert ok(host, "ls /srv/a/b /srv/a/one") == "/srv/a/one\n\n/srv/a/b:\n"
    rows = ok(host, "ls -l /srv/a").splitlines()[1:]
    assert [row.split()[0] for row in rows] == [
        "drwxr-xr-x",
        "lrwxr-xr-x",
        "-rw-r--r--",
        "-rw-r--r--",
    ]
    assert rows[1].endswith("link -> text")


def test_copying_moving_and_removing(host: Machine) -> None:
    ok(host, "chmod 600 /srv/a/text", "cp /srv/a/text /srv/copy", "cp -R /srv/a /srv/tree")
    assert ok(host, "stat -f %Lp:%z /srv/copy") == "600:6\n"
    ok(host, "mv /srv/tree /tank", "rm -rf /srv/a /nope")
    assert ok(host, "ls /tank/tree") == "b\none\ntext\n"
    assert ok(host, "ls /srv") == "copy\n"


def test_a_directory_remembers_when_names_came_and_went(host: Machine) -> None:
    before = ok(host, "stat -f %m /srv/a")
    host.state.now += 5
    ok(host, "rm /srv/a/one")
    assert int(ok(host, "stat -f %m /srv/a")) == int(before) + 5


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("touch /etc/x", "touch: /etc/x"),
        ("rm /srv/a/one", "rm: /srv/a/one"),
        ("mv /srv/a/one /srv/two", "mv: /srv/a/one"),
        ("cat /root/secret", "cat: /root/secret"),
        ("ls /root", "ls: /root"),
        ("mkdir /srv/new", "mkdir: /srv/new"),
        ("cp /etc/rc.conf /etc/copy", "cp: /etc/copy"),
    ],
)
def test_what_an_ordinary_user_may_not(host: Machine, line: str, word: str) -> None:
    host.state.root["root"] = Node("dir", mode=0o750)
    host.state.root["root/secret"] = Node(mode=0o644)
    refused(host, line, f"{word}: Permission denied\n", user="guest1")


def test_what_an_ordinary_user_may(host: Machine) -> None:
    host.state.users["guest1"] = 1001
    ok(host, "mkdir -m 1777 /srv/open")
    assert run(host, "touch /srv/open/mine", user="guest1").status == 0
    assert ok(host, "stat -f %Su /srv/open/mine") == "guest1\n"
    assert run(host, "cat /srv/a/text", user="guest1").stdout == "1\n2\n3\n"


def test_inside_a_jail_the_jail_is_everything(host: Machine) -> None:
    host.state.jails[4] = SimJail(4, "web", "/srv")
    call = Call((), jid=4, cwd="/")
    assert host.now_run(("ls", "/a"), call).stdout == "b\none\ntext\n"
    assert host.now_run(("cat", "a/../../../a/text"), call).stdout == "1\n2\n3\n"
    done = host.now_run(("cat", "/srv/a/text"), call)
    assert done.stderr == "cat: /srv/a/text: No such file or directory\n"


# --- downloads --------------------------------------------------------------------------------


def test_a_base_is_fetched_checked_and_unpacked(host: Machine) -> None:
    release = f"{MIRROR}15.1-RELEASE/"
    manifest = ok(host, f"fetch -qo - {release}MANIFEST").split("\t")
    assert ok(host, f"fetch -s {release}base.txz") == "20664460\n"
    ok(host, f"fetch -o /srv/base.txz {release}base.txz")
    assert ok(host, "stat -f %z /srv/base.txz") == "20664460\n"
    assert ok(host, "sha256 -q /srv/base.txz").strip() == manifest[1]
    assert manifest[1] == hashlib.sha256(BASE.encode()).hexdigest()
    ok(host, f"sha256 -q -c {manifest[1]} /srv/base.txz", "tar -xf /srv/base.txz -C /tank")
    assert run(host, f"sha256 -q -c {'0' * 64} /srv/base.txz").status == 2
    assert " ".join(ok(host, "ls /tank").split()) == (
        "COPYRIGHT bin boot dev etc lib libexec media mnt net proc rescue root sbin tmp usr var"
    )
    assert 'USERLAND_VERSION="15.1-RELEASE-p1"' in ok(host, "cat /tank/bin/freebsd-version")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        (f"{MIRROR}nope", "Not Found"),
        ("http://10.0.2.2:1/", "Connection refused"),
        ("http://192.0.2.9/", "Connection refused"),
        ("http://no-such-host.invalid/", "Host does not resolve"),
    ],
)
def test_downloads_fail(host: Machine, url: str, reason: str) -> None:
    refused(host, f"fetch -T 5 -qo - {url}", f"fetch: {url}: {reason}\n")


def test_only_archives_can_be_unpacked(host: Machine) -> None:
    said = "tar: Failed to set default locale\ntar: Error opening archive: "
    refused(host, "tar -xf /etc/rc.conf -C /srv", said + "Unrecognized archive format\n")
    refused(host, "tar -xf /nope -C /srv", said + "Failed to open '/nope'\n")


# --- mounts -----------------------------------------------------------------------------------


def test_mounts_lie_upon_each_other_and_come_off_in_turn(host: Machine) -> None:
    ok(host, "mount -t tmpfs tmpfs /srv", "touch /srv/inside")
    assert ok(host, "ls /srv") == "inside\n"
    ok(host, "mount -t nullfs -o ro /etc /srv")
    assert "rc.conf" in ok(host, "ls /srv")
    assert ok(host, "mount").splitlines()[-1] == "/etc on /srv (nullfs, local, read-only)"
    ok(host, "umount /srv")
    assert ok(host, "ls /srv") == "inside\n"
    ok(host, "umount /srv")
    assert ok(host, "ls /srv") == "a\n"
    refused(host, "umount /srv", "umount: /srv: not a file system root directory\n")


def test_devices_of_a_ruleset(host: Machine) -> None:
    ok(host, "mkdir /srv/dev", "mount -t devfs -oruleset=99 . /srv/dev")
    assert "mem\n" in ok(host, "ls /srv/dev")
    assert ok(host, "mount -p").splitlines()[-1] == "devfs\t\t\t/srv/dev\t\tdevfs\trw\t\t0 0"
    refused(host, "mount -t devfs . /nope", "mount: /nope: No such file or directory\n")


def test_held_mounts_want_force(host: Machine) -> None:
    ok(host, "mount -t tmpfs tmpfs /srv")
    host.state.processes[9] = SimProcess(9, 1, 0, "sleep 60", cwd="/srv")
    refused(host, "umount /srv", "umount: unmount of /srv failed: Device busy\n")
    ok(host, "umount -f /srv")
    assert host.state.processes[9].cwd == ""


def test_a_jailed_process_holds_the_devices_of_its_jail(host: Machine) -> None:
    ok(host, "mkdir /srv/dev", "mount -t devfs . /srv/dev")
    host.state.jails[4] = SimJail(4, "web", "/srv")
    ok(host, "umount /srv/dev", "mount -t devfs . /srv/dev")
    host.state.processes[9] = SimProcess(9, 1, 4, "cron", cwd="/srv")
    refused(host, "umount /srv/dev", "umount: unmount of /srv/dev failed: Device busy\n")


def test_holders_are_named_with_their_directory(host: Machine) -> None:
    host.state.processes[29889] = SimProcess(29889, 1, 0, "sleep 60", cwd="/tank")
    head, line = ok(host, "fstat -f /tank").splitlines()
    assert " ".join(head.split()) == "USER CMD PID FD MOUNT INUM MODE SZ|DV R/W"
    assert line.split()[:5] == ["root", "sleep", "29889", "wd", "/tank"]
    assert "init" not in ok(host, "fstat -f /tank")
    assert "init" in ok(host, "fstat -f /")


def test_free_space(host: Machine) -> None:
    head, line = ok(host, "df -k /tank/").splitlines()
    assert head.split()[:2] == ["Filesystem", "1024-blocks"]
    name, total, used, free, percent, place = line.split()
    assert (name, place, percent) == ("tank", "/tank", "0%")
    assert int(total) == int(used) + int(free)
    refused(host, "df -k /nope", "df: /nope: No such file or directory\n")
