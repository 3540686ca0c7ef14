"""A small base system, made of files of the host: MANIFEST and base.txz as a mirror has them.

It has no compression in spite of its name; tar(1) looks at what is in a file. Never run on FreeBSD.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

TREES = (
    "bin",
    "sbin",
    "lib",
    "libexec",
    "etc/rc.d",
    "etc/defaults",
    "etc/pam.d",
    "usr/share/bsdconfig",
)
"""Taken as a whole."""
FILES = (
    *(f"etc/{name}" for name in ("rc", "rc.subr", "rc.shutdown", "network.subr", "login.conf")),
    *(f"etc/{name}" for name in ("services", "protocols", "nsswitch.conf", "syslog.conf", "group")),
    *(f"etc/{name}" for name in ("shells", "crontab", "newsyslog.conf", "profile", "ttys")),
    *(f"usr/bin/{name}" for name in ("awk", "cap_mkdb", "cmp", "cut", "diff", "env", "find")),
    *(f"usr/bin/{name}" for name in ("grep", "head", "id", "limits", "logger", "login", "logname")),
    *(f"usr/bin/{name}" for name in ("mktemp", "sed", "sort", "stat", "su", "tail", "touch", "tr")),
    *(f"usr/bin/{name}" for name in ("uname", "wc", "xargs")),
    *(f"usr/sbin/{name}" for name in ("cron", "newsyslog", "pw", "pwd_mkdb", "service", "sysrc")),
    *(f"usr/sbin/{name}" for name in ("syslogd", "jls", "jexec")),
)
FOLDERS = ("dev", "proc", "root", "tmp", "mnt", "var/db", "var/log", "var/run", "var/tmp")
FOLDERS_MORE = ("var/empty", "var/cron/tabs", "usr/local/etc", "usr/lib", "usr/libexec")

Lines = Callable[..., list[str]]
"""Runs a command and returns the lines that it prints."""


def make(folder: Path, run: Lines, root: Path = Path("/")) -> None:
    """Write MANIFEST and base.txz into a new folder."""
    folder.mkdir(parents=True)
    archive = folder / "base.txz"
    with tempfile.TemporaryDirectory(dir=folder.parent) as made, tarfile.open(archive, "w") as tar:
        count = _fill(tar, root, Path(made), run)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    line = f'base.txz\t{digest}\t{count}\tbase\t"Base system (MANDATORY)"\ton\n'
    (folder / "MANIFEST").write_text(line)


def _fill(tar: tarfile.TarFile, root: Path, made: Path, run: Lines) -> int:
    """Returns how many files the archive has."""
    for name in (*FOLDERS, *FOLDERS_MORE):
        entry = tarfile.TarInfo(f"./{name}")
        entry.type, entry.mode = tarfile.DIRTYPE, 0o1777 if name in ("tmp", "var/tmp") else 0o755
        tar.addfile(entry)
    files = [name for name in (*TREES, *FILES) if (root / name).exists()]
    programs = [str(root / name) for name in files if re.match("usr/s?bin/", name)]
    for name in (*files, *_libraries(programs, run)):
        tar.add(root / name, f"./{name}")
    users = made / "master.passwd"
    users.write_text("root:*:0:0::0:0:root:/root:/bin/sh\n")
    run("pwd_mkdb", "-p", "-d", str(made), str(users))
    for path in sorted(made.iterdir()):
        tar.add(path, f"./etc/{path.name}")
    return len(tar.getmembers())


def _libraries(programs: list[str], run: Lines) -> list[str]:
    """The shared libraries below /usr that programs need; those in /lib come as a whole."""
    # not recorded: what ldd -f prints
    found = run("ldd", "-f", "%p\\n", *programs)
    return sorted({line.strip().lstrip("/") for line in found if line.startswith("/usr/")})
