from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios import build
from jailer_tui.cli.terminal import Terminal
from tests.tui.commandline.conftest import Ran, Run

On = Callable[..., Ran]


@pytest.fixture
def fresh() -> Machine:
    return build("fresh")


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def make(text: str) -> None:
        async def ask(_self: Terminal, question: str) -> str:
            assert question == "OK? (y/N) "
            return text

        monkeypatch.setattr(Terminal, "can_ask", property(lambda _self: True))
        monkeypatch.setattr(Terminal, "ask", ask)

    return make


def states(ran: Ran) -> dict[str, str]:
    return {one["id"]: one["state"] for one in ran.json}


def test_from_nothing_to_all_good_from_call_to_call(run: Run, state: str) -> None:
    def call(*argv: str) -> Ran:
        return run("--demo", "fresh", "--state", state, *argv)

    assert states(call("init", "info", "-j"))["dataset"] == "missing"
    for part in ("", "bridge", "nat", "dhcp"):
        ran = call(*("init", part)[: 2 if part else 1], "-y")
        assert (ran.status, ran.err) == (0, ""), part
    assert set(states(call("init", "info", "-j")).values()) == {"ok", "info"}
    for part in ("", "zfs", "bridge", "nat", "dhcp", "patch", "fix"):
        ran = call(*("init", part)[: 2 if part else 1])
        assert ran.status == 0
        assert "nothing to do" in ran.out
        assert "already right" in ran.out


def test_it_shows_and_asks(on: On, fresh: Machine, answer: Callable[[str], None]) -> None:
    before = dump(fresh)
    answer("n")
    ran = on(fresh, "init")
    assert ran.status == 1
    assert "zfs create -o mountpoint=/usr/local/jails zroot/jails" in ran.err
    assert "not confirmed: nothing was changed" in ran.err
    assert same(before, dump(fresh)) == ()
    answer("y")
    assert on(fresh, "init").status == 0
    assert "zroot/jails" in fresh.state.datasets


def test_with_nobody_to_ask_nothing_is_done(on: On, fresh: Machine) -> None:
    before = dump(fresh)
    ran = on(fresh, "init", "bridge")
    assert ran.status == 1
    assert "no terminal to ask on" in ran.err
    assert same(before, dump(fresh)) == ()


@pytest.mark.parametrize(
    "words",
    [
        ("init", "-D"),
        ("init", "zfs", "-D", "-m", "/jails"),
        ("init", "bridge", "-D", "-a", "10.9.0.1/24"),
        ("init", "nat", "-D", "-i", "vtnet0", "-j"),
        ("init", "patch", "-D"),
        ("init", "fix", "-D", "devfs"),
    ],
)
def test_a_dry_run_changes_nothing(on: On, fresh: Machine, words: tuple[str, ...]) -> None:
    fresh.now_run(("service", "netif", "start"))
    before = dump(fresh)
    ran = on(fresh, *words)
    assert same(before, dump(fresh)) == ()
    if "nat" not in words:
        assert ran.status == 0


def test_the_flags_of_the_original(on: On, fresh: Machine) -> None:
    ran = on(fresh, "init", "-y", "-d", "zroot/my/jails")
    assert ran.err.startswith("jailer-tui: there is no dataset zroot/my\n")
    assert on(fresh, "init", "-dzroot/boxes", "-m/boxes", "-y").status == 0
    text = fresh.files.read("/etc/rc.conf").decode()
    assert 'jailer_dir="zfs:zroot/boxes"' in text
    assert 'jail_enable="YES"' in text
    assert fresh.state.datasets["zroot/boxes"].props["mountpoint"] == "/boxes"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "could not infer the pool: there are tank, zroot"),
        (("-n",), "the ZFS dataset cannot be empty"),
        (("-z", "nope"), "there is no pool nope"),
        (("-z", "tank", "-d", "tank/x"), "only one of -z and -d can be given"),
    ],
)
def test_errors_as_the_original_has_them(
    on: On, fresh: Machine, words: tuple[str, ...], said: str
) -> None:
    fresh.now_run(("zpool", "create", "tank", "vtbd2"))
    ran = on(fresh, "init", "zfs", *words, "-y")
    assert (ran.status, ran.out) == (1, "")
    assert said in ran.err
    assert on(fresh, "init", "zfs", "-z", "tank", "-y").status == 0
    assert "tank/jails" in fresh.state.datasets


def test_a_pool_on_a_file(on: On, fresh: Machine) -> None:
    fresh.now_run(("zpool", "destroy", "zroot"))
    assert "no ZFS pool found" in on(fresh, "init", "-y").err
    assert on(fresh, "init", "pool", "--size", "x").status == 2
    assert on(fresh, "init", "pool", "--size", "4T", "-y").status == 1
    assert on(fresh, "init", "pool", "--size", "2G", "-z", "jails", "-y").status == 0
    assert on(fresh, "init", "-y").status == 0
    assert "jails/jails" in fresh.state.datasets


def test_a_pool_takes_what_room_there_is(on: On, fresh: Machine) -> None:
    fresh.now_run(("zpool", "destroy", "zroot"))
    assert on(fresh, "init", "pool", "-y").status == 0
    assert fresh.files.get("/usr/local/disk0.img").length == 5 << 30


def test_info_for_people(on: On, small: Machine) -> None:
    ran = on(small, "init", "info")
    assert ran.status == 0
    assert re.search(r"^Dataset +YES +zroot/jails on /usr/local/jails$", ran.out, re.MULTILINE)
    assert re.search(r"^Forwarding +NO +off", ran.out, re.MULTILINE)
    assert "jailer-tui init fix forward" in ran.out
    assert "app0 sees all devices of the host" in ran.out


def test_info_as_an_ordinary_user(on: On, small: Machine) -> None:
    ran = on(small, "init", "info", user="nobody")
    assert ran.status == 0
    assert re.search(r"^Packet filter +\?", ran.out, re.MULTILINE)


def test_what_boots(on: On, small: Machine) -> None:
    ran = on(small, "init", "patch", "www0", "app0", "-y")
    assert ran.status == 0
    assert "is not patched" in ran.out
    assert 'jail_list="www0 app0"' in small.files.read("/etc/rc.conf").decode()
    assert on(small, "init", "patch", "nope", "-y").status == 1


def test_fixes_by_their_words(on: On, small: Machine) -> None:
    assert on(small, "init", "fix", "devices", "forward", "-y").status == 0
    assert "devfs_ruleset   = 11;" in small.files.read("/etc/jail.conf.d/app0.conf").decode()
    assert small.state.sysctl["net.inet.ip.forwarding"] == "1"
    wrong = on(small, "init", "fix", "nonsense", "-y")
    assert wrong.status == 2
    assert "Available:" in wrong.err
    small.now_run(("zpool", "list"))
    small.state.pools["zroot"].health = "DEGRADED"
    assert "zroot is DEGRADED" in on(small, "init", "fix", "pool", "-y").err


def test_a_failure_takes_all_back(on: On, fresh: Machine) -> None:
    before = dump(fresh)
    fresh.faults.append(Fault("fail", lambda argv: argv[:2] == ("sysrc", "jail_enable=YES")))
    ran = on(fresh, "init", "-y")
    assert ran.status == 1
    assert "injected fault" in ran.err
    assert same(before, dump(fresh)) == ()


def test_no_network_leaves_nothing(on: On, fresh: Machine) -> None:
    assert on(fresh, "init", "bridge", "-y").status == 0
    fresh.state.mirror.clear()
    before = dump(fresh)
    ran = on(fresh, "init", "dhcp", "-y")
    assert ran.status == 1
    assert "Address resolution failed" in ran.err
    assert same(before, dump(fresh)) == ()


def test_help(run: Run) -> None:
    shown = run("help", "init").out
    for word in ("info", "zfs", "bridge", "dhcp", "patch", "-d", "-m", "-z", "-n", "-y", "-D"):
        assert word in shown
    assert "-a" in run("init", "bridge", "help").out
    assert run("init", "nonsense").status == 2
    assert run("init", "bridge", "-z", "x").status == 2
    assert run("init", "-d").status == 2
