"""sh(1), as far as jail hooks and people at a console of the demo are likely to use it.

Recorded: 03, 05, 07, 09, 12. Known: lists, pipes, subshells, quotes, variables, redirections,
globs, `&`. A loop or a condition is a syntax error here.
"""

from __future__ import annotations

import contextlib
import posixpath
from collections.abc import Callable
from dataclasses import replace

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, fail
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.shell import programs
from jailer_core.simulator.shell.parse import (
    AndOr,
    Group,
    Node,
    Parser,
    Pipeline,
    Redirect,
    Sequence,
    ShellSyntaxError,
    ShellWord,
    Simple,
)
from jailer_core.simulator.shell.programs import LeftBehind
from jailer_core.simulator.shell.words import Scene, expand
from jailer_core.simulator.tools import basics

Sinks = dict[int, str]
"""Where 1 and 2 go: `1` or `2` of the shell itself, or a path; 0 holds a path or ""."""

PLAIN: Sinks = {0: "", 1: "&1", 2: "&2"}
PIPE = "&1|"
"""The 1 of a command whose output another one reads."""


class Exit(Exception):  # noqa: N818 - no error, a way out
    """`exit N`."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Shell:
    """One shell: its directory, its variables, the status of its last command."""

    def __init__(self, machine: Machine, call: Call, arguments: tuple[str, ...] = ()) -> None:
        self.machine = machine
        self.call = call
        self.cwd = call.cwd
        self.arguments = arguments or ("sh",)
        self.variables = dict(basics.environment(call))
        self.stdin = call.stdin
        self.status = 0
        self.trapped: str | None = None

    # --- running -----------------------------------------------------------------------------

    def run(self, text: str) -> Running:
        """Run a text; its status."""
        try:
            tree = Parser(text).parse()
        except ShellSyntaxError as error:
            return (yield from fail("sh", str(error), 2))
        try:
            yield from self._sequence(tree, PLAIN)
        except Exit as end:
            self.status = end.status
        return self.status

    def line(self, text: str) -> Running:
        """Run a line that was typed. Raises Exit when that was `exit`."""
        try:
            tree = Parser(text).parse()
        except ShellSyntaxError as error:
            self.status = 2
            return (yield from fail("sh", str(error), 2))
        return (yield from self._sequence(tree, PLAIN))

    def _sequence(self, tree: Sequence, sinks: Sinks) -> Running:
        for and_or in tree.lists:
            if and_or.background:
                yield from self._background(and_or, sinks)
            else:
                yield from self._and_or(and_or, sinks)
        return self.status

    def _and_or(self, tree: AndOr, sinks: Sinks) -> Running:
        for operator, pipeline in tree.pipelines:
            if (operator == "&&" and self.status) or (operator == "||" and not self.status):
                continue
            yield from self._pipeline(pipeline, sinks)
        return self.status

    def _background(self, tree: AndOr, sinks: Sinks) -> Running:
        child = self._child(background=True)
        with contextlib.suppress(LeftBehind, Exit):
            yield from child._and_or(AndOr(tree.pipelines), sinks)  # noqa: SLF001 - another shell
        self.status = 0
        return 0

    def _child(self, *, background: bool = False) -> Shell:
        call = replace(self.call, cwd=self.cwd, background=background or self.call.background)
        child = Shell(self.machine, call, self.arguments)
        child.variables = dict(self.variables)
        child.stdin = self.stdin
        return child

    def _pipeline(self, tree: Pipeline, sinks: Sinks) -> Running:
        stdin = self.stdin
        for node in tree.nodes[:-1]:
            caught: list[str] = []
            for chunk in self._node(node, {**sinks, 1: PIPE}):
                if isinstance(chunk, Say) and not chunk.error:
                    caught.append(chunk.text)
                else:
                    yield chunk
            self.stdin = "".join(caught).encode(errors="surrogateescape")
        try:
            yield from self._node(tree.nodes[-1], sinks)
        finally:
            self.stdin = stdin
        if tree.negated:
            self.status = int(not self.status)
        return self.status

    def _node(self, node: Node, sinks: Sinks) -> Running:
        sinks = dict(sinks)
        for redirect in node.redirects:
            name = "".join(self._expand(redirect.target))
            if redirect.how == ">&" and not name.isdigit():
                self.status = 2
                return (yield from fail("sh", "Syntax error: Bad fd number", 2))
            try:
                self._redirect(redirect, name, sinks)
            except SimOSError as error:
                verb = "open" if redirect.how == "<" else "create"
                yield Say(f"sh: cannot {verb} {name}: {error.reason}\n", error=True)
                self.status = 2
                return 2
        if isinstance(node, Group):
            shell = self._child() if node.sub else self
            try:
                self.status = yield from shell._sequence(node.body, sinks)  # noqa: SLF001
            except Exit as end:
                if not node.sub:
                    raise
                self.status = end.status
            return self.status
        self.status = yield from self._poured(self._simple(node, sinks), sinks)
        return self.status

    def _poured(self, running: Running, sinks: Sinks) -> Running:
        """Output to where it goes."""
        paths = Paths(self.machine, self._call(("sh",)))
        typed: bytes | None = None
        while True:
            try:
                chunk = running.send(typed)
            except StopIteration as end:
                return end.value or 0
            typed = None
            target = sinks[2 if chunk.error else 1] if isinstance(chunk, Say) else ""
            if not isinstance(chunk, Say):
                typed = yield chunk
            elif target.startswith("&"):
                yield Say(chunk.text, error=target == "&2")
            elif target != "/dev/null":
                real = paths.real(target)
                data = chunk.text.encode(errors="surrogateescape")
                self.machine.files.write(real, self.machine.files.read(real) + data)

    def _redirect(self, redirect: Redirect, name: str, sinks: Sinks) -> None:
        if redirect.how == ">&":
            sinks[redirect.fd] = sinks.get(int(name), "&1")
            return
        sinks[redirect.fd] = name
        paths = Paths(self.machine, self._call(("sh",)))
        if redirect.how == "<":
            paths.get(name)
        elif name != "/dev/null":
            paths.allow_change(name)
            if redirect.how == ">" or not self.machine.files.exists(paths.real(name)):
                paths.write(name, b"")

    def _call(self, argv: tuple[str, ...]) -> Call:
        return replace(self.call, argv=argv, stdin=self.stdin, cwd=self.cwd)

    def _expand(self, word: ShellWord) -> list[str]:
        call = self._call(("sh",))
        scene = Scene(self.machine, call, self.variables, self.arguments, self.status)
        return expand(scene, word)

    # --- simple commands ---------------------------------------------------------------------

    def _simple(self, node: Simple, sinks: Sinks) -> Running:
        for name, word in node.assignments:
            self.variables[name] = " ".join(self._expand(word))
        argv = [text for word in node.words for text in self._expand(word)]
        while argv[:1] in (["exec"], ["command"]):
            argv = argv[1:]
        if not argv:
            return 0
        if argv[0] in _BUILTINS:
            return (yield from _BUILTINS[argv[0]](self, argv[1:]))
        call = self._call(tuple(argv))
        if sinks[1] != "&1" or sinks[0] or call.background:
            call = replace(call, terminal=None)
        if sinks[0]:
            data = b"" if sinks[0] == "/dev/null" else Paths(self.machine, call).read(sinks[0])
            call = replace(call, stdin=data)
        return (yield from programs.execute(self.machine, call))

    def cd(self, words: list[str]) -> Running:
        """`cd DIR`."""
        target = words[0] if words else self.variables.get("HOME", "/")
        paths = Paths(self.machine, self._call(("cd",)))
        try:
            if paths.get(target).kind != "dir":
                return (yield from fail("cd", f"{target}: Not a directory", 2))
        except SimOSError as error:
            return (yield from fail("cd", f"{target}: {error.reason}", 2))
        self.cwd = posixpath.normpath(posixpath.join(self.cwd, target))
        return 0

    def exit(self, words: list[str]) -> Running:
        """`exit [N]`."""
        yield from ()
        number = words[0] if words else str(self.status)
        raise Exit(int(number) & 0xFF if number.isdigit() else 2)

    def trap(self, words: list[str]) -> Running:
        """`trap '' TERM` makes what follows deaf to SIGTERM."""
        yield from ()
        if "TERM" in words[1:] or "15" in words[1:]:
            self.trapped = words[0]
        return 0

    def export(self, words: list[str]) -> Running:
        """`export NAME[=VALUE]`."""
        yield from ()
        for word in words:
            name, equals, value = word.partition("=")
            if equals:
                self.variables[name] = value
        return 0

    def pwd(self, _words: list[str]) -> Running:
        """`pwd`."""
        yield Say(f"{self.cwd}\n")
        return 0

    def nothing(self, _words: list[str]) -> Running:
        """`:` and what changes nothing here."""
        yield from ()
        return 0


_BUILTINS: dict[str, Callable[[Shell, list[str]], Running]] = {
    "cd": Shell.cd,
    "exit": Shell.exit,
    "trap": Shell.trap,
    "export": Shell.export,
    "pwd": Shell.pwd,
    ":": Shell.nothing,
    "set": Shell.nothing,
    "umask": Shell.nothing,
    "wait": Shell.nothing,
}
