"""Bastille's jails are changed through its own program, which keeps them in files of its own.

Start and stop Bastille's jails through its own program (recording 08).

Mounts of Bastille's jails through its own program, which keeps them in fstab of the jail.

`bastille mount NAME SOURCE TARGET TYPE OPTIONS 0 0` and `bastille umount NAME TARGET` (mount.sh and
umount.sh of Bastille's repository; # not recorded). It mounts at once, so the jail must run. It
follows links when it creates a directory: directories are created before, without.

Limits of Bastille's jails through its own program, which keeps them in rctl.conf of the jail.

`bastille limits NAME add memoryuse 512M` and `… remove memoryuse` (limits.sh of Bastille 1.0 and
later; # not recorded). It knows only rules that deny, and only for running jails.

Parameters of Bastille's jails through its own program.

`bastille config NAME set PARAMETER VALUE` writes the value into the jail's jail.conf, and
`… remove PARAMETER` takes out every line that contains the word (config.sh of Bastille;
# not recorded). What the file says afterwards, jail(8) tells.

Tags of Bastille's jails through its own program, which keeps them in a file of the jail.

`bastille tags NAME add a,b` sorts the file, one tag a line; `… delete a` takes out every line that
the word matches as a regular expression, and removes an empty file (tags.sh of Bastille's
repository; # not recorded).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.operations import guards
from jailer_core.operations.jails import jail_command
from jailer_core.operations.mounts.steps import FileSystem
from jailer_core.operations.settings import limit_state
from jailer_core.operations.settings.limit_catalog import Limit, number
from jailer_core.operations.settings.parameter_state import NO, YES, shown_value
from jailer_core.operations.shared import jailconf_settings
from jailer_core.operations.steps import reversible
from jailer_core.parse import jail_settings, jailconf
from jailer_core.plan import (
    NEW_JID,
    Condition,
    ConfiguredIs,
    FileHasText,
    JailRuns,
    JailStopped,
    LimitIs,
    MountedAt,
    Needs,
    PathExists,
    Run,
    Step,
    Undo,
)
from jailer_core.text import command_line, sanitize


def start_step(jail: Jail) -> Step:
    """`bastille start NAME`; the list of jails shows whether it worked."""
    return Step(
        Run(("bastille", "start", jail.name)),
        f"Start {sanitize(jail.name)} through bastille",
        timeout=jail_command.START_TIMEOUT,
        undo=(
            Undo(
                Run(("bastille", "stop", jail.name)),
                f"Stop {sanitize(jail.name)} again",
                preconditions=(JailRuns(jail.name, NEW_JID),),
                done_when=(JailStopped(jail.name),),
                timeout=jail_command.STOP_TIMEOUT + jail_command.STOP_MARGIN,
                created_if_output=f"{jail.name}: created",
            ),
        ),
        preconditions=(JailStopped(jail.name),),
        postconditions=(JailRuns(jail.name),),
        wait_reason="its services start",
        jail=jail.name,
        side_effect=(
            f"the start of {sanitize(jail.name)} has written to its log and {sanitize(jail.path)}"
        ),
        side_effect_if_output=f"{jail.name}: created",
    )


def stop_step(jail: Jail, jid: int, inside: tuple[str, ...] = ()) -> Step:
    """`bastille stop NAME`."""
    return Step(
        Run(("bastille", "stop", jail.name)),
        f"Stop {sanitize(jail.name)} through bastille",
        timeout=jail_command.STOP_TIMEOUT + jail_command.STOP_MARGIN,
        undo=(jail_command.start_again(Run(("bastille", "start", jail.name)), jail.name, jid),),
        preconditions=(JailRuns(jail.name, jid),),
        postconditions=(JailStopped(jail.name),),
        wait_reason=jail_command.stop_wait(jail_command.STOP_TIMEOUT),
        ok_statuses=(0, 1),
        jail=jail.name,
        side_effect=jail_command.stop_trace(jail.name, inside),
        side_effect_if_output=f"[{jail.name}]",
    )


TYPES = ("nullfs", "tmpfs", "linprocfs", "linsysfs")
_PLAIN = re.compile(r"/?[A-Za-z0-9_./:@%+-]+", re.ASCII)


def mount_refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose mounts bastille cannot change now."""
    guards.require_startable(jail)
    if not jail.running:
        raise Refused(
            f"bastille changes mounts of running jails only, and {sanitize(jail.name)} is stopped",
            f"Start {sanitize(jail.name)} first.",
        )


def step(jail: Jail, system: FileSystem, target: str, *, on: bool) -> Step:
    """Mount something and record it, or unmount it. Raises Refused for what bastille cannot."""
    _possible(jail, system, target)
    options = ",".join(system.options) or "rw"
    words = (system.source, target, system.fstype, options, "0", "0")
    deeds = (
        (
            Run(("bastille", "umount", jail.name, target)),
            f"Unmount {sanitize(target)} through bastille",
        ),
        (
            Run(("bastille", "mount", jail.name, *words)),
            f"Mount {sanitize(target)} through bastille",
        ),
    )
    (do, title), (back, back_title) = deeds[on], deeds[not on]
    step = reversible(
        (do, title),
        (back, f"{back_title} again"),
        before=(MountedAt(system.path, mounted=not on, source=system.source),),
        after=(MountedAt(system.path, mounted=on, source=system.source),),
        same=(PathExists(system.path),),
        undo_if=(JailRuns(jail.name),),
        jail=jail.name,
    )
    return replace(step, preconditions=(JailRuns(jail.name, jail.jid), *step.preconditions))


def _possible(jail: Jail, system: FileSystem, target: str) -> None:
    """Bastille takes its words apart in a shell: nothing but plain paths reaches it."""
    if system.fstype not in TYPES:
        raise Refused(
            f"bastille does not mount {sanitize(system.fstype)} for {sanitize(jail.name)}",
            f"It mounts {', '.join(TYPES)}.",
        )
    for path in (system.source, target):
        if not _PLAIN.fullmatch(path):
            raise Refused(
                f"bastille cannot mount a path like this: {sanitize(path)}",
                "Use letters, digits, and . _ - + : @ % in it.",
            )


def limit_steps(inventory: Inventory, jail: Jail, amounts: Mapping[Limit, str]) -> list[Step]:
    """Steps that set the limits."""
    for limit in amounts:
        if not limit.resource or limit.action != "deny":
            raise Refused(
                f"bastille manages {sanitize(jail.name)}, and its limit {limit.word} is not set "
                "here",
                f"Use bastille: bastille limits {jail.name}",
            )
    known = limit_state.require_rules(inventory, jail)
    steps: list[Step] = []
    for limit, amount in amounts.items():
        old = "".join(jail_settings.amounts(known, limit.resource, limit.action)[:1])
        steps += _steps(jail, limit, old, str(number(amount)) if amount else "")
    return steps


def _steps(jail: Jail, limit: Limit, old: str, new: str) -> list[Step]:
    """`add` of a limit that is there leaves the old line in its file, so it is removed first."""
    if old == new:
        return []
    if old and new:
        return [*_steps(jail, limit, old, ""), *_steps(jail, limit, "", new)]
    title, back = limit_state.titles(jail, limit, old, new)
    step = reversible(
        (_run(jail, limit, new), f"{title}, through bastille"),
        (_run(jail, limit, old), f"{back}, through bastille"),
        before=(LimitIs(jail.name, limit.resource, limit.action, old),),
        after=(LimitIs(jail.name, limit.resource, limit.action, new),),
        same=(JailRuns(jail.name, jail.jid),),
        jail=jail.name,
    )
    return [
        replace(step, side_effect=f"{sanitize(jail.name)}: how bastille wrote it to its rctl.conf")
    ]


def _run(jail: Jail, limit: Limit, amount: str) -> Run:
    verb = ("add", limit.resource, amount) if amount else ("remove", limit.resource)
    return Run(("bastille", "limits", jail.name, *verb))


def parameter_steps(
    jail: Jail, config: JailConfig, settings: Mapping[str, str | None]
) -> list[Step]:
    """Steps that set the parameters in the jail's file. Raises Refused."""
    params = jailconf.plain(config.params)
    steps: list[Step] = []
    for name, value in settings.items():
        old = ",".join(params[name]) if name in params else None
        if old != value:
            _plainly(jail, config, name, value)
            steps.append(_parameter_step(jail, config, name, old, value))
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


def _parameter_step(
    jail: Jail, config: JailConfig, name: str, old: str | None, new: str | None
) -> Step:
    what = f"{name} of {sanitize(jail.name)}"

    def title(value: str | None) -> str:
        return f"Remove {what}" if value is None else f"Set {what} to {shown_value(value)}"

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


def file_of(config: JailConfig) -> str:
    """The file of a jail's tags."""
    return f"{config.path.removesuffix('jail.conf')}tags"


def tag_needs(jail: Jail) -> Needs:
    """The file, and whether it exists."""
    path = file_of(guards.require_configured(jail))
    return Needs(files=(path,), paths=(path,))


def tags_of(inventory: Inventory, jail: Jail) -> tuple[str, ...]:
    """The tags in the file. Raises Refused if it cannot be read, or is not sorted."""
    path = file_of(guards.require_configured(jail))
    if path not in inventory.file_stats:
        return ()
    text = inventory.file_texts.get(path)
    if text is None:
        raise Refused(f"{sanitize(path)} could not be read", "See the problems of the host.")
    tags = tuple(text.splitlines())
    if text != _text(tags) or list(tags) != sorted(set(tags)):
        argv = f"bastille tags {guards.word(jail.name)}"
        raise Refused(f"{sanitize(path)} was not written by bastille", f"Use {argv}.")
    return tags


def tag_steps(jail: Jail, old: Collection[str], new: Collection[str]) -> list[Step]:
    """Steps that add tags and remove others."""
    between = {*old, *new}
    path = file_of(guards.require_configured(jail))
    removed = between - set(new)
    for tag in removed:
        also = [other for other in new if re.fullmatch(tag, other)]
        if also:
            raise Refused(
                f"bastille would remove the tag {sanitize(also[0])} together with {sanitize(tag)}",
                f"Remove it from the file by hand: {sanitize(path)}",
            )
    tags = []
    if between - set(old):
        tags.append(_tag_step(jail, old, between, add=True))
    if removed:
        tags.append(_tag_step(jail, between, new, add=False))
    return tags


def _tag_step(jail: Jail, before: Iterable[str], after: Iterable[str], *, add: bool) -> Step:
    path = file_of(guards.require_configured(jail))
    changed = sorted(set(after) - set(before) if add else set(before) - set(after))
    run, back = (
        Run(("bastille", "tags", jail.name, verb, ",".join(changed)))
        for verb in (("add", "delete") if add else ("delete", "add"))
    )
    listed = ", ".join(changed)
    titles = [
        f"Add the tags of {sanitize(jail.name)}: {listed}",
        f"Remove the tags of {sanitize(jail.name)}: {listed}",
    ]
    done, undone = titles if add else titles[::-1]
    return reversible(
        (run, f"{done}, through bastille"),
        (back, f"{undone}, through bastille"),
        before=(_holds(path, before),),
        after=(_holds(path, after),),
        jail=jail.name,
    )


def _holds(path: str, tags: Iterable[str]) -> Condition:
    return FileHasText(path, _text(sorted(tags)) or None)


def _text(tags: Iterable[str]) -> str:
    return "".join(f"{tag}\n" for tag in tags)
