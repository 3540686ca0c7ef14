"""Limits in /etc/rctl.conf, which rc.d/rctl loads at boot: one rule a line, `#` for comments.

A jail that has rules there keeps all of its rules there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.settings.limit_catalog import Limit
from jailer_core.operations.settings.limit_hooks import limit_of

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


def mentions(text: str, config: JailConfig) -> bool:
    """Whether there are rules about the jail."""
    return any(match["who"] == config.name for match in _LINE.finditer(text))


def _rules(text: str, name: str) -> Iterator[tuple[re.Match[str], Limit]]:
    for match in _LINE.finditer(text):
        limit = limit_of(match["resource"], match["action"])
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
    gap = "" if not text or text.endswith("\n") or not missing else "\n"
    return text + gap + "".join(f"jail:{name}:{limit.rule(missing[limit])}\n" for limit in missing)
