"""Limits in /etc/rctl.conf, which rc.d/rctl loads at boot: one rule a line, `#` for comments.

A jail that has rules there keeps all of its rules there.

Rules in /etc/rctl.conf of a jail that is destroyed, and of one that is restored.

The steps are for plans of others. They need `needs(inventory, name)`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jailer_core.model import Inventory
from jailer_core.operations.settings import limit_state
from jailer_core.operations.settings.limit_catalog import BY_RULE, Limit, number
from jailer_core.operations.shared import file_steps
from jailer_core.parse import jail_settings
from jailer_core.plan import Needs, Step
from jailer_core.text import ended, sanitize

FILE = "/etc/rctl.conf"
_LINE = re.compile(
    r"^(?P<head>[ \t]*jail:(?P<who>[^:\s]+):(?P<resource>[a-z]+):(?P<action>[a-z]+)=)"
    r"(?P<amount>[^\s/#]+)(?P<per>/[a-z]+)?(?P<rest>[^\n]*\n?)",
    re.MULTILINE,
)


def text_of(inventory: Inventory) -> str:
    """The text of the file, "" if there is none."""
    return inventory.file_texts.get(FILE, "")


def configured(text: str, name: str) -> dict[Limit, str]:
    """The limits of a jail; the last rule counts."""
    return {limit: match["amount"] for match, limit in _rules(text, name)}


def rules_of(text: str, name: str) -> list[re.Match[str]]:
    """The lines about a jail, with all parts of each."""
    return [match for match in _LINE.finditer(text) if match["who"] == name]


def lines_of(text: str, name: str) -> str:
    """The unchanged lines about a jail, or ""."""
    return "".join(f"{match[0].rstrip()}\n" for match in rules_of(text, name))


def without(text: str, name: str) -> str:
    """The text without the lines about a jail."""
    for match in reversed(rules_of(text, name)):
        text = text[: match.start()] + text[match.end() :]
    return text


def _rules(text: str, name: str) -> Iterator[tuple[re.Match[str], Limit]]:
    for match in _LINE.finditer(text):
        limit = BY_RULE.get((match["resource"], match["action"]))
        if limit is not None and match["who"] == name and match["per"] in (None, "/jail"):
            yield match, limit


def changed(text: str, name: str, limits: Mapping[Limit, str]) -> str:
    """The text with these limits of a jail; "" removes a limit."""
    missing = {limit: amount for limit, amount in limits.items() if amount}
    for match, limit in reversed(list(_rules(text, name))):
        if limit not in limits:
            continue
        amount = limits[limit]
        fresh = f"{match['head']}{amount}{match['per'] or ''}{match['rest']}" if amount else ""
        text = text[: match.start()] + fresh + text[match.end() :]
        missing.pop(limit, None)
    text = ended(text) if missing else text
    return text + "".join(f"jail:{name}:{limit.rule(missing[limit])}\n" for limit in missing)


# --- a jail that is renamed --------------------------------------------------------------------


def renamed(inventory: Inventory, old: str, new: str) -> list[Step]:
    """Steps that rename the rules of a jail, in the file and in the kernel."""
    text = text_of(inventory)
    matches = rules_of(text, old)
    if not matches:
        return []
    fresh = text
    for match in reversed(matches):
        fresh = fresh[: match.start("who")] + new + fresh[match.end("who") :]
    title = f"Rename its rules in {FILE}"
    steps = [file_steps.change_file(FILE, text, fresh, None, title)]
    for match in matches if inventory.host.racct else ():
        if match["per"] in (None, "/jail"):
            steps += _in_kernel(match, _loaded(inventory, match, old), old, new)
    return steps


def _loaded(inventory: Inventory, match: re.Match[str], name: str) -> str:
    """The amount that the kernel has: it may have been changed by hand since.

    Where it has none, or could not be asked: as the file says.
    """
    rules = limit_state.rules(inventory, name) or ()
    loaded = jail_settings.amounts(rules, match["resource"], match["action"])
    return loaded[-1] if loaded else str(number(match["amount"]))


def _in_kernel(match: re.Match[str], amount: str, old: str, new: str) -> list[Step]:
    """One rule for the new name, and none for the old one."""
    resource, action = match["resource"], match["action"]
    steps = []
    for name, amounts, title in (
        (old, (amount, ""), f"Remove the {resource} rule for {old}"),
        (new, ("", amount), f"Add the {resource} rule for {new}"),
    ):
        rule = (name, resource, action)
        step = limit_state.rule_step(rule, amounts, (title, f"Undo: {title}"))
        steps.append(replace(step, skip_if=step.postconditions))
    return steps


KeptRules = tuple[list[Step], list[str]]


def trash_needs(inventory: Inventory, name: str) -> Needs:
    """The file, and the kernel's rules if the file has rules about the jail."""
    asks = inventory.host.racct and limit_state.fits(name) and stored(inventory, name)
    return Needs(files=(FILE,), commands=(limit_state.rules_ask(name),) if asks else ())


def stored(inventory: Inventory, name: str) -> str:
    """The lines about a jail, or ""."""
    return lines_of(text_of(inventory), name)


def loaded(inventory: Inventory, name: str) -> tuple[str, ...]:
    """The kernel's rules that match the lines: `memoryuse:deny=536870912`."""
    rules = _of_lines(inventory, name) or []
    count = Counter((rule.resource, rule.action) for rule in rules)
    amounts = [(rule, rule.amount.removesuffix("/jail")) for rule in rules]
    return tuple(
        f"{rule.resource}:{rule.action}={amount}"
        for rule, amount in amounts
        if count[rule.resource, rule.action] == 1 and "/" not in amount
    )


def _of_lines(inventory: Inventory, name: str) -> list[jail_settings.Limit] | None:
    """The rules of the kernel about what the lines limit; those of hooks go at the stop."""
    rules = limit_state.rules(inventory, name)
    lines = rules_of(text_of(inventory), name)
    limited = {(line["resource"], line["action"]) for line in lines}
    if rules is None:
        return None
    return [rule for rule in rules if (rule.resource, rule.action) in limited]


def dropped(inventory: Inventory, name: str) -> KeptRules:
    """Remove the rules of a destroyed jail from the file and from the kernel."""
    if not stored(inventory, name):
        return [], []
    text = text_of(inventory)
    title = f"Remove the rules of {sanitize(name)} from {FILE}"
    write = file_steps.change_file(FILE, text, without(text, name), None, title)
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


def back(inventory: Inventory, name: str, kept: str, rules: tuple[str, ...]) -> KeptRules:
    """The rules of a jail that comes back; its start finds them in the kernel.

    `kept` is the file as it was, `rules` those of the kernel.
    """
    if stored(inventory, name):
        return [], [f"{FILE} has rules of {sanitize(name)} already: the old ones are not added."]
    text = text_of(inventory)
    same = text == without(kept, name)
    fresh = kept if same else f"{ended(text)}{lines_of(kept, name)}"
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
    step = limit_state.rule_step((name, resource, action), (before, after), (do, back))
    # the stop of the jail may have removed it already
    return replace(step, skip_if=step.postconditions)
