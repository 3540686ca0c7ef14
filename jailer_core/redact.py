"""Hide what looks like a secret in everything of the journal that is shown or exported.

The journal itself is verbatim and root's alone: it has to be, since undo writes files again as
they were. What is hidden here: values behind words like password, token or key; what stands
between `//` and `@` in an address; hashes of passwords as in master.passwd; private keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

HIDDEN = "(hidden)"

_WORD = (
    r"[\w.-]*(?:passw(?:or)?d|passphrase|passwd|secret|token|credential|api[_-]?key"
    r"|private[_-]?key|psk|auth[_-]?key)[\w.-]*"
)
_VALUE = re.compile(
    rf"(?P<before>\b{_WORD}[\"']?\s*(?:\+?=|:|\s)\s*)(?P<value>\"[^\"]*\"|'[^']*'|[^\s;,]+)",
    re.IGNORECASE,
)
_LOGIN = re.compile(r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)")
_HASH = re.compile(r"\$(?:1|2[abxy]?|5|6|y|sha1|argon2\w*)\$[^\s:'\"]+")
_BEGIN = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_END = re.compile(r"-----END [A-Z ]*PRIVATE KEY-----")


def redact(line: str) -> str:
    """One line, with what looks like a secret hidden."""
    line = _VALUE.sub(lambda match: match["before"] + HIDDEN, line)
    return _HASH.sub(HIDDEN, _LOGIN.sub(HIDDEN, line))


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """Lines of one text; all of a private key is hidden."""
    inside = False
    for line in lines:
        if _BEGIN.search(line):
            inside = True
            yield HIDDEN
        if not inside:
            yield redact(line)
        if _END.search(line):
            inside = False
