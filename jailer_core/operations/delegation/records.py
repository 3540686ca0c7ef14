"""Datasets in a jail's configuration: `zfs.dataset`, or a command that attaches them.

    exec.created += "zfs jail ${name} zroot/data";

`zfs.dataset` is a parameter of newer versions of jail(8) only, so it is used where a jail has it
already. The command must be able to fail: a jail without its data must not start.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.model.paths import normal
from jailer_core.operations import guards
from jailer_core.operations.guards import source
from jailer_core.operations.shared import busy, delegated, file_steps, jailconf_settings
from jailer_core.plan import Needs, Step
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
    """The name of a dataset that can be in a command of jail.conf. Raises Refused."""
    text = name.strip()
    if not _NAME.fullmatch(text):
        raise Refused(
            f"'{sanitize(text)}' does not name a dataset below a pool", "For example: zroot/data"
        )
    return text


def added(config: JailConfig, dataset: str) -> tuple[str, dict[str, tuple[str, ...] | None]]:
    """The text that attaches a dataset too, and what jail(8) must read in it."""
    text, changes = config.text or "", dict[str, tuple[str, ...] | None]()
    if dataset not in delegated.given(config):
        old = config.params.get(delegated.PARAMETER, ())
        if old:
            text = jailconf_settings.add_line(text, config.name, delegated.PARAMETER, dataset)
            changes[delegated.PARAMETER] = (*old, dataset)
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
    """Parameters that the jail needs in order to mount a dataset, and does not have."""
    params = {param: values for param, values in ALLOWED.items() if not config.has(param)}
    if config.first("enforce_statfs") in ("0", "1"):
        params.pop("enforce_statfs", None)
    elif config.has("enforce_statfs"):
        params["enforce_statfs"] = ALLOWED["enforce_statfs"]
    return params


def removed(config: JailConfig, dataset: str) -> tuple[str, dict[str, tuple[str, ...] | None]]:
    """The text that no longer attaches a dataset, and what jail(8) must read in it."""
    text, changes = config.text or "", dict[str, tuple[str, ...] | None]()
    listed = config.params.get(delegated.PARAMETER, ())
    if dataset in listed:
        text = jailconf_settings.drop_lines(
            text, config.name, delegated.PARAMETER, lambda raw: raw.strip("\"'") == dataset
        )
        changes[delegated.PARAMETER] = tuple(name for name in listed if name != dataset) or None
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
    """The device through which a jail asks for ZFS."""
    return (f"{normal(jail.path)}/dev/zfs",)


def sees_zfs(inventory: Inventory, jail: Jail) -> bool:
    """Whether the jail can use ZFS at all: the paths of `seen_by` must have been looked at."""
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
    """The step that writes the new text, none where it is the old one. Raises Refused."""
    text, changes = change
    if not changes:
        return []
    hint = "Change its configuration by hand: edit."
    jailconf_settings.must_read(inventory, config, text, changes, hint)
    title = f"{title} in {sanitize(source(config))}"
    return [file_steps.change_config(config, text, title)]
