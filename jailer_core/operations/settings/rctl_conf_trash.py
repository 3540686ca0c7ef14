"""Rules in /etc/rctl.conf of a jail that is destroyed, and of one that comes back.

The steps are for plans of others. They need `needs(inventory, name)`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from jailer_core.model import Inventory
from jailer_core.operations.guards import named
from jailer_core.operations.settings import kernel_limits, rctl_conf
from jailer_core.operations.settings.limit_catalog import number
from jailer_core.operations.settings.rctl_conf import FILE
from jailer_core.operations.shared import file_steps
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import LimitIs, Needs, Run, Step

Said = tuple[list[Step], list[str]]


def needs(inventory: Inventory, name: str) -> Needs:
    """The file, and the rules of the kernel where the file has some of the jail."""
    asks = inventory.host.racct and kernel_limits.fits(name) and stored(inventory, name)
    return Needs(files=(FILE,), commands=(kernel_limits.rules_ask(name),) if asks else ())


def stored(inventory: Inventory, name: str) -> str:
    """The lines about a jail, "" when there are none."""
    return rctl_conf.lines_of(rctl_conf.text_of(inventory), name)


def dropped(inventory: Inventory, name: str) -> Said:
    """Remove the rules of a jail that goes, from the file and from the kernel."""
    if not stored(inventory, name):
        return [], []
    text = rctl_conf.text_of(inventory)
    title = f"Remove the rules of {named(name)} from {FILE}"
    steps = [file_steps.change_file(FILE, text, rctl_conf.without(text, name), None, title)]
    rules = kernel_limits.rules(inventory, name)
    if rules is None:
        return steps, [f"Rules of {named(name)} may be left in the kernel: they could not be read."]
    count = Counter((rule.resource, rule.action) for rule in rules)
    for rule in rules:
        amount = rule.amount.removesuffix("/jail")
        if count[rule.resource, rule.action] == 1 and "/" not in amount:
            steps.append(_step(name, (rule.resource, rule.action), amount, ""))
    left = len(rules) - len(steps) + 1
    if left:
        hint = f"rctl -r jail:{name}"
        return steps, [f"{left} of its rules stay in the kernel until the next boot: {hint}"]
    return steps, []


def back(inventory: Inventory, name: str, lines: str) -> Said:
    """Write the rules of a jail that comes back; its start finds them in the kernel."""
    if stored(inventory, name):
        return [], [f"{FILE} has rules of {named(name)} by now: its old ones are not added."]
    text = rctl_conf.text_of(inventory)
    gap = "" if not text or text.endswith("\n") else "\n"
    fresh, title = f"{text}{gap}{lines}", f"Write its rules to {FILE} again"
    write = (
        file_steps.change_file(FILE, text, fresh, None, title)
        if FILE in inventory.file_texts
        else file_steps.new_file(FILE, fresh, 0o644, title, owner=(0, 0))
    )
    return [write, *(_loaded(name, lines) if inventory.host.racct else ())], []


def _loaded(name: str, lines: str) -> Iterable[Step]:
    """As rc.d/rctl would load them at boot; of several amounts the last one."""
    amounts = {
        (match["resource"], match["action"]): match["amount"]
        for match in rctl_conf.rules_of(lines, name)
        if match["per"] in (None, "/jail") and number(match["amount"])
    }
    for what, amount in amounts.items():
        yield _step(name, what, "", str(number(amount)))


def _step(name: str, what: tuple[str, str], old: str, new: str) -> Step:
    """From one amount in the kernel to another; "" is no rule."""
    resource, action = what

    def to(amount: str) -> Run:
        rule = f"jail:{name}:{resource}:{action}"
        return Run(("rctl", "-a", f"{rule}={amount}") if amount else ("rctl", "-r", rule))

    verb, back_verb = ("Add", "Remove") if new else ("Remove", "Add")
    made = reversible(
        (to(new), f"{verb} the rule about {resource} for {named(name)}"),
        (to(old), f"{back_verb} the rule about {resource} for {named(name)}"),
        before=(LimitIs(name, resource, action, old),),
        after=(LimitIs(name, resource, action, new),),
    )
    # the stop of the jail may have removed it already
    return replace(made, skip_if=(LimitIs(name, resource, action, new),))
