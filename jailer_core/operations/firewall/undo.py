"""What takes an added rule back when more has come since: its removal, and nothing else.

Where the rule is still the only one, the steps that added it are taken back one by one: the
packet filter goes off again too, if it came on for it.
"""

from __future__ import annotations

from collections.abc import Iterable

from jailer_core.errors import Refused
from jailer_core.firewall import Firewall, file_of
from jailer_core.operations.firewall import rules
from jailer_core.operations.firewall.requests import NatAdd, NatDel, RdrAdd, RdrDel
from jailer_core.operations.guards import named
from jailer_core.plan import Step, WriteFile


def opposite(
    firewall: Firewall | None, request: NatAdd | RdrAdd, steps: Iterable[Step]
) -> NatDel | RdrDel | None:
    """The request that removes it, None where its own steps can be taken back as they are."""
    path = file_of(request.name)
    wrote = [
        one.action for one in steps if isinstance(one.action, WriteFile) and one.action.path == path
    ]
    if firewall is None or not wrote:
        return None
    present = firewall.stored.get(request.name)
    others = {*firewall.stored, *(firewall.loaded or {})} - {request.name}
    if present == wrote[0].text and not others:
        return None
    old = rules.parse(wrote[0].before or "")
    added = [one for one in rules.parse(wrote[0].text) if one not in old]
    there = rules.parse(present or "")
    for one in added:
        known = one.translation
        if known is not None and one in there:
            if one.index:
                return RdrDel(request.name, one.index)
            return NatDel(request.name, known.family, known.interface)
    raise Refused(f"that rule of {named(request.name)} is not there any more", "See nat list.")
