"""sysrc(8): show and change shell variables in rc.conf files (recordings 01, 02, 04, 08, 12)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.rc import rcconf


@dataclass(slots=True)
class _Options:
    """The letters that were given; `files` and `root` say where."""

    letters: set[str] = field(default_factory=set)
    files: list[str] = field(default_factory=list)
    root: str = ""
    service: str = ""
    names: list[str] = field(default_factory=list)
    problem: str = ""

    def has(self, letter: str) -> bool:
        return letter in self.letters


@dataclass(slots=True)
class _Place:
    """The variables that are looked at: their values, and the files that hold them."""

    files: list[str]
    known: dict[str, str]
    own: dict[str, str]

    def value(self, name: str) -> str | None:
        return rcconf.expand(name, self.known | self.own)


@command("sysrc")
def sysrc(machine: Machine, call: Call) -> Running:
    options = _options(machine, call)
    if options.problem:
        return (yield from fail("sysrc", options.problem))
    place = _place(machine, call, options)
    if options.has("a") or options.has("A"):
        if not options.files:
            said = rcconf.complaints(machine, options.root, options.service)
            yield Say(said, error=True)
        values = place.own if options.has("a") else place.known | place.own
        for name in sorted(values):
            yield Say(_shown(options, name, values[name]))
        return 0
    if not options.names:
        return (yield from fail("", "usage: sysrc [OPTIONS] {name[[+|-]=value] ... | -a | -A}"))
    status = 0
    for word in options.names:
        status = (yield from _one(machine, call, options, place, word)) or status
    return status


def _options(machine: Machine, call: Call) -> _Options:
    found = _Options(root=rcconf.root_of(machine, call))
    words = list(call.args)
    while words and words[0].startswith("-") and len(words[0]) > 1:
        letters = words.pop(0)[1:]
        while letters:
            letter, letters = letters[0], letters[1:]
            if letter in "fjRs":
                value = letters or (words.pop(0) if words else "")
                letters = ""
                _where(machine, found, letter, value)
            elif letter in "aAcdDeEFhilLnNqvx":
                found.letters.add(letter)
            else:
                found.problem = f"illegal option -- {letter}"  # not recorded
    found.names = words
    return found


def _where(machine: Machine, _options: _Options, letter: str, value: str) -> None:
    if letter == "f":
        _options.files.append(value)
    elif letter == "s":
        _options.service = value
    elif letter == "R":
        _options.root += value.rstrip("/")
    else:
        jail = machine.jail_named(value)
        if jail is None:
            _options.problem = f'jail "{value}" not found'  # not recorded
        else:
            _options.root = jail.path.rstrip("/")


def _place(machine: Machine, call: Call, options: _Options) -> _Place:
    """With -f only that file counts, but unset variables still have the host's defaults."""
    inside = rcconf.root_of(machine, call)
    if not options.files:
        root, service = options.root, options.service
        files = rcconf.files_of(machine, root, service)
        values = rcconf.assigned(machine, root, service)
        return _Place(files, rcconf.defaults(machine, root), values)
    files = [inside + (path if path.startswith("/") else f"/{path}") for path in options.files]
    known = rcconf.defaults(machine, inside)
    own: dict[str, str] = {}
    for path in files:
        own |= rcconf.evaluate(rcconf.read_text(machine, path) or "", known | own)
    return _Place(files, known, own)


def _shown(options: _Options, name: str, value: str) -> str:
    value = value.rstrip("\n")  # a shell's $(...) takes them off (recording 15)
    if options.has("e"):
        return f'{name}="{value}"\n'
    if options.has("n"):
        return f"{value}\n"
    return f"{name}\n" if options.has("N") else f"{name}: {value}\n"


def _one(machine: Machine, call: Call, options: _Options, place: _Place, word: str) -> Running:
    name, sign, wanted = _split(word)
    if options.has("x"):
        return (yield from _remove(machine, call, place, name))
    before = place.value(name)
    if not sign:
        if options.has("F") and before is not None:
            path = _target(machine, place, name)
            yield Say(f"{path}\n" if options.has("n") else f"{name}: {path}\n")
            return 0
        if options.has("c"):
            return 0 if before is not None else 1
        if before is not None:
            yield Say(_shown(options, name, before))
            return 0
        if options.has("i"):
            return 1
        return (yield from fail("sysrc", f"unknown variable '{name}'"))
    after = _combined(before or "", sign, wanted)
    if options.has("c"):
        return 0 if before == after else 1
    status = yield from _write(machine, call, place, name, after)
    if status:
        return status
    path = _target(machine, place, name)
    place.own |= rcconf.evaluate(rcconf.read_text(machine, path) or "", place.known | place.own)
    # sysrc shows what the shell reads back, which for a bad name is not what was written
    was, now = ((value or "").rstrip("\n") for value in (before, place.value(name)))
    yield Say(f"{name}: {was} -> {now}\n")
    return 0


def _split(word: str) -> tuple[str, str, str]:
    match = re.match(r"([^=]*?)(\+=|-=|=)(.*)", word, re.DOTALL)
    return (match[1], match[2], match[3]) if match else (word, "", "")


def _combined(before: str, sign: str, wanted: str) -> str:
    """`+=` adds and `-=` removes words, once each; the first sign says what divides them."""
    if sign == "=":
        return wanted
    divider = wanted[0] if wanted and not (wanted[0].isalnum() or wanted[0] in "/_.") else " "
    words = [word for word in before.split(divider) if word]
    for one in [word for word in wanted.split(divider) if word]:
        if sign == "+=" and one not in words:
            words.append(one)
        if sign == "-=":
            words = [old for old in words if old != one]
    return divider.join(words)


def _target(machine: Machine, place: _Place, name: str) -> str:
    """The file that sets a variable already, else the first."""
    for path in reversed(place.files):
        if name in rcconf.evaluate(rcconf.read_text(machine, path) or ""):
            return path
    return place.files[0]


def _write(machine: Machine, call: Call, place: _Place, name: str, value: str) -> Running:
    path = _target(machine, place, name)
    text = rcconf.with_line(rcconf.read_text(machine, path) or "", name, value)
    return (yield from _store(machine, call, path, text))


def _remove(machine: Machine, call: Call, place: _Place, name: str) -> Running:
    for path in place.files:
        text = rcconf.read_text(machine, path)
        if text is None:
            continue
        left = rcconf.without_line(text, name)
        if left != text:
            status = yield from _store(machine, call, path, left)
            if status:
                return status
    place.own.pop(name, None)
    return 0


def _store(machine: Machine, call: Call, path: str, text: str) -> Running:
    inside = rcconf.root_of(machine, call)
    shown = path.removeprefix(inside)
    if not call.root:
        return (yield from fail("sysrc", f"cannot create {shown}: Permission denied"))
    try:
        machine.files.write(path, text.encode(errors="surrogateescape"))
    except SimOSError as error:
        return (yield from fail("/usr/sbin/sysrc", f"cannot create {shown}: {error.reason}"))
    return 0
