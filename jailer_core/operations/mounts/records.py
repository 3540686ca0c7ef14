"""The record of a jail's mounts: its fstab file, or the `mount` lines of its configuration.

Whichever a jail has gets the new line. A jail without either gets a `mount` line: it begins with
${path} where it names the jail's directory, so that a new name or root needs no change of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jailer_core.errors import JailerError, Refused
from jailer_core.model import Inventory, Jail, JailConfig, Owner
from jailer_core.model.trees import normal
from jailer_core.operations import guards
from jailer_core.operations.guards import source
from jailer_core.operations.mounts.entries import FSTAB, Entry, Place
from jailer_core.operations.shared import bastille, file_steps, jailconf_settings, paths
from jailer_core.operations.shared.jail_mounts import not_inside
from jailer_core.parse import mount_tables
from jailer_core.plan import Needs, Step
from jailer_core.text import ended, sanitize

_LINE = "mount"
_OPTIONS = re.compile(r"(\s*[\"']?\S+\s+\S+\s+[^\s\"']+\s+)[^\s\"'#]+")
_VARIABLE = re.compile(r"\$\{([^}\n]*)\}|\$(\w+)")


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose mounts cannot be changed."""
    if jail.owner is Owner.BASTILLE:
        bastille.mount_refusal(jail)
        return
    guards.require_owned(jail)
    guards.require_own_root(jail, "Mount it on the host.")


def needs(inventory: Inventory, jail: Jail) -> Needs:
    """The texts that may be changed."""
    config = guards.require_configured(jail)
    kept = paths.running_files(inventory.layout, jail)
    own = (config.first(FSTAB),) if config.first(FSTAB) else ()
    return Needs(jails=(jail.name,), files=(*own, *kept), paths=own)


def read_by_jail(inventory: Inventory, change: Callable[[], Change]) -> Needs:
    """What jail(8) must read for a change, as far as the change is possible."""
    try:
        return change().needs(inventory)
    except JailerError:  # the plan says why
        return Needs()


@dataclass(frozen=True, slots=True)
class Change:
    """New texts by path, and what jail(8) must then read (None: the configuration is unchanged)."""

    config: JailConfig
    texts: tuple[tuple[str, str], ...] = ()
    wanted: tuple[tuple[str, tuple[str, ...] | None], ...] = ()

    @property
    def text(self) -> str | None:
        """The new text of the configuration, or "" if it cannot be changed."""
        return dict(self.texts).get(source(self.config))

    def needs(self, inventory: Inventory) -> Needs:
        """What jail(8) must read."""
        if self.text is None:
            return Needs()
        return jailconf_settings.needs(inventory, self.config, self.text)

    def steps(self, inventory: Inventory, title: str, hint: str) -> list[Step]:
        """Steps that write the texts. Raises Refused if jail(8) would read something else."""
        if self.text is not None:
            changes = dict(self.wanted)
            jailconf_settings.must_read(inventory, self.config, self.text, changes, hint)
        return [self._step(inventory, path, text, title) for path, text in self.texts]

    def _step(self, inventory: Inventory, path: str, text: str, title: str) -> Step:
        config = self.config
        if path == source(config):
            old, stamp = config.text or "", config.stamp
        else:
            old, stamp = inventory.file_texts[path], inventory.file_stats.get(path)
        step = file_steps.change_file(path, old, text, stamp, f"{title} in {sanitize(path)}")
        return replace(step, jail=config.name)


# --- adding ------------------------------------------------------------------------------------


def added(inventory: Inventory, jail: Jail, line: mount_tables.FstabLine) -> Change:
    """The change that records a mount. Raises Refused."""
    config = guards.require_readable(jail)
    if config.first(FSTAB):
        path = _own_fstab(inventory, jail, config)
        old = inventory.file_texts[path]
        return Change(config, ((path, f"{ended(old)}{mount_tables.fstab_printed(line)}\n"),))
    target = line.target[len(normal(jail.path)) :]
    written = mount_tables.fstab_printed(
        line, f"${{path}}{mount_tables.fstab_escaped(target)}"
    ).replace("\\", "\\\\")
    read = mount_tables.fstab_printed(
        line, f"{config.first('path')}{mount_tables.fstab_escaped(target)}"
    )
    values = (*config.params.get(_LINE, ()), read)
    return _in_config(
        inventory,
        jail,
        lambda text: jailconf_settings.add_line(text, config.name, _LINE, written),
        {_LINE: values},
    )


def switched(inventory: Inventory, jail: Jail, param: str, *, on: bool) -> Change:
    """The change that sets or removes a parameter such as mount.procfs."""
    name = guards.require_readable(jail).name

    def change(text: str) -> str:
        if on:
            return jailconf_settings.set_value(text, name, param, ())
        return jailconf_settings.unset(text, name, param)

    return _in_config(inventory, jail, change, {param: () if on else None})


# --- removing ----------------------------------------------------------------------------------


def removed(inventory: Inventory, jail: Jail, entry: Entry) -> Change:
    """The change that removes the record of a mount. Raises Refused."""
    config = guards.require_readable(jail)
    if entry.place is Place.NOWHERE:
        return Change(config)
    if entry.place is Place.PARAMETER:
        return switched(inventory, jail, f"mount.{entry.fstype}", on=False)
    if entry.place is Place.FSTAB:
        path = _own_fstab(inventory, jail, config)
        text = inventory.file_texts[path]
        rows = [row for row in mount_tables.fstab_lines(text) if row.target == entry.path]
        for row in reversed(rows):
            text = text[: row.start] + text[row.end :]
        return Change(config, ((path, text),))
    values = tuple(
        value for value in config.params.get(_LINE, ()) if not _mounts(value, entry.path)
    )
    return _in_config(
        inventory,
        jail,
        lambda text: jailconf_settings.drop_lines(
            text, config.name, _LINE, lambda raw: _mounts(_expanded(config, raw), entry.path)
        ),
        {_LINE: values or None},
    )


# --- changing ----------------------------------------------------------------------------------


def changed(inventory: Inventory, jail: Jail, entry: Entry, options: tuple[str, ...]) -> Change:
    """The change that gives a mount other options where it is configured. Raises Refused."""
    config = guards.require_readable(jail)
    if entry.place is Place.FSTAB:
        path = _own_fstab(inventory, jail, config)
        text = inventory.file_texts[path]
        for row in reversed(
            [row for row in mount_tables.fstab_lines(text) if row.target == entry.path]
        ):
            fresh = _with_options(text[row.start : row.end], options)
            text = text[: row.start] + fresh + text[row.end :]
        return Change(config, ((path, text),))
    values = tuple(
        _with_options(value, options) if _mounts(value, entry.path) else value
        for value in config.params.get(_LINE, ())
    )

    def change(text: str) -> str:
        statements = jailconf_settings.of(text, config.name, _LINE)
        if statements is None:
            return ""
        spots = [spot for statement in statements for spot in statement.values]
        for start, end in sorted(spots, reverse=True):
            raw = text[start:end]
            if _mounts(_expanded(config, raw), entry.path):
                text = text[:start] + _with_options(raw, options) + text[end:]
        return text

    return _in_config(inventory, jail, change, {_LINE: values})


def _with_options(line: str, options: tuple[str, ...]) -> str:
    """The line with other options; everything else in it stays as it is written."""
    match = _OPTIONS.match(line)
    if match is None:
        raise Refused(
            f"this line has no options: {sanitize(line.strip())}", "Change it by hand: edit."
        )
    return f"{match[1]}{','.join(options)}{line[match.end() :]}"


def _mounts(line: str, path: str) -> bool:
    row = mount_tables.fstab_line(line)
    return row is not None and row.target == path


def _expanded(config: JailConfig, raw: str) -> str:
    """A value as it is written, with quotes and variables: what jail(8) makes of it."""
    if raw[:1] == "'":
        return raw.strip("'").replace("\\\\", "\\")
    text = raw.strip('"')

    def value(match: re.Match[str]) -> str:
        return config.name if match[1] == "name" else config.first(match[1] or match[2], match[0])

    return _VARIABLE.sub(value, text).replace("\\\\", "\\")


# --- parts -------------------------------------------------------------------------------------


def _in_config(
    inventory: Inventory,
    jail: Jail,
    change: Callable[[str], str],
    changes: Mapping[str, tuple[str, ...] | None],
) -> Change:
    """The change of the configuration, and of the text that a running jail was started with."""
    config = guards.require_readable(jail)
    texts = [(source(config), change(config.text or ""))]
    kept = paths.started_with(inventory, jail)
    if kept:
        text = change(inventory.file_texts[kept])
        if not text:
            raise Refused(
                f"{sanitize(kept)}, which {sanitize(jail.name)} was started with, cannot be edited "
                "automatically",
                f"Restart {sanitize(jail.name)} first.",
            )
        if text != inventory.file_texts[kept]:
            texts.append((kept, text))
    return Change(config, tuple(texts), tuple(changes.items()))


def _own_fstab(inventory: Inventory, jail: Jail, config: JailConfig) -> str:
    """The path of the jail's fstab. Raises Refused where it cannot be changed safely."""
    path = config.first(FSTAB)
    if path not in inventory.file_texts:
        raise Refused(
            f"{sanitize(path)}, the fstab of {sanitize(jail.name)}, could not be read",
            "Create it, or fix mount.fstab in the configuration: edit.",
        )
    not_inside(jail.name, path, normal(jail.path))
    stamp = inventory.file_stats.get(path)
    if stamp is not None and stamp.is_link:
        raise Refused(
            f"{sanitize(path)} is a symbolic link", "Name the file itself in mount.fstab."
        )
    for other in inventory.configs:
        if other.name != config.name and other.first(FSTAB) == path:
            raise Refused(
                f"{sanitize(path)} is the fstab of {sanitize(other.name)} too",
                "Give each jail an fstab of its own first: mount.fstab.",
            )
    return path
