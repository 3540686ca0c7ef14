"""The small file programs: cat cmp cp mv rm mkdir touch chmod chown ln head tail wc truncate."""

from __future__ import annotations

import errno
import posixpath
from collections.abc import Callable, Iterable
from dataclasses import replace

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.paths import Paths

Tool = Callable[[Paths, Options], Iterable[str]]


def file_tool(name: str, flags: str = "", valued: str = "") -> Callable[[Tool], Tool]:
    """Register a program whose failures are `name: path: reason`, one line each, status 1."""

    def register(tool: Tool) -> Tool:
        def run(machine: Machine, call: Call) -> Running:
            try:
                options = Options.parse(call.args, flags, valued, anywhere=False)
            except BadOption as error:  # not recorded: a usage follows
                return (yield from fail(name, str(error)))
            try:
                for text in tool(Paths(machine, call), options):
                    yield Say(text)
            except SimOSError as error:
                return (yield from fail(name, f"{error.path}: {error.reason}"))
            except ToolError as error:
                return (yield from fail(name, str(error)))
            return 0

        command(name)(run)
        return tool

    return register


class ToolError(Exception):
    """A refusal that is not a failed system call."""


def given(error: SimOSError, path: str) -> SimOSError:
    """The same failure, told with the path as it was given."""
    return SimOSError(error.code, path)


@command("cat")
def cat(machine: Machine, call: Call) -> Running:
    paths, status = Paths(machine, call), 0
    if not call.args:
        yield Say(call.stdin.decode(errors="surrogateescape"))
    for path in call.args:
        try:
            yield Say(paths.read(path).decode(errors="surrogateescape"))
        except SimOSError as error:
            status = yield from fail("cat", f"{path}: {error.reason}")
    return status


@command("rm")
def rm(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "rRfvi", anywhere=False)
    paths, status = Paths(machine, call), 0
    for path in options.rest:
        try:
            _remove(paths, path, options)
        except SimOSError as error:
            if not (options.has("f") and error.reason.startswith("No such")):
                status = yield from fail("rm", f"{path}: {error.reason}")
        except ToolError as error:
            status = yield from fail("rm", str(error))
    return status


def _remove(paths: Paths, path: str, options: Options) -> None:
    if paths.get(path, follow=False).kind != "dir":
        paths.remove(path)
        return
    if not (options.has("r") or options.has("R")):
        raise ToolError(f"{path}: is a directory")
    for one in reversed(list(paths.files.walk(paths.real(path)))):
        paths.remove(one[len(paths.root) :])


@file_tool("mkdir", "pv", "m")
def mkdir(paths: Paths, options: Options) -> Iterable[str]:
    mode = int(options.value("m", "755"), 8)
    for path in options.rest:
        try:
            paths.mkdir(path, mode, parents=options.has("p"))
        except SimOSError as error:
            raise given(error, path) from None
    return ()


@file_tool("rmdir")
def rmdir(paths: Paths, options: Options) -> Iterable[str]:
    for path in options.rest:
        if paths.get(path, follow=False).kind != "dir":
            raise ToolError(f"{path}: Not a directory")
        paths.remove(path)
    return ()


@file_tool("touch", "acm")
def touch(paths: Paths, options: Options) -> Iterable[str]:
    for path in options.rest:
        real = paths.real(path)
        try:
            if not paths.files.exists(real):
                paths.write(path, b"")
                continue
            paths.allow(path, 2)
        except SimOSError as error:
            raise given(error, path) from None
        tree, inner = paths.files.place(paths.files.resolve(real))
        tree[inner] = replace(tree[inner], mtime=paths.machine.state.now)
    return ()


def _target(paths: Paths, source: str, target: str) -> str:
    inside = paths.files.is_dir(paths.real(target))
    return posixpath.join(target, posixpath.basename(source.rstrip("/"))) if inside else target


@file_tool("cp", "pRraf")
def cp(paths: Paths, options: Options) -> Iterable[str]:
    *sources, target = options.rest
    for source in sources:
        node = paths.get(source)
        if node.kind == "dir" and not (options.has("R") or options.has("r") or options.has("a")):
            raise ToolError(f"{source} is a directory (not copied).")
        paths.allow(source, 4)
        keep = options.has("p") or options.has("a")
        place = _target(paths, source, target)
        paths.allow_change(place)
        _copy(paths, paths.real(source), paths.real(place), keep=keep)
    return ()


def _copy(paths: Paths, source: str, target: str, *, keep: bool) -> None:
    files = paths.files
    for one in list(files.walk(source)):
        node = files.get(one, follow=False)
        there = target + one[len(source) :]
        if node.kind == "dir":
            files.mkdir(there, node.mode, parents=True)
        elif node.kind == "link":
            files.link(there, node.target)
        else:
            fresh = not files.exists(there)
            files.write(
                there,
                node.data,
                mode=node.mode if keep or fresh else None,
                owner=(node.uid, node.gid) if keep else None,
                size=node.size,
            )


@file_tool("mv", "finv")
def mv(paths: Paths, options: Options) -> Iterable[str]:
    *sources, target = options.rest
    files = paths.files
    for source in sources:
        place = _target(paths, source, target)
        for one in (source, place):
            paths.allow_change(one)
        paths.get(source, follow=False)
        real, there = paths.real(source), paths.real(place)
        if files.exists(there):
            paths.remove(place)
        _copy(paths, real, there, keep=True)
        for one in reversed(list(files.walk(real))):
            paths.remove(one[len(paths.root) :])
    return ()


def _own(paths: Paths, path: str) -> None:
    """EPERM unless root or the owner asks."""
    if not paths.call.root and paths.get(path).uid != paths.uid:
        raise SimOSError(errno.EPERM, path)


@file_tool("chmod", "Rh")
def chmod(paths: Paths, options: Options) -> Iterable[str]:
    mode, *names = options.rest
    for path in names:
        _own(paths, path)
        everything = list(paths.files.walk(paths.real(path))) if options.has("R") else []
        for one in everything or [paths.real(path)]:
            paths.files.change(one, mode=int(mode, 8))
    return ()


@file_tool("chown", "Rh")
def chown(paths: Paths, options: Options) -> Iterable[str]:
    owner, *names = options.rest
    users = {"wheel": 0, **paths.machine.state.users}
    user, _, group = owner.partition(":")
    for path in names:
        _own(paths, path)
        node = paths.get(path)
        uid = users.get(user, int(user) if user.isdigit() else node.uid)
        gid = users.get(group, int(group) if group.isdigit() else node.gid)
        paths.files.change(paths.real(path), owner=(uid, gid))
    return ()


@file_tool("ln", "sfhn")
def ln(paths: Paths, options: Options) -> Iterable[str]:
    source, target = options.rest
    place = _target(paths, source, target)
    if options.has("f") and paths.files.exists(paths.real(place)):
        paths.remove(place)
    if options.has("s"):
        paths.link(place, source)
    else:
        paths.write(place, paths.read(source))
    return ()


@file_tool("truncate", "c", "s")
def truncate(paths: Paths, options: Options) -> Iterable[str]:
    """Bytes beyond a megabyte are only counted: they are never read."""
    size = _size(options.value("s", "0"))
    for path in options.rest:
        there = paths.files.exists(paths.real(path))
        data = paths.read(path) if there else b""
        whole = data[:size].ljust(min(size, 1 << 20), b"\0") if size <= 1 << 20 else data
        paths.write(path, whole, size=size if size > 1 << 20 else None)
    return ()


@command("cmp")
def cmp(machine: Machine, call: Call) -> Running:
    """`cmp -s -n BYTES FILE /dev/zero`; not recorded: from its manual page."""
    options, paths = Options.parse(call.args, "s", "n", anywhere=False), Paths(machine, call)
    try:
        path, other = options.rest
        node = paths.get(path)
        data = paths.read(path)
    except SimOSError as error:
        yield from fail("cmp", f"{error.path}: {error.reason}")
        return 2
    if other != "/dev/zero" or not (options.has("s") and options.has("n")):
        return (yield from fail("cmp", "this comparison is not simulated"))
    limit = int(options.value("n"))
    return int(node.length < limit or bool(data[:limit].strip(b"\0")))


def _size(text: str) -> int:
    """`20G`, as expand_number(3) reads it."""
    scale = "KMGT".find(text[-1:].upper()) + 1 if text else 0
    return int(text[:-1]) << 10 * scale if scale else int(text)


def _texts(paths: Paths, options: Options) -> list[tuple[str, str]]:
    if not options.rest:
        return [("", paths.call.stdin.decode(errors="surrogateescape"))]
    return [(path, paths.read(path).decode(errors="surrogateescape")) for path in options.rest]


@file_tool("head", "", "nc")
def head(paths: Paths, options: Options) -> Iterable[str]:
    for _, text in _texts(paths, options):
        lines = text.splitlines(keepends=True)
        yield "".join(lines[: int(options.value("n", "10"))])


@file_tool("tail", "F", "nc")
def tail(paths: Paths, options: Options) -> Iterable[str]:
    for _, text in _texts(paths, options):
        if options.has("c"):
            yield text[-int(options.value("c")) :]
            continue
        lines = text.splitlines(keepends=True)
        count = int(options.value("n", "10"))
        yield "".join(lines[-count:] if count else [])


@file_tool("wc", "lwc")
def wc(paths: Paths, options: Options) -> Iterable[str]:
    for path, text in _texts(paths, options):
        counts = {"l": text.count("\n"), "w": len(text.split()), "c": len(text.encode())}
        shown = [key for key in counts if options.has(key)] or list(counts)
        yield "".join(f" {counts[key]:>7}" for key in shown) + (f" {path}" if path else "") + "\n"
