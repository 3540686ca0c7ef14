"""A devfs ruleset for VNET jails that hides what is not theirs.

Facts: docs/freebsd-facts.md, Starting and stopping.

A ruleset without a rule that hides shows a jail *all* devices of the host, so a number is only
used when its rules were seen, and when /etc/devfs.rules brings it back after a reboot.
"""

from __future__ import annotations

import re
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory
from jailer_core.operations.shared import file_steps
from jailer_core.parse import jail_settings
from jailer_core.plan import CommandSucceeds, NotInUse, Run, Step, Undo
from jailer_core.plan.conditions import users
from jailer_core.templates import render
from jailer_core.text import ended, sanitize

FILE = "/etc/devfs.rules"
SETS = ("devfs", "rule", "showsets")
RULES = ("include 1", "include 2", "include 3", "path bpf* unhide")
"""As `devfs rule -s N show` prints them (recording 04)."""

FIRST = 10
"""The first number that we give; 1 to 5 are FreeBSD's own (/etc/defaults/devfs.rules)."""

_HEADER = re.compile(r"^\s*\[[^\]=]*=\s*(\d+)\s*\]", re.MULTILINE)


def asks(inventory: Inventory) -> tuple[tuple[str, ...], ...]:
    """The queries: the rulesets, and once they are known the rules of those in the file."""
    known = set(_loaded(inventory) or ())
    numbers = [number for number in _in_file(inventory) if number in known]
    return (SETS, *(show(number) for number in numbers))


def show(number: int | str) -> tuple[str, ...]:
    """The command that lists the rules of a ruleset."""
    return ("devfs", "rule", "-s", str(number), "show")


def _in_file(inventory: Inventory) -> list[int]:
    return sorted({int(number) for number in _HEADER.findall(inventory.file_texts.get(FILE, ""))})


def _loaded(inventory: Inventory) -> tuple[int, ...] | None:
    """The numbers of all rulesets, None when one of them could not be read."""
    return inventory.parsed(SETS, lambda text: jail_settings.rulesets(text).entire())


def safe(inventory: Inventory) -> int | None:
    """The number of a ruleset in the file that is loaded and correct, or None."""
    for number in _in_file(inventory):
        rules = inventory.parsed(
            show(number), lambda text: jail_settings.ruleset_rules(text).entire()
        )
        if rules is not None and tuple(rule for _, rule in rules) == RULES:
            return number
    return None


def make(inventory: Inventory) -> tuple[int, list[Step]]:
    """The number of a right ruleset, and the steps that make it when there is none yet.

    The file is only added to; the rules are loaded one by one, since `service devfs restart`
    would load everything again (recording 12).
    """
    number = safe(inventory)
    if number is not None:
        return number, []
    loaded = _loaded(inventory)
    if loaded is None:
        raise Refused(
            "which devfs rulesets are loaded could not be read", "See: devfs rule showsets."
        )
    taken = {*_in_file(inventory), *loaded}
    # a configuration that cannot be read would count for every number
    number = next(
        number
        for number in range(FIRST, 65536)
        if number not in taken
        and not any(
            user.known for user in users.find_users(inventory, "ruleset", str(number)) or ()
        )
    )
    block = render("devfs.rules.j2", number=number)
    old = inventory.file_texts.get(FILE)
    title = f"Add the ruleset {number} for jails with their own network to {sanitize(FILE)}"
    fresh = block if old is None else f"{ended(old)}\n{block}"
    first = file_steps.put_file(FILE, old, fresh, title)
    return number, [first, *_load(number)]


def _load(number: int) -> list[Step]:
    add = ("devfs", "rule", "-s", str(number), "add")
    ours = "".join(f"{100 * place} {rule}\n" for place, rule in enumerate(RULES, 1))
    changed = f"the rules of the devfs ruleset {number} were changed since"
    forget = Undo(
        Run(("devfs", "rule", "-s", str(number), "delset")),
        f"Remove the rules of {number}",
        preconditions=(
            CommandSucceeds(show(number), "", succeeds=False),
            CommandSucceeds(show(number), ours, contains=True, description=changed),
            NotInUse("ruleset", str(number)),
        ),
        done_when=(CommandSucceeds(show(number), ""),),
    )
    steps = [
        Step(Run((*add, *rule.split())), f"Load the ruleset {number}: {rule}") for rule in RULES
    ]
    return [replace(steps[0], undo=(forget,)), *steps[1:]]
