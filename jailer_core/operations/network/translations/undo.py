"""Undo an added rule after later changes: remove that rule and nothing else.

Where the rule is still the only one, the steps that added it are undone one by one: the
packet filter goes off again too, if it came on for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.errors import Refused
from jailer_core.model.firewall import Firewall, file_of
from jailer_core.operations.network.translations import rules
from jailer_core.operations.network.translations.requests import (
    NatAdd,
    NatRemove,
    RedirectAdd,
    RedirectRemove,
)
from jailer_core.plan import Step, WriteFile
from jailer_core.text import sanitize


def opposite(
    firewall: Firewall | None, request: NatAdd | RedirectAdd, steps: Iterable[Step]
) -> NatRemove | RedirectRemove | None:
    """The request that removes it, None where its own steps can be undone as they are."""
    path = file_of(request.name)
    wrote = [
        step.action
        for step in steps
        if isinstance(step.action, WriteFile) and step.action.path == path
    ]
    if firewall is None or not wrote:
        return None
    present = firewall.stored.get(request.name)
    others = {*firewall.stored, *(firewall.loaded or {})} - {request.name}
    if present == wrote[0].text and not others:
        return None
    old = rules.parse(wrote[0].before or "")
    added = [rule for rule in rules.parse(wrote[0].text) if rule not in old]
    present_rules = rules.parse(present or "")
    for rule in added:
        translation = rule.translation
        if translation is not None and rule in present_rules:
            if rule.index:
                return RedirectRemove(request.name, rule.index)
            return NatRemove(request.name, translation.family, translation.interface)
    raise Refused(f"that rule of {sanitize(request.name)} no longer exists", "See nat list.")
