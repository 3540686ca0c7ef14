"""service(8) and what rc.subr does for every script; the scripts themselves register here.

    SERVICES   script name -> generator function (machine, call, action, arguments)
    SCRIPTS    what rc knows of each script: variable, description, order at boot

Recorded in 01, 03, 06, 08 and 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.rc import rcconf

Service = Callable[[Machine, Call, str, tuple[str, ...]], Running]
SERVICES: dict[str, Service] = {}
"""Each room adds its scripts with `@service("jail")`.

`action` comes without `one`, `force`, `quiet` or `fast`; `rcvar`, `enabled`, `enable`, `disable`
and the question whether the script is enabled have been dealt with before it is called.
"""


@dataclass(frozen=True, slots=True)
class Script:
    """What rc knows of a script. `variable` "" is one that cannot be switched off."""

    name: str
    variable: str = ""
    description: str = ""
    where: str = "/etc/rc.d"
    jailed: bool = False


SCRIPTS: dict[str, Script] = {
    one.name: one
    for one in (
        Script("hostid", "hostid_enable"),
        Script("hostid_save", "hostid_enable"),
        Script("var_run", "always", jailed=True),
        Script("zpool", "zfs_enable"),
        Script("kldxref", "kldxref_enable"),
        Script("zfsbe", "zfs_enable"),
        Script("zpoolreguid", "zfs_enable"),
        Script("zpoolupgrade", "zfs_enable"),
        Script("devmatch", "devmatch_enable"),
        Script("zfs", "zfs_enable"),
        Script("zvol", "zfs_enable"),
        Script("cleanvar", "cleanvar_enable", jailed=True),
        Script("ip6addrctl", "ip6addrctl_enable"),
        Script("rctl", "rctl_enable"),
        Script("netif", "always", "Network interface setup"),
        Script("devfs"),
        Script("routing", "", "Configure routing"),
        Script("resolv", "resolv_enable"),
        Script("devd", "devd_enable"),
        Script("pf", "pf_enable", "Packet filter"),
        Script("os-release", "always", jailed=True),
        Script("dmesg", "dmesg_enable"),
        Script("motd", "update_motd", jailed=True),
        Script("newsyslog", "newsyslog_enable", "Logfile rotation", jailed=True),
        Script("virecover", "virecover_enable", jailed=True),
        Script("cleartmp", "clear_tmp_X", jailed=True),
        Script("gptboot", "gptboot_enable"),
        Script("sysctl", "", "Set sysctl variables"),
        Script("syslogd", "syslogd_enable", "System log daemon", jailed=True),
        Script("savecore", "savecore_enable"),
        Script("utx", "always", jailed=True),
        Script("sshd", "sshd_enable", "Secure Shell Daemon", jailed=True),
        Script("cron", "cron_enable", "Daemon to execute scheduled commands", jailed=True),
        Script("jail", "jail_enable", "Manage system jails"),
        Script("bgfsck", "background_fsck"),
    )
}
_ON_HOST_ONLY = frozenset({"cleartmp"})
_PREFIXES = ("one", "force", "quiet", "fast")
_EVEN_WHEN_OFF = ("rcvar", "delete", "enable", "disable", "describe", "status")


def service(*names: str) -> Callable[[Service], Service]:
    """Make a generator function answer to `service NAME …`."""

    def register(function: Service) -> Service:
        for name in names:
            SERVICES[name] = function
        return function

    return register


@command("service")
def service_command(machine: Machine, call: Call) -> Running:
    args = call.args
    if args[:1] == ("-j",):
        jail = machine.jail_named(args[1]) if len(args) > 1 else None
        if jail is None:
            return (yield from fail("jexec", f'jail "{"".join(args[1:2])}" not found'))
        call, args = replace(call, jid=jail.jid), args[2:]
    if args[:1] == ("-e",):
        yield Say("".join(f"{script.where}/{script.name}\n" for script in enabled(machine, call)))
        return 0
    if args[:1] == ("-l",):  # not recorded
        yield Say("".join(f"{script.name}\n" for script in scripts(machine, call)))
        return 0
    if not args or args[0].startswith("-"):
        usage = "usage: service [-v] [-E var=value] [-d] [-j <jail name or id>] -e\n"
        yield Say(usage, error=True)  # not recorded
        return 1
    return (yield from run_script(machine, call, args[0], args[1:]))


def run_script(machine: Machine, call: Call, name: str, words: tuple[str, ...]) -> Running:
    """What `/etc/rc.d/NAME WORD …` does: rc.subr's part first, then the script's own."""
    script = next((one for one in scripts(machine, call) if one.name == name), None)
    if script is None:
        yield Say(
            f"{name} does not exist in /etc/rc.d or the local startup\n"
            "directories (/usr/local/etc/rc.d), or is not executable\n"
        )
        return 1
    action = words[0] if words else ""
    prefix = next((one for one in _PREFIXES if action.startswith(one)), "")
    plain = action.removeprefix(prefix)
    if plain in ("rcvar", "enabled", "enable", "disable"):
        return (yield from _switch(machine, call, script, plain))
    if not prefix and plain not in _EVEN_WHEN_OFF and not is_on(machine, call, script):
        yield Say(
            f"Cannot '{action}' {name}. Set {script.variable} to YES in /etc/rc.conf "
            f"or use 'one{action}' instead of '{action}'.\n"
        )
        return 0
    if name in SERVICES:
        return (yield from SERVICES[name](machine, call, plain, words[1:]))
    return 0


def scripts(machine: Machine, call: Call) -> Iterator[Script]:
    """The scripts there are, in the order of boot: the base's, then those of packages."""
    yield from SCRIPTS.values()
    root = rcconf.root_of(machine, call)
    local = f"{root}/usr/local/etc/rc.d"
    if machine.files.is_dir(local):
        for name in machine.files.listdir(local):
            yield Script(name, f"{name}_enable", where="/usr/local/etc/rc.d", jailed=True)


def is_on(machine: Machine, call: Call, script: Script) -> bool:
    """Whether a script runs at boot."""
    if script.variable in ("", "always"):
        return True
    values = rcconf.variables(machine, rcconf.root_of(machine, call), script.name)
    return rcconf.yes(values.get(script.variable))


def enabled(machine: Machine, call: Call) -> Iterator[Script]:
    """What `service -e` lists. Scripts of the host alone (rcorder's nojail) are left out in jails.

    Recordings 01 and 08 list them in different order: only which there are can be relied upon.
    """
    for script in scripts(machine, call):
        fits = script.jailed if call.jid else script.name not in _ON_HOST_ONLY
        if script.variable and fits and is_on(machine, call, script):
            yield script


def _switch(machine: Machine, call: Call, script: Script, action: str) -> Running:
    values = rcconf.variables(machine, rcconf.root_of(machine, call), script.name)
    value = values.get(script.variable, "")
    if action == "enabled":
        return 0 if is_on(machine, call, script) else 1
    if action == "rcvar":
        yield Say(2 * rcconf.complaints(machine, rcconf.root_of(machine, call)), error=True)
        about = f" : {script.description}" if script.description else ""
        shown = f'{script.variable}="{value}"\n' if script.variable else ""
        yield Say(f'# {script.name}{about}\n#\n{shown}#   (default: "")\n\n')
        return 0
    word = {"enable": "YES", "disable": "NO"}[action]
    setting = Call(("sysrc", f"{script.variable}={word}"), b"", call.user, call.jid)
    for chunk in machine.exec(setting):
        if isinstance(chunk, Say) and chunk.error:
            yield chunk
            return 1
    yield Say(f"{script.name} {action}d in /etc/rc.conf\n")
    return 0
