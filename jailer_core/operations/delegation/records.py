"""Datasets in a jail's configuration, and the steps that attach and detach them.

Datasets in a jail's configuration: `zfs.dataset`, or a command that attaches them.

    exec.created += "zfs jail ${name} zroot/data";

`zfs.dataset` is a parameter of newer versions of jail(8) only, so it is used where a jail has it
already. The command must be able to fail: a jail without its data must not start.

Steps that attach datasets to a running jail, and detach them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from jailer_core.errors import Refused
from jailer_core.model import Dataset, Inventory, Jail, JailConfig, Mount
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.guards import source
from jailer_core.operations.shared import busy, file_steps, jail_commands, jailconf_settings
from jailer_core.operations.steps import reversible
from jailer_core.plan import (
    CommandSucceeds,
    DatasetHasGuid,
    JailRuns,
    JailStopped,
    MountedAt,
    Needs,
    ParameterIs,
    PropertyIs,
    Run,
    Step,
    Undo,
)
from jailer_core.text import sanitize

HOOK = "exec.created"
ALLOWED: Mapping[str, tuple[str, ...]] = {
    "allow.mount": (),
    "allow.mount.zfs": (),
    "enforce_statfs": ("1",),
}
"""What a jail needs in order to mount a dataset (jail(8), allow.mount.zfs)."""
_ATTACH = re.compile(r"(?:/sbin/)?zfs\s+jail\s+(?P<jail>\S+)\s+(?P<dataset>\S+)\s*")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*(?:/[A-Za-z0-9_.:-]+)+", re.ASCII)


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose datasets cannot be changed."""
    guards.require_owned(jail, f"bastille zfs {guards.word(jail.name)}")


def checked(name: str) -> str:
    """Check that the name of a dataset can be part of a command in jail.conf. Raises Refused."""
    text = name.strip()
    if not _NAME.fullmatch(text):
        raise Refused(
            f"'{sanitize(text)}' does not name a dataset below a pool", "For example: zroot/data"
        )
    return text


def added(config: JailConfig, dataset: str) -> tuple[str, dict[str, tuple[str, ...] | None]]:
    """The new text that also attaches a dataset, and what jail(8) must read in it."""
    text, changes = config.text or "", dict[str, tuple[str, ...] | None]()
    if dataset not in jail_commands.delegated(config):
        old = config.params.get(jail_commands.PARAMETER, ())
        if old:
            text = jailconf_settings.add_line(text, config.name, jail_commands.PARAMETER, dataset)
            changes[jail_commands.PARAMETER] = (*old, dataset)
        else:
            line = f"zfs jail ${{name}} {dataset}"
            text = jailconf_settings.add_line(text, config.name, HOOK, line)
            read = line.replace("${name}", config.name)
            changes[HOOK] = (*config.params.get(HOOK, ()), read)
    for param, values in lacking(config).items():
        text = jailconf_settings.set_value(text, config.name, param, values)
        changes[param] = values
    return text, changes


def lacking(config: JailConfig) -> dict[str, tuple[str, ...]]:
    """Parameters that the jail lacks in order to mount a dataset."""
    params = {param: values for param, values in ALLOWED.items() if not config.has(param)}
    if config.first("enforce_statfs") in ("0", "1"):
        params.pop("enforce_statfs", None)
    elif config.has("enforce_statfs"):
        params["enforce_statfs"] = ALLOWED["enforce_statfs"]
    return params


def removed(config: JailConfig, dataset: str) -> tuple[str, dict[str, tuple[str, ...] | None]]:
    """The new text that no longer attaches a dataset, and what jail(8) must read in it."""
    text, changes = config.text or "", dict[str, tuple[str, ...] | None]()
    listed = config.params.get(jail_commands.PARAMETER, ())
    if dataset in listed:
        text = jailconf_settings.drop_lines(
            text, config.name, jail_commands.PARAMETER, lambda raw: raw.strip("\"'") == dataset
        )
        changes[jail_commands.PARAMETER] = tuple(name for name in listed if name != dataset) or None
    lines = config.params.get(HOOK, ())
    rest = tuple(line for line in lines if not _attaches(line, dataset))
    if rest != lines:
        text = jailconf_settings.drop_lines(
            text, config.name, HOOK, lambda raw: _attaches(raw.strip("\"'"), dataset)
        )
        changes[HOOK] = rest or None
    return text, changes


def _attaches(line: str, dataset: str) -> bool:
    match = _ATTACH.fullmatch(line)
    return match is not None and match["dataset"] == dataset


def seen_by(jail: Jail) -> tuple[str, ...]:
    """The device through which a jail uses ZFS."""
    return (f"{normal(jail.path)}/dev/zfs",)


def sees_zfs(inventory: Inventory, jail: Jail) -> bool:
    """Whether the jail can use ZFS at all; the paths of `seen_by` must have been read."""
    return all(path in inventory.file_stats for path in seen_by(jail))


def not_held(inventory: Inventory, dataset: str, points: Collection[str]) -> None:
    """Raises Refused while processes hold files where a dataset is mounted."""
    held = busy.holders_of(inventory, points)
    if held:
        raise Refused(
            f"{sanitize(dataset)} is busy, processes use it: {', '.join(held.values())}",
            "Stop them first.",
        )


def needs(inventory: Inventory, jail: Jail, text: str) -> Needs:
    """The text of the configuration, and what jail(8) makes of the new one."""
    config = guards.require_configured(jail)
    if config.text is None:
        return Needs(jails=(jail.name,))
    return jailconf_settings.needs(inventory, config, text)


def written(
    inventory: Inventory,
    config: JailConfig,
    change: tuple[str, dict[str, tuple[str, ...] | None]],
    title: str,
) -> list[Step]:
    """The step that writes the new text, if it differs from the old one. Raises Refused."""
    text, changes = change
    if not changes:
        return []
    hint = "Change its configuration by hand: edit."
    jailconf_settings.must_read(inventory, config, text, changes, hint)
    title = f"{title} in {sanitize(source(config))}"
    return [file_steps.change_config(config, text, title)]


def set_property(dataset: Dataset, name: str, old: tuple[str, str], new: str, jail: str) -> Step:
    """Set a ZFS property; `old` is its value and source, which the undo restores."""
    value, source = old
    own = source in ("local", "received")
    back = ("zfs", "set", f"{name}={value}") if own else ("zfs", "inherit", name)
    return reversible(
        (Run(("zfs", "set", f"{name}={new}", dataset.name)), f"Set {name}={new} on {dataset.name}"),
        (Run((*back, dataset.name)), f"Restore {name} of {dataset.name}"),
        before=(PropertyIs(dataset.name, name, value),),
        after=(PropertyIs(dataset.name, name, new),),
        same=(DatasetHasGuid(dataset.name, dataset.guid),),
        jail=jail,
    )


def attached(jail: Jail, name: str, *, succeeds: bool = True) -> CommandSucceeds:
    """Whether a running jail has a dataset: the host has no other way to ask.

    In a jail whose devfs ruleset hides /dev/zfs nothing can be listed (recording 14).
    """
    argv = ("jexec", jail.name, "zfs", "list", "-H", "-o", "name", name)
    message = f"{sanitize(jail.name)} {'does not have' if succeeds else 'has'} the dataset {name}"
    return CommandSucceeds(argv, f"{name}\n", succeeds=succeeds, description=message)


def attach(jail: Jail, dataset: Dataset, *, on: bool) -> Step:
    """`zfs jail` and `zfs unjail` (recording 14)."""
    words = {
        True: ("jail", f"Attach {dataset.name} to {sanitize(jail.name)}"),
        False: ("unjail", f"Detach {dataset.name} from {sanitize(jail.name)}"),
    }
    (verb, title), (back, back_title) = words[on], words[not on]
    before = attached(jail, dataset.name, succeeds=not on)
    after = attached(jail, dataset.name, succeeds=on)
    same = DatasetHasGuid(dataset.name, dataset.guid)
    return Step(
        Run(("zfs", verb, jail.name, dataset.name)),
        title,
        undo=(
            Undo(
                Run(("zfs", back, jail.name, dataset.name)),
                f"{back_title} again",
                preconditions=(same, JailRuns(jail.name), after),
                done_when=(before,),
                or_done_when=(JailStopped(jail.name),),
            ),
        ),
        preconditions=(
            same,
            JailRuns(jail.name, jail.jid),
            PropertyIs(dataset.name, "jailed", "on"),
            before,
        ),
        postconditions=(after,),
        jail=jail.name,
    )


def allow(jail: Jail, param: str, old: str, new: str) -> Step:
    """Change a parameter of a running jail (recording 17)."""

    def argv(value: str) -> tuple[str, ...]:
        number = {"true": "1", "false": "0"}.get(value, value)
        return ("jail", "-m", f"name={jail.name}", f"{param}={number}")

    before, after = ParameterIs(jail.name, param, old), ParameterIs(jail.name, param, new)
    return Step(
        Run(argv(new)),
        f"Set {param}={new} in {sanitize(jail.name)} now",
        undo=(
            Undo(
                Run(argv(old)),
                f"Set {param}={old} in {sanitize(jail.name)} again",
                preconditions=(JailRuns(jail.name), after),
                done_when=(before,),
                or_done_when=(JailStopped(jail.name),),
            ),
        ),
        preconditions=(JailRuns(jail.name, jail.jid), before),
        postconditions=(after,),
        jail=jail.name,
    )


def unmount(jail: Jail, mount: Mount) -> Step:
    """Unmount the dataset that the jail has mounted; the jail mounts it again itself."""
    path = mount.path
    return Step(
        Run(("umount", path)),
        f"Unmount {sanitize(mount.device)} from {sanitize(path)}",
        irreversible_because=f"{sanitize(jail.name)} mounts it itself: zfs mount",
        preconditions=(MountedAt(path),),
        postconditions=(MountedAt(path, mounted=False),),
        jail=jail.name,
    )
