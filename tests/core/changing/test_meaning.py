"""For random hosts and every operation that writes configurations: what jail(8) reads afterwards.

Every other jail must mean what it meant, and the jail of the plan what the plan said; or the plan
was refused before its first step.
"""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings

from jailer_core.operations.jails.requests import Clone, Create, Destroy, Edit, Rename, TrashRestore
from jailer_core.operations.network.bridges.requests import AddressChange
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Request
from tests.core.changing.workbench import There
from tests.core.changing.worlds import EXAMPLES, ROOT, Params, World, hosts

REQUESTS: tuple[tuple[Request, ...], ...] = (
    (Rename("web", "www"),),
    (Clone("web", "shop", "S1", start=False),),
    (Clone("web", "shop", "S1", start=True),),
    (Destroy("web", "20261124T101500"), TrashRestore("web")),
    (Create("shop", network="inherit", start=True),),
    (Create("shop", network="eb", bridge="bridge0", start=False),),
    (AddressChange("web", address="10.0.2.90"),),
    (Edit("web", ""),),
)


def _rooted(before: Params) -> bool:
    return bool(before.get("web", {}).get("path", ("",))[-1].strip("/"))


def _meant(world: World, before: Params, request: Request) -> None:
    """Judge what the host holds after one request that was run."""
    after = world.read()
    own = {"web", "www", "shop"}
    for name, params in before.items():
        if name not in own and not isinstance(request, Edit):
            assert after.get(name) == params, name
    assert all(path.strip("/") for path in world.paths().values())
    for name in own & set(after):
        root = after[name].get("path", ("",))[-1]
        assert root.strip("/") or after[name] == before.get(name) or not _rooted(before), name
    if isinstance(request, Rename):
        old, new = before["web"], after["www"]
        assert set(old) == set(new)
        for param in ("securelevel", "devfs_ruleset", "ip4.addr", "vnet.interface", "jid"):
            assert old.get(param) == new.get(param)
        assert new["path"][-1].rstrip("/") == f"{ROOT}/www"
        assert not any("jexec web" in line for values in new.values() for line in values)
    if isinstance(request, Clone):
        old, new = before["web"], after["shop"]
        assert new["path"][-1].rstrip("/") == f"{ROOT}/shop"
        assert old.get("securelevel") == new.get("securelevel")
        for param in ("ip4.addr", "vnet.interface", "jid", "mount.fstab"):
            assert not set(old.get(param, ())) & set(new.get(param, ())), param
        assert not any("10.0.0.54" in line for values in new.values() for line in values)
    if isinstance(request, TrashRestore):
        assert after.get("web") == before.get("web")


@pytest.mark.parametrize("requests", REQUESTS, ids=lambda found: type(found[0]).__name__)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(host=hosts())
def test_jails_mean_what_they_meant_or_what_was_said(
    requests: tuple[Request, ...], host: tuple[str, str]
) -> None:
    world = World(*host)
    before = world.read()

    async def all_of_them() -> None:
        for request in requests:
            wanted = request
            if isinstance(request, Edit):
                wanted = Edit("web", host[1].replace("persist;", "persist; securelevel = 1;"))
            plan = await world.do(wanted)
            if plan is None:
                assert world.read() == before or request is not requests[0]
                return
            if not isinstance(request, Destroy):
                _meant(world, before, wanted)
        first = requests[0]
        if len(requests) == 1:
            entry = await There(world.machine).last()
            undone = await world.do(UndoChange(entry.id, "20261124T101501"))
            if undone is not None:
                assert world.read() == before, type(first).__name__

    asyncio.run(all_of_them())
