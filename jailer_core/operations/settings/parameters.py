"""Set parameters of a jail: in its configuration and, where possible, in the running jail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, Jail, JailConfig, Owner
from jailer_core.operations import guards
from jailer_core.operations.guards import source, word
from jailer_core.operations.jails import dependencies, edit, lifecycle, starting, stopping
from jailer_core.operations.settings import parameter_catalog, parameter_state, presets
from jailer_core.operations.settings.parameter_catalog import Kind, Parameter, is_live
from jailer_core.operations.settings.parameter_state import NO, YES, shown_value
from jailer_core.operations.settings.requests import SetParameters
from jailer_core.operations.shared import bastille, file_steps, jailconf_settings
from jailer_core.operations.shared.leftovers import of_running
from jailer_core.operations.steps import reversible
from jailer_core.parse import jailconf
from jailer_core.plan import JailStopped, Needs, ParameterIs, Plan, Run, Step
from jailer_core.text import sanitize

Settings = Mapping[str, str | None]
"""Values by parameter; None: what it is without a setting of its own."""
_FOR_STOP = ("mount", "exec", "stop", "ip4", "ip6")
"""Kinds of which the stop must know what the jail was started with: its mounts, its commands."""


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose parameters cannot be set."""
    if jail.owner is Owner.BASTILLE:
        guards.require_startable(jail)
        guards.require_configured(jail)
        return
    guards.require_owned(jail)
    guards.require_addressable(jail.name, starting=True)


def problems(inventory: Inventory, request: SetParameters) -> dict[str, tuple[str, str]]:
    """Problems by the name of the parameter; {} if there are none."""
    wrong: dict[str, tuple[str, str]] = {}
    known = parameter_state.known(inventory)
    for setting in request.settings:
        name = setting.partition("=")[0]
        try:
            for parameter in parameter_state.parse((setting,)):
                _settable(parameter, known)
        except JailerError as error:
            wrong[name] = (error.message, error.hint)
    return wrong


def _settable(name: str, known: Mapping[str, str] | None) -> Parameter:
    parameter = parameter_catalog.of(name)
    if parameter.instead:
        raise Refused(f"{name} is not set here", parameter.instead)
    if known is not None:
        parameter_state.must_be_known(name, known)
    return parameter


# --- what must be known --------------------------------------------------------------------------


def needs(inventory: Inventory, request: SetParameters) -> Needs:
    """Its parameters, its file, and what jail(8) reads in the new file."""
    jail = guards.require_jail(inventory, request.name)
    live = lifecycle.needs_of(inventory, jail) | edit.needs_of(inventory, jail)
    asked = live | parameter_state.needs(jail)
    try:
        asked |= presets.needs(inventory, request)
        settings, _, _ = presets.all_of(inventory, jail, request)
    except JailerError:
        return asked  # `change` says why
    config = jail.config
    if config is not None and config.text:
        text = _text(inventory, config, settings)
        if text != config.text:
            asked |= jailconf_settings.needs(inventory, config, text)
    return asked


# --- the plan ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """What is set, and what the jail is."""

    inventory: Inventory
    jail: Jail
    config: JailConfig
    settings: Settings
    running: Mapping[str, str]


def change(inventory: Inventory, request: SetParameters) -> Plan:
    """The plan that sets parameters of a jail."""
    jail = guards.require_jail(inventory, request.name, refusal)
    known = parameter_state.known(inventory)
    if known is None:
        raise Refused("the parameters that the kernel knows could not be read")
    settings, steps, notes = presets.all_of(inventory, jail, request)
    for name in settings:
        _settable(name, known)
    running = parameter_state.running(inventory, jail)
    if jail.running and running is None:
        raise Refused(f"the parameters of {sanitize(jail.name)} could not be read")
    case = _Case(inventory, jail, guards.require_configured(jail), settings, running or {})
    words = [
        f"{name}={'default' if value is None else shown_value(value)}"
        for name, value in settings.items()
    ]
    title = f"Set {', '.join(words)} for {sanitize(jail.name)}"
    made, more = _steps(case, request)
    steps += made
    if not steps:
        return Plan.unchanged(request, title, jail.name)
    notes = (*notes, *more, *_also_needed(case), *_risks(case))
    return Plan(request, title, tuple(steps), notes=notes, jail=jail.name)


def _risks(case: _Case) -> tuple[str, ...]:
    """What the jail can do afterwards that it could not before."""
    own = parameter_state.configured(case.jail)
    return tuple(
        f"{name}: {parameter.risk}"
        for name, value in case.settings.items()
        if (parameter := parameter_catalog.of(name)).risk
        and value not in (None, NO, parameter.default, own.get(name))
        and (not parameter.risky or value in parameter.risky)
    )


def _also_needed(case: _Case) -> tuple[str, ...]:
    """What a permission to mount needs besides."""
    after = {**parameter_state.configured(case.jail), **case.settings}
    kinds = [name for name in case.settings if name.startswith("allow.mount.")]
    if not any(after[name] == YES for name in kinds):
        return ()
    needed = [] if after.get("allow.mount") == YES else ["allow.mount=yes"]
    needed += [] if after.get("enforce_statfs") in ("0", "1") else ["enforce_statfs=1"]
    return (f"To mount, it also needs {' and '.join(needed)}.",) if needed else ()


def _steps(case: _Case, request: SetParameters) -> tuple[list[Step], list[str]]:
    """First the file, then the running jail; a restart instead where one is needed and wanted."""
    inventory, jail, config = case.inventory, case.jail, case.config
    old = guards.require_text(config)
    if jail.owner is Owner.BASTILLE:
        return _through_bastille(case)
    text = _text(inventory, config, case.settings)
    if text == old:
        return _live(case, _meant(case.settings, config)), []
    fresh = _must_read(case, text)
    case = replace(case, settings=_meant(case.settings, fresh))
    title = f"Write the parameters to {sanitize(source(config))}"
    write = file_steps.change_config(config, text, title)
    waits = _waiting(case) if jail.running else []
    if waits and request.restart:
        return _restart(case, fresh, write)
    live = {name: value for name, value in case.settings.items() if name not in waits}
    steps: list[Step] = []
    notes: list[str] = []
    if jail.running and any(name.partition(".")[0] in _FOR_STOP for name in waits):
        steps, notes = edit.keep(inventory, jail, old)
    elif waits:
        notes = [f"{sanitize(jail.name)} is running: {_take_effect(waits)}"]
    if waits:
        notes.append(f"To apply it now: restart {word(jail.name)}")
    return [*steps, write, *_live(case, live)], notes


def _take_effect(waits: list[str]) -> str:
    """`a takes effect...`, `a, b take effect...`."""
    verb = "takes" if len(waits) == 1 else "take"
    return f"{', '.join(waits)} {verb} effect at its next start."


def _through_bastille(case: _Case) -> tuple[list[Step], list[str]]:
    steps = bastille.parameter_steps(case.jail, case.config, case.settings)
    waits = _waiting(case) if case.jail.running else []
    live = {name: value for name, value in case.settings.items() if name not in waits}
    notes = [_take_effect(waits)] if waits else []
    return [*steps, *_live(case, live)], notes


def _meant(settings: Settings, fresh: JailConfig) -> dict[str, str | None]:
    """The settings; for one that was removed, what other places of the configuration say."""
    others = jailconf.plain(fresh.params)
    return {
        name: ",".join(others[name]) if value is None and name in others else value
        for name, value in settings.items()
    }


def _must_read(case: _Case, text: str) -> JailConfig:
    expected: dict[str, tuple[str, ...] | None] = {}
    free = []
    for name, value in case.settings.items():
        elsewhere = jailconf_settings.elsewhere(case.inventory, case.config, name)
        default = parameter_catalog.of(name).default
        if value is None or (value == default and not elsewhere):
            free.append(name)  # not set at all means the same
        else:
            expected[name] = (value,)
    return jailconf_settings.must_read(case.inventory, case.config, text, expected, free=free)


def _waiting(case: _Case) -> list[str]:
    """Parameters that only a start can change, and that differ from what runs."""
    own = parameter_state.configured(case.jail)
    return [
        name
        for name, value in case.settings.items()
        if not is_live(name) and own.get(name) != value
    ]


def _restart(case: _Case, fresh: JailConfig, write: Step) -> tuple[list[Step], list[str]]:
    """Stopped with the old file, started with the new one."""
    inventory, jail = case.inventory, case.jail
    steps, notes = stopping.take_down(inventory, jail)
    dependencies.must_run(inventory, fresh)
    made = of_running(inventory, fresh)
    start = starting.start_step(fresh.path, jail.name, fresh, made)
    return [*steps, write, start], notes


# --- the text ------------------------------------------------------------------------------------


def _text(inventory: Inventory, config: JailConfig, settings: Settings) -> str:
    """The file with these settings; "" where the block is not plain to see."""
    text = config.text or ""
    own = {name: ",".join(values) for name, values in jailconf.plain(config.params).items()}
    for name, value in settings.items():
        if value is None:
            text = jailconf_settings.unset(text, config.name, name)
        elif own.get(name) != value:
            text = _with(inventory, config, text, name, value)
    return text


def _with(inventory: Inventory, config: JailConfig, text: str, name: str, value: str) -> str:
    parameter = parameter_catalog.of(name)
    if parameter.kind is not Kind.SWITCH:
        return jailconf_settings.set_value(text, config.name, name, (value,))
    if value == parameter.default and not jailconf_settings.elsewhere(inventory, config, name):
        return jailconf_settings.unset(text, config.name, name)
    spelled = name if value == YES else jailconf_settings.negated(name)
    return jailconf_settings.set_value(text, config.name, spelled, ())


# --- the running jail ----------------------------------------------------------------------------


def _live(case: _Case, settings: Settings) -> list[Step]:
    if not case.jail.running:
        return []
    steps: list[Step] = []
    for name, value in settings.items():
        parameter = parameter_catalog.of(name)
        new = parameter.default if value is None else value
        old = case.running.get(name)
        if new is None or old is None or old == new or not is_live(name):
            continue
        steps.append(_modify(case.jail, parameter, old, new))
    return steps


def _modify(jail: Jail, parameter: Parameter, old: str, new: str) -> Step:
    name = parameter.name
    title = f"Set {name} of the running {sanitize(jail.name)} to {shown_value(new)}"
    return reversible(
        (_jail_m(jail, parameter, new), title),
        (_jail_m(jail, parameter, old), f"Set {name} to {shown_value(old)} again"),
        before=(ParameterIs(jail.name, name, old),),
        after=(ParameterIs(jail.name, name, new),),
        or_undone=(JailStopped(jail.name),),
        jail=jail.name,
    )


def _jail_m(jail: Jail, parameter: Parameter, value: str) -> Run:
    """`jail -m` (recording 17); yes and no are 1 and 0 there."""
    plain = {YES: "1", NO: "0"}.get(value, value) if parameter.kind is Kind.SWITCH else value
    return Run(("jail", "-m", f"name={jail.name}", f"{parameter.name}={plain}"))
