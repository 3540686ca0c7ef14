"""Frames, values and patches: whatever comes, it is read as sent or refused."""

from __future__ import annotations

import contextlib
import zlib
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core import errors
from jailer_core.errors import HostError, JailerError
from jailer_core.host.remote import messages
from jailer_core.host.remote.messages import (
    GREETING,
    PAYLOAD,
    Decoder,
    Encoder,
    Frame,
    Kind,
    ProtocolError,
    parts,
)
from jailer_core.host.remote.values import (
    STRUCTURE,
    Fields,
    bytes_of,
    dumps,
    error_of,
    error_to_json,
    loads,
)
from jailer_core.text import decoded

frames = st.lists(
    st.builds(
        Frame, st.integers(0, 2**32 - 1), st.sampled_from(list(Kind)), st.binary(max_size=200)
    ),
    max_size=8,
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below) | st.dictionaries(st.text(), below),
    max_leaves=8,
)


@settings(max_examples=50)
@given(frames, st.lists(st.integers(1, 50), min_size=1), st.binary(max_size=100))
def test_frames_come_as_they_were_sent_however_they_are_cut(
    sent: list[Frame], cuts: list[int], noise: bytes
) -> None:
    encoder, decoder = Encoder(), Decoder()
    data = noise + encoder.encode(sent[:3]) + encoder.encode(sent[3:])
    heard: list[Frame] = []
    at = number = 0
    while at < len(data):
        size = cuts[number % len(cuts)]
        heard += decoder.feed(data[at : at + size])
        at, number = at + size, number + 1
    assert heard == sent


@given(st.binary(max_size=3000), st.booleans())
def test_garbage_is_refused_or_waits_for_more(data: bytes, greeted: bool) -> None:
    decoder = Decoder(noise=2000)
    try:
        for frame in decoder.feed((GREETING if greeted else b"") + data):
            assert len(frame.payload) <= PAYLOAD
    except ProtocolError:
        pass


@given(st.binary(min_size=9, max_size=40))
def test_garbage_that_was_compressed_is_refused_or_waits_for_more(plain: bytes) -> None:
    deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
    data = deflate.compress(plain) + deflate.flush(zlib.Z_SYNC_FLUSH)
    with contextlib.suppress(ProtocolError):
        assert all(len(frame.payload) <= PAYLOAD for frame in Decoder().feed(GREETING + data))


def test_a_bomb_is_refused_after_its_first_bytes() -> None:
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(b"\xff" * 50_000_000) + deflate.flush(zlib.Z_SYNC_FLUSH)
    decoder = Decoder()
    with pytest.raises(ProtocolError, match="too long"):
        list(decoder.feed(GREETING + data))
    assert len(decoder._plain) < PAYLOAD


def test_another_version_is_named_so() -> None:
    with pytest.raises(ProtocolError, match="another version") as error:
        list(Decoder().feed(b"jailer-tui agent 9\n"))
    assert "same version" in error.value.hint


@given(st.binary(max_size=PAYLOAD * 3))
def test_a_long_message_is_cut_into_parts(payload: bytes) -> None:
    cut = list(parts(7, Kind.DONE, payload))
    assert b"".join(frame.payload for frame in cut) == payload
    assert [frame.kind for frame in cut[:-1]] == [Kind.PART] * (len(cut) - 1)
    assert all(len(frame.payload) <= PAYLOAD for frame in cut)


@settings(max_examples=25)
@given(PLAIN)
def test_values_come_as_they_were_sent(value: Any) -> None:
    assert loads(dumps(value)) == value


@given(st.binary())
def test_bytes_survive_as_text(data: bytes) -> None:
    assert bytes_of(loads(dumps(decoded(data)))) == data


@given(st.binary(max_size=200))
def test_a_value_that_is_none_is_refused(data: bytes) -> None:
    with contextlib.suppress(ProtocolError):
        loads(data)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("seconds", "1e999"), ("seconds", "NaN"), ("seconds", "-Infinity"), ("seconds", "9" * 400),
        ("seconds", "1e12"), ("number", "9" * 30), ("number", "-" + "9" * 30), ("number", "true"),
        ("text", '"\\ud800"'), ("texts", '["a", "\\udfff"]'),
    ],
)  # fmt: skip
def test_a_number_or_text_that_would_harm_later_is_refused(kind: str, value: str) -> None:
    fields = Fields.of(b'{"field": %s}' % value.encode())
    with pytest.raises(ProtocolError, match="no usable field"):
        getattr(fields, kind)("field")


def test_bytes_that_were_no_text_are_a_text() -> None:
    assert Fields.of(dumps({"field": "\udc80\udcff"})).text("field") == "\udc80\udcff"


def test_a_value_of_many_parts_is_refused_and_a_long_text_is_not() -> None:
    with pytest.raises(ProtocolError, match="too many parts"):
        loads(b"[" + b"[]," * (STRUCTURE // 3) + b"0]")
    text = '[],"\\' * (STRUCTURE // 4)
    assert loads(dumps({"text": text}))["text"] == text


@pytest.mark.parametrize(
    "kind", ["CommandFailed", "CommandTimedOut", "OutputTooLong", "CommandMissing", "FileFailed"]
)
def test_an_error_that_lacks_what_its_kind_has_is_refused(kind: str) -> None:
    with pytest.raises(ProtocolError, match="error that cannot be read"):
        error_of(dumps({"error": kind, "message": "no"}))


def test_what_is_nested_too_deeply_is_refused() -> None:
    with pytest.raises(ProtocolError):
        loads(b"[" * 200_000)


@settings(max_examples=25)
@given(PLAIN, st.sampled_from(["text", "number", "flag", "seconds", "texts", "commands", "below"]))
def test_a_field_has_its_kind_or_is_refused(value: Any, kind: str) -> None:
    try:
        read = getattr(Fields({"field": value}), kind)("field")
    except ProtocolError:
        return
    assert read == (float(value) if kind == "seconds" else read)


ERRORS: list[JailerError] = [
    errors.CommandFailed(("zfs", "list"), 1, "no\udc80 pool"),
    errors.CommandTimedOut(("sleep", "9"), 1.5),
    errors.OutputTooLong(("yes",), 4096),
    errors.CommandMissing("jls"),
    errors.FileFailed("read", "/etc/jail.conf", "No such file or directory"),
    errors.Refused("no such jail", "See list."),
    errors.Busy("another change is under way"),
    ProtocolError("of no public kind"),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_errors_come_as_they_were_raised(error: JailerError) -> None:
    read = error_of(dumps(error_to_json(error)))
    assert type(read) is (HostError if isinstance(error, ProtocolError) else type(error))
    assert {**vars(read)} == {
        name: float(value) if name == "seconds" else value for name, value in vars(error).items()
    }
    assert str(read) == str(error)


@settings(max_examples=25)
@given(PLAIN)
def test_an_error_that_is_none_is_refused(value: Any) -> None:
    try:
        read = error_of(dumps(value))
    except ProtocolError:
        return
    assert isinstance(read, JailerError)


pieces = st.lists(st.sampled_from([b"a,", b"b,", b"cc\\n", b"d", b"\\", b"\xc3\xb6,"]), max_size=30)


@given(pieces, pieces)
def test_a_patch_makes_the_new_text(old: list[bytes], new: list[bytes]) -> None:
    before, after = b"".join(old), b"".join(new)
    made = loads(dumps(messages.patch(before, after)))
    assert messages.patched(before, made, 10_000) == after


@settings(max_examples=25)
@given(st.binary(max_size=50), PLAIN)
def test_a_patch_that_is_none_is_refused(old: bytes, made: Any) -> None:
    with contextlib.suppress(ProtocolError):
        assert len(messages.patched(old, made, 100)) <= 100


def test_a_patch_cannot_make_a_giant() -> None:
    with pytest.raises(ProtocolError, match="too long"):
        messages.patched(b"x" * 1000, [[0, 1]] * 1000, 10_000)


def test_no_more_is_kept_than_may_be() -> None:
    kept = messages.Kept(1000)
    for number in range(100):
        kept.put(b"%d" % (number % 7), number + 1, b"x" * (number * 37 % 300))
        assert sum(len(call) + len(text) for call, (_, text) in kept._texts.items()) == kept._size
        assert kept._size <= 1000
    assert kept.get(b"none") == (0, b"")
