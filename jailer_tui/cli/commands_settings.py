"""Commands about the settings of a jail that exists."""

from __future__ import annotations

from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.operations.setup.requests import CountResources
from jailer_tui.cli.command import JSON, Command
from jailer_tui.cli.derive import command

SETTINGS = (
    Command(
        "limits",
        "show what jails use of what they are allowed, or set limits",
        "limits:show",
        "[NAME|PATTERN|@TAG...]",
        0,
        None,
        (JSON,),
        "Without a NAME: all jails. With one NAME: each of its limits. AT START is\n"
        "what the configuration sets at every start.\n"
        "In JSON, amounts are numbers; null means no limit, or one that is not known.",
        below=(command(SetLimits), command(CountResources, name="limits enable")),
    ),
    Command(
        "get",
        "show the parameters of a jail: configured, running, default",
        "parameters:get",
        "NAME [PARAMETER]",
        1,
        2,
        (JSON,),
        "With a PARAMETER, also what it allows and what it risks.",
    ),
    command(SetParameters),
)
