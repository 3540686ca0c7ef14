r"""Messages on a byte stream: length, number of the call, kind, payload.

    "jailer-tui agent 1\n"     in plain bytes; what a login shell prints before it is skipped
    zlib stream                of frames; its dictionary makes repeated requests small

A frame is at most `PAYLOAD` bytes; a longer message is sent in parts. Nothing that the other side
sends is trusted: lengths are checked before anything is kept, and decompression stops at a limit.
"""

from __future__ import annotations

import re
import struct
import zlib
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
    """The other end sent something that is not of this protocol."""


class Kind(IntEnum):
    """What a frame is."""

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
    """Makes bytes of frames. Frames that are sent together are flushed together."""

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
    """Makes frames of bytes, however they are cut. Raises ProtocolError."""

    def __init__(self, noise: int = NOISE) -> None:
        self._inflate = zlib.decompressobj(-15)
        self._noise = noise
        self._before: bytearray | None = bytearray()
        self._plain = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Take all of them before the next piece."""
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
