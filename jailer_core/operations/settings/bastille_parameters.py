"""Parameters of Bastille's jails through its own program.

`bastille config NAME set PARAMETER VALUE` writes the value into the jail's jail.conf, and
`… remove PARAMETER` takes out every line that contains the word (config.sh of Bastille;
# not recorded). What the file says afterwards, jail(8) tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Jail, JailConfig
from jailer_core.operations.settings.parameter_values import NO, YES, shown
from jailer_core.operations.shared import jailconf_settings
from jailer_core.operations.steps.reversible import reversible
from jailer_core.parse import jailconf
from jailer_core.plan import ConfiguredIs, Run, Step
from jailer_core.text import command_line, sanitize


def steps(jail: Jail, config: JailConfig, settings: Mapping[str, str | None]) -> list[Step]:
    """Steps that set the parameters in the jail's file. Raises Refused."""
    params = jailconf.plain(config.params)
    steps: list[Step] = []
    for name, value in settings.items():
        old = ",".join(params[name]) if name in params else None
        if old != value:
            _plainly(jail, config, name, value)
            steps.append(_step(jail, config, name, old, value))
    return steps


def _plainly(jail: Jail, config: JailConfig, name: str, value: str | None) -> None:
    """Raises Refused where bastille would change more than that, or leave another spelling."""
    text = config.text or ""
    own = jailconf_settings.of(text, config.name, name) or []
    lines = [line for line in text.splitlines() if name in line]
    odd = len(own) > 1 or len(lines) > len(own) or any(statement.name != name for statement in own)
    if odd or (value is not None and not value):
        argv = ("bastille", "edit", jail.name)
        raise Refused(
            f"bastille cannot set {name} of {sanitize(jail.name)} without changing other lines",
            f"Change it by hand: {command_line(argv)}",
        )


def _step(jail: Jail, config: JailConfig, name: str, old: str | None, new: str | None) -> Step:
    what = f"{name} of {sanitize(jail.name)}"

    def title(value: str | None) -> str:
        return f"Remove {what}" if value is None else f"Set {what} to {shown(value)}"

    def run(value: str | None) -> Run:
        word = {YES: "1", NO: "0"}.get(value or "", value or "")
        verb = ("remove", name) if value is None else ("set", name, word)
        return Run(("bastille", "config", jail.name, *verb))

    step = reversible(
        (run(new), f"{title(new)}, through bastille"),
        (run(old), f"{title(old)} again, through bastille"),
        before=(ConfiguredIs(config.path, config.name, name, old),),
        after=(ConfiguredIs(config.path, config.name, name, new),),
        jail=jail.name,
    )
    return replace(
        step, side_effect=f"{sanitize(jail.name)}: how bastille wrote {name} to jail.conf"
    )
