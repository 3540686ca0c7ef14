"""ps(1): which processes, which columns, plain and as JSON (recordings 01, 03, 04, 07, 08, 12)."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring

from jailer_core.simulator.demo import activity
from jailer_core.simulator.jails import kernel, parameters
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.state import SimProcess

USAGE = "usage: ps [--libxo] [-aCcdeHhjlmrSTuvwXxZ] [-O fmt | -o fmt]\n"
DEFAULT = ("pid", "tt", "state", "time", "command")
AT_PROMPT = "-sh (sh)"
_GETTY = "/usr/libexec/getty"
_BURST = 12.0
"""Seconds for which a daemon that has just started shows some load (recording 03, 08)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its key in JSON, whether it is left-aligned, and its value."""

    head: str
    key: str
    left: bool
    value: Callable[[Machine, SimProcess], str]


def _terminal(process: SimProcess) -> str:
    """The terminal: those who wait for a login have one, and shells at a prompt."""
    if process.command == AT_PROMPT:
        return "0"
    return process.command.split()[-1] if process.command.startswith(_GETTY) else ""


def load(machine: Machine, process: SimProcess) -> float:
    """Percent of one core: its own, and for a while what starting cost."""
    age = machine.state.now - process.started
    burst = 3.4 * (1 - age / _BURST) if process.jid and process.started and age < _BURST else 0.0
    return round(activity.cpu(machine, process) + max(0.0, burst), 1)


def _state(_machine: Machine, process: SimProcess) -> str:
    tail = "J" if process.jid and not process.state.endswith("J") else ""
    return process.state + tail


def _elapsed(machine: Machine, process: SimProcess) -> int:
    return max(0, int(machine.state.now - (process.started or machine.state.boot_time)))


def _time(machine: Machine, process: SimProcess) -> str:
    seconds = _elapsed(machine, process) * process.cpu / 100
    return f"{int(seconds) // 60}:{seconds % 60:05.2f}"


def _percent_memory(machine: Machine, process: SimProcess) -> str:
    return f"{activity.rss(machine, process) * 1024 * 100 / activity.MEMORY:.1f}"


def _jail_name(machine: Machine, process: SimProcess) -> str:
    jail = machine.state.jails.get(process.jid)
    return jail.name if jail is not None else "-"


def _started(_: Machine, process: SimProcess) -> str:
    return time.strftime("%a %b %e %H:%M:%S %Y", time.gmtime(process.started))


COLUMNS: Mapping[str, Column] = {
    "jid": Column("JID", "jail-id", left=False, value=lambda _, one: str(one.jid)),
    "jail": Column("JAIL", "jail-name", left=True, value=_jail_name),  # not recorded
    "pid": Column("PID", "pid", left=False, value=lambda _, one: str(one.pid)),
    "ppid": Column("PPID", "ppid", left=False, value=lambda _, one: str(one.parent)),
    "pcpu": Column("%CPU", "percent-cpu", left=False, value=lambda m, one: str(load(m, one))),
    "pmem": Column("%MEM", "percent-memory", left=False, value=_percent_memory),
    "rss": Column("RSS", "rss", left=False, value=lambda m, one: str(activity.rss(m, one))),
    "vsz": Column("VSZ", "virtual-size", left=False, value=lambda _, one: str(one.vsz)),
    "state": Column("STAT", "state", left=True, value=_state),
    "lstart": Column("STARTED", "start-time", left=True, value=_started),
    "etimes": Column(
        "ELAPSED", "elapsed-times", left=False, value=lambda m, one: str(_elapsed(m, one))
    ),
    "user": Column("USER", "user", left=True, value=lambda _, one: one.user),
    "tt": Column("TT", "terminal-name", left=True, value=lambda _, one: _terminal(one) or "- "),
    "time": Column("TIME", "cpu-time", left=False, value=_time),
    "command": Column("COMMAND", "command", left=True, value=lambda _, one: one.command),
    "comm": Column(  # not recorded
        "COMMAND",
        "command",
        left=True,
        value=lambda _, one: one.command.split()[0].rpartition("/")[2],
    ),
}
_ALIASES = {"%cpu": "pcpu", "%mem": "pmem", "args": "command", "stat": "state", "tty": "tt"}


@command("ps")
def ps(machine: Machine, call: Call) -> Running:
    words = [word for word in call.args if not word.startswith("--libxo")]
    try:
        options = Options.parse(words, "aCcdeHhjlmrSTuvwXx", "JoOpUGtMN")
    except BadOption as bad:
        yield Say(f"ps: {bad}\n{USAGE}", error=True)
        return 1
    names = [name for text in options.values("o") for name in text.replace(",", " ").split()]
    wanted = [_ALIASES.get(name, name) for name in names] or list(DEFAULT)
    unknown = next((name for name in wanted if name not in COLUMNS), None)
    if unknown is not None:
        return (yield from fail("ps", f"{unknown}: keyword not found"))  # not recorded
    jids = []
    for text in options.values("J"):
        for word in text.split(","):
            jail = kernel.find(machine, call, word)
            if jail is None and word != "0":
                return (yield from fail("ps", f"Invalid jail id: {word}"))
            jids.append(jail.jid if jail is not None else 0)
    chosen = _chosen(machine, call, options, jids)
    columns = [COLUMNS[name] for name in wanted]
    rows = [[column.value(machine, process) for column in columns] for process in chosen]
    if "--libxo=json" in call.args:
        yield Say(_json(columns, rows))
    else:
        yield Say(_table(columns, rows))
    return 0 if rows else 1


def _chosen(machine: Machine, call: Call, options: Options, jids: list[int]) -> list[SimProcess]:
    """The selected processes: first those without a terminal, by pid.

    With -a (so with -ax) a -J changes nothing (docs/freebsd-facts.md, Reading).
    """
    seen = _visible(machine, call)
    seen.append(_itself(machine, call))
    if options.has("p"):
        pids = {word for text in options.values("p") for word in text.split(",")}
        seen = [process for process in seen if str(process.pid) in pids]
    elif options.has("U"):
        users = {word for text in options.values("U") for word in text.split(",")}
        seen = [process for process in seen if process.user in users]
    elif jids and not options.has("a"):
        seen = [process for process in seen if process.jid in jids]
    elif not options.has("x"):
        seen = [process for process in seen if _terminal(process)]
    return sorted(seen, key=_rank)


def _rank(process: SimProcess) -> tuple[int, int]:
    """The sort key of a process: no terminal, the serial console, the virtual ones; then by pid."""
    terminal = _terminal(process)
    return (0 if not terminal else 1 if terminal.startswith("ttyu") else 2), process.pid


def _visible(machine: Machine, call: Call) -> list[SimProcess]:
    jail = machine.state.jails.get(call.jid)
    if jail is None:
        return list(machine.state.processes.values())
    jids = [jail.jid, *(one.jid for one in parameters.children(machine.state, jail))]
    return machine.processes_of(jids)


def _itself(machine: Machine, call: Call) -> SimProcess:
    """The running ps itself, which only it can see."""
    pid = max((*machine.state.processes, kernel.FIRST_PID)) + 1
    text = " ".join(("ps", *call.args))
    state = "RsJ" if call.jid else "Rs"
    return SimProcess(pid, 1, call.jid, text, call.user, 0.0, 3104, 14804, state, machine.state.now)


def _json(columns: list[Column], rows: list[list[str]]) -> str:
    form = ",".join(f'"{column.key}":%s' for column in columns)
    items = [f"{{{form % tuple(map(encode_basestring, row))}}}" for row in rows]
    return f'{{"process-information": {{"process": [{", ".join(items)}]}}}}\n'


def _table(columns: list[Column], rows: list[list[str]]) -> str:  # not recorded
    table = [[column.head for column in columns], *rows]
    widths = [max(len(row[index]) for row in table) for index in range(len(columns))]
    lines = []
    for row in table:
        cells = [
            text.ljust(width) if column.left else text.rjust(width)
            for column, text, width in zip(columns, row, widths, strict=True)
        ]
        lines.append(" ".join(cells).rstrip() + "\n")
    return "".join(lines)
