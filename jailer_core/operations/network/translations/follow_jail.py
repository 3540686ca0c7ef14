"""Keep a jail's rules in step when it is renamed, readdressed, destroyed or restored.

The steps are for plans of others. They need `Needs(files=paths(name))`, `back` also
`paths=FOLDERS`, and `readdressed` `firewall=True`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.model import Inventory, Jail
from jailer_core.model.firewall import RDR, Firewall, file_of
from jailer_core.operations.network.translations import anchors, conflicts, rules
from jailer_core.operations.shared import file_steps
from jailer_core.plan import Step
from jailer_core.text import sanitize


def paths(*names: str) -> tuple[str, ...]:
    """The rule files of jails; a name that no anchor can have has none."""
    return tuple(file_of(name) for name in names if rules.fits(name))


def stored(inventory: Inventory, name: str) -> str | None:
    """The text of a jail's rule file, None when it has none (or was not read)."""
    return inventory.file_texts.get(file_of(name)) if rules.fits(name) else None


def renamed(inventory: Inventory, old: str, new: str) -> list[Step]:
    """The rule file under another name; the lines in the jail's file follow by themselves."""
    text = stored(inventory, old)
    if text is None:
        return []
    fresh = text.replace(f"{rules.head(old)}\n", f"{rules.head(new)}\n")
    present = inventory.file_texts.get(file_of(new))
    write = anchors.write(new, present, fresh, f"Store its packet filter rules as {file_of(new)}")
    return [write, *dropped(inventory, old)]


def dropped(inventory: Inventory, name: str) -> list[Step]:
    """Remove the rule file of a jail that goes."""
    text = stored(inventory, name)
    if text is None:
        return []
    path = file_of(name)
    return [file_steps.drop_file(path, text, anchors.STAMP, f"Remove {path}")]


def back(inventory: Inventory, name: str, text: str) -> list[Step]:
    """Write the rule file of a jail that comes back; its start loads it."""
    present = inventory.file_texts.get(file_of(name))
    if present == text:
        return []
    folders = anchors.folders(inventory) if present is None else []
    title = f"Store the rules of {sanitize(name)} again"
    return [*folders, anchors.write(name, present, text, title)]


def taken(inventory: Inventory, name: str, text: str) -> list[str]:
    """Which of its redirections are taken by now: the rule that comes first counts."""
    firewall = inventory.firewall
    if firewall is None:
        return []
    steps = []
    for rule in rules.parse(text):
        translation = rule.translation
        if translation is None or translation.kind != RDR:
            continue
        who = conflicts.holder(inventory, firewall, translation, name)
        if who and who != "itself":
            steps.append(f"{translation.came_to.capitalize()} is now used by {who}: see rdr list")
    return steps


def readdressed(firewall: Firewall, jail: Jail, moves: Mapping[str, str]) -> list[Step]:
    """The rules with other addresses of the jail, by old address; loaded again while it runs."""
    text = firewall.stored.get(jail.name)
    if text is None:
        return []
    new = text
    for old, fresh in moves.items():
        new = fresh.join(re.split(rf"(?<![\w.:]){re.escape(old)}(?![\w.:])", new))
    if new == text:
        return []
    store = anchors.store(firewall, jail.name, new)
    if not firewall.module:
        return [store]
    load = [anchors.load(firewall, jail.name, new)] if jail.running else []
    return [anchors.check(jail.name, new), store, *load]
