r"""Results as differences from earlier ones: most of a host is the same at every refresh.

A text is cut behind each comma and each line feed (written `\n` in JSON). A patch copies runs of
such pieces from the old text and has the others in full.
"""

from __future__ import annotations

import re
from collections import OrderedDict

from jailer_core.host.remote.frames import ProtocolError

_CUT = re.compile(rb"(?<=,)|(?<=\\n)")
Patch = list[list[int] | str]
LONGEST = 512 * 1024
"""Bytes of a text that is kept for comparison."""


def patch(old: bytes, new: bytes) -> Patch:
    """What makes the new text of the old one: [first, count] of its pieces, or a text."""
    before, after = _CUT.split(old), _CUT.split(new)
    places: dict[bytes, int] = {}
    for number, piece in enumerate(before):
        places.setdefault(piece, number)
    made: Patch = []
    fresh: list[bytes] = []
    expected = 0
    for piece in after:
        same = expected < len(before) and before[expected] == piece
        at = expected if same else places.get(piece, -1)
        if at < 0:
            fresh.append(piece)
            expected += 1  # what was changed most often takes the place of one piece
            continue
        if fresh:
            made.append(b"".join(fresh).decode("utf-8", "surrogatepass"))
            fresh = []
        last = made[-1] if made else None
        if isinstance(last, list) and last[0] + last[1] == at:
            last[1] += 1
        else:
            made.append([at, 1])
        expected = at + 1
    if fresh:
        made.append(b"".join(fresh).decode("utf-8", "surrogatepass"))
    return made


def patched(old: bytes, made: object, limit: int) -> bytes:
    """The new text. Raises ProtocolError for what is no patch of the old one."""
    before = _CUT.split(old)
    new = bytearray()
    for part in made if isinstance(made, list) else [None]:
        if isinstance(part, str):
            new += part.encode("utf-8", "surrogatepass")
        elif isinstance(part, list) and [type(number) for number in part] == [int, int]:
            first, count = part
            if not 0 <= first < first + count <= len(before):
                raise ProtocolError("the other end sent a patch that does not fit")
            for piece in before[first : first + count]:
                new += piece
                if len(new) > limit:
                    break
        else:
            raise ProtocolError("the other end sent a patch that cannot be read")
        if len(new) > limit:
            raise ProtocolError("the other end sent a patch that makes too long a text")
    return bytes(new)


class Kept:
    """The last results by the calls that they answer, the oldest of them forgotten first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._texts: OrderedDict[bytes, tuple[int, bytes]] = OrderedDict()

    def get(self, call: bytes) -> tuple[int, bytes]:
        """Number and text of the last result, (0, b"") for none."""
        return self._texts.get(call, (0, b""))

    def put(self, call: bytes, number: int, text: bytes) -> None:
        """Remember the result of a call."""
        if call in self._texts:
            self._size -= len(call) + len(self._texts.pop(call)[1])
        self._size += len(call) + len(text)
        self._texts[call] = number, text
        while self._size > self._limit:
            forgotten, (_, old) = self._texts.popitem(last=False)
            self._size -= len(forgotten) + len(old)
