"""pwd_mkdb(8), cap_mkdb(1), services_mkdb(8): each makes a database from a text; # not recorded."""

from __future__ import annotations

import hashlib

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.paths import Paths


def _database(text: bytes) -> bytes:
    return b"database of " + hashlib.sha256(text).hexdigest().encode()


@command("pwd_mkdb")
def pwd_mkdb(machine: Machine, call: Call) -> Running:
    """`pwd_mkdb -p -d DIRECTORY FILE`."""
    options = Options.parse(call.args, "CiNp", "dsu")
    folder, paths = options.value("d", "/etc"), Paths(machine, call)
    try:
        text = paths.read(options.rest[0])
        rows = [line.split(":") for line in text.decode(errors="replace").splitlines()]
        users = [[row[0], "*", *row[2:4], *row[-3:]] for row in rows if len(row) >= 7]
        lines = "".join(":".join(row) + "\n" for row in users)
        paths.write(f"{folder}/passwd", lines.encode())
        for name, mode in (("pwd.db", 0o644), ("spwd.db", 0o600)):
            paths.write(f"{folder}/{name}", _database(text))
            machine.files.change(paths.real(f"{folder}/{name}"), mode=mode)
    except SimOSError as error:
        return (yield from fail("pwd_mkdb", f"{options.rest[0]}: {error.reason}"))
    return 0
    yield Say("")


@command("cap_mkdb")
def cap_mkdb(machine: Machine, call: Call) -> Running:
    """`cap_mkdb -f FILE FILE` makes FILE.db."""
    options = Options.parse(call.args, "blv", "f")
    paths = Paths(machine, call)
    try:
        text = paths.read(options.rest[0])
        paths.write(f"{options.value('f', options.rest[0])}.db", _database(text))
    except SimOSError as error:
        return (yield from fail("cap_mkdb", f"{options.rest[0]}: {error.reason}"))
    return 0
    yield Say("")


@command("services_mkdb")
def services_mkdb(machine: Machine, call: Call) -> Running:
    """`services_mkdb -q -o DATABASE FILE`."""
    options = Options.parse(call.args, "blq", "o")
    paths = Paths(machine, call)
    try:
        paths.write(options.value("o"), _database(paths.read(options.rest[0])))
    except SimOSError as error:
        return (yield from fail("services_mkdb", f"{options.rest[0]}: {error.reason}"))
    return 0
    yield Say("")
