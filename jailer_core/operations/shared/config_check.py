"""The meaning of a configuration to jail(8), and how a change alters it.

Two configurations mean the same when jail(8) reads the same parameters in both, however they are
written.

Every plan that writes configuration files is judged by what jail(8) reads in them afterwards.

Every other jail must mean what it meant; no jail may come to lie on the host's own root; and what
is started must have a root of its own. An edit and an undo may change the meaning of jails, which
is why they say what changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from jailer_core.errors import JailerError, Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.shared import starting_context
from jailer_core.operations.shared.jailconf_edit import Name
from jailer_core.operations.shared.starting_context import Changes, Reading
from jailer_core.plan import Needs, Plan, RemoveFile, Run, WriteFile
from jailer_core.text import sanitize

Values = tuple[str, ...]

FIRST = (
    "path",
    "securelevel",
    "devfs_ruleset",
    "vnet",
    "vnet.interface",
    "ip4.addr",
    "ip6.addr",
    "interface",
    "mount.fstab",
    "mount",
    "jid",
    "host.hostuuid",
    "enforce_statfs",
)
"""Reported first when several parameters differ."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One parameter that differs; None where it is not set."""

    param: str
    old: Values | None
    new: Values | None

    def __str__(self) -> str:
        """`securelevel = 2 becomes -1`."""
        if self.new is None:
            was = f" ({shown(self.old)})" if self.old else ""
            return f"{self.param}{was} is no longer set"
        if not self.new:
            return f"{self.param} is set"
        if self.old is None:
            return f"{self.param} becomes {shown(self.new)}"
        return f"{self.param} becomes {shown(self.new)} instead of {shown(self.old)}"


def shown(values: Values | None) -> str:
    """Values for a sentence."""
    if values is None:
        return "not set"
    return ", ".join(f'"{sanitize(value)}"' for value in values) or "set"


def meaning_differences(
    old: Mapping[str, Values], new: Mapping[str, Values], but: Sequence[str] = ()
) -> list[Difference]:
    """Parameters that differ, the important ones first, except those in `but`."""
    names = [name for name in dict.fromkeys((*FIRST, *old, *new)) if name not in but]
    return [
        Difference(name, old.get(name), new.get(name))
        for name in names
        if old.get(name) != new.get(name)
    ]


def must_be(name: str, expected: Mapping[str, Values], read: Mapping[str, Values]) -> None:
    """Raises Refused unless jail(8) reads exactly what is intended."""
    for difference in meaning_differences(expected, read):
        if difference.param == "path":
            _on_root(name, (difference.new or ("",))[-1])
        param, old, new = difference.param, shown(difference.old), shown(difference.new)
        if difference.new is None:
            how = f"start without {param} ({old})"
        elif difference.old is None:
            how = f"also start with {param} {new}"
        else:
            how = f"start with {param} {new} instead of {old}"
        raise Refused(
            f"{sanitize(name)} would {how}",
            f"Find where {param} is set, and change it by hand: edit",
        )


def follows(
    name: Name,
    old: Mapping[str, Values],
    new: Mapping[str, Values],
    exact: Mapping[str, Values | None],
) -> None:
    """Raises Refused unless the new configuration is the old one for another name.

    `exact` are parameters that must have these values (None: must not be set). In all others the
    old name and root may have been replaced, and nothing else.
    """
    changed = {**old, **exact}
    expected = {param: values for param, values in changed.items() if values is not None}
    for param, values in new.items():
        before = old.get(param)
        if param in exact or before is None or len(before) != len(values):
            continue
        if all(name.may_become(value, other) for value, other in zip(before, values, strict=True)):
            expected[param] = values
    must_be(name.jail or name.new, expected, new)


def has_root(config: JailConfig) -> None:
    """Raises Refused for a jail on the host's own root, which is never started."""
    if config.params:
        _on_root(config.name, config.first("path"))


def _on_root(name: str, path: str) -> None:
    if path.strip("/."):
        return
    read = f'with path "{path}"' if path else "without a path"
    raise Refused(
        f"{sanitize(name)} would start {read}, on the root of the host itself",
        "Give it its own root directory: edit its configuration.",
    )


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
    """The plan's changes to files that configure jails."""
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
    """The needs, with the new texts of a plan's files; `plan` None: not known yet."""
    if plan is None:
        return asked
    try:
        more = starting_context.confs(inventory, changes(inventory, plan))
    except JailerError:
        return asked
    return replace(asked, jail_confs=tuple(dict.fromkeys((*asked.jail_confs, *more))))


def checked(inventory: Inventory, plan: Plan) -> Plan:
    """The plan, with notes on what changes in the configuration of jails. Raises Refused."""
    new = changes(inventory, plan)
    reading = starting_context.read(inventory, new) if new else Reading(inventory.files)
    for name in _started(plan):
        config = _as_read(inventory, reading, name)
        if config is not None:
            has_root(config)
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
        has_root(config)
    if old is None or old.root != config.root:
        _root_of_its_own(inventory, new, reading, config)
    may = _MAY.get(plan.request.op, ()) if own else ()
    if old is None or not old.params or (own and not free and not may):
        return
    differences = meaning_differences(old.params, config.params, but=may)
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
