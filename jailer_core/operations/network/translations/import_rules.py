"""Import the rules that `jailer` keeps in two files for all jails.

Its files stay, without the rules: pf.conf includes them, and would not load if one were gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, network as places
from jailer_core.model.network import Firewall
from jailer_core.operations import guards
from jailer_core.operations.network.translations import add, anchors, pf_setup, rules
from jailer_core.operations.network.translations.requests import ImportRules
from jailer_core.operations.network.translations.rules import Rule
from jailer_core.operations.shared import file_steps
from jailer_core.plan import Needs, Plan, Run, Step, Undo
from jailer_core.text import sanitize

_RELOAD = ("service", "pf", "onereload")


def needs(inventory: Inventory, _request: ImportRules) -> Needs:
    """The packet filter, then the files of the jails in jailer's rules."""
    firewall = inventory.firewall
    if firewall is None:
        return Needs(firewall=True)
    reading = Needs(firewall=True)
    for name in dict.fromkeys(jail for jail, _ in rules.originals(firewall)):
        jail = inventory.jail(name)
        if jail is not None:
            more = add.needs_of(inventory, jail)
            reading |= Needs(jails=(name,), files=more.files, jail_confs=more.jail_confs)
    return reading


def takeover(inventory: Inventory, request: ImportRules) -> Plan:
    """The plan that moves these rules into files and anchors of their jails."""
    firewall = pf_setup.known(inventory)
    by_jail, notes = _sorted(inventory, firewall)
    title = "Import NAT and redirect rules from jailer's shared files"
    if not by_jail:
        remark = [] if notes else ["jailer's shared files contain no rules."]
        return Plan(request, title, notes=(*remark, *notes))
    first = next(iter(by_jail))
    families = [rule.translation.family for _, rule in by_jail[first] if rule.translation]
    steps, remark = pf_setup.make(inventory, guards.require_jail(inventory, first), min(families))
    notes += remark
    steps += anchors.folders(inventory)
    index = rules.next_index(firewall)
    for name, lines in by_jail.items():
        every, index = _joined(firewall, name, [rule for _, rule in lines], index)
        steps += add.stored(inventory, firewall, guards.require_jail(inventory, name), every)
    taken_over = {raw for lines in by_jail.values() for raw, _ in lines}
    emptied = [
        file_steps.change_file(
            path,
            text,
            _without(text, taken_over),
            inventory.file_stats.get(path),
            f"Remove them from {path}",
        )
        for path, text in firewall.originals.items()
        if _without(text, taken_over) != text
    ]
    if firewall.enabled:
        again = Undo(Run(_RELOAD), "Load them from there again")
        emptied[0] = replace(emptied[0], undo=(*emptied[0].undo, again))
    emptied.append(Step(Run(_RELOAD), f"Load {places.MAIN} without them"))
    notes.append("jailer's shared files are kept, since pf.conf includes them.")
    return Plan(request, title, (*steps, *emptied), notes=tuple(notes))


def _sorted(
    inventory: Inventory, firewall: Firewall
) -> tuple[dict[str, list[tuple[str, Rule]]], list[str]]:
    """Line and rule by jail, and why others stay where they are."""
    by_jail: dict[str, list[tuple[str, Rule]]] = {}
    notes: list[str] = []
    for text in firewall.originals.values():
        for raw in filter(str.strip, text.split("\n")):
            for name, rule in rules.originals(replace(firewall, originals={"": raw})):
                why = _why_not(inventory, name, rule)
                if why:
                    notes.append(f"Not imported, because {why}: {sanitize(raw.strip())}")
                else:
                    by_jail.setdefault(name, []).append((raw, rule))
    return by_jail, notes


def _why_not(inventory: Inventory, name: str, rule: Rule) -> str:
    if rule.translation is None:
        return "it is not in jailer's format"
    jail = inventory.jail(name)
    if jail is None:
        return f"there is no jail {sanitize(name)}"
    try:
        guards.require_owned(jail)
        rules.must_fit(name)
    except Refused as error:
        return error.message
    return ""


def _joined(
    firewall: Firewall, name: str, more: Sequence[Rule], index: int
) -> tuple[list[Rule], int]:
    """The rules of a jail with those, each once; a rule whose index is taken gets another."""
    every = list(rules.of(firewall, name))
    for rule in more:
        if any(known.translation == rule.translation for known in every):
            continue
        if rule.index and rule.index in {known.index for known in every}:
            rule = replace(rule, index=index)  # noqa: PLW2901
            index += 1
        every.append(rule)
    return every, index


def _without(text: str, taken_over: set[str]) -> str:
    return "\n".join(line for line in text.split("\n") if line not in taken_over)
