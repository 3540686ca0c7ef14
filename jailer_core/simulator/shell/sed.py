"""sed(1), as far as configuration files are edited with it: `s|a|b|[g]` and `/re/d`."""

from __future__ import annotations

import re
from collections.abc import Callable

from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say, command, fail
from jailer_core.simulator.kernel.options import Options
from jailer_core.simulator.kernel.paths import Paths

Edit = Callable[[str], str | None]
"""Maps a line without its line feed to the edited line; None: the line is deleted."""


@command("sed")
def sed(machine: Machine, call: Call) -> Running:
    options = Options.parse(call.args, "En", "ei", anywhere=False)
    scripts = options.values("e") or [options.rest.pop(0)]
    edits = [_edit(script) for script in scripts]
    if None in edits:  # not recorded
        return (yield from fail("sed", f"1: {scripts[edits.index(None)]!r}: invalid command code"))
    paths = Paths(machine, call)
    for path in options.rest:
        try:
            text = paths.read(path).decode(errors="surrogateescape")
            edited = _edited(text, [edit for edit in edits if edit is not None])
            if options.has("i"):
                paths.write(path, edited.encode(errors="surrogateescape"))
            else:
                yield Say(edited)
        except SimOSError as error:
            return (yield from fail("sed", f"{path}: {error.reason}"))
    return 0


def _edited(text: str, edits: list[Edit]) -> str:
    kept = []
    for line in text.splitlines():
        found: str | None = line
        for edit in edits:
            found = edit(found) if found is not None else None
        if found is not None:
            kept.append(found + "\n")
    return "".join(kept)


def _edit(script: str) -> Edit | None:
    if script.startswith("/") and script.endswith("/d"):
        gone = re.compile(script[1:-2].replace("\\/", "/"))
        return lambda line: None if gone.search(line) else line
    sign = re.escape(script[1:2])
    parts = re.fullmatch(rf"s{sign}(.*?){sign}(.*?){sign}(g?)", script, re.DOTALL)
    if not sign or parts is None:
        return None
    pattern, new, every = re.compile(parts[1]), parts[2].replace("\\n", "\n"), parts[3]
    return lambda line: pattern.sub(lambda _: new, line, count=0 if every else 1)
