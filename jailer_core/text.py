"""Text for people: hostile text made harmless; sizes, ages and commands in short form.

Hide what looks like a secret in everything of the journal that is shown or exported.

The journal itself is verbatim and root's alone: it has to be, since undo writes files again as
they were. What is hidden here: values behind words like password, token or key; what stands
between `//` and `@` in an address; hashes of passwords as in master.passwd; private keys.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

_UNITS = ("B", "K", "M", "G", "T", "P", "E")


def sanitize(text: str) -> str:
    r"""The text with everything that could act on a terminal or deceive the eye spelled out.

    Controls become `^[`, `^J`, as `cat -v` shows them; bytes that were no UTF-8 (surrogate
    escapes) become `\xff`; bidi marks, invisible and unassigned characters, and spaces other
    than the plain one become `\u202e`. Anything else stays as it is.
    """
    if text.isprintable():
        return text
    return "".join(
        character if character.isprintable() else _spelled(character) for character in text
    )


def _spelled(character: str) -> str:
    code = ord(character)
    if code < 0x20 or code == 0x7F:
        return "^" + chr(code ^ 0x40)
    if 0xDC80 <= code <= 0xDCFF:
        code -= 0xDC00
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def decoded(data: bytes | bytearray) -> str:
    """Decode bytes so that they can be restored: other than UTF-8 becomes surrogate escapes."""
    return data.decode("utf-8", "surrogateescape")


def command_line(argv: Sequence[str]) -> str:
    """A command as it would be typed into a shell, sanitized, for previews and messages."""
    return sanitize(shlex.join(argv))


def sentence(words: str) -> str:
    """A summary as a sentence: with a capital and a full stop, without a trailing ellipsis."""
    return f"{words[:1].upper()}{words[1:].rstrip('…')}."


def ended(text: str) -> str:
    """The text with its last line ended: what is added is then a line of its own."""
    return text if not text or text.endswith("\n") else f"{text}\n"


def counted(number: int, word: str) -> str:
    """`1 jail`, `2 jails`."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def human_bytes(n: int | None) -> str:
    """Bytes as zfs(8) shows them (`24K`, `1.21G`, `310M`, `0B`); `?` for unknown.

    At most five characters, as libzutil's zfs_nicebytes does it.
    """
    if n is None:
        return "?"
    if n < 0:
        return "-" + human_bytes(-n)
    index = 0
    while index < len(_UNITS) - 1 and n >> (10 * (index + 1)):
        index += 1
    scale: int = 1 << (10 * index)
    if n % scale == 0:
        return f"{n // scale}{_UNITS[index]}"
    forms = (f"{n / scale:.{places}f}{_UNITS[index]}" for places in (2, 1))
    return next((form for form in forms if len(form) <= 5), f"{n / scale:.0f}{_UNITS[index]}")


def human_age(seconds: int | None) -> str:
    """A duration in at most two units: `45s`, `12m`, `3h 5m`, `3d 4h`; `?` for unknown."""
    if seconds is None:
        return "?"
    seconds = max(0, int(seconds))
    if seconds < 60:
        return f"{seconds}s"
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if minutes < 60:
        return f"{minutes}m"
    if hours < 24:
        return _pair(f"{hours}h", minutes % 60, "m")
    return _pair(f"{days}d", hours % 24, "h")


def _pair(great: str, small: int, unit: str) -> str:
    return f"{great} {small}{unit}" if small else great


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
    """One line with what looks like a secret hidden."""
    line = _VALUE.sub(lambda match: match["before"] + HIDDEN, line)
    return _HASH.sub(HIDDEN, _LOGIN.sub(HIDDEN, line))


def redacted(lines: Iterable[str]) -> Iterator[str]:
    """Lines of one text; private keys are hidden entirely."""
    inside = False
    for line in lines:
        if _BEGIN.search(line):
            inside = True
            yield HIDDEN
        if not inside:
            yield redact(line)
        if _END.search(line):
            inside = False
