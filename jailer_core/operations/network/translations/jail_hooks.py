"""The lines of a jail's configuration that load its rules when it starts and drop them after.

A hook that fails makes the start fail and removes the jail (docs/freebsd-facts.md,
Packet filter), so no line here can: `|| true`. jail(8) hands a line with such characters to
sh(1), therefore only a name that is a plain word gets them (rules.must_fit). `${name}` lets them
follow a rename.
"""

from __future__ import annotations

import re

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.model.firewall import ANCHOR, FOLDER
from jailer_core.operations.guards import source
from jailer_core.operations.shared import jailconf_edit, meaning, starting_context
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
    """Whether its start loads its rules."""
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
    wrong = meaning.differences(expected, config_after.params if config_after is not None else {})
    if wrong:
        message = f"jail(8) reads the new text of {path} differently than intended: {wrong[0]}"
        raise Refused(message, by_hand)


def lines_of(name: str) -> dict[str, tuple[str, ...]]:
    """Our lines as jail(8) reads them for a jail, by parameter."""
    return {
        param: tuple(line.replace("${name}", name) for line in lines)
        for param, lines in _OWN.items()
    }
