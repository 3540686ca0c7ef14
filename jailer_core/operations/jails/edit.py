"""Replace a configuration file: jail(8) checks it first; running jails keep the old one."""

from __future__ import annotations

import re
from collections import defaultdict

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail
from jailer_core.operations import guards
from jailer_core.operations.jails.requests import Edit
from jailer_core.operations.shared import file_steps, paths
from jailer_core.plan import Needs, Plan, Run, Step
from jailer_core.plan.steps import Work
from jailer_core.text import sanitize

SEPARATOR = "\x1f"


def needs(inventory: Inventory, request: Edit) -> Needs:
    """What writing the jail's file needs to know."""
    return needs_of(inventory, guards.require_jail(inventory, request.name))


def needs_of(inventory: Inventory, jail: Jail) -> Needs:
    """The current text, and the files that running jails of this file were started with."""
    kept = [
        path
        for other in _runs_by(inventory, jail)
        for path in paths.running_files(inventory.layout, other)
    ]
    return Needs(jails=(jail.name,), files=tuple(kept))


def edit(inventory: Inventory, request: Edit) -> Plan:
    """The plan that puts a new text into a jail's file."""
    jail = guards.require_jail(inventory, request.name, guards.require_owned)
    config = guards.require_configured(jail)
    path, text = guards.source(config), guards.require_text(config)
    title = f"Edit the configuration of {sanitize(jail.name)}"
    if request.text == text:
        return Plan(request, title, notes=("The text is unchanged.",), jail=jail.name)
    _still_there(inventory, path, text, request.text)
    kept, notes = keep(inventory, jail, text)
    write = file_steps.change_config(config, request.text, f"Write {sanitize(path)}")
    steps = (_check(request.text, path), *kept, write)
    return Plan(request, title, steps, notes=tuple(notes), jail=jail.name)


def keep(inventory: Inventory, jail: Jail, text: str) -> Work:
    """Save the current text of a jail's file, to stop the jails that it started; with notes."""
    steps: list[Step] = []
    notes: list[str] = []
    for other in _runs_by(inventory, jail):
        notes.append(
            f"{sanitize(other.name)} is running: the new text takes effect at its next start."
        )
        if other.config is not None and other.config.path != guards.source(other.config):
            # a copy of this file alone lacks what the including one sets for all
            notes.append(
                "It is also stopped with the new text, since "
                f"{sanitize(other.config.path)} includes it."
            )
        elif not paths.started_with(inventory, other):
            steps.append(_keep(inventory, other, text))
    return steps, notes


def _still_there(inventory: Inventory, path: str, old: str, new: str) -> None:
    """Raises Refused when a running jail would lose its block: nothing here could stop it then."""
    for jail in inventory.jails:
        config = jail.config
        if jail.running and config is not None and guards.source(config) == path:
            block = re.compile(rf"(?:^|[\s;}}\"']){re.escape(config.name)}[\"']?\s*\{{")
            if block.search(old) and not block.search(new):
                raise Refused(
                    f"{sanitize(jail.name)} is running, and the new text no longer defines it",
                    f"Keep {sanitize(config.name)} {{ }} in it, or stop {sanitize(jail.name)} "
                    "first.",
                )


def _check(text: str, path: str) -> Step:
    """`-f -` reads standard input, so no second file is needed (docs/freebsd-facts.md, Reading)."""
    return Step(
        Run(("jail", "-f", "-", "-e", SEPARATOR), stdin=text),
        f"Check the new text of {sanitize(path)} with jail(8)",
        timeout=30.0,
    )


def _runs_by(inventory: Inventory, jail: Jail) -> list[Jail]:
    path = guards.source(jail.config) if jail.config else ""
    return _running_by_file(inventory).get(path, [])


@of_latest
def _running_by_file(inventory: Inventory) -> dict[str, list[Jail]]:
    jails: defaultdict[str, list[Jail]] = defaultdict(list)
    for jail in inventory.jails:
        if jail.running and jail.config:
            jails[guards.source(jail.config)].append(jail)
    return jails


def _keep(inventory: Inventory, jail: Jail, text: str) -> Step:
    path = paths.running_files(inventory.layout, jail)[0]
    title = f"Save the text that {sanitize(jail.name)} was started with"
    kept = paths.with_header(inventory, jail, text)
    return file_steps.put_file(path, inventory.file_texts.get(path), kept, title, mode=0o600)
