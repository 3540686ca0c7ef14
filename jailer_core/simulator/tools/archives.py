"""Download, check and unpack: fetch(1), tar(1), sha256(1), dd(1)."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

from jailer_core.simulator.kernel.base_tree import base_tree
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, Wait, command, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.paths import Paths
from jailer_core.simulator.kernel.state import Tree
from jailer_core.simulator.tools import tar_stream
from jailer_core.simulator.zfs.properties import parse_size
from jailer_core.simulator.zfs.sizes import Sizes

ARCHIVE = "@archive "
"""A mirror's text for a big file: `@archive NAME SIZE`; NAME `base 15.1-RELEASE -p1` is a base."""
RATE = 65_000_000
UNPACKING = 8.0
UNPACKING_PARTS = 20


def archive(name: str, size: int) -> str:
    """What is in `State.mirror` for an archive of that many bytes."""
    return f"{ARCHIVE}{name} {size}"


def checksum(data: bytes) -> str:
    """SHA-256 of a file, as a MANIFEST for `archive` must state it."""
    return hashlib.sha256(data).hexdigest()


def _size(content: str) -> int:
    return int(content.rpartition(" ")[2]) if content.startswith(ARCHIVE) else len(content.encode())


def _answer(machine: Machine, url: str) -> tuple[str, str]:
    """Content and no error, or no content and the error that fetch(1) names."""
    mirror = machine.state.mirror
    if url in mirror:
        return mirror[url], ""
    asked = urlsplit(url)
    servers = [urlsplit(one) for one in mirror]
    if any(split_result.netloc == asked.netloc for split_result in servers):
        return "", "Not Found"
    host = asked.hostname or ""
    known = any(split_result.hostname == host for split_result in servers)
    numeric = re.fullmatch(r"[0-9.]+|[0-9a-f:]+", host) is not None
    return "", "Connection refused" if known or numeric else "Host does not resolve"


@command("fetch")
def fetch(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "qsamprRvn1", "oTwSc")
    status = 0
    for url in options.rest:
        content, error = _answer(machine, url)
        if error:
            status = yield from fail("fetch", f"{url}: {error}")
            continue
        size = _size(content)
        if options.has("s"):
            yield Say(f"{size}\n")
            continue
        yield Wait(size / RATE)
        target = options.value("o") or url.rpartition("/")[2]
        try:
            yield from _deliver(Paths(machine, call), target, content, size)
        except SimOSError as problem:
            status = yield from fail("fetch", f"{target}: {problem.reason}")
            continue
        if not options.has("q"):
            yield Say(_progress(target, size), error=True)
    return status


def _deliver(paths: Paths, target: str, content: str, size: int) -> Running:
    if target == "-":
        yield Say(content)
        return 0
    marked = size if content.startswith(ARCHIVE) else None
    paths.write(target, content.encode(), size=marked)
    return 0


def _progress(target: str, size: int) -> str:
    """The one line that fetch prints at the end without a terminal (recording 02)."""
    seconds = max(0.0027, size / RATE)
    amount = f"{size >> 20} MB" if size >= 1 << 20 else f"{size}  B"
    rate = size / seconds
    speed = f"{rate / 1e6:.0f} MBps" if rate >= 1e6 else f"{rate / 1e3:.0f} kBps"
    return f"{target:<46}{amount:>15}{speed:>10}{'00s':>7}\n"


@command("tar")
def tar(machine: Machine, call: Call) -> Running:
    """Unpacking of a file, `tar -xf FILE -C DIR`, and both ends of a pipe (tar_stream.py)."""
    if tar_stream.handles(call.args):
        return (yield from tar_stream.run(machine, call))
    options = Options.parse(call.args, "xvpz", "fC")
    source, target = options.value("f"), options.value("C", call.cwd)
    paths = Paths(machine, call)
    yield Say("tar: Failed to set default locale\n", error=True)
    try:
        data = paths.read(source).decode(errors="replace")
    except SimOSError:
        return (yield from fail("tar", f"Error opening archive: Failed to open '{source}'"))
    words = data.split(" ")
    if not data.startswith(ARCHIVE + "base "):
        return (yield from fail("tar", "Error opening archive: Unrecognized archive format"))
    content = base_tree(words[2], words[3] if words[3].startswith("-") else "")
    if sum(node.blocks for node in content.values()) > _room(paths, target):
        text = "./bin/sh: Write failed: Disc quota exceeded"  # not recorded
        return (yield from fail("tar", text))
    yield from _unpack(paths, target, content, told=options.has("v"))
    return 0


def _unpack(paths: Paths, target: str, content: Tree, *, told: bool) -> Running:
    """`-v` tells each name on standard error (bsdtar(1); not recorded)."""
    tree, inner = paths.files.place(paths.files.resolve(paths.real(target)))
    prefix = f"{inner}/" if inner else ""
    names = [path for path in content if path]
    for number, path in enumerate(names):
        if number % max(1, len(names) // UNPACKING_PARTS) == 0:
            yield Wait(UNPACKING / UNPACKING_PARTS)
        tree[prefix + path] = content[path]
        if told:
            yield Say(f"x ./{path}\n", error=True)
    return 0


@command("sha256")
def sha256(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "q", "c")
    paths, status = Paths(machine, call), 0
    for path in options.rest:
        try:
            found = checksum(paths.read(path))
        except SimOSError as error:
            status = yield from fail("sha256", f"{path}: {error.reason}")
            continue
        yield Say(f"{found}\n" if options.has("q") else f"SHA256 ({path}) = {found}\n")
        if options.has("c") and options.value("c") != found:
            status = 2
    return status


@command("dd")
def dd(machine: Machine, call: Call) -> Running:
    words = dict(word.partition("=")[::2] for word in call.args)
    block = parse_size(words.get("bs", "512")) or 512
    wanted = block * int(words.get("count", "1"))
    target, paths = words["of"], Paths(machine, call)
    written = min(wanted, _room(paths, target))
    yield Wait(written / 24_000_000)
    if written:
        paths.write(target, b"\0" if words.get("if") == "/dev/random" else b"", size=written)
    full, rest = divmod(written, block)
    lines = [
        f"{full + (written < wanted)}+0 records in",
        f"{full}+{1 if rest else 0} records out",
        f"{written} bytes transferred in {written / 24e6:.6f} secs (24000000 bytes/sec)",
    ]
    if written < wanted:
        lines.insert(0, f"dd: {target}: Disc quota exceeded")
    yield Say("\n".join(lines) + "\n", error=True)
    return int(written < wanted)


def _room(paths: Paths, target: str) -> int:
    """Bytes that quotas and the pool leave for one more file there."""
    mount = paths.files.mount_of(paths.real(target))
    if mount.fstype != "zfs":
        return 1 << 40
    return Sizes(paths.machine.state).available(mount.device)
