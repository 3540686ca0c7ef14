"""Jails start, stop and fail on the simulated host as recordings 03, 04, 09, 10 and 12 show."""

from __future__ import annotations

import shlex

import pytest

from jailer_core.simulator.kernel.machine import Call, Done, Machine, Say, Wait
from jailer_core.simulator.kernel.state import SimJail
from jailer_core.simulator.scenarios import build

ROOT = "/usr/local/jails"
HOOK = "/tmp/hook.conf"


@pytest.fixture
def host() -> Machine:
    return build("busy")


def run(machine: Machine, line: str, *, user: str = "root", stdin: str = "") -> Done:
    return machine.now_run(shlex.split(line), Call((), user=user), stdin.encode())


def write(machine: Machine, text: str, path: str = HOOK) -> None:
    machine.files.write(path, text.encode())


def jail(machine: Machine, name: str) -> SimJail:
    found = machine.jail_named(name)
    assert found is not None
    return found


def hook(machine: Machine, params: str, name: str = "hook") -> None:
    write(machine, f'{name} {{ path = "{ROOT}/db01"; persist; {params} }}')


def exists(machine: Machine, path: str) -> bool:
    return machine.files.exists(path)


# --- order and words ---------------------------------------------------------------------------


def test_every_step_is_told_when_it_happens(host: Machine) -> None:
    text = f"""n {{ path = "{ROOT}/db01"; interface = vtnet0; ip4.addr = 10.9.9.9/24, lo0|10.9.9.8;
        mount.devfs; devfs_ruleset = 61; mount.fstab = /tmp/fstab; persist;
        exec.prestart = "touch /tmp/pre"; exec.created = "touch /tmp/created";
        exec.start = "/bin/sh /etc/rc"; exec.poststart = "touch /tmp/post";
        exec.prestop = "touch /tmp/prestop"; exec.stop = "/bin/sh /etc/rc.shutdown jail";
        exec.poststop = "touch /tmp/poststop"; exec.release = "touch /tmp/release";
        exec.consolelog = /tmp/n.log; }}"""
    write(host, text)
    write(host, f"/usr/local/etc {ROOT}/db01/mnt nullfs ro 0 0 # comment\n", "/tmp/fstab")
    started = run(host, f"jail -v -f {HOOK} -c n")
    path = f"{ROOT}/db01"
    assert started.status == 0
    told = [line.removeprefix("n: ") for line in started.stdout.splitlines()]
    assert told[:6] == [
        "run command: /sbin/ifconfig vtnet0 inet 10.9.9.9/24 alias",
        "run command: /sbin/ifconfig lo0 inet 10.9.9.8 netmask 255.255.255.255 alias",
        f"run command: /sbin/mount -t nullfs -o ro /usr/local/etc {path}/mnt",
        f"run command: /sbin/mount -t devfs -oruleset=61 . {path}/dev",
        "run command: touch /tmp/pre",
        (
            f"jail_set(JAIL_CREATE) name=n path={path} ip4.addr=10.9.9.9,10.9.9.8"
            " devfs_ruleset=61 persist"
        ),
    ]
    assert told[6] == "created", told[6:]
    assert [line for line in told[7:] if line.startswith("run")] == [
        "run command: touch /tmp/created",
        "run command in jail: /bin/sh /etc/rc",
        "run command: touch /tmp/post",
    ]
    stopped = run(host, f"jail -v -f {HOOK} -r n")
    told = [line.removeprefix("n: ") for line in stopped.stdout.splitlines()]
    assert told[2].startswith("sent SIGTERM to: ")
    del told[2]
    assert (stopped.status, told) == (
        0,
        [
            "run command: touch /tmp/prestop",
            "run command in jail: /bin/sh /etc/rc.shutdown jail",
            "removed",
            "run command: touch /tmp/poststop",
            f"run command: /sbin/umount {path}/dev",
            f"run command: /sbin/umount {path}/mnt",
            "run command: /sbin/ifconfig lo0 inet 10.9.9.8 netmask 255.255.255.255 -alias",
            "run command: /sbin/ifconfig vtnet0 inet 10.9.9.9/24 -alias",
            "run command: touch /tmp/release",
        ],
    )


def test_lines_come_before_the_waits_that_follow_them(host: Machine) -> None:
    running = host.exec(Call(("jail", "-v", "-f", "/etc/jail.conf.d/db01.conf", "-c", "db01")))
    before = []
    for chunk in running:
        if not isinstance(chunk, Say):
            break
        before.append(chunk.text)
    assert before[-1] == "db01: run command in jail: /bin/sh /etc/rc\n"
    assert jail(host, "db01")


def test_an_interrupted_start_leaves_what_it_made(host: Machine) -> None:
    running = host.exec(Call(("jail", "-f", "/etc/jail.conf.d/db01.conf", "-c", "db01")))
    next(chunk for chunk in running if isinstance(chunk, Wait))
    running.close()
    assert jail(host, "db01")
    assert host.files.mounted(f"{ROOT}/db01/dev") is not None
    assert run(host, "jail -f /etc/jail.conf.d/db01.conf -r db01").status == 0


def test_quiet_and_plain_and_by_hand(host: Machine) -> None:
    file = "/etc/jail.conf.d/db01.conf"
    assert run(host, f"jail -f {file} -c db01").stdout == "db01: created\n"
    assert run(host, f"jail -f {file} -r db01").stdout == "db01: removed\n"
    assert run(host, f"jail -q -f {file} -c db01").stdout == ""
    assert run(host, "jail -R db01").stdout == ""
    assert run(host, "jail -c name=h path=/ persist").stdout == ""
    assert run(host, "jail -r h").stdout == ""


def test_starting_takes_about_two_seconds_and_asking_for_dhcp_thirty(host: Machine) -> None:
    before = host.state.now
    run(host, "jail -f /etc/jail.conf.d/db01.conf -c db01")
    assert 1 < host.state.now - before < 4
    run(host, "jail -f /etc/jail.conf.d/app0.conf -r app0")
    before = host.state.now
    run(host, "jail -f /etc/jail.conf.d/app0.conf -c app0")
    assert 28 < host.state.now - before < 40


# --- hooks that fail ---------------------------------------------------------------------------


def test_a_failing_prestart_takes_addresses_and_mounts_back_but_not_what_it_made(
    host: Machine,
) -> None:
    hook(
        host,
        "interface = vtnet0; ip4.addr = 10.9.9.9; mount.devfs;"
        'exec.prestart = "ifconfig epair9 create", "ifconfig bridge77 addm epair9a";',
    )
    done = run(host, f"jail -f {HOOK} -c hook")
    assert (done.status, done.stdout) == (1, "epair9a\n")
    assert done.stderr == (
        "ifconfig: interface bridge77 does not exist\n"
        "jail: hook: ifconfig bridge77 addm epair9a: failed\n"
    )
    assert "epair9a epair9b" in run(host, "ifconfig -l").stdout
    assert "10.9.9.9" not in run(host, "ifconfig vtnet0").stdout
    assert host.files.mounted(f"{ROOT}/db01/dev") is None
    assert host.jail_named("hook") is None


@pytest.mark.parametrize("param", ["exec.created", "exec.start", "exec.poststart"])
def test_a_failing_later_hook_removes_the_jail_without_its_poststop(
    host: Machine, param: str
) -> None:
    hook(host, f'{param} = "/usr/bin/false"; exec.poststop = "touch /tmp/hook-stopped";')
    done = run(host, f"jail -f {HOOK} -c hook")
    assert done.stdout == "hook: created\nhook: removed\n"
    assert done.stderr == "jail: hook: /usr/bin/false: failed\n"
    assert (done.status, host.jail_named("hook")) == (1, None)
    assert not exists(host, "/tmp/hook-stopped")


@pytest.mark.parametrize("param", ["exec.prestop", "exec.stop"])
def test_a_failing_stop_hook_keeps_it_running(host: Machine, param: str) -> None:
    hook(host, f'{param} = "/usr/bin/false"; exec.poststop = "touch /tmp/hook-stopped";')
    assert run(host, f"jail -f {HOOK} -c hook").status == 0
    assert run(host, f"jail -f {HOOK} -r hook").status == 1
    assert jail(host, "hook")
    assert not exists(host, "/tmp/hook-stopped")


def test_after_a_failing_poststop_the_rest_is_done(host: Machine) -> None:
    hook(
        host,
        'mount.devfs; exec.poststop = "/usr/bin/false", "touch /tmp/after";'
        'exec.release = "touch /tmp/released";',
    )
    run(host, f"jail -f {HOOK} -c hook")
    done = run(host, f"jail -f {HOOK} -r hook")
    assert (done.status, done.stderr) == (1, "jail: hook: /usr/bin/false: failed\n")
    assert exists(host, "/tmp/after")
    assert exists(host, "/tmp/released")
    assert host.files.mounted(f"{ROOT}/db01/dev") is None


def test_r_without_the_file_leaves_the_epair_and_the_mount(host: Machine) -> None:
    assert run(host, "jail -R app1").status == 0
    assert {"epair2a", "epair2b"} <= set(run(host, "ifconfig -l").stdout.split())
    assert host.files.mounted(f"{ROOT}/app1/dev") is not None
    done = run(host, "jail -f /etc/jail.conf.d/app1.conf -c app1")
    assert done.stderr.startswith("ifconfig: interface epair2 already exists\n")


# --- refusals ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("jail -f /etc/jail.conf.d/www0.conf -c www0", '"www0" already exists'),
        ("jail -f /etc/jail.conf.d/db01.conf -r db01", '"db01" not found'),
        ("jail -f /etc/jail.conf.d/db01.conf -c nosuch", '"nosuch" not found'),
        ("jail -f /nosuch -c x", "/nosuch: No such file or directory"),
        ("jail -R nosuch", '"nosuch" not found'),
        ("jail -c name=a.b path=/ persist", 'jail "a" not found'),
        ("jail -c name=x path=/nosuch persist", "path /nosuch: No such file or directory"),
        ("jail -c name=x path=/ persist ip4.addr=300.1.1.1", "ip4.addr: not an IPv4 address:"),
        ("jail -c name=x path=/ persist bad.param=1", "unknown parameter: bad.param"),
        ("jail -c name=x path=/ persist mount.devfs path=/x", "mount.devfs: /x/dev: No such"),
        ("jail -c name=x name=y path=/", 'cannot redefine parameter "name".'),
        ("jail -m name=www0 path=/tmp", "path cannot be changed after creation"),
        ("jail -m name=www0 vnet", "vnet cannot be changed after creation"),
        ("jail -m name=nosuch persist", '"nosuch" not found'),
    ],
)
def test_refusals_change_nothing(host: Machine, line: str, message: str) -> None:
    before = run(host, "jls -d -n --libxo=json").stdout
    done = run(host, line)
    assert (done.status, done.stdout) == (1, "")
    assert done.stderr.startswith("jail: ")
    assert message in done.stderr
    assert run(host, "jls -d -n --libxo=json").stdout == before


def test_an_ordinary_user_starts_and_stops_nothing(host: Machine) -> None:
    run(host, "pw useradd -n guest -m")
    for line, message in (
        ("jail -c name=u path=/ persist", "jail: jail_set: Operation not permitted\n"),
        ("jail -r www0", "jail: www0: jail_remove: Operation not permitted\n"),
        (
            "jexec www0 id",
            f"jexec: jail_attach({jail(host, 'www0').jid}): Operation not permitted\n",
        ),
        (
            "jail -f /etc/jail.conf.d/db01.conf -c db01",
            (
                "jail: db01: initgroups guest: Operation not permitted\n"
                "jail: db01: /sbin/ifconfig vtnet0 inet 10.0.2.22/32 alias: failed\n"
            ),
        ),
    ):
        assert run(host, line, user="guest") == Done(1, "", message)


# --- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["has space", "a;b", "$(id)", "[bold]", "täb\t", "x" * 255, "-rf", "'", '"', "\x1b[31m"]
)
def test_hostile_names_are_names(host: Machine, name: str) -> None:
    made = host.now_run(("jail", "-c", f"name={name}", "path=/", "persist"))
    assert made == Done(0, "", "")
    one = jail(host, name)
    assert host.now_run(("jls", "-j", name, "jid")).stdout == f"{one.jid}\n"
    assert host.now_run(("jexec", "--", name, "echo", "hi")).stdout == "hi\n"
    assert host.now_run(("jail", "-r", "--", name)).status == 0
    assert host.jail_named(name) is None


def test_a_name_of_digits_is_its_jid_and_costs_none(host: Machine) -> None:
    run(host, "jail -c name=4711 path=/ persist")
    run(host, "jail -c name=next path=/ persist")
    assert jail(host, "4711").jid == 4711
    assert jail(host, "next").jid < 4711


# --- what a jail is made of ----------------------------------------------------------------------


def test_children_live_below_their_parent_and_end_with_it(host: Machine) -> None:
    parent, child = jail(host, "byhand"), jail(host, "byhand.child")
    assert child.parent == parent.jid
    inside = run(host, "jexec byhand jls name parent").stdout
    assert inside == "child 0\n"
    assert run(host, "jexec byhand jail -c name=two path=/ persist").status == 0
    assert run(host, "jexec byhand jail -c name=three path=/ persist").status == 0
    assert run(host, "jexec byhand jail -c name=four path=/ persist").status == 1
    run(host, "jail -r byhand")
    assert not [one for one in host.state.jails.values() if one.name.startswith("byhand")]


def test_a_jail_that_need_not_persist_ends_with_its_last_process(host: Machine) -> None:
    shop = jail(host, "shop")
    pids = [str(one.pid) for one in host.processes_of([shop.jid])]
    assert len(pids) == 4
    run(host, f"kill -KILL {' '.join(pids)}")
    assert host.jail_named("shop") is None


def test_what_ignores_sigterm_is_killed_after_ten_seconds(host: Machine) -> None:
    file = "/etc/jail.conf.d/www0.conf"
    inner = "nohup sh -c \"trap '' TERM; sleep 1000\" >/dev/null 2>&1 &"
    assert host.now_run(("jexec", "www0", "sh", "-c", inner)).status == 0
    before = host.state.now
    done = run(host, f"jail -v -f {file} -r www0")
    assert 10 < host.state.now - before < 13
    assert len(done.stdout.splitlines()[1].split(": ")[2].split()) == 5
    assert "sleep 1000" not in [one.command for one in host.state.processes.values()]


def test_stop_timeout_is_obeyed(host: Machine) -> None:
    hook(host, "stop.timeout = 3;")
    run(host, f"jail -f {HOOK} -c hook")
    host.now_run(("jexec", "hook", "sh", "-c", "sh -c \"trap '' TERM; sleep 99\" &"))
    before = host.state.now
    run(host, f"jail -f {HOOK} -r hook")
    assert 3 < host.state.now - before < 4


def test_a_dying_jail_is_seen_does_not_hinder_and_goes(host: Machine) -> None:
    host.state.counters["linger db01"] = 60
    file = "/etc/jail.conf.d/db01.conf"
    run(host, f"jail -f {file} -c db01")
    old = jail(host, "db01").jid
    run(host, f"jail -f {file} -r db01")
    assert run(host, "jls -d jid name dying").stdout.splitlines()[-1] == f"{old} db01 true"
    assert "db01" not in run(host, "jls name").stdout
    assert run(host, f"jail -f {file} -r db01").stderr == 'jail: "db01" not found\n'
    assert run(host, f"jail -f {file} -c db01").status == 0
    host.state.now += 61
    assert "true" not in run(host, "jls -d dying").stdout


def test_modify_changes_what_may_change_and_tells(host: Machine) -> None:
    heard: list[tuple[str, int]] = []
    host.listeners.append(lambda what, jid: heard.append((what, jid)))
    run(host, "jail -m name=www0 allow.raw_sockets=0 host.hostname=renamed allow.mount")
    names = "allow.raw_sockets host.hostname allow.mount"
    assert run(host, f"jls -j www0 {names}").stdout == "false renamed true\n"
    assert heard == [("modified", jail(host, "www0").jid)]


def test_start_and_stop_raise_events(host: Machine) -> None:
    heard: list[str] = []
    host.listeners.append(lambda what, _: heard.append(what))
    file = "/etc/jail.conf.d/db01.conf"
    run(host, f"jail -f {file} -c db01")
    run(host, f"jail -f {file} -r db01")
    assert heard == ["created", "attached", "attached", "removed"]


def test_jails_start_behind_what_they_depend_on(host: Machine) -> None:
    text = "b { path = /; persist; depend = c; } a { path = /; persist; } c { path = /; persist; }"
    write(host, text)
    assert run(host, f"jail -f {HOOK} -c b").stdout == "c: created\nb: created\n"
    assert run(host, f"jail -f {HOOK} -c").stdout == "a: created\n"
    assert run(host, f"jail -f {HOOK} -r '*'").status == 0


def test_a_jail_that_depends_on_one_of_another_file_neither_starts_nor_stops(host: Machine) -> None:
    write(host, "a { path = /; persist; depend = www0; } b { path = /; persist; }")
    said = 'jail: a: depends on undefined jail "www0"\n'
    assert run(host, f"jail -f {HOOK} -c a") == Done(1, "", said)
    assert run(host, f"jail -f {HOOK} -c b") == Done(0, "b: created\n", said)
    assert "name=a,path=/,persist,depend=www0\n" in run(host, f"jail -f {HOOK} -e ,").stdout
    run(host, "jail -c name=a path=/ persist")
    assert run(host, f"jail -f {HOOK} -r a") == Done(1, "", said)
    assert host.jail_named("a") is not None


def test_a_child_is_not_taken_for_a_jail_of_the_file(host: Machine) -> None:
    write(host, "child { path = /; persist; exec.prestop = /usr/bin/false; }")
    assert run(host, f"jail -f {HOOK} -r byhand.child").status == 0
    assert host.jail_named("byhand.child") is None


def test_a_jail_may_be_named_by_its_jid(host: Machine) -> None:
    number = jail(host, "www0").jid
    done = run(host, f"jail -f /etc/jail.conf.d/www0.conf -r {number}")
    assert done == Done(0, "www0: removed\n", "")
    assert "10.0.2.21" not in run(host, "ifconfig vtnet0").stdout


def test_a_configuration_may_come_from_standard_input(host: Machine) -> None:
    text = "x { path = /; persist; }"
    assert run(host, "jail -f - -e ,", stdin=text).stdout == "name=x,path=/,persist\n"
    assert run(host, "jail -f - -c x", stdin=text).stdout == "x: created\n"


def test_a_missing_directory_for_the_log_fails_the_start(host: Machine) -> None:
    hook(host, 'exec.start = "/bin/sh /etc/rc"; exec.consolelog = /nosuch/x.log;')
    done = run(host, f"jail -f {HOOK} -c hook")
    assert done.stderr.startswith("jail: hook: open /nosuch/x.log: No such file or directory\n")
    assert (done.status, host.jail_named("hook")) == (1, None)
