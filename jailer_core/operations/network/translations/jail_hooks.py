"""The lines of a jail's configuration that load its rules when it starts and drop them after.

A hook that fails makes the start fail and removes the jail (docs/freebsd-facts.md,
Packet filter), so no line here can: `|| true`. jail(8) hands a line with such characters to
sh(1), therefore only a name that is a plain word gets them (rules.must_fit). `${name}` lets them
follow a rename.

Keep a jail's rules in step when it is renamed, readdressed, destroyed or restored.

The steps are for plans of others. They need `Needs(files=paths(name))`, `back` also
`paths=FOLDERS`, and `readdressed` `firewall=True`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.model.network import ANCHOR, FOLDER, RDR, Firewall, file_of
from jailer_core.operations.guards import source
from jailer_core.operations.network.translations import anchors, conflicts, rules
from jailer_core.operations.shared import config_check, file_steps, jailconf_edit, starting_context
from jailer_core.plan import Step
from jailer_core.text import ended, sanitize

LOAD = f"/sbin/pfctl -q -a {ANCHOR}/${{name}} -f {FOLDER}/${{name}}.conf || true"
DROP = (
    f"/sbin/pfctl -q -a {ANCHOR}/${{name}} -F nat || true",
    f"/sbin/pfctl -q -a {ANCHOR}/${{name}} -F rules || true",
)
"""`-F all` fails on an anchor (recording 10)."""

_OWN = {"exec.poststart": (LOAD,), "exec.poststop": DROP}
LINES = (
    f'exec.poststart += "{LOAD}";',
    *(f'exec.poststop  += "{command}";' for command in DROP),
)


def there(config: JailConfig) -> bool:
    """Whether the jail's start loads its rules."""
    return LOAD.replace("${name}", config.name) in config.params.get("exec.poststart", ())


def added(config: JailConfig, text: str) -> str:
    """The text with the lines at the end of the jail's block, "" when that is not plain to see.

    The last place: a later `exec.poststop =` would throw an earlier line away.
    """
    end = _end(text, config.name)
    if end < 0:
        return ""
    before, after = text[:end], text[end:]
    return ended(before.rstrip(" \t")) + "".join(f"  {line}\n" for line in LINES) + after


def removed(text: str) -> str:
    """The text without them."""
    for line in LINES:
        text = re.sub(rf"^[ \t]*{re.escape(line)}[ \t]*\n", "", text, flags=re.MULTILINE)
    return text


def _end(text: str, name: str) -> int:
    """Where the closing brace of the jail's block is, -1 when its beginning is not found."""
    match = jailconf_edit.head(text, name)
    if match is None:
        return -1
    _, *rest = jailconf_edit.braces(text, match.end())
    depth = 1
    for place, brace in rest:
        depth += 1 if brace == "{" else -1
        if depth == 0:
            return place
    return -1


def must_be_read(inventory: Inventory, config: JailConfig, text: str) -> None:
    """Raises Refused unless jail(8) reads that text as the same jail with our lines appended."""
    path = sanitize(source(config))
    by_hand = f"Add these lines to its block by hand: {' '.join(LINES)}"
    if not text:
        message = f"the block for {sanitize(config.name)} in {path} cannot be edited automatically"
        raise Refused(message, by_hand)
    try:
        config_after = starting_context.read(inventory, {source(config): text}).find(
            config.name, source(config)
        )
    except Refused as error:
        raise Refused(error.message, by_hand) from None
    own = lines_of(config.name)
    old = dict(config.params)
    expected = old | {name: (*old.get(name, ()), *lines) for name, lines in own.items()}
    wrong = config_check.meaning_differences(
        expected, config_after.params if config_after is not None else {}
    )
    if wrong:
        message = f"jail(8) reads the new text of {path} differently than intended: {wrong[0]}"
        raise Refused(message, by_hand)


def lines_of(name: str) -> dict[str, tuple[str, ...]]:
    """Our lines as jail(8) reads them for a jail, by parameter."""
    return {
        param: tuple(line.replace("${name}", name) for line in lines)
        for param, lines in _OWN.items()
    }


def paths(*names: str) -> tuple[str, ...]:
    """The rule files of jails; names that no anchor can have are skipped."""
    return tuple(file_of(name) for name in names if rules.fits(name))


def rules_stored(inventory: Inventory, name: str) -> str | None:
    """The text of a jail's rule file; None if there is none, or it was not read."""
    return inventory.file_texts.get(file_of(name)) if rules.fits(name) else None


def renamed(inventory: Inventory, old: str, new: str) -> list[Step]:
    """Rename the rule file; the lines in the jail's file need no change."""
    text = rules_stored(inventory, old)
    if text is None:
        return []
    fresh = text.replace(f"{rules.head(old)}\n", f"{rules.head(new)}\n")
    present = inventory.file_texts.get(file_of(new))
    write = anchors.write(new, present, fresh, f"Store its packet filter rules as {file_of(new)}")
    return [write, *rules_dropped(inventory, old)]


def rules_dropped(inventory: Inventory, name: str) -> list[Step]:
    """Remove the rule file of a jail that is destroyed."""
    text = rules_stored(inventory, name)
    if text is None:
        return []
    path = file_of(name)
    return [file_steps.drop_file(path, text, anchors.STAMP, f"Remove {path}")]


def rules_back(inventory: Inventory, name: str, text: str) -> list[Step]:
    """Write the rule file of a restored jail; its start loads it."""
    present = inventory.file_texts.get(file_of(name))
    if present == text:
        return []
    folders = anchors.folders(inventory) if present is None else []
    title = f"Store the rules of {sanitize(name)} again"
    return [*folders, anchors.write(name, present, text, title)]


def rules_taken(inventory: Inventory, name: str, text: str) -> list[str]:
    """Its redirects that others use by now; the first rule wins."""
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
    """Give the rules new addresses, by old address; reload them if the jail is running."""
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
