"""jexec(8), su(1), login(1), pw(8): run commands as a user, in a jail (03, 07, 08, 12)."""

from __future__ import annotations

import time
from dataclasses import replace

from jailer_core.simulator.demo.prompt import KILLED, session
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.shell import programs
from jailer_core.simulator.shell.sh import Shell
from jailer_core.simulator.tools import basics

USAGE = "usage: jexec [-l] [-u username | -U username] jail [command ...]\n"
FIRST_UID = 1001


@command("jexec")
def jexec(machine: Machine, call: Call) -> Running:
    try:
        options = Options.parse(call.args, "ln", "uU", anywhere=False)
    except BadOption as bad:
        yield Say(f"jexec: {bad}\n{USAGE}", error=True)
        return 1
    if not options.rest:
        yield Say(USAGE, error=True)
        return 1
    name, *words = options.rest
    user = options.value("U") or options.value("u") or "root"
    if options.has("u") and user not in machine.state.users:
        return (yield from fail("jexec", f"{user}: no such user"))
    jail = kernel.find(machine, call, name)
    if jail is None:
        return (yield from fail("jexec", f'jail "{name}" not found'))
    if not call.root:
        return (yield from fail("jexec", f"jail_attach({jail.jid}): Operation not permitted"))
    machine.notify("attached", jail.jid)
    if user not in machine.state.users:
        return (yield from fail("jexec", f"{user}: no such user"))
    inner = replace(call, argv=tuple(words) or ("sh",), jid=jail.jid, user=user, cwd="/")
    return (yield from _inside(machine, inner, options))


def _inside(machine: Machine, inner: Call, options: Options) -> Running:
    if options.has("l") or options.has("U") or options.has("u"):
        inner = replace(inner, env=tuple(basics.login_environment(machine, inner.user).items()))
    if options.has("l"):
        folder = basics.home(machine, inner.user)
        try:
            Paths(machine, inner).get(folder)
        except SimOSError as error:
            return (yield from fail("jexec", f"chdir: {folder}: {error.reason}"))
        inner = replace(inner, cwd=folder)
    return (yield from programs.execute(machine, inner, _missing))


def _missing(argv: tuple[str, ...]) -> Running:
    return (yield from fail("jexec", f"execvp: {argv[0]}: No such file or directory"))


@command("su")
def su(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    login = words[:1] in (["-"], ["-l"])
    words = words[login:]
    user = words.pop(0) if words and words[0] != "-c" else "root"
    if user not in machine.state.users:
        return (yield from fail("su", f"unknown login: {user}"))  # not recorded
    if not call.root and user != call.user:
        return (yield from fail("su", "Sorry"))  # not recorded
    values = tuple(basics.login_environment(machine, user).items()) if login else ()
    where = basics.home(machine, user) if login else call.cwd
    inner = replace(call, argv=("sh", *words), user=user, cwd=where, env=values)
    return (yield from programs.execute(machine, inner))


@command("login")
def login(machine: Machine, call: Call) -> Running:
    """A session whose lines come from standard input."""
    words = [word for word in call.args if word not in ("-f", "-p")]
    user = words[0] if words else "root"
    if user not in machine.state.users:
        return (yield from fail("login", "Login incorrect"))  # not recorded
    values = tuple(basics.login_environment(machine, user).items())
    where = basics.home(machine, user)
    shell = Shell(
        machine, replace(call, argv=("-sh",), user=user, cwd=where, env=values, stdin=b"")
    )
    text = call.stdin.decode(errors="surrogateescape")
    terminal = call.terminal
    key = f"last login {call.jid} {user}"
    last = machine.state.counters.get(key)
    machine.state.counters[key] = int(machine.state.now)
    if last is not None:
        stamp = time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(last))
        yield Say(f"Last login: {stamp} on {terminal.name if terminal else 'tty??'}\n")
    if terminal is not None:
        status = yield from session(machine, shell.call, terminal)
        return status if status == KILLED else 0
    yield from shell.run(text)
    # login(1) itself ends well, whatever its shell said (recording 12)
    return 0


@command("pw")
def pw(machine: Machine, call: Call) -> Running:
    """`pw useradd|userdel -n NAME [-m] [-r]`."""
    action = call.args[0] if call.args else ""
    try:
        options = Options.parse(call.args[1:], "mr", "nsucdgGhLkw")
    except BadOption as bad:
        return (yield from fail("pw", str(bad), 64))  # not recorded
    name = options.value("n") or "".join(options.rest[:1])
    users = machine.state.users
    if not call.root:
        return (yield from fail("pw", "you must be root to run this program", 77))  # not recorded
    if action == "useradd":
        if name in users:
            # not recorded
            return (yield from fail("pw", f"login name `{name}' already exists", 65))
        wanted = options.value("u")
        taken = set(users.values())
        free = next(uid for uid in range(FIRST_UID, 60000) if uid not in taken)
        users[name] = int(wanted) if wanted.isdigit() else free
        if options.has("m"):
            machine.files.mkdir(f"/home/{name}", parents=True)
            machine.files.change(f"/home/{name}", owner=(users[name], users[name]))
        return 0
    if action == "userdel":
        if name not in users:
            return (yield from fail("pw", f"no such user `{name}'", 67))  # not recorded
        del users[name]
        if options.has("r") and machine.files.exists(f"/home/{name}"):
            return (yield from machine.exec(replace(call, argv=("rm", "-rf", f"/home/{name}"))))
        return 0
    return (yield from fail("pw", f"{action} is not simulated"))
