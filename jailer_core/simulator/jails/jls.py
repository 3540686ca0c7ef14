"""jls(8): the table, named parameters, all parameters; plain and as JSON (03, 07, 08, 09, 12)."""

from __future__ import annotations

import json
from dataclasses import dataclass

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.jails.jailconf import quoted
from jailer_core.simulator.jails.parameters import KERNEL, ORDER, Value, descendants, parameters
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import BadOption, Options
from jailer_core.simulator.kernel.state import SimJail

USAGE = "usage: jls [-dhNnqsv] [-j jail] [param ...]\n"
_HEAD = "   JID  IP Address      Hostname                      Path\n"
_HEAD_NAMED = " JID             IP Address      Hostname                      Path\n"
_HEAD_VERBOSE = (
    "   JID  Hostname                      Path\n"
    "        Name                          State\n"
    "        CPUSetID\n"
    "        IP Address(es)\n"
)


_USUAL = ("name", "path", "host.hostname", "ip4.addr", "ip6.addr")


@dataclass(slots=True)
class _View:
    """What to print of each jail, and how."""

    options: Options
    names: tuple[str, ...]
    as_json: bool
    machine: Machine
    call: Call
    counts: dict[int, int]

    def parameters(self, jail: SimJail) -> dict[str, Value]:
        """What is to be printed, as the caller sees it: in a jail, what is below its own."""
        names = self.names or _USUAL
        values = parameters(self.machine.state, jail, self.counts, names)
        outer = self.machine.state.jails.get(self.call.jid)
        if outer is not None:
            values["name"] = jail.name.removeprefix(f"{outer.name}.")
            values["path"] = jail.path.removeprefix(outer.path.rstrip("/")) or "/"
            if jail.parent == outer.jid:
                values["parent"] = "0"
        return values


@command("jls")
def jls(machine: Machine, call: Call) -> Running:
    words = [word for word in call.args if not word.startswith("--libxo")]
    as_json = any(word == "--libxo=json" for word in call.args)
    try:
        options = Options.parse(words, "cdhNnqsv", "j", anywhere=False)
    except BadOption as bad:
        yield Say(f"jls: {bad}\n{USAGE}", error=True)
        return 1
    names = tuple(options.rest)
    if options.has("n") or options.has("s"):
        names = names or ORDER
    unknown = next((name for name in names if name not in KERNEL), None)
    if unknown is not None:
        return (yield from fail("jls", f"unknown parameter: {unknown}"))  # not recorded
    jails = _visible(machine, call, dying=options.has("d"))
    if options.has("j"):
        wanted = options.value("j")
        one = kernel.find(machine, call, wanted, dying=options.has("d"))
        if options.has("c"):
            return 0 if one is not None else 1
        if one is None:
            return (yield from fail("jls", f'jail "{wanted}" not found'))
        jails = [one]
    view = _View(options, names, as_json, machine, call, descendants(machine.state))
    if as_json:
        rows = ", ".join(_json(view, jail) for jail in jails)
        yield Say(f'{{"__version": "2", "jail-information": {{"jail": [{rows}]}}}}\n')
        return 0
    yield Say(_head(view) + "".join(_plain(view, jail) for jail in jails))
    return 0


def _visible(machine: Machine, call: Call, *, dying: bool) -> list[SimJail]:
    """Jails that a caller sees: all of them on the host, its children in a jail."""
    outer = machine.state.jails.get(call.jid)
    return [
        jail
        for _, jail in sorted(machine.state.jails.items())
        if (dying or not jail.dying) and (outer is None or jail.name.startswith(f"{outer.name}."))
    ]


# --- JSON ------------------------------------------------------------------------------------


_text = json.JSONEncoder(ensure_ascii=False).encode


def _list(name: str, values: list[str]) -> str:
    return f' "{name}": [{",".join(_text(one) for one in values)}]'


def _json(view: _View, jail: SimJail) -> str:
    values = view.parameters(jail)
    if view.names:
        every = view.options.has("n")
        parts = [_field(name, values[name], typed=every) for name in view.names]
    elif view.options.has("v"):
        parts = [
            f'"jid":{jail.jid}',
            f'"hostname":{_text(values["host.hostname"])}',
            f'"path":{_text(values["path"])}',
            f'"name":{_text(values["name"])}',
            f'"state":"{"DYING" if jail.dying else "ACTIVE"}"',
            f'"cpusetid":{jail.cpuset}',
            _list("ipv4_addrs", _strings(values["ip4.addr"])),
            _list("ipv6_addrs", _strings(values["ip6.addr"])),
        ]
    else:
        first = _text(values["name"]) if view.options.has("N") else str(jail.jid)
        parts = [
            f'"{"name" if view.options.has("N") else "jid"}":{first}',
            f'"ipv4":{_text(_first(values))}',
            f'"hostname":{_text(values["host.hostname"])}',
            f'"path":{_text(values["path"])}',
        ]
    return "{" + ",".join(parts) + "}"


def _strings(value: Value) -> list[str]:
    return value if isinstance(value, list) else []


def _first(found: dict[str, Value]) -> str:
    addresses = _strings(found["ip4.addr"])
    return addresses[0] if addresses else ""


def _field(name: str, value: Value, *, typed: bool) -> str:
    """With -n a boolean is one, without it is a string (docs/freebsd-facts.md, Reading)."""
    if isinstance(value, list):
        return _list(name, value)
    if isinstance(value, bool):
        word = "true" if value else "false"
        return f'"{name}":{word}' if typed else f'"{name}":"{word}"'
    return f'"{name}":{_text(value)}'


# --- plain -----------------------------------------------------------------------------------


def _head(view: _View) -> str:
    if view.names:
        return " ".join(view.names) + "\n" if view.options.has("h") else ""
    if view.options.has("v"):
        return _HEAD_VERBOSE  # not recorded
    return _HEAD_NAMED if view.options.has("N") else _HEAD


def _plain(view: _View, jail: SimJail) -> str:
    values = view.parameters(jail)
    if view.names:
        return " ".join(_word(view, name, values[name]) for name in view.names) + "\n"
    host, path = str(values["host.hostname"]), str(values["path"])
    if view.options.has("v"):  # not recorded
        state = "DYING" if jail.dying else "ACTIVE"
        addresses = _strings(values["ip4.addr"]) + _strings(values["ip6.addr"])
        return (
            f"{jail.jid:6}  {host[:29]:29} {path[:74]}\n"
            f"        {str(values['name'])[:29]:29} {state}\n"
            f"        {jail.cpuset}\n" + "".join(f"        {address}\n" for address in addresses)
        )
    first = f" {str(values['name'])[:15]:15}" if view.options.has("N") else f"{jail.jid:6} "
    return f"{first} {_first(values)[:15]:15} {host[:29]:29} {path[:74]}\n"


def _word(view: _View, name: str, value: Value) -> str:
    named = view.options.has("n") or view.options.has("s")
    if isinstance(value, bool) and named:  # not recorded
        head, dot, last = name.rpartition(".")
        return name if value else f"{head}{dot}no{last}"
    text = (
        ",".join(value)
        if isinstance(value, list)
        else str(value).lower()
        if isinstance(value, bool)
        else value
    )
    if view.options.has("q") or view.options.has("s"):  # not recorded
        text = quoted(text)
    elif not text and not named:
        text = '""'  # recording 17
    return f"{name}={text}" if named else text
