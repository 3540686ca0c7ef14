"""Limits in /etc/rctl.conf, which rc.d/rctl loads at boot: one rule a line, `#` for comments.

A jail that has rules there keeps all of its rules there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from jailer_core.model import Inventory
from jailer_core.operations.settings import kernel_limits
from jailer_core.operations.settings.limit_catalog import BY_RULE, Limit, number
from jailer_core.operations.shared import file_steps
from jailer_core.parse import rctl
from jailer_core.plan import Step
from jailer_core.text import ended

FILE = "/etc/rctl.conf"
_LINE = re.compile(
    r"^(?P<head>[ \t]*jail:(?P<who>[^:\s]+):(?P<resource>[a-z]+):(?P<action>[a-z]+)=)"
    r"(?P<amount>[^\s/#]+)(?P<per>/[a-z]+)?(?P<rest>[^\n]*\n?)",
    re.MULTILINE,
)


def text_of(inventory: Inventory) -> str:
    """The file, "" where there is none."""
    return inventory.file_texts.get(FILE, "")


def configured(text: str, name: str) -> dict[Limit, str]:
    """The limits of a jail; the last rule counts."""
    return {limit: match["amount"] for match, limit in _rules(text, name)}


def rules_of(text: str, name: str) -> list[re.Match[str]]:
    """The lines about a jail, with all parts of each."""
    return [match for match in _LINE.finditer(text) if match["who"] == name]


def lines_of(text: str, name: str) -> str:
    """The lines about a jail as they are, "" when there are none."""
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
    """The text with these limits of a jail; "" lifts one."""
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
    """Steps that let the rules of a jail follow its name, in the file and in the kernel."""
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
    rules = kernel_limits.rules(inventory, name) or ()
    loaded = rctl.amounts(rules, match["resource"], match["action"])
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
        step = kernel_limits.rule_step(rule, amounts, (title, f"Undo: {title}"))
        steps.append(replace(step, skip_if=step.postconditions))
    return steps
