"""rc.conf as rc(8) and sysrc(8) see it: shell assignments, defaults, edits that keep the rest.

    DEFAULTS     those of /etc/defaults/rc.conf that the recordings show, or that rooms need
    evaluate     text of a file -> variables
    variables    all variables of a host or of a jail's root
    with_line    text of a file with one variable set; without_line with one removed

Recorded in 01, 02, 04 and 12.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine

DEFAULTS: Mapping[str, str] = {
    "rc_conf_files": "/etc/rc.conf /etc/rc.conf.local",
    "hostid_enable": "YES",
    "hostname": "",
    "cloned_interfaces": "",
    "defaultrouter": "NO",
    "ipv6_defaultrouter": "NO",
    "static_routes": "",
    "gateway_enable": "NO",
    "ipv6_gateway_enable": "NO",
    "ifconfig_lo0": "inet 127.0.0.1/8",
    "devfs_load_rulesets": "YES",
    "devmatch_enable": "YES",
    "devd_enable": "YES",
    "kld_list": "",
    "kldxref_enable": "YES",
    "cleanvar_enable": "YES",
    "clear_tmp_X": "YES",
    "zfs_enable": "NO",
    "zpool_reguid": "",
    "rctl_enable": "YES",
    "ip6addrctl_enable": "YES",
    "resolv_enable": "YES",
    "virecover_enable": "YES",
    "newsyslog_enable": "YES",
    "dmesg_enable": "YES",
    "update_motd": "YES",
    "gptboot_enable": "YES",
    "growfs_enable": "NO",
    "dumpdev": "NO",
    "savecore_enable": "YES",
    "syslogd_enable": "YES",
    "syslogd_flags": "-s",
    "sshd_enable": "NO",
    "sendmail_enable": "NONE",
    "cron_enable": "YES",
    "cron_flags": "",
    "pf_enable": "NO",
    "pf_rules": "/etc/pf.conf",
    "pf_flags": "",
    "jail_enable": "NO",
    "jail_list": "",
    "jail_conf": "/etc/jail.conf",
    "jail_confwarn": "YES",
    "jail_parallel_start": "NO",
    "jail_reverse_stop": "NO",
    "background_fsck": "YES",
}

DEFAULTS_FILE = "/etc/defaults/rc.conf"
LOCAL_FILES = ("/etc/rc.conf", "/etc/rc.conf.local")
SERVICE_HOMES = ("/etc/rc.conf.d", "/usr/local/etc/rc.conf.d")

_ASSIGNMENT = re.compile(
    r"""^[ \t]*(?P<name>[A-Za-z_][A-Za-z0-9_-]*)=
        (?P<value>(?:"(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s;#"'\\])*)""",
    re.MULTILINE | re.VERBOSE | re.DOTALL,
)
_PIECE = re.compile(r""""((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^"'\\]+)""", re.DOTALL)
_VARIABLE = re.compile(r"""\$(?:\{(\w+)\}|(\w+))|\\(["\\$`\n])""")


@cache
def defaults_text() -> str:
    """The text of /etc/defaults/rc.conf, for base trees."""
    return "#!/bin/sh\n\n" + "".join(f'{name}="{value}"\n' for name, value in DEFAULTS.items())


def evaluate(text: str, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that a file assigns, as a shell would; `known` is what was set before.

    A name with a dash is no assignment for a shell (recording 02: it breaks the file).
    """
    values: dict[str, str] = {}
    for match in _ASSIGNMENT.finditer(text):
        name = match["name"]
        if "-" not in name:
            values[name] = _word(match["value"], {**(known or {}), **values})
    return values


def _word(raw: str, known: Mapping[str, str]) -> str:
    done = ""
    for double, single, escaped, plain in _PIECE.findall(raw):
        if single or escaped:
            done += single or escaped
        else:
            done += _VARIABLE.sub(lambda part: _expanded(part, known), double or plain)
    return done


def _expanded(part: re.Match[str], known: Mapping[str, str]) -> str:
    """The value of a variable, the character that a backslash protects, nothing for a line end."""
    if part[3]:
        return part[3].strip("\n")
    return known.get(part[1] or part[2], "")


def expand(name: str, values: Mapping[str, str]) -> str | None:
    """What `${name}` gives: of `a-b`, b when a is not set (recording 02); None when unset."""
    if name in values or "-" not in name:
        return values.get(name)
    first, _, other = name.partition("-")
    return values.get(first, other)


def root_of(machine: Machine, call: Call) -> str:
    """The directory that is / for a caller: "" on the host, its path in a jail."""
    jail = machine.state.jails.get(call.jid)
    return jail.path.rstrip("/") if jail is not None else ""


def read_text(machine: Machine, path: str) -> str | None:
    """The text of a file, None when there is none."""
    try:
        return machine.files.read(path).decode(errors="surrogateescape")
    except SimOSError:
        return None


def defaults(machine: Machine, root: str = "") -> dict[str, str]:
    """The variables of the defaults file below a root."""
    text = read_text(machine, root + DEFAULTS_FILE)
    return dict(DEFAULTS) if text is None else evaluate(text)


def files_of(machine: Machine, root: str = "", service: str = "") -> list[str]:
    """The administrator's own files in the order in which rc reads them; the last one counts.

    Those of a service in rc.conf.d come behind the others (recording 15); there may be a
    directory in place of the file  # not recorded
    """
    found = [root + path for path in LOCAL_FILES]
    for home in SERVICE_HOMES if service else ():
        path = f"{root}{home}/{service}"
        try:
            found += [f"{path}/{name}" for name in sorted(machine.files.listdir(path))]
        except SimOSError:
            found.append(path)
    return found


def assigned(machine: Machine, root: str = "", service: str = "") -> dict[str, str]:
    """The variables that the administrator's own files set."""
    values: dict[str, str] = {}
    known = defaults(machine, root)
    for path in files_of(machine, root, service):
        values |= evaluate(read_text(machine, path) or "", {**known, **values})
    return values


def variables(machine: Machine, root: str = "", service: str = "") -> dict[str, str]:
    """All variables as rc(8) sees them below a root: defaults, then what was assigned."""
    return defaults(machine, root) | assigned(machine, root, service)


def complaints(machine: Machine, root: str = "", service: str = "") -> str:
    """What sh(1) says of lines that are no assignments: it looks for a program (recording 15)."""
    said = []
    for path in files_of(machine, root, service):
        rest = _ASSIGNMENT.sub("", read_text(machine, path) or "")
        lines = (line.strip(" \t;") for line in rest.split("\n"))
        words = [line.split()[0] for line in lines if line and not line.startswith("#")]
        said += [f"{path}: {word}: not found\n" for word in words if word.isalnum()]
    return "".join(said)


def yes(value: str | None) -> bool:
    """rc.subr's checkyesno."""
    return (value or "").lower() in ("yes", "true", "on", "1")


def with_line(text: str, name: str, value: str) -> str:
    """The text with the last assignment of a variable changed, or one added at the end."""
    line = f'{name}="{value}"'
    matches = [match for match in _ASSIGNMENT.finditer(text) if match["name"] == name]
    if matches:
        start, end = matches[-1].span()
        if "\n" in matches[-1]["value"]:
            # sysrc only changes the line on which it begins (recording 15)
            line, end = line[:-1], text.index("\n", start)
        return text[:start] + line + text[end:]
    if text and not text.endswith("\n"):
        text += "\n"
    return f"{text}{line}\n"


def without_line(text: str, name: str) -> str:
    """The text without the lines that assign a variable."""
    for match in reversed([one for one in _ASSIGNMENT.finditer(text) if one["name"] == name]):
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        text = text[:start] + (text[end + 1 :] if end >= 0 else "")
    return text
