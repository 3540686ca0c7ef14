"""sh(1) at a prompt, for consoles of the demo. Never the shell of the real machine.

Recorded are only sessions without a terminal (recording 12); prompt, echo and messages of one
with a terminal are from FreeBSD's sh(1) and its /root/.shrc.   # not recorded
"""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Sequence
from dataclasses import replace

from jailer_core.simulator.demo.line_editor import Keys, LineEditor
from jailer_core.simulator.jails import kernel
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import (
    COMMANDS,
    Call,
    Chunk,
    Listen,
    Machine,
    Running,
    Say,
    Tty,
    Wait,
)
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.shell.sh import Exit, Shell
from jailer_core.simulator.tools import basics
from jailer_core.simulator.tools.ps import AT_PROMPT

KILLED = -9
INTERRUPTED = 130
OWN = ("clear", "help", "history")
_SHOWN = (
    "cat cd clear echo exit help history hostname id ifconfig ls netstat ping pkg ps pwd "
    "service sleep sysrc top uname yes"
)


class Interactive:
    """A shell on a terminal. `run` is the whole session."""

    def __init__(self, machine: Machine, call: Call, terminal: Tty) -> None:
        self.machine = machine
        self.terminal = terminal
        self.shell = Shell(machine, replace(call, argv=("-sh",), stdin=b"", terminal=terminal))
        self.keys = Keys()
        self.typed: list[str] = []
        self.editor = LineEditor(self._completions)
        self.process = 0

    def run(self) -> Running:
        """Until `exit`, ctrl-d, or the end of its process; the status of the last command."""
        call = self.shell.call
        where = Paths(self.machine, call).real(".")
        own = kernel.spawn(
            self.machine, AT_PROMPT, jid=call.jid, user=call.user, cwd=where, stubborn=True
        )
        self.process = own.pid
        try:
            while (text := (yield from self._line())) is not None:
                yield from self._carry_out(text)
        except Exit as end:
            self.shell.status = end.status
        finally:
            self.machine.state.processes.pop(own.pid, None)
        return self.shell.status if self.process else KILLED

    @property
    def alive(self) -> bool:
        """Whether it is still running, neither killed nor removed with its jail."""
        if self.process and self.process not in self.machine.state.processes:
            self.process = 0
        return bool(self.process)

    def _prompt(self) -> str:
        call = self.shell.call
        home = self.shell.variables.get("HOME", "/")
        where = self.shell.cwd
        if where == home or where.startswith(f"{home}/"):
            where = "~" + where[len(home) :]
        jail = self.machine.state.jails.get(call.jid)
        full = jail.params.get("host.hostname", jail.name) if jail else self.machine.state.hostname
        name = full[0] if isinstance(full, list) else full
        return f"{call.user}@{name.partition('.')[0]}:{where} {'#' if call.root else '$'} "

    def _line(self) -> Generator[Chunk, bytes | None, str | None]:
        """The next line, or None at the end."""
        editor = self.editor
        yield Say(editor.begin(self._prompt(), self.terminal.columns))
        while editor.done is None and not editor.over:
            if not self.typed:
                typed = (yield Listen()) or b""
                if not self.alive:
                    return None
                self.typed.extend(self.keys.of(typed))
            while self.typed and editor.done is None and not editor.over:
                said = editor.press(self.typed.pop(0))
                if said:
                    yield Say(said)
        return editor.done

    # --- commands ----------------------------------------------------------------------------

    def _carry_out(self, text: str) -> Running:
        words = text.split()
        if len(words) == 1 and words[0] in OWN:
            yield Say(self._own(words[0]))
            return 0
        running = self.shell.line(text)
        try:
            yield from self._watched(running)
        finally:
            running.close()
        return 0

    def _own(self, name: str) -> str:
        if name == "clear":
            return "\x1b[H\x1b[2J"
        if name == "history":
            lines = [f"{index:4d} {one}" for index, one in enumerate(self.editor.history, 1)]
            return "".join(f"{line}\n" for line in lines)
        return (
            "This is a simulated shell of the demo; nothing here is real.\n"
            f"Try: {_SHOWN}\n"
            "Lists, pipes, quotes, variables and redirections work; loops do not.\n"
        )

    def _watched(self, running: Running) -> Running:
        """A command, until it ends or ctrl-c ends it."""
        typed: bytes | None = None
        while True:
            try:
                chunk = running.send(typed)
            except StopIteration as end:
                return end.value or 0
            typed = None
            if isinstance(chunk, Say):
                yield chunk
                over = self._interrupted((yield Listen(0)) or b"")
            elif isinstance(chunk, Wait):
                over = yield from self._waited(chunk.seconds)
            else:
                typed = yield chunk
                over = 0
            if over or not self.alive:
                yield Say("^C\n" if self.process else "")
                self.shell.status = INTERRUPTED
                return INTERRUPTED

    def _waited(self, seconds: float) -> Running:
        """Some time passes, during which one may type ahead; 1 after ctrl-c."""
        until = self.machine.state.now + seconds
        while self.alive and not self._interrupted(b""):
            left = until - self.machine.state.now
            if left <= 0:
                return 0
            typed = (yield Listen(left, passes=True)) or b""
            self.typed.extend(self.keys.of(typed))
        return 1

    def _interrupted(self, typed: bytes) -> int:
        """Keep what was typed ahead; ctrl-c forgets it and says 1."""
        self.typed.extend(self.keys.of(typed))
        if "interrupt" not in self.typed:
            return 0
        self.typed.clear()
        return 1

    # --- completing --------------------------------------------------------------------------

    def _completions(self, before: str) -> Sequence[str]:
        *words, last = before.split(" ")
        if not any(words) and "/" not in last:
            names = [*COMMANDS, *OWN, "cd", "exit", "pwd"]
            return [name for name in names if last and name.startswith(last)]
        folder, slash, start = last.rpartition("/")
        paths = Paths(self.machine, replace(self.shell.call, cwd=self.shell.cwd))
        where = (folder or "/") if slash else "."
        try:
            names = [one for one in paths.listdir(where) if one.startswith(start)]
            return [
                f"{folder}{slash}{name}"
                + ("/" if paths.get(posixpath.join(where, name)).kind == "dir" else "")
                for name in names
                if start or not name.startswith(".")
            ]
        except SimOSError:
            return []


def session(machine: Machine, call: Call, terminal: Tty) -> Running:
    """A shell at a prompt, as the user of the call, where the call is."""
    values = dict(call.env or basics.environment(call).items()) | {"TERM": terminal.term}
    inner = replace(call, env=tuple(values.items()))
    return (yield from Interactive(machine, inner, terminal).run())
