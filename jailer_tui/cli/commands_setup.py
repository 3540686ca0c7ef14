"""Commands that set a host up."""

from __future__ import annotations

from jailer_core.operations.setup import requests as setup
from jailer_tui.cli.command import CHANGE, JSON, Command
from jailer_tui.cli.derive import command, options

_BELOW = (
    Command(
        "init info",
        "show what is set up, what is missing and how to fix it",
        "setup:info",
        options=(JSON,),
    ),
    command(setup.MakeDataset, "setup:zfs"),
    command(setup.MakePool, "setup:pool"),
    command(setup.BootList, "setup:patch"),
    command(setup.MakeBridge, "setup:bridge"),
    command(setup.NatBridge, "setup:nat"),
    command(setup.ServeDhcp, "setup:dhcp"),
    Command(
        "init fix",
        "fix what `init info` reports: the named checks, or all",
        "setup:fix",
        "[CHECK...]",
        CHANGE,
        changes=True,
    ),
)

INIT = command(setup.Init, "setup:init", options=options(setup.MakeDataset), below=_BELOW)
