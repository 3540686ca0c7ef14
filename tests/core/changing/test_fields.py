"""Whatever a field of a request holds, the result is a plan or a refusal, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import fields, replace
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from jailer_core.errors import Refused
from jailer_core.execution import prepare
from jailer_core.facts import Reader
from jailer_core.model import Inventory
from jailer_core.operations.registry import decide, needs
from jailer_core.plan import Request, encode
from tests.core.changing.plancases import Case, cases
from tests.examples import some

ODD = ["a\\", "\\1", "b\\g<0>", "²", "٣", "a'b", 'a"b', "{", "%s", "-x", "../x", "a@", "@", "a|b"]
ODD += ["", "a\nb", "a\tb", "\x00", "\udcff", "x" * 300, "a#b", "10.0.0.5\\", "fe80::1%em0"]

FIRST: dict[str, Case] = {}
for _case in cases():
    if "plan" in _case.data:
        FIRST.setdefault(type(_case.request).__name__, _case)


@cache
def known(kind: str) -> Inventory:
    """A host on which such a request makes a plan, read as far as it needs."""
    case = FIRST[kind]
    reader = Reader(case.host(case.machine()))

    async def read() -> Inventory:
        return await reader.gather(needs(await reader.gather(quick=True), case.request))

    return asyncio.run(read())


def texts(request: Request) -> Iterator[str]:
    """Its fields of text, and those of many texts."""
    for one in fields(request):
        value = getattr(request, one.name)
        if isinstance(value, str) or (value and isinstance(value, tuple)):
            yield one.name


def with_text(request: Request, name: str, text: str) -> Request:
    value: Any = text
    old = getattr(request, name)
    if isinstance(old, tuple):
        value = (text,)
        if isinstance(old[0], Request):
            names = list(texts(old[0]))
            value = (with_text(old[0], names[0], text) if names else old[0],)
    changed: Request = replace(request, **{name: value})
    return changed


def comes_to(inventory: Inventory, request: Request) -> None:
    """Anything else than Refused is a mistake."""
    try:
        needs(inventory, request)
        encode(decide(inventory, request))
    except Refused:
        return


@pytest.mark.parametrize("kind", sorted(FIRST))
def test_odd_texts(kind: str) -> None:
    request = FIRST[kind].request
    for name in texts(request):
        for text in ODD:
            comes_to(known(kind), with_text(request, name, text))


@given(
    st.sampled_from(("Create", "Clone", "Rename", "AddressChange", "RedirectAdd", "SnapshotTake")),
    st.data(),
)
@settings(max_examples=some(60), deadline=None)
def test_any_text(kind: str, data: st.DataObject) -> None:
    request = FIRST[kind].request
    name = data.draw(st.sampled_from(list(texts(request))))
    comes_to(known(kind), with_text(request, name, data.draw(st.text(max_size=20))))


@pytest.mark.parametrize("new", ["a\\", "²", "\\1", "a b\n"])
@pytest.mark.parametrize("kind", ["Clone", "Rename"])
def test_a_name_that_no_jail_may_have_reaches_no_command(kind: str, new: str) -> None:
    """jail(8) does not get to see it either."""
    case = FIRST[kind]
    with pytest.raises(Refused):
        asyncio.run(prepare(Reader(case.host(case.machine())), with_text(case.request, "new", new)))


def test_a_stamp_becomes_part_of_a_name() -> None:
    stamped = [kind for kind in sorted(FIRST) if "stamp" in texts(FIRST[kind].request)]
    assert {"ImageUpdate", "Rebase", "Rollback", "Destroy", "Clone"} <= set(stamped)
    for kind in stamped:
        for stamp in ("../x", "a b", "-x;y", "a@b", "é"):
            with pytest.raises(Refused):
                decide(known(kind), with_text(FIRST[kind].request, "stamp", stamp))


@pytest.mark.parametrize(
    "mac", ["a\\", "02:00:00:00:00", "02:00:00:00:00:01\ncreate", "01:00:5e:00:00:01", "0" * 17]
)
@pytest.mark.parametrize("kind", ["Create", "Clone"])
def test_a_hardware_address_is_checked(kind: str, mac: str) -> None:
    with pytest.raises(Refused, match="hardware address"):
        decide(known(kind), with_text(FIRST[kind].request, "mac", mac))
