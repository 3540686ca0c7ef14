"""`service jail …`: what /etc/rc.d/jail does and prints (recordings 03, 07 and 12).

It ends with 0 whatever happens (docs/freebsd-facts.md, Starting and stopping).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say
from jailer_core.simulator.rc import rcconf
from jailer_core.simulator.rc.service import service

PLACES = ("/etc/jail.{}.conf", "/etc/jail.conf.d/{}.conf")


@service("jail")
def jail_service(machine: Machine, call: Call, action: str, args: tuple[str, ...]) -> Running:
    names = args or tuple(_setting(machine, call, "jail_list").split())
    if action == "status":
        return (yield from machine.exec(replace(call, argv=("jls", "-N"))))
    if action == "console":
        if not args:
            yield Say("/etc/rc.d/jail: ERROR: must specify a jail\n", error=True)  # not recorded
            return 1
        words = args[1:] or ("/usr/bin/login", "-f", "root")
        inner = ("jexec", *(() if args[1:] else ("-l",)), args[0], *words)
        return (yield from machine.exec(replace(call, argv=inner)))
    if action in ("stop", "restart"):
        yield from _stop(machine, call, names)
    if action in ("start", "restart"):
        yield from _start(machine, call, names)
    return 0


def _setting(machine: Machine, call: Call, name: str) -> str:
    return rcconf.variables(machine, rcconf.root_of(machine, call), "jail").get(name, "")


def _file_of(machine: Machine, call: Call, name: str) -> str:
    """The file that a jail is started from: its own, else the common one."""
    places = [place.format(name) for place in PLACES] + [_setting(machine, call, "jail_conf")]
    root = rcconf.root_of(machine, call)
    return next((path for path in places if path and machine.files.exists(root + path)), "")


def _ignored(name: str) -> Say:
    return Say(
        f"/etc/rc.d/jail: WARNING: Invalid configuration for {name}  "
        f"(no jail.conf, no hostname, or no path).   Jail {name} was ignored.\n",
        error=True,
    )


def _collect(machine: Machine, call: Call, argv: tuple[str, ...], said: list[str]) -> Running:
    """Run with both outputs into one temporary file."""
    running = machine.exec(replace(call, argv=argv, stdin=b""))
    while True:
        try:
            chunk = next(running)
        except StopIteration as end:
            return end.value or 0
        if not isinstance(chunk, Say):
            yield chunk
        else:
            said.append(chunk.text)


def _runs(machine: Machine, call: Call, name: str) -> bool:
    return machine.now_run(("jls", "-j", name), call).status == 0


def _names(machine: Machine, call: Call) -> Iterator[tuple[str, str]]:
    """The jid and name of every running jail."""
    text = machine.now_run(("jls", "jid", "name"), call).stdout
    for line in text.rstrip("\n").split("\n") if text else ():
        jid, _, name = line.partition(" ")
        yield jid, name


def _note_id(machine: Machine, call: Call, name: str, jid: str = "") -> None:
    """Write or remove /var/run/jail_NAME.id."""
    if not call.root:
        return
    path = f"{rcconf.root_of(machine, call)}/var/run/jail_{name}.id"
    if jid:
        machine.files.mkdir(path.rpartition("/")[0], parents=True)
        machine.files.write(path, f"{jid}\n".encode())
    elif machine.files.exists(path):
        machine.files.remove(path)


# --- start -----------------------------------------------------------------------------------


def _start(machine: Machine, call: Call, names: tuple[str, ...]) -> Running:
    yield Say("Starting jails:")
    if names:
        for name in names:
            yield from _start_one(machine, call, re.sub(r"[/.]", "_", name))
    else:
        yield from _start_all(machine, call)
    yield Say(".\n")
    return 0


def _start_one(machine: Machine, call: Call, name: str) -> Running:
    file = _file_of(machine, call, name)
    if not file:
        yield _ignored(name)
        return 0
    said: list[str] = []
    argv = ("jail", "-l", "-U", "root", "-q", "-i", "-f", file, "-c", name)
    status = yield from _collect(machine, call, argv, said)
    if status == 0:
        yield Say(f" {name}")
        _note_id(machine, call, name, said[0].strip() if said else "")
    else:
        # recording 03: the id file of a jail that runs already stays
        yield Say(f' cannot start jail  "{name}": \n{"".join(said)}')
    return 0


def _start_all(machine: Machine, call: Call) -> Running:
    said: list[str] = []
    argv = ("jail", "-f", _setting(machine, call, "jail_conf"), "-c")
    status = yield from _collect(machine, call, argv, said)
    if status:
        yield Say("".join(said))
        return 0
    for jid, name in list(_names(machine, call)):
        yield Say(f" {name}")
        _note_id(machine, call, name, jid)
    return 0


# --- stop ------------------------------------------------------------------------------------


def _stop(machine: Machine, call: Call, names: tuple[str, ...]) -> Running:
    yield Say("Stopping jails:")
    if names:
        backwards = rcconf.yes(_setting(machine, call, "jail_reverse_stop"))
        for name in reversed(names) if backwards else names:
            yield from _stop_one(machine, call, re.sub(r"[/.]", "_", name))
    else:
        yield from _stop_all(machine, call)
    yield Say(".\n")
    return 0


def _stop_one(machine: Machine, call: Call, name: str) -> Running:
    file = _file_of(machine, call, name)
    if not file:
        yield _ignored(name)
        return 0
    if not _runs(machine, call, name):
        return 0
    yield Say(f" {name}")
    said: list[str] = []
    yield from _collect(machine, call, ("jail", "-q", "-f", file, "-r", name), said)
    if _runs(machine, call, name):
        yield Say(f' cannot stop jail "{name}": \n{"".join(said)}')  # not recorded
    else:
        _note_id(machine, call, name)
    return 0


def _stop_all(machine: Machine, call: Call) -> Running:
    """Stop every running jail, however it was started, with the steps of the common file alone."""
    running = list(_names(machine, call))
    if rcconf.yes(_setting(machine, call, "jail_reverse_stop")):
        running.reverse()
    for _, name in running:
        yield Say(f" {name}")
        said: list[str] = []
        argv = ("jail", "-f", _setting(machine, call, "jail_conf"), "-r", name)
        yield from _collect(machine, call, argv, said)
        if _runs(machine, call, name):
            yield Say("".join(said))  # not recorded
        else:
            _note_id(machine, call, name)
    return 0
