"""pkg(7) and pkg(8): on a host without packages the bootstrap, else a little (01, 04, 12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.base_tree import base_tree
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait, command, fail
from jailer_core.simulator.tools import freebsd_update, pkg_in_jail

REPOSITORIES = ("quarterly", "kmods_quarterly_1")
NOT_INSTALLED = (
    "The package management tool is not yet installed on your system.\n"
    "Please set ASSUME_ALWAYS_YES=yes environment variable to be able to bootstrap in "
    "non-interactive (stdin not being a tty)\n"
)


@command("pkg")
def pkg(machine: Machine, call: Call) -> Running:  # noqa: C901 - where it works, and what it does
    words = list(call.args)
    if words[:1] == ["-j"] and len(words) > 1:
        return (yield from _of_host(machine, call, words[1], words[2:]))
    if words[:1] == ["--rootdir"]:
        return (yield from _base_set(machine, words[1], words))
    if words[:1] == ["-r"] and len(words) > 2:
        return (yield from _below(machine, words[1], words[2:]))
    if call.jid:
        return (yield from _inside(machine, call, words))
    packages = machine.state.packages
    if words[:1] == ["-N"]:
        if not packages:
            return (yield from fail("pkg", "pkg is not installed"))
        yield Say(f"pkg: {len(packages)} packages installed\n", error=True)  # not recorded
        return 0
    if not packages:
        if "-y" not in words:
            return (yield from _ask())
        status = yield from _bootstrap(machine)
        if status:
            return status
    verb, names = words[0] if words else "", [word for word in words[1:] if word[:1] != "-"]
    if verb == "info":
        return (yield from _info(packages, names, quiet="-e" in words))
    verbs = {"install": _install, "delete": _delete, "query": _query}
    if verb in verbs:
        return (yield from verbs[verb](machine, words if verb == "query" else names))
    return 0 if verb == "bootstrap" else (yield from _bootstrap(machine))


def _of_host(machine: Machine, call: Call, name: str, words: list[str]) -> Running:
    """`pkg -j JAIL`: the host's pkg at work in the jail."""
    jail = kernel.find(machine, call, name)
    if jail is None:
        return (yield from fail("pkg", f'jail_getid("{name}"): No such jail'))  # not recorded
    inside = replace(call, jid=jail.jid)
    there = pkg_in_jail.knows(machine, inside) or "-y" in words
    if not machine.state.packages or not there:
        return (yield from _ask())  # recording 12, of a jail in which nothing was ever installed
    return (yield from pkg_in_jail.run(machine, inside, words, _available(machine), None))


def _base_set(machine: Machine, root: str, words: list[str]) -> Running:
    """`pkg --rootdir ROOT … install -y -r FreeBSD-base FreeBSD-set-base-jail`; # not recorded."""
    if not machine.state.packages:
        return (yield from _ask())
    tree, inner = machine.files.place(root)
    keys = f"{inner}/usr/share/keys" if inner else "usr/share/keys"
    conf = f"{words[words.index('--repo-conf-dir') + 1]}/FreeBSD-base.conf"
    if keys not in tree or not machine.files.exists(conf):
        return (yield from fail("pkg", "No trusted public keys found"))
    minor = machine.files.read(conf).decode().partition("base_release_")[2][:1]
    release = f"{machine.state.release.partition('.')[0]}.{minor}-RELEASE"
    yield Say("Updating FreeBSD-base repository catalogue...\n")
    yield Wait(5.0)
    for path, node in base_tree(release, freebsd_update.LATEST.get(release, "")).items():
        if path:
            tree[f"{inner}/{path}" if inner else path] = node
    folder = f"{root}/var/db/pkg"
    machine.files.mkdir(folder, parents=True)
    text = f"FreeBSD-runtime {release.partition('-')[0]}\n{words[-1]} {release.partition('-')[0]}\n"
    machine.files.write(f"{folder}/local.sqlite", text.encode())
    yield Say(f"[1/1] Installing {words[-1]}...\n")
    return 0


def _below(machine: Machine, root: str, words: list[str]) -> Running:
    """`pkg -r ROOT`: the host's pkg at work in a directory; # not recorded."""
    if not machine.state.packages:
        return (yield from _ask())
    return (yield from pkg_in_jail.at_root(machine, root, words, _available(machine)))


def _inside(machine: Machine, call: Call, words: list[str]) -> Running:
    """The jail's own pkg, which may have to be fetched first."""
    asked = "-y" in words or ("ASSUME_ALWAYS_YES", "yes") in call.env
    kept = machine.state.packages

    def bootstrap() -> Running:
        if not asked:
            return (yield from _ask())
        before = dict(kept)
        status = yield from _bootstrap(machine)
        machine.state.packages = before  # that of the host is another one
        return status

    return (yield from pkg_in_jail.run(machine, call, words, _available(machine), bootstrap))


def _available(machine: Machine) -> dict[str, str]:
    """What the repository has, by name."""
    start = f"{_mirror(machine)}/All/"
    return {
        path.removeprefix(start).removesuffix(".pkg"): version
        for path, version in machine.state.mirror.items()
        if path.startswith(start)
    }


def _info(packages: Mapping[str, str], wanted: list[str], *, quiet: bool) -> Running:
    """Not recorded."""
    unknown = [name for name in wanted if name not in packages]
    if quiet:
        return 1 if unknown or not wanted else 0
    names = sorted(name for name in packages if not wanted or name in wanted)
    yield Say("".join(f"{name}-{packages[name]}\n" for name in names))
    if unknown:
        return (yield from fail("pkg", f"No package(s) matching {unknown[0]}"))
    return 0


def _ask() -> Running:
    yield Say(NOT_INSTALLED, error=True)
    return 1


def repository(machine: Machine, **packages: str) -> None:
    """Let the host's package repository be reachable, with pkg itself and these (by version)."""
    mirror = _mirror(machine)
    machine.state.mirror[f"{mirror}/Latest/pkg.pkg"] = "2.3.1"
    for name, version in packages.items():
        machine.state.mirror[f"{mirror}/All/{name}.pkg"] = version


def _mirror(machine: Machine) -> str:
    return f"{_base(machine)}/{REPOSITORIES[0]}"


def _base(machine: Machine) -> str:
    major = machine.state.release.partition(".")[0]
    return f"https://pkg.FreeBSD.org/FreeBSD:{major}:{machine.state.arch}"


def _bootstrap(machine: Machine) -> Running:
    """Recording 04 where the repository cannot be reached; what success looks like is not
    recorded.
    """  # noqa: D205 - one sentence
    version = machine.state.mirror.get(f"{_mirror(machine)}/Latest/pkg.pkg")
    for name in REPOSITORIES:
        url = f"{_base(machine)}/{name}"
        yield Say(f"Bootstrapping pkg from pkg+{url}, please wait...\n")
        if version is not None:
            yield Say(f"Installing pkg-{version}...\n")
            machine.state.packages["pkg"] = version
            return 0
        yield Say(
            f"pkg: Error fetching {url}/Latest/pkg.pkg: Host does not resolve\n"
            f"Address resolution failed for {url}.\n",
            error=True,
        )
    return 1


FILES: dict[str, dict[str, tuple[str, int]]] = {
    "dhcpd": {
        "/usr/local/sbin/dhcpd": ("", 0o555),
        "/usr/local/etc/rc.d/dhcpd": ("#!/bin/sh\n# PROVIDE: dhcpd\n", 0o555),
        "/usr/local/etc/dhcpd.conf.sample": ("# an example\n", 0o644),
    }
}
"""What packages bring; a sample becomes the file itself where there is none (pkg-plist)."""


def _install(machine: Machine, names: list[str]) -> Running:
    """Not recorded."""
    state = machine.state
    for name in names:
        version = state.mirror.get(f"{_mirror(machine)}/All/{name}.pkg")
        if version is None:
            message = f"No packages available to install matching '{name}' in the repositories"
            return (yield from fail("pkg", message))
        if name in state.packages:
            yield Say("The most recent versions of packages are already installed\n")
            continue
        for path, (text, mode) in FILES.get(name, {}).items():
            machine.files.mkdir(path.rpartition("/")[0], parents=True)
            machine.files.write(path, text.encode(), mode=mode)
            plain = path.removesuffix(".sample")
            if not machine.files.exists(plain):
                machine.files.write(plain, text.encode(), mode=mode)
        state.packages[name] = version
        yield Say(f"[1/1] Installing {name}-{version}...\n")
    return 0


def _query(machine: Machine, words: list[str]) -> Running:
    """Names of all, the files of one, or none that needs another one; # not recorded."""
    if "%Fp" in words:
        yield Say("".join(f"{path}\n" for path in FILES.get(words[-1], {})))
        return 0 if words[-1] in machine.state.packages else 1
    yield Say("".join(f"{name}\n" for name in sorted(machine.state.packages) if "-a" in words))
    return 0


def _delete(machine: Machine, names: list[str]) -> Running:
    """Not recorded."""
    for name in names:
        if name not in machine.state.packages:
            yield Say(f"No packages matched for pattern '{name}'\n", error=True)
            return 1
        del machine.state.packages[name]
        yield Say(f"[1/1] Deinstalling {name}...\n")
        for path, (text, _) in FILES.get(name, {}).items():
            for one in (path, path.removesuffix(".sample")):
                if machine.files.exists(one) and machine.files.read(one) == text.encode():
                    machine.files.remove(one)
            _drop_empty(machine, path.rpartition("/")[0])
    return 0


def _drop_empty(machine: Machine, directory: str) -> None:
    while directory.startswith("/usr/local/") and machine.files.is_dir(directory):
        if machine.files.listdir(directory):
            return
        machine.files.remove(directory)
        directory = directory.rpartition("/")[0]


@command("dhcpd")
def dhcpd(machine: Machine, call: Call) -> Running:
    """`dhcpd -n -c FILE IF…` looks whether braces and semicolons fit; not recorded."""
    if "dhcpd" not in machine.state.packages and not machine.files.exists("/usr/local/sbin/dhcpd"):
        return (yield from fail("sh", "dhcpd: not found", 127))
    path = (
        call.args[call.args.index("-c") + 1] if "-c" in call.args else "/usr/local/etc/dhcpd.conf"
    )
    text = machine.files.read(path).decode() if machine.files.exists(path) else ""
    lines = [line.partition("#")[0].strip() for line in text.splitlines()]
    for number, line in enumerate(lines, 1):
        if line and not line.endswith((";", "{", "}")):
            said = f"{path} line {number}: semicolon expected.\nConfiguration errors\n"
            yield Say(said, error=True)
            return 1
    if text.count("{") != text.count("}") or "subnet" not in text:
        yield Say("Configuration errors\n", error=True)
        return 1
    return 0
