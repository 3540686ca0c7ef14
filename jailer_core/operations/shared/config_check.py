"""Every plan that writes configuration files is judged by what jail(8) reads in them afterwards.

Every other jail must mean what it meant; no jail may come to lie on the host's own root; and what
is started must have a root of its own. An edit and an undo may change the meaning of jails, which
is why they say what changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from jailer_core.errors import JailerError, Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.shared import meaning, starting_context
from jailer_core.operations.shared.starting_context import Changes, Reading
from jailer_core.plan import Needs, Plan, RemoveFile, Run, WriteFile
from jailer_core.text import sanitize

_FREE = ("edit", "undo", "go-on")
"""Operations that may change what jails mean, and say so."""
_MAY = {
    "init": ("devfs_ruleset",),
    **dict.fromkeys(
        ("nat", "unnat", "rdr", "unrdr", "takeover"), ("exec.poststart", "exec.poststop")
    ),
}
"""What operations that only add to a configuration may change in it."""
_SHOWN = 6


def changes(inventory: Inventory, plan: Plan) -> dict[str, str | None]:
    """What the plan does to files that configure jails."""
    files: dict[str, str | None] = {}
    for step in plan.steps:
        match step.action:
            case WriteFile(path=path, text=text):
                files[path] = text
            case RemoveFile(path=path):
                files[path] = None
    known = inventory.files
    return {path: files[path] for path in files if starting_context.is_jail_file(known, path)}


def with_confs(inventory: Inventory, asked: Needs, plan: Plan | None) -> Needs:
    """The needs, with the texts that a plan's files become; `plan` None: it is not known yet."""
    if plan is None:
        return asked
    try:
        more = starting_context.confs(inventory, changes(inventory, plan))
    except JailerError:
        return asked
    return replace(asked, jail_confs=tuple(dict.fromkeys((*asked.jail_confs, *more))))


def checked(inventory: Inventory, plan: Plan) -> Plan:
    """The plan, with notes on what it changes in the meaning of jails. Raises Refused."""
    new = changes(inventory, plan)
    reading = starting_context.read(inventory, new) if new else Reading(inventory.files)
    for name in _started(plan):
        config = _as_read(inventory, reading, name)
        if config is not None:
            meaning.has_root(config)
            _in_its_context(inventory, config)
    if not new:
        return plan
    free = plan.request.op in _FREE
    notes = list(_lost(inventory, plan, reading, free=free))
    for config in reading.all():
        notes += _of_jail(inventory, plan, new, reading, config)
    return replace(plan, notes=(*plan.notes, *notes)) if notes else plan


def _started(plan: Plan) -> Iterator[str]:
    """Jails that its steps start with jail(8)."""
    for step in plan.steps:
        argv = step.action.argv if isinstance(step.action, Run) else ()
        if argv[:1] == ("jail",) and "-c" in argv:
            yield argv[-1]


def _as_read(inventory: Inventory, reading: Reading, name: str) -> JailConfig | None:
    configs = (config for config in reading.all() if config.name == name)
    return next(configs, None) or _before(inventory, name)


def _before(inventory: Inventory, name: str) -> JailConfig | None:
    jail = inventory.jail(name)
    if jail is not None and jail.config is not None and jail.config.name == name:
        return jail.config
    return next((config for config in inventory.configs if config.name == name), None)


def _in_its_context(inventory: Inventory, config: JailConfig) -> None:
    """Raises Refused for a jail whose starting file jail(8) cannot read, so that its own was read.

    What the others say for all jails would be lost. Where they say nothing, nothing is lost.
    """
    start = starting_context.starts_from(inventory.files, config.name, config.source or config.path)
    if start == config.path or starting_context.says_nothing(inventory.files, start):
        return
    raise Refused(
        f"{sanitize(config.name)} is configured by {sanitize(start)} too, which jail(8) cannot "
        "read",
        "Fix that first; see the problems of the host.",
    )


def _lost(inventory: Inventory, plan: Plan, reading: Reading, *, free: bool) -> Iterator[str]:
    """Jails that are no longer configured by any file."""
    configs = _configs_by_path(inventory)
    for config in (config for path in reading.jails for config in configs.get(path, ())):
        if config.name in reading.jails[config.path] or config.name in ("*", plan.jail):
            continue
        if not free:
            raise Refused(
                f"{sanitize(config.name)} would no longer be configured",
                f"It is in the same file: {sanitize(config.source or config.path)}.",
            )
        yield f"{sanitize(config.name)} is no longer configured."


@of_latest
def _configs_by_path(inventory: Inventory) -> dict[str, list[JailConfig]]:
    configs: defaultdict[str, list[JailConfig]] = defaultdict(list)
    for config in inventory.configs:
        configs[config.path].append(config)
    return configs


def _of_jail(
    inventory: Inventory, plan: Plan, new: Changes, reading: Reading, config: JailConfig
) -> Iterator[str]:
    old = _before(inventory, config.name)
    free = plan.request.op in _FREE
    alone = old is not None and old.alone and (old.source or old.path) in new
    own = config.name == plan.jail or old is None or alone
    complaint = reading.complaints.get(config.name)
    jail = inventory.jail(config.name)
    if complaint is not None and (own or jail is None or not jail.problems):
        raise Refused(
            f"jail(8) could not start {sanitize(config.name)}: {sanitize(complaint)}",
            "Change that in its configuration: edit.",
        )
    if old is None or old.root not in ("", "/"):
        meaning.has_root(config)
    if old is None or old.root != config.root:
        _root_of_its_own(inventory, new, reading, config)
    may = _MAY.get(plan.request.op, ()) if own else ()
    if old is None or not old.params or (own and not free and not may):
        return
    differences = meaning.differences(old.params, config.params, but=may)
    if differences and not free:
        raise Refused(
            f"it would change {sanitize(config.name)} too: {differences[0]}",
            f"{sanitize(config.path)} contains or includes both: move the setting where it "
            "belongs first.",
        )
    who = "" if config.name == plan.jail else f"{sanitize(config.name)}: "
    yield from (f"{who}{difference}." for difference in differences[:_SHOWN])
    if len(differences) > _SHOWN:
        yield f"{who}{len(differences) - _SHOWN} more parameters change."


def _root_of_its_own(
    inventory: Inventory, new: Changes, reading: Reading, config: JailConfig
) -> None:
    """Raises Refused when a jail would come to live in another one's root."""
    stay = [config for config in inventory.configs if (config.source or config.path) not in new]
    for other in (*stay, *reading.all()):
        if other.name not in (config.name, "*") and other.root == config.root:
            raise Refused(
                f"{sanitize(config.name)} would have the root {sanitize(config.root)}, "
                f"which {sanitize(other.name)} has",
                "Give it its own root directory.",
            )
