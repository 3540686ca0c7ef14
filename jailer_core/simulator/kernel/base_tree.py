"""The base system as a jail's userland has it: directories, and files with their sizes."""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from jailer_core.simulator.kernel.state import Node, Tree
from jailer_core.simulator.rc.rcconf import defaults_text

DIRECTORIES = """
bin boot dev etc etc/defaults etc/jail.conf.d etc/newsyslog.conf.d etc/pam.d etc/periodic etc/rc.d
etc/rc.conf.d etc/ssh etc/ssl etc/syslog.d lib lib/geom libexec media mnt net proc rescue root
sbin tmp usr usr/bin usr/include usr/lib usr/libexec usr/local usr/obj usr/sbin usr/share
usr/share/locale usr/share/misc usr/share/zoneinfo usr/src usr/tests var var/account var/at
var/audit var/backups var/cache var/crash var/cron var/cron/tabs var/db var/empty var/log
var/mail var/msgs var/preserve var/run var/spool var/tmp
"""
MODES = {"root": 0o750, "tmp": 0o1777, "var/tmp": 0o1777, "var/crash": 0o750, "var/cron": 0o750}
PROGRAMS = {
    "bin": "cat:13 chmod:9 cp:28 csh:430 date:30 dd:32 df:24 echo:8 ed:55 expr:18 hostname:8 "
    "kill:8 ln:14 ls:37 mkdir:10 mv:17 pax:120 pgrep:24 ps:50 pwd:8 rm:19 rmdir:8 sh:168 "
    "sleep:9 stty:28 sync:7 test:14 uuidgen:11",
    "libexec": "ld-elf.so.1:120",
    "sbin": "devfs:30 dhclient:125 ifconfig:200 init:70 ldconfig:24 md5:46 mount:38 "
    "ping:62 rcorder:20 route:48 sysctl:27 umount:16",
    "usr/bin": "awk:170 bc:140 basename:8 env:17 fetch:28 find:60 grep:38 head:12 id:14 less:260 "
    "limits:20 login:36 netstat:170 nc:50 openssl:980 passwd:20 perror:6 sed:48 sockstat:30 "
    "sort:70 ssh:800 ssh-keygen:520 su:22 tail:24 tar:110 top:62 touch:14 tr:24 uname:8 "
    "uniq:14 vi:460 wc:18 which:9 xargs:24",
    "usr/sbin": "cron:48 newsyslog:56 pkg:40 pw:90 service:9 sshd:620 sysrc:40 syslogd:70",
    "rescue": "rescue:11900",
}
LIBRARIES = {
    "lib": "libc.so.7:2035 libcrypt.so.5:60 libcrypto.so.35:5600 libedit.so.8:220 libm.so.5:230 "
    "libncursesw.so.9:390 libthr.so.3:140 libutil.so.10:88 libxo.so.0:140 libz.so.6:110",
    "usr/lib": "libarchive.so.7:930 libbsm.so.3:110 libc++.so.1:1020 libfetch.so.6:78 "
    "libssl.so.35:880 libsqlite3.so.0:1400 libprivatessh.so.5:1250 libLLVM-support.a:18500",
    "usr/share": "base-documents:16400 dictionaries:2500 zoneinfo-data:4200 locale-data:9800",
}
TEXTS = {
    "COPYRIGHT": "# Copyright (c) The FreeBSD Project.\n",
    "etc/motd.template": "FreeBSD ?.?.?  (UNKNOWN)\n\nWelcome to FreeBSD!\n",
    "etc/passwd": "root:*:0:0:Charlie &:/root:/bin/sh\n"
    "nobody:*:65534:65534:Unprivileged user:/nonexistent:/usr/sbin/nologin\n",
    "etc/group": "wheel:*:0:root\noperator:*:5:root\nnobody:*:65534:\n",
    "etc/hosts": "::1\t\t\tlocalhost\n127.0.0.1\t\tlocalhost\n",
    "etc/syslog.conf": "*.err;kern.warning;auth.notice;mail.crit\t\t/dev/console\n",
    "etc/crontab": "SHELL=/bin/sh\n*/11\t*\t*\t*\t*\toperator /usr/libexec/save-entropy\n",
    "etc/newsyslog.conf": "/var/log/messages\t644  5     1000 @0101T JC\n",
    "etc/rc.shutdown": "#!/bin/sh\n. /etc/rc.subr\n",
    "root/.profile": "PATH=/sbin:/bin:/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin:~/bin\n",
    "root/.shrc": "umask 022\nset -o emacs\n",
}
SCRIPTS = (
    "cleanvar cleartmp cron motd newsyslog os-release syslogd utx var_run virecover netif routing"
)


def _differences(userland: str, patch: str) -> Tree:
    """Differences in releases other than 15.1, or in later patch levels."""
    found: Tree = {}
    if int(userland.partition(".")[0]) < 15:
        found["etc/newsyslog.conf"] = Node(data=b"/var/log/messages\t644  5     100  *     JC\n")
        found["lib/libcrypto.so.30"] = Node(mode=0o444, size=2900 * 1024)
    level = int(patch.removeprefix("-p") or 0)
    if level >= 2:
        found["usr/sbin/sshd"] = Node(mode=0o555, size=(620 + level) * 1024)
        text = TEXTS["etc/syslog.conf"].replace("*.err;", "*.err;daemon.err;")
        found["etc/syslog.conf"] = Node(data=text.encode())
    return found


@lru_cache(maxsize=8)
def _nodes(userland: str, patch: str) -> tuple[tuple[str, Node], ...]:
    tree: Tree = {"": Node("dir", mode=0o755)}
    for path in DIRECTORIES.split():
        tree[path] = Node("dir", mode=MODES.get(path, 0o755))
    for where, names in (PROGRAMS | LIBRARIES).items():
        for name, size in (entry.split(":") for entry in names.split()):
            mode = 0o555 if where in PROGRAMS else 0o444
            tree[f"{where}/{name}"] = Node(mode=mode, size=int(size) * 1024)
    for path, text in TEXTS.items():
        tree[path] = Node(data=text.encode())
    for name in SCRIPTS.split():
        tree[f"etc/rc.d/{name}"] = Node(data=f"#!/bin/sh\n# PROVIDE: {name}\n".encode(), mode=0o555)
    tree["etc/rc"] = Node(data=b"#!/bin/sh\n# System startup script run by init\n")
    tree["etc/defaults/rc.conf"] = Node(data=defaults_text().encode(), mode=0o444)
    tree |= _differences(userland, patch)
    version = f'#!/bin/sh\nset -e\nUSERLAND_VERSION="{userland}{patch}"\n'
    built = 1_700_000_000.0 + crc32(version.encode()) % 50_000_000
    tree["bin/freebsd-version"] = Node(data=version.encode(), mode=0o555, mtime=built)
    return tuple(tree.items())


def base_tree(release: str, patch: str = "") -> Tree:
    """A new tree of the base system of `15.1-RELEASE`, its nodes shared between calls.

    `patch` is the patch level of its userland, `-p1`.
    """
    return dict(_nodes(release, patch))
