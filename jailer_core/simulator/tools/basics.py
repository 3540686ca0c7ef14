"""Small programs that hooks, shells and people use: echo, sleep, env, id, uname and the like.

Recorded: id, env, uname, freebsd-version, which, hostname (01, 02, 03, 08, 12).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from dataclasses import replace

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.jails.parameters import TEXTS
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import (
    COMMANDS,
    Call,
    Machine,
    Running,
    Say,
    Wait,
    command,
    fail,
)
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.rc import rcconf
from jailer_core.simulator.shell import programs
from jailer_core.simulator.shell.programs import LeftBehind

PATH = "/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin"
GROUPS: Mapping[str, str] = {"root": "0(wheel)", "nobody": "65534(nobody)"}
EXTRA_GROUPS: Mapping[str, str] = {"root": ",5(operator)"}


def home(machine: Machine, user: str) -> str:
    """A user's directory."""
    return {"root": "/root", "nobody": "/nonexistent"}.get(user, f"/home/{user}")


def environment(call: Call) -> dict[str, str]:
    """The variables of a program."""
    if call.env:
        return dict(call.env)
    where = "/root" if call.root else f"/home/{call.user}"
    return {
        "SHELL": "/bin/sh",
        "HOME": where,
        "USER": call.user,
        "PATH": f"{PATH}:{where}/bin",
        "TERM": "su",
    }


def login_environment(machine: Machine, user: str) -> dict[str, str]:
    """What login(1), su(1) and `jexec -l` set, in that order (recording 03)."""
    where = home(machine, user)
    return {
        "SHELL": "/bin/sh",
        "HOME": where,
        "USER": user,
        "BLOCKSIZE": "K",
        "MAIL": f"/var/mail/{user}",
        "MM_CHARSET": "UTF-8",
        "LANG": "C.UTF-8",
        "PATH": f"{PATH}:{where}/bin",
        "TERM": "su",
    }


@command("true")
def true(machine: Machine, call: Call) -> Running:
    yield from ()
    return 0


@command("false")
def false(machine: Machine, call: Call) -> Running:
    yield from ()
    return 1


@command("echo")
def echo(machine: Machine, call: Call) -> Running:
    words = call.args
    bare = words[:1] == ("-n",)
    yield Say(" ".join(words[1:] if bare else words) + ("" if bare else "\n"))
    return 0


@command("yes")
def yes(machine: Machine, call: Call) -> Running:
    """Print until ctrl-c on a terminal; elsewhere end after a while, as no one could stop it."""
    block = (" ".join(call.args) or "y") + "\n"
    for _ in range(1000) if call.terminal is None else itertools.repeat(0):
        yield Say(block * 512)
    return 0


@command("sleep")
def sleep(machine: Machine, call: Call) -> Running:
    text = call.args[0] if call.args else ""
    if not re.fullmatch(r"\d*\.?\d+|\d+\.", text):
        yield Say("usage: sleep number[unit] [...]\n", error=True)
        return 1
    if not call.background:
        yield Wait(float(text))
        return 0
    made = kernel.spawn(
        machine,
        " ".join(("sleep", *call.args)),
        jid=call.jid,
        user=call.user,
        cwd=Paths(machine, call).real("."),
        rss=2100,
        state="S",
    )
    made.ends = machine.state.now + float(text)
    raise LeftBehind


@command("nohup")
def nohup(machine: Machine, call: Call) -> Running:
    if not call.args:
        yield Say("usage: nohup [--] utility [arguments]\n", error=True)
        return 127
    inner = call.args[1:] if call.args[0] == "--" else call.args
    return (yield from programs.execute(machine, replace(call, argv=inner)))


@command("env")
def env(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    empty = words[:1] == ["-i"]
    values = {} if empty else environment(call)
    words = words[empty:]
    while words and "=" in words[0]:
        name, _, values[name] = words.pop(0).partition("=")
    call = replace(call, env=tuple(values.items()))
    if words:
        return (yield from programs.execute(machine, replace(call, argv=tuple(words))))
    yield Say("".join(f"{name}={value}\n" for name, value in values.items()))
    return 0


@command("test", "[")
def test(machine: Machine, call: Call) -> Running:
    yield from ()
    words = list(call.args)
    if call.argv[0] == "[":
        words = words[:-1]
    negated = words[:1] == ["!"]
    return int(_holds(machine, call, words[negated:]) is negated)


def _holds(machine: Machine, call: Call, words: list[str]) -> bool:
    if len(words) == 3:
        left, operator, right = words
        return {"=": left == right, "!=": left != right}.get(operator, False)
    if len(words) == 2 and words[0] in ("-n", "-z"):
        return bool(words[1]) is (words[0] == "-n")
    if len(words) == 2:
        try:
            node = Paths(machine, call).get(words[1])
        except SimOSError:
            return False
        kinds = {"-d": "dir", "-f": "file", "-L": "link"}
        return node.kind == kinds.get(words[0], node.kind)
    return bool(words and words[0])


@command("tty")
def tty(machine: Machine, call: Call) -> Running:
    yield Say("not a tty\n")
    return 1


# --- who and where ---------------------------------------------------------------------------


@command("hostname")
def hostname(machine: Machine, call: Call) -> Running:
    jail = machine.state.jails.get(call.jid)
    names = [word for word in call.args if not word.startswith("-")]
    if names:
        if not call.root:
            return (yield from fail("hostname", "sethostname: Operation not permitted"))
        if jail is None:
            machine.state.hostname = names[0]
        else:
            jail.params["host.hostname"] = [names[0]]
        return 0
    if jail is None:
        name = machine.state.hostname
    else:
        name = (jail.params.get("host.hostname") or [TEXTS["host.hostname"]])[-1]
    yield Say((name.partition(".")[0] if "-s" in call.args else name) + "\n")
    return 0


@command("uname")
def uname(machine: Machine, call: Call) -> Running:
    jail = machine.state.jails.get(call.jid)
    release = (jail.params.get("osrelease") if jail else None) or [machine.state.release]
    arch = machine.state.arch
    name = machine.now_run(("hostname",), call).stdout.strip()
    known = {"s": "FreeBSD", "n": name, "r": release[-1], "m": arch, "p": arch, "K": "1501000"}
    letters = "".join(word[1:] for word in call.args) or "s"
    order = "snrmp" if "a" in letters else [one for one in "snrmpK" if one in letters]
    yield Say(" ".join(known[one] for one in order) + "\n")
    return 0


@command("freebsd-version")
def freebsd_version(machine: Machine, call: Call) -> Running:
    text = rcconf.read_text(machine, rcconf.root_of(machine, call) + "/bin/freebsd-version") or ""
    return (yield from version_script(machine, call, text, call.args))


def version_script(machine: Machine, call: Call, text: str, args: tuple[str, ...]) -> Running:
    """What a freebsd-version of that text prints: -k kernel, -r running, -u userland."""
    match = re.search(r'USERLAND_VERSION="([^"]*)"', text)
    userland = match[1] if match is not None else machine.state.release
    letters = "".join(word[1:] for word in args) or "u"
    known = {"k": machine.state.release, "r": machine.state.release, "u": userland}
    yield Say("".join(f"{known[one]}\n" for one in "kru" if one in letters))
    return 0


@command("id")
def id_command(machine: Machine, call: Call) -> Running:
    options = [word for word in call.args if word.startswith("-")]
    user = next((word for word in call.args if not word.startswith("-")), call.user)
    uid = machine.state.users.get(user)
    if uid is None:
        return (yield from fail("id", f"{user}: no such user"))  # not recorded
    if options == ["-u"]:
        yield Say(f"{uid}\n")
    elif "n" in "".join(options):
        yield Say(f"{user}\n")
    else:
        group = GROUPS.get(user, f"{uid}({user})")
        yield Say(f"uid={uid}({user}) gid={group} groups={group}{EXTRA_GROUPS.get(user, '')}\n")
    return 0


_PLACES = {
    "/bin": "cat cp date dd df echo hostname kill ls mkdir mv ps pwd rm rmdir sh sleep test [",
    "/sbin": "devfs dhclient ifconfig kldload kldstat kldunload mount pfctl ping route sysctl"
    " umount zfs zpool shutdown",
    "/usr/bin": "cpuset env false fetch fstat getconf id last login netstat nohup openssl rctl sed"
    " sockstat stat su tail tar top touch true tty uname uptime uuidgen vmstat which",
    "/usr/local/bin": "python3",
    "/usr/local/sbin": "bastille dhcpd",
}


@command("which")
def which(machine: Machine, call: Call) -> Running:
    status = 0
    for name in call.args:
        place = next(
            (where for where, names in _PLACES.items() if name in names.split()), "/usr/sbin"
        )
        root = rcconf.root_of(machine, call)
        known = name in COMMANDS and not place.startswith("/usr/local")
        if known or name == "pkg" or machine.files.exists(f"{root}{place}/{name}"):
            yield Say(f"{place}/{name}\n")
        else:
            status = 1
    return status
