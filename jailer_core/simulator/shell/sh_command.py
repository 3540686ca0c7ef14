"""`sh`, run as a command: a text, a script, or a prompt where there is a terminal."""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.simulator.demo.prompt import session
from jailer_core.simulator.jails import kernel, rc
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, command, fail
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.shell.programs import LeftBehind
from jailer_core.simulator.shell.sh import Shell
from jailer_core.simulator.tools import basics


@command("sh")
def sh(machine: Machine, call: Call) -> Running:
    words = list(call.args)
    while words and re.fullmatch(r"-[eux]+", words[0]):
        words.pop(0)
    if words[:1] in (["-c"], ["-ec"], ["-lc"]):
        if len(words) < 2:
            return (yield from fail("sh", "-c requires an argument", 2))  # not recorded
        shell = Shell(machine, replace(call, stdin=call.stdin), tuple(words[2:]))
        return (yield from _alive(shell, words[1]))
    if words:
        return (yield from _script(machine, call, tuple(words)))
    if call.terminal is not None:
        return (yield from session(machine, call, call.terminal))
    return (yield from Shell(machine, call).run(call.stdin.decode(errors="surrogateescape")))


def _alive(shell: Shell, text: str) -> Running:
    """Run a text; in the background the shell is a process while what it started waits."""
    if not shell.call.background:
        return (yield from shell.run(text))
    machine, call = shell.machine, shell.call
    own = kernel.spawn(
        machine, f"sh -c {text}", jid=call.jid, user=call.user, cwd=Paths(machine, call).real(".")
    )
    before = set(machine.state.processes)
    try:
        status = yield from shell.run(text)
    except LeftBehind:
        own.stubborn = shell.trapped == ""
        started = [process for pid, process in machine.state.processes.items() if pid not in before]
        for process in started:
            process.stubborn = process.stubborn or own.stubborn
            own.ends = process.ends
        raise
    machine.state.processes.pop(own.pid, None)
    return status


def _script(machine: Machine, call: Call, words: tuple[str, ...]) -> Running:
    """Run a file. The rc scripts of a jail do what rc(8) does; others are read."""
    name = words[0]
    try:
        text = Paths(machine, call).read(name).decode(errors="surrogateescape")
    except SimOSError as error:
        # not recorded
        return (yield from fail("sh", f"cannot open {name}: {error.reason}", 2))
    if call.jid and name in rc.SCRIPTS:
        action = rc.boot if name == rc.SCRIPTS[0] else rc.shutdown
        return (yield from action(machine, call))
    if "USERLAND_VERSION=" in text:
        return (yield from basics.version_script(machine, call, text, words[1:]))
    return (yield from Shell(machine, call, words).run(text))
