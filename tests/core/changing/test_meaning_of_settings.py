"""For random hosts and what changes settings of a jail: nothing else means anything else then.

Its undo restores the very text, or is refused before its first step.
"""

from __future__ import annotations

import asyncio

from hypothesis import HealthCheck, given, settings, strategies as some

from jailer_core.operations.delegation.requests import DatasetGive
from jailer_core.operations.jails.identity_requests import (
    JailTags,
    SetDepend,
    SetHostname,
    SetResolver,
    SetTimezone,
)
from jailer_core.operations.jails.requests import JailHealth, JailNote
from jailer_core.operations.mounts.requests import MountAdd, MountRemove
from jailer_core.operations.network.translations.requests import NatAdd
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.setup.requests import BootList, HideDevices
from jailer_core.operations.snapshots.requests import SnapshotPolicy
from jailer_core.operations.undo.requests import UndoChange
from jailer_core.plan import Request
from tests.core.changing.workbench import STAMP, There
from tests.core.changing.worlds import EXAMPLES, World, hosts

SETTINGS: tuple[tuple[Request, tuple[str, ...]], ...] = (
    (MountAdd("web", source="/export/data", target="/opt/data"), ("mount", "mount.fstab")),
    (MountRemove("web", "/mnt"), ("mount", "mount.fstab")),
    (SetLimits("web", ("memory=1G", "cpu=50")), ("exec.",)),
    (SetParameters("web", ("securelevel=2", "allow.mlock=yes")), ("securelevel", "allow.mlock")),
    (SetHostname("web", "shop.example.org"), ("host.hostname",)),
    (SetDepend("web", ("+www0",)), ("depend", "$")),
    (DatasetGive("web", "zroot/data"), ("exec.", "allow.mount", "enforce_statfs", "zfs.")),
    (NatAdd("web"), ("exec.",)),
    (HideDevices("web"), ("devfs_ruleset",)),
    (JailTags("web", ("+shop",)), ()),
    (JailNote("web", "the shop"), ()),
    (JailHealth("web", "true"), ()),
    (SnapshotPolicy("web", daily=7), ()),
    (SetTimezone("web", "Europe/Berlin"), ()),
    (SetResolver("web", ("9.9.9.9",)), ()),
    (BootList(("web",)), ()),
)
"""What changes settings of a jail, and beginnings of the parameters that it may change."""


@settings(max_examples=2 * EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(host=hosts(), chosen=some.sampled_from(SETTINGS))
def test_settings_change_what_they_are_about(
    host: tuple[str, str], chosen: tuple[Request, tuple[str, ...]]
) -> None:
    world, (request, about) = World(*host), chosen
    world.machine.now_run(("zfs", "create", "zroot/data"))
    before, text = world.read(), world.machine.files.read("/etc/jail.conf.d/web.conf")

    async def go() -> None:
        if await world.do(request) is None:
            assert world.read() == before
            return
        after = world.read()
        for name in {*before, *after} - {"web"}:
            assert after.get(name) == before.get(name), name
        was, now = before.get("web", {}), after.get("web", {})
        differ = [param for param in {*was, *now} if was.get(param) != now.get(param)]
        assert not [param for param in differ if not param.startswith(about or ("-",))], differ
        if not world.changed:
            return  # it was so already
        entry = await There(world.machine).last()
        if await world.do(UndoChange(entry.id, STAMP)) is not None:
            assert world.read() == before
            assert world.machine.files.read("/etc/jail.conf.d/web.conf") == text

    asyncio.run(go())
