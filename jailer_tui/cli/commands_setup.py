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
    command(setup.MakeDataset, "setup:run"),
    command(setup.MakePool, "setup:pool"),
    command(setup.BootList, "setup:patch"),
    command(setup.MakeBridge, "setup:run"),
    command(setup.NatBridge, "setup:run"),
    command(setup.ServeDhcp, "setup:run"),
    Command(
        "init fix",
        "fix what `init info` reports: the named checks, or all",
        "setup:fix",
        "[CHECK...]",
        CHANGE,
        changes=True,
    ),
)

INIT = command(setup.Init, "setup:run", options=options(setup.MakeDataset), below=_BELOW)
