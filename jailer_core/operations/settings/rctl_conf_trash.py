"""Rules in /etc/rctl.conf of a jail that is destroyed, and of one that is restored.

The steps are for plans of others. They need `needs(inventory, name)`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from jailer_core.model import Inventory
from jailer_core.operations.settings import kernel_limits, rctl_conf
from jailer_core.operations.settings.rctl_conf import FILE
from jailer_core.operations.shared import file_steps
from jailer_core.parse import rctl
from jailer_core.plan import Needs, Step
from jailer_core.text import ended, sanitize

Said = tuple[list[Step], list[str]]


def needs(inventory: Inventory, name: str) -> Needs:
    """The file, and the rules of the kernel where the file has some of the jail."""
    asks = inventory.host.racct and kernel_limits.fits(name) and stored(inventory, name)
    return Needs(files=(FILE,), commands=(kernel_limits.rules_ask(name),) if asks else ())


def stored(inventory: Inventory, name: str) -> str:
    """The lines about a jail, "" when there are none."""
    return rctl_conf.lines_of(rctl_conf.text_of(inventory), name)


def loaded(inventory: Inventory, name: str) -> tuple[str, ...]:
    """The rules of the kernel that go with the lines: `memoryuse:deny=536870912`."""
    rules = _of_lines(inventory, name) or []
    count = Counter((rule.resource, rule.action) for rule in rules)
    amounts = [(rule, rule.amount.removesuffix("/jail")) for rule in rules]
    return tuple(
        f"{rule.resource}:{rule.action}={amount}"
        for rule, amount in amounts
        if count[rule.resource, rule.action] == 1 and "/" not in amount
    )


def _of_lines(inventory: Inventory, name: str) -> list[rctl.Limit] | None:
    """The rules of the kernel about what the lines limit; those of hooks go at the stop."""
    rules = kernel_limits.rules(inventory, name)
    lines = rctl_conf.rules_of(rctl_conf.text_of(inventory), name)
    limited = {(line["resource"], line["action"]) for line in lines}
    if rules is None:
        return None
    return [rule for rule in rules if (rule.resource, rule.action) in limited]


def dropped(inventory: Inventory, name: str) -> Said:
    """Remove the rules of a jail that goes, from the file and from the kernel."""
    if not stored(inventory, name):
        return [], []
    text = rctl_conf.text_of(inventory)
    title = f"Remove the rules of {sanitize(name)} from {FILE}"
    write = file_steps.change_file(FILE, text, rctl_conf.without(text, name), None, title)
    rules, known = loaded(inventory, name), _of_lines(inventory, name)
    steps = [write, *(_step(name, rule, new=False) for rule in rules)]
    if known is None:
        return steps, [
            f"Rules of {sanitize(name)} may be left in the kernel: they could not be read."
        ]
    if len(known) == len(rules):
        return steps, []
    left = f"{len(known) - len(rules)} of its rules stay in the kernel until the next boot"
    return steps, [f"{left}: rctl -r jail:{name}"]


def back(inventory: Inventory, name: str, kept: str, rules: tuple[str, ...]) -> Said:
    """The rules of a jail that comes back; its start finds them in the kernel.

    `kept` is the file as it was, `rules` those of the kernel.
    """
    if stored(inventory, name):
        return [], [f"{FILE} has rules of {sanitize(name)} already: the old ones are not added."]
    text = rctl_conf.text_of(inventory)
    same = text == rctl_conf.without(kept, name)
    fresh = kept if same else f"{ended(text)}{rctl_conf.lines_of(kept, name)}"
    title = f"Write its rules to {FILE} again"
    write = file_steps.put_file(FILE, inventory.file_texts.get(FILE), fresh, title, owner=(0, 0))
    again = rules if inventory.host.racct else ()
    return [write, *(_step(name, rule, new=True) for rule in again)], []


def _step(name: str, rule: str, *, new: bool) -> Step:
    """Add a rule to the kernel, or remove it."""
    what, _, amount = rule.partition("=")
    resource, _, action = what.partition(":")
    title = f"the {resource} rule for {sanitize(name)}"
    states = (("", f"Remove {title}"), (amount, f"Add {title}"))
    (before, back), (after, do) = states if new else reversed(states)
    step = kernel_limits.rule_step((name, resource, action), (before, after), (do, back))
    # the stop of the jail may have removed it already
    return replace(step, skip_if=step.postconditions)
