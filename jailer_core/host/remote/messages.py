r"""Messages over a connection, and results as differences from earlier ones.

Messages on a byte stream: length, number of the call, kind, payload.

    "jailer-tui agent 1\n"     in plain bytes; what a login shell prints before it is skipped
    zlib stream                of frames; its dictionary makes repeated requests small

A frame is at most `PAYLOAD` bytes; a longer message is sent in parts. Nothing that the other side
sends is trusted: lengths are checked before anything is kept, and decompression stops at a limit.

Results as differences from earlier ones: most of a host is the same at every refresh.

A text is cut behind each comma and each line feed (written `\n` in JSON). A patch copies runs of
such pieces from the old text and has the others in full.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from jailer_core.errors import HostError

PROTOCOL = 1
GREETING = b"jailer-tui agent %d\n" % PROTOCOL
_ANY_GREETING = re.compile(rb"jailer-tui agent \d{1,9}\n")
NOISE = 64 * 1024
"""Bytes that a login shell may print before the greeting."""
PAYLOAD = 128 * 1024
"""Bytes of a frame, without its header."""
_HEADER = struct.Struct("!IIB")
_STEP = 64 * 1024
"""Bytes that are decompressed at a time."""


class ProtocolError(HostError):
    """The other end violated the protocol."""


class Kind(IntEnum):
    """The kind of a frame."""

    HELLO = 1
    CALL = 2
    PART = 3
    DONE = 4
    FAILED = 5
    DATA = 6
    CREDIT = 7
    CANCEL = 8
    TELL = 9
    PING = 10
    PONG = 11


@dataclass(frozen=True, slots=True)
class Frame:
    """One message, or a part of one. `call` numbers the call that it belongs to, 0 for none."""

    call: int
    kind: Kind
    payload: bytes = b""


class Encoder:
    """Turns frames into bytes. Frames sent together are flushed together."""

    def __init__(self) -> None:
        self._deflate = zlib.compressobj(6, zlib.DEFLATED, -15, 8)
        self._greeted = False

    def encode(self, frames: Iterator[Frame] | list[Frame]) -> bytes:
        """The bytes of some frames; the greeting comes before the first ones."""
        parts = [] if self._greeted else [GREETING]
        self._greeted = True
        for frame in frames:
            header = _HEADER.pack(len(frame.payload), frame.call, frame.kind)
            parts.append(self._deflate.compress(header + frame.payload))
        parts.append(self._deflate.flush(zlib.Z_SYNC_FLUSH))
        return b"".join(parts)


class Decoder:
    """Turns bytes into frames, however they are split. Raises ProtocolError."""

    def __init__(self, noise: int = NOISE) -> None:
        self._inflate = zlib.decompressobj(-15)
        self._noise = noise
        self._before: bytearray | None = bytearray()
        self._plain = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are now complete. Consume all of them before the next piece."""
        if self._before is not None:
            data = self._greeting(data)
        while data:
            try:
                self._plain += self._inflate.decompress(data, _STEP)
            except zlib.error:
                raise ProtocolError("the other end sent bytes that cannot be read") from None
            if self._inflate.eof:
                raise ProtocolError("the other end ended its stream")
            data = self._inflate.unconsumed_tail
            yield from self._frames()

    def _greeting(self, data: bytes) -> bytes:
        """What follows the greeting, b"" while it has not come."""
        assert self._before is not None  # noqa: S101 - the caller looked
        self._before += data
        match = _ANY_GREETING.search(self._before)
        if match is None:
            if len(self._before) > self._noise:
                raise ProtocolError("the other end did not answer like an agent")
            return b""
        if match[0] != GREETING:
            raise ProtocolError(
                "the other end speaks another version of the protocol",
                "Use the same version of jailer-tui on both machines.",
            )
        rest = bytes(self._before[match.end() :])
        self._before = None
        return rest

    def _frames(self) -> Iterator[Frame]:
        while len(self._plain) >= _HEADER.size:
            length, call, kind = _HEADER.unpack_from(self._plain)
            if length > PAYLOAD:
                raise ProtocolError("the other end announced a frame that is too long")
            end = _HEADER.size + length
            if len(self._plain) < end:
                return
            payload = bytes(self._plain[_HEADER.size : end])
            del self._plain[:end]
            try:
                yield Frame(call, Kind(kind), payload)
            except ValueError:
                raise ProtocolError("the other end sent a frame of an unknown kind") from None


def parts(call: int, kind: Kind, payload: bytes) -> Iterator[Frame]:
    """A message as frames: all but the last are parts."""
    last = max(0, (len(payload) - 1) // PAYLOAD)
    for number in range(last):
        yield Frame(call, Kind.PART, payload[number * PAYLOAD : (number + 1) * PAYLOAD])
    yield Frame(call, kind, payload[last * PAYLOAD :])


_CUT = re.compile(rb"(?<=,)|(?<=\\n)")
Patch = list[list[int] | str]
LONGEST = 512 * 1024
"""Bytes of a text that is kept for comparison."""


def patch(old: bytes, new: bytes) -> Patch:
    """How to make the new text from the old one: [first, count] of its pieces, or a text."""
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
    """The new text. Raises ProtocolError if the patch does not fit."""
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
    """The last results by call; the oldest are dropped first."""

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
