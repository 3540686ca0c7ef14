"""Take over the rules that the original keeps in two files for all jails.

Its files stay, without the rules: pf.conf includes them, and would not load if one were gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core import firewall as places
from jailer_core.errors import Refused
from jailer_core.firewall import Firewall
from jailer_core.model import Inventory, Jail
from jailer_core.operations import files, guards
from jailer_core.operations.firewall import add, anchors, ready, rules
from jailer_core.operations.firewall.requests import Takeover
from jailer_core.operations.firewall.rules import Rule
from jailer_core.operations.guards import named
from jailer_core.plan import Needs, Plan, Run, Step, Undo

_RELOAD = ("service", "pf", "onereload")


def needs(inventory: Inventory, _request: Takeover) -> Needs:
    """The packet filter, then the files of the jails that the original's rules are for."""
    firewall = inventory.firewall
    if firewall is None:
        return Needs(firewall=True)
    wanted = Needs(firewall=True)
    for name in dict.fromkeys(jail for jail, _ in rules.originals(firewall)):
        jail = inventory.jail(name)
        if jail is not None:
            more = add.needs_of(inventory, jail)
            wanted = replace(
                wanted,
                jails=(*wanted.jails, name),
                files=tuple(dict.fromkeys((*wanted.files, *more.files))),
                confs=(*wanted.confs, *more.confs),
            )
    return wanted


def takeover(inventory: Inventory, request: Takeover) -> Plan:
    """The plan that moves them into files and anchors of their jails."""
    firewall = ready.known(inventory)
    found, notes = _sorted(inventory, firewall)
    title = "Take over the NAT and redirections of the original"
    if not found:
        said = [] if notes else ["The original's files hold no rules."]
        return Plan(request, title, notes=(*said, *notes))
    first = next(iter(found))
    families = [one.translation.family for _, one in found[first] if one.translation]
    steps, said = ready.make(inventory, _jail(inventory, first), min(families))
    notes += said
    steps += anchors.folders(inventory)
    index = rules.next_index(firewall)
    for name, lines in found.items():
        every, index = _joined(firewall, name, [one for _, one in lines], index)
        steps += add.stored(inventory, firewall, _jail(inventory, name), every)
    gone = {raw for lines in found.values() for raw, _ in lines}
    emptied = [
        files.change_file(
            path, text, _without(text, gone), inventory.stamps.get(path), f"Take them out of {path}"
        )
        for path, text in firewall.originals.items()
        if _without(text, gone) != text
    ]
    if firewall.enabled:
        again = Undo(Run(_RELOAD), "Load them from there again")
        emptied[0] = replace(emptied[0], undo=(*emptied[0].undo, again))
    emptied.append(Step(Run(_RELOAD), f"Load {places.MAIN} without them"))
    notes.append("The original's files stay, since pf.conf includes them.")
    return Plan(request, title, (*steps, *emptied), notes=tuple(notes))


def _jail(inventory: Inventory, name: str) -> Jail:
    return guards.the_jail(inventory, name)


def _sorted(
    inventory: Inventory, firewall: Firewall
) -> tuple[dict[str, list[tuple[str, Rule]]], list[str]]:
    """Line and rule by jail, and why others stay where they are."""
    found: dict[str, list[tuple[str, Rule]]] = {}
    notes: list[str] = []
    for text in firewall.originals.values():
        for raw in filter(str.strip, text.split("\n")):
            for name, one in rules.originals(replace(firewall, originals={"": raw})):
                why = _why_not(inventory, name, one)
                if why:
                    notes.append(f"Left where it is, {why}: {named(raw.strip())}")
                else:
                    found.setdefault(name, []).append((raw, one))
    return found, notes


def _why_not(inventory: Inventory, name: str, one: Rule) -> str:
    if one.translation is None:
        return "its form is not the original's"
    jail = inventory.jail(name)
    if jail is None:
        return f"there is no jail {named(name)}"
    try:
        guards.owned(jail)
        rules.must_fit(name)
    except Refused as error:
        return error.message
    return ""


def _joined(
    firewall: Firewall, name: str, more: Sequence[Rule], index: int
) -> tuple[list[Rule], int]:
    """The rules of a jail with those, each once; an index that is taken is given anew."""
    every = list(rules.of(firewall, name))
    for one in more:
        if any(known.translation == one.translation for known in every):
            continue
        if one.index and one.index in {known.index for known in every}:
            one = replace(one, index=index)  # noqa: PLW2901
            index += 1
        every.append(one)
    return every, index


def _without(text: str, gone: set[str]) -> str:
    return "\n".join(line for line in text.split("\n") if line not in gone)
