"""A small part of pkg(8) in a jail: `pkg -j JAIL …`, or run inside.

What it prints is not recorded but for the question of a jail (or host) without pkg (12).
What a jail has installed is a file of its own tree: it comes along with snapshots and clones.
"""

from __future__ import annotations

from collections.abc import Callable

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, fail
from jailer_core.simulator.rc import daemons, rcconf
from jailer_core.simulator.tools import basics

DATABASE = "/var/db/pkg/local.sqlite"
UP_TO_DATE = (
    "Updating FreeBSD repository catalogue...\nFreeBSD repository is up to date.\n"
    "All repositories are up to date.\n"
)


def run(
    machine: Machine,
    call: Call,
    words: list[str],
    available: dict[str, str],
    bootstrap: Callable[[], Running] | None,
) -> Running:
    """Carry out what it is asked to do; `bootstrap` where pkg itself is not there yet."""
    path = rcconf.root_of(machine, call) + DATABASE
    installed = _read(machine, path)
    if bootstrap is not None and not installed:
        if dict(basics.environment(call)).get("ASSUME_ALWAYS_YES") != "yes" and "-y" not in words:
            return (yield from bootstrap())
        status = yield from bootstrap()
        if status:
            return status
        installed["pkg"] = "2.3.1"
        _write(machine, path, installed)
    return (yield from _carry_out(machine, path, installed, words, available))


def at_root(machine: Machine, root: str, words: list[str], available: dict[str, str]) -> Running:
    """The same for the database below a directory."""
    path = root.rstrip("/") + DATABASE
    installed = _read(machine, path)
    return (yield from _carry_out(machine, path, installed, words, available))


def _carry_out(
    machine: Machine,
    path: str,
    installed: dict[str, str],
    words: list[str],
    available: dict[str, str],
) -> Running:
    verb = words[0] if words else ""
    names = [word for word in words[1:] if not word.startswith("-") and word != "<"]
    if verb == "info" and "-e" in words:
        return 0 if names and all(name in installed for name in names) else 1
    if verb == "version":
        old = [name for name, have in installed.items() if available.get(name, have) != have]
        yield Say("".join(f"{name}-{installed[name]}\n" for name in sorted(old)))
        return 0
    if verb == "audit" and "-q" in words:
        return (yield from _vulnerable(machine, path, installed))
    verbs = {"install": _install, "delete": _delete, "info": _info, "audit": _audit}
    if verb in verbs:
        status = yield from verbs[verb](installed, names, available)
        _write(machine, path, installed)
        _scripts(machine, path.removesuffix(DATABASE), installed)
        return status
    if verb == "upgrade":
        return (yield from _upgrade(machine, path, installed, available, dry="-n" in words))
    if verb in ("update", "autoremove", "bootstrap"):
        yield Say({"autoremove": "Nothing to do.\n"}.get(verb, UP_TO_DATE))
        return 0
    return (yield from fail("pkg", f"{verb} is not simulated"))


def knows(machine: Machine, call: Call) -> bool:
    """Whether pkg was ever at work in the jail."""
    return machine.files.exists(rcconf.root_of(machine, call) + DATABASE)


def _read(machine: Machine, path: str) -> dict[str, str]:
    if not machine.files.exists(path):
        return {}
    lines = machine.files.read(path).decode(errors="surrogateescape").split("\n")
    return dict(line.split(" ", 1) for line in lines if " " in line)


def _write(machine: Machine, path: str, installed: dict[str, str]) -> None:
    text = "".join(f"{name} {version}\n" for name, version in sorted(installed.items()))
    if text or machine.files.exists(path):
        machine.files.mkdir(path.rpartition("/")[0], parents=True)
        machine.files.write(path, text.encode(errors="surrogateescape"))


def _scripts(machine: Machine, root: str, installed: dict[str, str]) -> None:
    """Daemons bring a script that service(8) finds."""
    for name in daemons.PACKAGES:
        path = f"{root}/usr/local/etc/rc.d/{name}"
        if name in installed and not machine.files.exists(path):
            machine.files.mkdir(path.rpartition("/")[0], parents=True)
            machine.files.write(path, f"#!/bin/sh\n# PROVIDE: {name}\n".encode(), mode=0o555)


def _upgrade(
    machine: Machine,
    path: str,
    installed: dict[str, str],
    available: dict[str, str],
    *,
    dry: bool,
) -> Running:
    """With -n it ends with 1 when there is something to do; # not recorded."""
    yield Say(UP_TO_DATE)
    yield Say(f"Checking for upgrades ({len(installed)} candidates): 100%\n")
    new = {
        name: available[name]
        for name, have in installed.items()
        if available.get(name, have) != have
    }
    if not new:
        yield Say("Your packages are up to date.\n")
        return 0
    yield Say(f"The following {len(new)} package(s) will be affected (of 0 checked):\n\n")
    yield Say("Installed packages to be UPGRADED:\n")
    yield Say("".join(f"\t{name}: {installed[name]} -> {new[name]}\n" for name in sorted(new)))
    if dry:
        return 1
    for number, name in enumerate(sorted(new), 1):
        yield Say(f"[{number}/{len(new)}] Upgrading {name} to {new[name]}...\n")
    _write(machine, path, installed | new)
    return 0


def _vulnerable(machine: Machine, path: str, installed: dict[str, str]) -> Running:
    """Packages that a list beside the database names: `pkg audit -q`; # not recorded."""
    known_file = f"{path.rpartition('/')[0]}/vuln.xml"
    if not machine.files.exists(known_file):
        message = "unable to open vulnxml file, try running 'pkg audit -F' first"
        return (yield from fail("pkg", message))
    known = _read(machine, known_file)
    found = [f"{name}-{have}" for name, have in installed.items() if known.get(name) == have]
    yield Say("".join(f"{one}\n" for one in sorted(found)))
    return 1 if found else 0


def _install(installed: dict[str, str], names: list[str], available: dict[str, str]) -> Running:
    yield Say(UP_TO_DATE)
    unknown = next((name for name in names if name not in available), None)
    if unknown is not None:
        message = f"No packages available to install matching '{unknown}' in the repositories"
        return (yield from fail("pkg", message))
    new = [name for name in names if name not in installed]
    if not new:
        yield Say("The most recent versions of packages are already installed\n")
        return 0
    yield Say(f"The following {len(new)} package(s) will be affected (of 0 checked):\n\n")
    for number, name in enumerate(new, 1):
        yield Say(f"[{number}/{len(new)}] Installing {name}-{available[name]}...\n")
        installed[name] = available[name]
    return 0


def _delete(installed: dict[str, str], names: list[str], _available: dict[str, str]) -> Running:
    for name in names:
        if name not in installed:
            return (yield from fail("", f"No packages matched for pattern '{name}'"))
        yield Say(f"[1/1] Deinstalling {name}-{installed.pop(name)}...\n")
    return 0


def _info(installed: dict[str, str], names: list[str], _available: dict[str, str]) -> Running:
    for name in names or sorted(installed):
        if name not in installed:
            return (yield from fail("pkg", f"No package(s) matching {name}"))
        yield Say(f"{name}-{installed[name]}\n")
    return 0


def _audit(installed: dict[str, str], _names: list[str], _available: dict[str, str]) -> Running:
    yield Say("0 problem(s) in 0 package(s) found.\n")
    return 0
