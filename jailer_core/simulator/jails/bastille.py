"""bastille: start, stop, list, destroy, version, as far as recording 08 shows them.

Without /usr/local/etc/bastille/bastille.conf it is not installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jailer_core.simulator.jails.jailconf import ConfJail, read_config
from jailer_core.simulator.jails.jailconf_lexer import ConfError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.rc import rcconf

CONFIG = "/usr/local/etc/bastille/bastille.conf"
JAILS = "/usr/local/bastille/jails"
VERSION = "1.4.4"
COLUMNS = (
    *("JID", "NAME", "BOOT", "PRIO", "STATE", "TYPE", "IP ADDRESS", "PORTS", "RELEASE", "TAGS"),
)


@dataclass(slots=True)
class _Caller:
    machine: Machine
    call: Call

    @property
    def folder(self) -> str:
        """Where its jails are."""
        settings = rcconf.evaluate(rcconf.read_text(self.machine, CONFIG) or "")
        return settings.get("bastille_jailsdir") or JAILS

    def names(self) -> list[str]:
        """Its jails: directories with a jail.conf."""
        files = self.machine.files
        names = files.listdir(self.folder) if files.is_dir(self.folder) else []
        return [name for name in names if files.exists(self.file(name))]

    def file(self, name: str) -> str:
        """The jail.conf of a jail."""
        return f"{self.folder}/{name}/jail.conf"

    def config(self, name: str) -> ConfJail:
        """A jail as its file has it."""
        path = self.file(name)
        try:
            jails = read_config(path, rcconf.read_text(self.machine, path) or "", lambda _: [])
        except ConfError:
            jails = []
        return next((jail for jail in jails if jail.name == name), ConfJail(name))

    def runs(self, name: str) -> bool:
        """Whether it runs."""
        return self.machine.jail_named(name) is not None

    def jail8(self, *words: str) -> Running:
        """Run jail(8)."""
        return (yield from self.machine.exec(replace(self.call, argv=("jail", *words))))


@command("bastille")
def bastille(machine: Machine, call: Call) -> Running:
    if not machine.files.exists(CONFIG):
        return (yield from fail("sh", f"{call.argv[0]}: not found", 127))
    action, *words = call.args or ("help",)
    if not call.root:
        text = "[ERROR]: Bastille: Permission Denied\nroot / sudo / doas required\n"  # not recorded
        yield Say(text, error=True)
        return 1
    if action in ("version", "-v", "--version"):
        yield Say(f"{VERSION}\n")
        return 0
    caller = _Caller(machine, call)
    if action == "list":
        yield Say(_list(caller, as_json="-j" in words))
        return 0
    if action not in _ACTIONS:
        yield Say(f"[ERROR]: Unknown command: {action}\n", error=True)  # not recorded
        return 1
    targets = [word for word in words if not word.startswith("-")]
    if targets == ["ALL"]:
        targets = caller.names()
    status = 0
    targets = targets[:1] if action in _WITH_WORDS else targets
    for name in targets:
        if name not in caller.names():
            yield Say(f"[ERROR]: Jail not found: {name}\n", error=True)
            return 1
        status = (yield from _ACTIONS[action](caller, name, words)) or status
    return status


def _start(caller: _Caller, name: str, _words: list[str]) -> Running:
    yield Say(f"\n[{name}]:\n")
    if caller.runs(name):
        yield Say("Jail is already running.\n", error=True)  # not recorded
        return 0
    status = yield from caller.jail8("-f", caller.file(name), "-c", name)
    for rule in () if status else _rules(caller, name):
        yield from caller.machine.exec(replace(caller.call, argv=("rctl", "-a", rule)))
    return status


def _stop(caller: _Caller, name: str, _words: list[str]) -> Running:
    yield Say(f"\n[{name}]:\n")
    if not caller.runs(name):
        yield Say("Jail is already stopped.\n", error=True)  # not recorded
        return 0
    for rule in _rules(caller, name):
        yield from caller.machine.exec(replace(caller.call, argv=("rctl", "-r", rule)))
    return (yield from caller.jail8("-f", caller.file(name), "-r", name))


def _restart(caller: _Caller, name: str, words: list[str]) -> Running:
    if caller.runs(name):
        yield from _stop(caller, name, words)
    return (yield from _start(caller, name, words))


def _destroy(caller: _Caller, name: str, words: list[str]) -> Running:  # not recorded
    yield Say(f"\n[{name}]:\n")
    if caller.runs(name):
        if not any(word in ("-a", "--auto", "-af", "-fa") for word in words):
            yield Say(
                "[ERROR]: Jail is running.\nUse [-a|--auto] to auto-stop the jail.\n", error=True
            )
            return 1
        yield from caller.jail8("-f", caller.file(name), "-r", name)
    root = f"{caller.folder}/{name}"
    mount = caller.machine.files.mounted(root)
    yield Say(f"Deleting Jail: {name}.\n")
    if mount is not None and mount.fstype == "zfs":
        argv = ("zfs", "destroy", "-rf", mount.device)
        status = yield from caller.machine.exec(replace(caller.call, argv=argv))
        if status:
            return status
    if caller.machine.files.exists(root):
        yield from caller.machine.exec(replace(caller.call, argv=("rm", "-rf", root)))
    return 0


# --- limits (limits.sh of Bastille's repository; # not recorded) --------------------------------


def _rctl_conf(caller: _Caller, name: str) -> str:
    return f"{caller.folder}/{name}/rctl.conf"


def _rules(caller: _Caller, name: str) -> list[str]:
    """What it loads when it starts the jail."""
    return (rcconf.read_text(caller.machine, _rctl_conf(caller, name)) or "").split()


def _limits(caller: _Caller, name: str, words: list[str]) -> Running:
    verb, resource, *amount = (*words[1:], "", "")
    yield Say(f"\n[{name}]:\n")
    if not caller.runs(name):
        yield Say("Jail is not running.\n", error=True)
        return 0
    head = f"jail:{name}:{resource}:deny"
    rules = _rules(caller, name)
    kept = [rule for rule in rules if not rule.startswith(f"{head}=")]
    if verb == "add":
        rule = f"{head}={amount[0]}/jail"
        kept.append(rule)
        status = yield from caller.machine.exec(replace(caller.call, argv=("rctl", "-a", rule)))
        yield Say(f"{resource} {amount[0]}\n")
    else:
        status = 0
        for rule in rules:
            if rule not in kept:
                argv = ("rctl", "-r", rule)
                status = yield from caller.machine.exec(replace(caller.call, argv=argv))
    text = "".join(f"{rule}\n" for rule in kept)
    caller.machine.files.write(_rctl_conf(caller, name), text.encode())
    return status


def _config(caller: _Caller, name: str, words: list[str]) -> Running:
    """config.sh of Bastille's repository (# not recorded)."""
    verb, parameter, *value = (*words[1:], "")
    files, path = caller.machine.files, caller.file(name)
    lines = (rcconf.read_text(caller.machine, path) or "").splitlines()
    if verb == "remove":
        lines = [line for line in lines if parameter not in line]
        yield Say(f"\n[{name}]:\nProperty removed: {parameter}\n")
    else:
        word = f"'{value[0]}'" if " " in value[0] else value[0]
        fresh = f"  {parameter} = {word};" if word else f"  {parameter};"
        own = re.compile(rf"\s*{re.escape(parameter)}\s*[=;]")
        place = next((at for at, line in enumerate(lines) if own.match(line)), None)
        if place is None:
            last = max(at for at, line in enumerate(lines) if line.strip() == "}")
            lines.insert(last, fresh)
        else:
            lines[place] = fresh
    files.write(path, "".join(f"{line}\n" for line in lines).encode())
    yield Say("A restart is required for the changes to be applied. See 'bastille restart'.\n")
    return 0


def _mount(caller: _Caller, name: str, words: list[str]) -> Running:
    """mount.sh of Bastille's repository (# not recorded)."""
    source, target, fstype, options, *checks = words[1:]
    path = f"{caller.folder}/{name}/root/{target}".replace("//", "/")
    yield Say(f"[{name}]:\n")
    table = f"{caller.folder}/{name}/fstab"
    text = rcconf.read_text(caller.machine, table) or ""
    if f" {path} " in text:
        yield Say(f"Mountpoint already present in {table}\n")
        return 0
    files = caller.machine.files
    files.mkdir(path, parents=True)
    line = " ".join((source, path, fstype, options, *checks))
    files.write(table, f"{text}{line}\n".encode())
    argv = ("mount", "-t", fstype, "-o", options, source, path)
    status = yield from caller.machine.exec(replace(caller.call, argv=argv))
    yield Say(f"Added: {line}\n")
    return status


def _umount(caller: _Caller, name: str, words: list[str]) -> Running:
    """umount.sh of Bastille's repository (# not recorded)."""
    path = f"{caller.folder}/{name}/root/{words[1]}".replace("//", "/")
    yield Say(f"\n[{name}]:\n")
    if not caller.runs(name):
        yield Say("Jail is not running.\n", error=True)
        return 1
    status = 0
    if caller.machine.files.mounted(path) is not None:
        argv = ("umount", path)
        status = yield from caller.machine.exec(replace(caller.call, argv=argv))
    if status:
        return status
    table = f"{caller.folder}/{name}/fstab"
    lines = (rcconf.read_text(caller.machine, table) or "").splitlines(keepends=True)
    kept = "".join(line for line in lines if f" {path} " not in line)
    caller.machine.files.write(table, kept.encode())
    yield Say(f"Unmounted: {path}\n\n")
    return 0


# --- tags (tags.sh of Bastille's repository; # not recorded) -------------------------------------


def _tags(caller: _Caller, name: str, words: list[str]) -> Running:
    path = f"{caller.folder}/{name}/tags"
    files = caller.machine.files
    old = (rcconf.read_text(caller.machine, path) or "").splitlines()
    verb, *given = words[1:] or ("",)
    named = ",".join(given).split(",") if given else []
    if verb == "list":
        if old:
            yield Say(f"{name}: {' '.join(old)}\n")
        return 0
    if verb == "add":
        new = sorted({*old, *named})
    elif verb.startswith("del"):
        new = [tag for tag in old if not any(re.fullmatch(word, tag) for word in named)]
    else:
        return (yield from fail("bastille", "Usage: bastille tags TARGET add tag1[,tag2,...]"))
    if new:
        files.write(path, "".join(f"{tag}\n" for tag in new).encode())
    elif files.exists(path):
        files.remove(path)
    return 0


_WITH_WORDS = ("limits", "config", "mount", "umount", "tags")
"""Actions that take other words behind the name of one jail."""

_ACTIONS: Mapping[str, Callable[[_Caller, str, list[str]], Running]] = {
    "start": _start,
    "stop": _stop,
    "restart": _restart,
    "destroy": _destroy,
    "limits": _limits,
    "config": _config,
    "mount": _mount,
    "umount": _umount,
    "tags": _tags,
}


# --- list ------------------------------------------------------------------------------------


def _list(caller: _Caller, *, as_json: bool) -> str:
    rows = [_row(caller, name) for name in caller.names()]
    if as_json:
        items = [
            "  {"
            + ",".join(f'"{key}":"{value}"' for key, value in zip(COLUMNS, row, strict=True))
            + "}"
            for row in rows
        ]
        return "[\n" + ",\n".join(items) + "\n]\n"
    table = [COLUMNS, *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(COLUMNS))]
    return "".join(
        " "
        + " ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        + "\n"
        for row in table
    )


def _row(caller: _Caller, name: str) -> tuple[str, ...]:
    jail = caller.machine.jail_named(name)
    conf = caller.config(name)
    text = rcconf.read_text(caller.machine, f"{caller.folder}/{name}/settings.conf") or ""
    settings = rcconf.evaluate(text)
    thin = ".bastille" in (rcconf.read_text(caller.machine, conf.value("mount.fstab")) or "")
    addresses = [one.rpartition("|")[2].partition("/")[0] for one in conf.values("ip4.addr")]
    return (
        str(jail.jid) if jail is not None else "-",
        name,
        settings.get("boot", "on"),
        settings.get("priority", "99"),
        "Up" if jail is not None else "Down",
        "thin" if thin else "thick",
        ",".join(addresses) or "-",
        "-",
        conf.value("osrelease", "-"),
        settings.get("tags") or "-",
    )
