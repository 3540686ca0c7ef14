"""jail(8): what its arguments mean, which jails they select, and in which order.

Recordings 03, 07, 09 and 12; what is printed on the way: lifecycle.py.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.jails.jailconf import (
    ConfJail,
    Param,
    new_jail,
    plain,
    read_config,
    shown,
)
from jailer_core.simulator.jails.jailconf_lexer import ConfError
from jailer_core.simulator.jails.lifecycle import Life
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.rc import rcconf

DEFAULT_FILE = "/etc/jail.conf"
USAGE = """usage: jail [-dhilqv] [-J jid_file] [-u username] [-U username]
            -[cmr] param=value ... [command=command ...]
       jail [-dqv] [-f file] -[cmr] [jail]
       jail [-qv] [-f file] -[rR] ['*' | jail ...]
       jail [-dhilqv] [-J jid_file] [-u username] [-U username]
            [-n jailname] [-s securelevel]
            path hostname ip[,...] command ...
       jail [-f file] -e separator
"""


@dataclass(slots=True)
class Order:
    """What was requested. `config` is None when there is no file to read."""

    machine: Machine
    call: Call
    options: Options
    file: str = DEFAULT_FILE
    config: list[ConfJail] | None = None
    verbose: int = 0
    operations: frozenset[str] = field(default_factory=frozenset)

    def life(self, conf: ConfJail, *, named: bool = True, noted: bool = True) -> Life:
        """A jail in hand."""
        return Life(
            self.machine,
            self.call,
            conf,
            self.verbose,
            named,
            noted,
            self.options.has("i"),
        )


@command("jail")
def jail(machine: Machine, call: Call) -> Running:
    try:
        options = Options.parse(call.args, "cCdhilmqrRvNw", "efFJnpsuU", anywhere=False)
    except BadOption as bad:
        yield Say(f"jail: {bad}\n{USAGE}", error=True)
        return 1
    operations = frozenset(letter for letter in "cCmrRe" if options.has(letter))
    if not operations:
        yield Say(USAGE, error=True)
        return 1
    order = Order(machine, call, options, options.value("f", DEFAULT_FILE), operations=operations)
    order.verbose = 1 if options.has("v") else -1 if options.has("q") else 0
    try:
        return (yield from _carry_out(order))
    except ConfError as error:
        yield Say(f"jail: {error}\n", error=True)
        return 1


def _carry_out(order: Order) -> Running:
    operations, rest = order.operations, order.options.rest
    if "e" in operations:
        return (yield from _show(order))
    if any("=" in word for word in rest[:1]) and "R" not in operations:
        return (yield from _from_arguments(order))
    if operations & {"r", "R"} and not operations & {"c", "m"}:
        if not rest:
            yield Say(USAGE, error=True)
            return 1
        return (yield from _remove(order))
    yield from _to_run(order)
    if "C" in operations:
        # recording 09: nothing of a jail that was removed with -R is cleaned up
        return 0
    return (yield from _make(order))


# --- files -----------------------------------------------------------------------------------


def _load(order: Order) -> Running:
    """Read the configuration; every problem in it is told at once. ConfError."""
    stdin = order.file == "-"
    text = order.call.stdin.decode(errors="surrogateescape") if stdin else _read(order, order.file)
    name = "STDIN" if stdin else order.file  # not recorded
    order.config = read_config(name, text, lambda pattern: list(_included(order, pattern)))
    for conf in order.config:
        for problem in conf.problems:
            yield Say(f"jail: {conf.name}: {problem}\n", error=True)
    return 0


def _to_run(order: Order) -> Running:
    """Load what is to be started or stopped.

    A jail that depends on one that the file does not define is neither (dep_setup in state.c of
    jail(8); # not recorded).
    """
    yield from _load(order)
    config = order.config or []
    names = {conf.name for conf in config}
    for conf in config:
        for name in conf.values("depend"):
            if name not in names:
                conf.failed = True
                yield Say(f'jail: {conf.name}: depends on undefined jail "{name}"\n', error=True)
    return 0


def _read(order: Order, path: str) -> str:
    root = rcconf.root_of(order.machine, order.call)
    whole = path if path.startswith("/") else f"{order.call.cwd.rstrip('/')}/{path}"
    try:
        node = order.machine.files.get(root + whole)
        if not order.call.root and not node.mode & 0o004:
            raise ConfError(f"{path}: Permission denied")  # not recorded
        return order.machine.files.read(root + whole).decode(errors="surrogateescape")
    except SimOSError as error:
        raise ConfError(f"{path}: {error.reason}") from None


def _included(order: Order, pattern: str) -> Iterator[tuple[str, str]]:
    """The files of an `.include`, by name; a relative one lies beside the file."""
    if not pattern.startswith("/"):
        pattern = f"{order.file.rpartition('/')[0]}/{pattern}"
    if not re.search(r"[*?\[]", pattern):
        yield pattern, _read(order, pattern)
        return
    root = rcconf.root_of(order.machine, order.call)
    folder, _, last = pattern.rpartition("/")
    names = (
        order.machine.files.listdir(root + folder)
        if order.machine.files.is_dir(root + folder)
        else []
    )
    for name in names:
        if fnmatch.fnmatchcase(name, last) and not name.startswith("."):
            yield f"{folder}/{name}", _read(order, f"{folder}/{name}")


def _show(order: Order) -> Running:
    separator = order.options.value("e")
    if order.file == "-":
        text = order.call.stdin.decode(errors="surrogateescape")
        if ".include" not in text:
            for line, error in _shown(text, separator):
                yield Say(line, error=error)
            return 0
    yield from _load(order)
    for conf in order.config or ():
        yield Say(shown(conf, separator) + "\n")
    return 0


@lru_cache(maxsize=64)
def _shown(text: str, separator: str) -> tuple[tuple[str, bool], ...]:
    """What `jail -f - -e` says of a text: it is asked on every refresh, mostly the same."""
    config = read_config("STDIN", text, lambda _pattern: ())
    problems = [f"jail: {conf.name}: {problem}\n" for conf in config for problem in conf.problems]
    return (
        *((line, True) for line in problems),
        *((shown(conf, separator) + "\n", False) for conf in config),
    )


# --- making and changing ---------------------------------------------------------------------


def _from_arguments(order: Order) -> Running:
    """`jail -cmr name=… param=…`: one jail, no file."""
    conf = ConfJail("")
    words = list(order.options.rest)
    while words:
        word = words.pop(0)
        name, equals, value = word.partition("=")
        if name == "command":
            conf.add(Param("command", [(" ".join([value, *words]),)]))
            break
        if name in ("name", "jid") and conf.find(name) is not None:
            yield Say(f'jail: cannot redefine parameter "{name}".\n', error=True)
            return 1
        several = plain(name) in ("ip4.addr", "ip6.addr")
        values = value.split(",") if several else [value]
        conf.add(Param(name, [(one,) for one in values] if equals else []))
    for param in conf.params:
        param.values = ["".join(str(piece) for piece in pieces) for pieces in param.raw]
    conf.name = conf.value("name") or conf.value("jid")
    life = order.life(conf, named=False)
    if "r" in order.operations and "c" not in order.operations:
        if life.jail is None:
            yield life.quoted_warn("not found")
            return 1
        return (yield from life.stop())
    return (yield from _one(order, life))


def _one(order: Order, life: Life) -> Running:
    """Create, change or restart one jail, as the letters say."""
    operations = order.operations
    if life.conf.failed:
        return 1
    problem = life.problem()
    if problem:
        yield life.warn(problem)
        return 1
    running = life.jail is not None
    if "m" in operations and (running or "c" not in operations):
        return (yield from life.modify())
    if "r" in operations:
        if running:
            status = yield from life.stop()
            if status:
                return status
        elif "c" not in operations:
            yield life.quoted_warn("not found")
            return 1
    elif running:
        yield life.quoted_warn("already exists")
        return 1
    return (yield from life.start())


def _make(order: Order) -> Running:
    """`jail -c [jail]`: one of the file, those that match, or all, what they depend on first."""
    wanted = order.options.rest[:1] or ["*"]
    config = order.config or []
    wild = "*" in wanted[0]
    chosen = [jail for jail in config if _matches(jail.name, wanted[0])]
    if not chosen and not wild:
        yield Say(f'jail: "{wanted[0]}" not found\n', error=True)
        return 1
    result = 0
    for conf in _by_dependency(chosen, config):
        life = order.life(conf)
        asked = conf in chosen and not wild
        if life.jail is not None and not asked and order.operations == {"c"}:
            continue
        result = (yield from _one(order, life)) or result
    return result


def _matches(name: str, wanted: str) -> bool:
    return fnmatch.fnmatchcase(name, wanted) if "*" in wanted else name == wanted


def _by_dependency(chosen: Sequence[ConfJail], config: Sequence[ConfJail]) -> list[ConfJail]:
    """The chosen jails in the file's order, each after what its `depend` names."""
    jails: list[ConfJail] = []

    def add(conf: ConfJail, above: tuple[str, ...]) -> None:
        if conf in jails or conf.name in above:
            return
        for name in conf.values("depend"):
            for other in config:
                if _matches(other.name, name):
                    add(other, (*above, conf.name))
        jails.append(conf)

    for conf in chosen:
        add(conf, ())
    return jails


# --- removing --------------------------------------------------------------------------------


def _remove(order: Order) -> Running:
    """`jail -r` with the steps of the file if there is one; `-R` without."""
    rest = order.options.rest
    only = "R" in order.operations
    if not only and (order.file == "-" or _is_there(order)):
        yield from _to_run(order)
    noted = order.config is not None or len(rest) > 1 or "*" in rest[0]
    result = 0
    for wanted in rest:
        for conf in _wanted(order, wanted):
            life = order.life(conf, noted=noted)
            if conf.failed and not only:
                result = 1
                continue
            if life.jail is None:
                if "*" in wanted:
                    continue
                if order.verbose >= 0:
                    yield life.quoted_warn("not found")
                result = 1
                continue
            status = yield from (life.remove_only() if only else life.stop())
            result = status or result
    return result


def _is_there(order: Order) -> bool:
    return order.machine.files.exists(rcconf.root_of(order.machine, order.call) + order.file)


def _wanted(order: Order, wanted: str) -> list[ConfJail]:
    """Jails that a word means: of the file, else running ones of which nothing is known."""
    running = kernel.find(order.machine, order.call, wanted)
    names = [wanted] if running is None else [wanted, running.name]
    jails = [
        jail
        for jail in order.config or ()
        if jail.name in names or ("*" in wanted and _matches(jail.name, wanted))
    ]
    if "*" in wanted:
        state = order.machine.state
        jails += [
            new_jail(jail.name)
            for jail in state.jails.values()
            if _matches(jail.name, wanted)
            and not jail.dying
            and all(jail.name != k.name for k in jails)
        ]
        return list(reversed(jails))
    return jails or [new_jail(wanted)]
