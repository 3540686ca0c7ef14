"""Commands that set a host up."""

from __future__ import annotations

from jailer_core.operations.setup.requests import (
    BootList,
    Init,
    MakeBridge,
    MakeDataset,
    MakePool,
    NatBridge,
    ServeDhcp,
)
from jailer_tui.cli.command import CHANGE, JSON, Command
from jailer_tui.cli.derive import command, options

_BELOW = (
    Command(
        "init info",
        "show what is set up, what is missing and how to fix it",
        "setup:info",
        options=(JSON,),
    ),
    command(MakeDataset, "setup:zfs"),
    command(MakePool, "setup:pool"),
    command(BootList, "setup:patch"),
    command(MakeBridge, "setup:bridge"),
    command(NatBridge, "setup:nat"),
    command(ServeDhcp, "setup:dhcp"),
    Command(
        "init fix",
        "fix what `init info` reports: the named checks, or all",
        "setup:fix",
        "[CHECK...]",
        0,
        None,
        CHANGE,
        changes=True,
    ),
)

INIT = command(Init, "setup:init", options=options(MakeDataset), below=_BELOW)
