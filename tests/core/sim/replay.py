"""Replays a recording on a simulated machine and tells where the answers differ.

    read_recording   the lines of a recording as entries
    Renaming         one mapping of names for arguments, texts, expected answers and seed states
    Extras           names of unrelated things on the machine, ignored in every listing
    replay           runs the entries one after the other and compares (compare.py)

Renamed names must keep their alphabetical order among each other: listings sort by name.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from jailer_core.simulator import commands as _rooms  # noqa: F401 - registers them all
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Done, Machine
from jailer_core.simulator.kernel.state import Node, State
from tests.core.sim.compare import Extras, compare

RECORDED = Path(__file__).resolve().parents[2] / "recorded"


@dataclass(frozen=True)
class Entry:
    """One line of a recording; `kind` is run, write, remove, read or note."""

    line: int
    kind: str
    pipe: tuple[tuple[str, ...], ...] = ()
    stdin: str = ""
    status: int = 0
    stdout: str = ""
    stderr: str = ""
    path: str = ""
    text: str = ""

    @property
    def title(self) -> str:
        if self.kind == "run":
            return " | ".join(shlex.join(argv) for argv in self.pipe)
        return f"{self.kind} {self.path or self.text}"


def read_recording(session: str) -> list[Entry]:
    """The entries of `NN` or of a path; the line numbers are those of the file."""
    path = Path(session)
    if not path.exists():
        path = next(RECORDED.glob(f"{session}-*.jsonl"))
    entries = []
    for number, text in enumerate(path.read_text().splitlines(), 1):
        entry = _entry(number, json.loads(text))
        if entry is not None:
            entries.append(entry)
    return entries


def _entry(number: int, raw: Mapping[str, Any]) -> Entry | None:
    if "session" in raw or raw.get("missing"):
        return None
    if "note" in raw:
        return Entry(number, "note", text=raw["note"])
    for kind in ("write", "remove"):
        if kind in raw:
            return Entry(number, kind, path=raw[kind], text=raw.get("text", ""))
    if "read" in raw:
        return Entry(number, "read", path=raw["read"], status=raw["rc"], text=raw["text"])
    pipe = tuple(tuple(one) for one in raw.get("pipe", [raw.get("argv")]))
    return Entry(number, "run", pipe, raw.get("stdin", ""), raw["rc"], raw["stdout"], raw["stderr"])


# --- renaming --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Renaming:
    """Old names to new ones, replaced wherever they stand as a whole word.

    An old name that ends with a dot or a colon (`10.0.2.`) is the beginning of addresses.
    """

    names: Mapping[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        if not self.names:
            return text
        return self._pattern.sub(lambda found: self.names[found.group()], text)

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return re.compile(
            "|".join(
                rf"(?<![A-Za-z0-9]){re.escape(name)}"
                + ("" if name[-1] in ".:" else "(?![A-Za-z0-9])")
                for name in sorted(self.names, key=len, reverse=True)
            )
        )

    def entry(self, entry: Entry) -> Entry:
        return replace(
            entry,
            pipe=tuple(tuple(self.text(word) for word in argv) for argv in entry.pipe),
            stdin=self.text(entry.stdin),
            stdout=self.text(entry.stdout),
            stderr=self.text(entry.stderr),
            path=self.text(entry.path),
            text=self.text(entry.text),
        )

    def state(self, state: State) -> State:
        """The same host under other names; what was shared between trees stays shared."""
        renamed: State = self._value(state, {})
        return renamed

    def _value(self, value: Any, seen: dict[int, tuple[Any, Any]]) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, bytes):
            return self.text(value.decode(errors="surrogateescape")).encode(
                errors="surrogateescape"
            )
        if id(value) in seen:
            return seen[id(value)][1]
        new: Any = value
        if isinstance(value, Node):
            new = replace(value, data=self._value(value.data, seen), target=self.text(value.target))
            new = value if new == value else new
        elif is_dataclass(value) and not isinstance(value, type):
            new = type(value)(
                **{one.name: self._value(getattr(value, one.name), seen) for one in fields(value)}
            )
        elif isinstance(value, dict):
            new = {self._value(k, seen): self._value(v, seen) for k, v in value.items()}
        elif isinstance(value, list):
            new = [self._value(one, seen) for one in value]
        seen[id(value)] = (value, new)
        return new


SAME = Renaming()
NO_EXTRAS = Extras()


# --- replaying -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One answer that differs: where, what was run, and in which way."""

    session: str
    line: int
    command: str
    what: str

    def __str__(self) -> str:
        return f"{self.session}:{self.line} $ {self.command}\n{self.what}"


Skip = Callable[[Entry], bool]


def replay(
    machine: Machine,
    session: str,
    *,
    entries: Iterable[Entry] | None = None,
    renaming: Renaming = SAME,
    extras: Extras = NO_EXTRAS,
    skip: Skip = lambda entry: False,
) -> list[Difference]:
    """Run a recording, or the given entries of it, and report every difference."""
    found: list[Difference] = []
    for recorded in read_recording(session) if entries is None else entries:
        if skip(recorded):
            continue
        entry = renaming.entry(recorded)
        machine.state.now += 1
        answer = _answer(machine, entry, extras, renamed=bool(renaming.names))
        found += [Difference(session, entry.line, entry.title, what) for what in answer]
    return found


def _answer(machine: Machine, entry: Entry, extras: Extras, *, renamed: bool) -> list[str]:
    if entry.kind == "note":
        return []
    if entry.kind == "write":
        machine.files.mkdir(entry.path.rpartition("/")[0], parents=True)
        machine.files.write(entry.path, entry.text.encode())
        return []
    if entry.kind == "remove":
        machine.files.remove(entry.path)
        return []
    if entry.kind == "read":
        return _read(machine, entry)
    done = run_pipe(machine, entry.pipe, entry.stdin)
    expected = Done(entry.status, entry.stdout, entry.stderr)
    return compare(entry.pipe[-1], expected, done, extras, renamed=renamed)


def _read(machine: Machine, entry: Entry) -> list[str]:
    try:
        text = machine.files.read(entry.path).decode(errors="surrogateescape")
    except SimOSError as error:
        return [] if entry.status else [f"cannot be read: {error.reason}"]
    if entry.status:
        return ["can be read, but could not be when it was recorded"]
    return [] if text == entry.text else [f"expected:\n{entry.text}\ngot:\n{text}"]


def run_pipe(machine: Machine, pipe: Iterable[tuple[str, ...]], stdin: str = "") -> Done:
    """Run commands one after the other, each reading what the one before printed."""
    data, status, errors, out = stdin, 0, "", ""
    for argv in pipe:
        done = machine.now_run(argv, Call(()), data.encode(errors="surrogateescape"))
        data = out = done.stdout
        errors += done.stderr
        status = done.status or status
    return Done(status, out, errors)


# The order among the names stays: listings sort by name.
RENAMED = Renaming(
    {
        "zroot": "tank",
        "app0": "ant0",
        "app1": "ant1",
        "byhand": "bythem",
        "child": "cousin",
        "clash": "crash",
        "db01": "dove",
        "db02": "duck",
        "db03": "dump",
        "shop": "store",
        "thick1": "thing",
        "web01": "wasp",
        "www0": "zebra7",
        "vtnet0": "em0",
        "bridge0": "bridge7",
        "armbsd15": "hammer",
        "example.org": "example.net",
        "10.0.2.": "10.44.2.",
        "10.0.0.": "10.33.0.",
        "fd00:": "fd77:",
        "/usr/local/jails": "/usr/local/cells",
    }
)
