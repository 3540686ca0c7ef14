"""The commands that jail(8) runs on the host when a jail starts or stops.

A start adds the jail's addresses to interfaces of the host, moves `vnet.interface` into the jail
and runs hooks on the host; a stop takes the addresses away again, whatever else uses them, and
runs its own hooks (recordings 03, 04, 09).

Datasets that a jail's start attaches to it: by `zfs.dataset`, or by a command of its hooks.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from jailer_core.errors import Refused
from jailer_core.latest import of_latest
from jailer_core.model import Inventory, Jail, JailConfig, Mount, Network
from jailer_core.operations.shared import network_parts, paths, trash
from jailer_core.operations.shared.jailconf_edit import commands
from jailer_core.operations.shared.network_parts import Alias
from jailer_core.plan import Plan, Run, Step
from jailer_core.text import sanitize
from jailer_core.topology.epairs import lent

Argv = tuple[str, ...]

_STARTS = ("exec.prepare", "exec.prestart", "exec.created", "exec.poststart")
_STOPS = ("exec.prestop", "exec.poststop", "exec.release")
AFTER_START = ("exec.created", "exec.start", "command", "exec.poststart")
"""What jail(8) runs once the jail exists."""
AFTER_STOP = ("exec.poststop", "exec.release")
"""What jail(8) runs once the jail is gone."""
_SHELLS = ("sh", "csh", "tcsh", "bash", "zsh", "ksh")
_VARIABLE = re.compile(r"[^\W\d]\w*=")
_BETWEEN = ";&|()\n"
_SKIPPED = ("if", "then", "else", "do", "while", "!", "{", "exec", "env", "nice", "command", "time")


@dataclass(frozen=True, slots=True)
class JailRun:
    """One run of jail(8): the jail, and whether it starts and stops it.

    `configured`: by a configuration file. Without one jail(8) knows no addresses and hooks.
    """

    name: str
    starts: bool
    stops: bool
    configured: bool = True

    @property
    def verb(self) -> str:
        """The verb for a sentence about it."""
        if self.starts and self.stops:
            return "Restarting"
        return "Starting" if self.starts else "Stopping"


def jail_run(step: Step) -> JailRun | None:
    """The jail that a step starts or stops, or None."""
    argv = step.action.argv if isinstance(step.action, Run) else ()
    match (argv[0].rpartition("/")[2] if argv else "", *argv[1:]):
        case ("jail", *words) if not {"-m", "-R", "-e"}.intersection(words):
            flags = "".join(word[1:] for word in words if word.startswith("-") and word != "--")
            if not {"c", "r"}.intersection(flags):
                return None
            return JailRun(words[-1], "c" in flags, "r" in flags, configured="-f" in words)
        case ("bastille", ("start" | "stop" | "restart") as verb, *words) if words:
            return JailRun(words[-1], verb != "stop", verb != "start")
    return None


# --- what jail(8) runs -------------------------------------------------------------------------


def network_commands(inventory: Inventory, run: JailRun, plan: Plan) -> Iterator[Argv]:
    """The commands that change the host's network when that jail stops and starts."""
    config = config_of(inventory, run.name) or config_of(inventory, plan.jail)
    if config is None or not run.configured:
        return
    if run.stops:
        yield from hook_commands(config, _STOPS)
        yield from (
            alias.argv(add=False) for alias in removed_addresses(inventory, run.name, config)
        )
    if run.starts:
        yield from (alias.argv(add=True) for alias in network_parts.aliases(config))
        yield from hook_commands(config, _STARTS)
        for name in lent(config):
            yield ("/sbin/ifconfig", name, "vnet", config.name)


def config_of(inventory: Inventory, name: str) -> JailConfig | None:
    """The configuration of a jail, or of one that is restored from the trash."""
    jail = inventory.jail(name)
    if jail is not None and jail.config is not None:
        return jail.config
    configured = next((config for config in inventory.configs if config.name == name), None)
    if configured is not None:
        return configured
    records = (trash.from_meta(entry) for entry in inventory.trash if entry.name == name)
    return next((record.config for record in records if record is not None), None)


def removed_addresses(inventory: Inventory, name: str, config: JailConfig) -> tuple[Alias, ...]:
    """The addresses that its stop removes.

    Those of its file; of a file that was edited while it ran, those that the kernel knows.
    """
    jail = inventory.jail(name)
    if jail is not None and jail.network is Network.SHARED and paths.started_with(inventory, jail):
        own = [address for address in jail.addresses or () if address.interface]
        return tuple(Alias.on(address.interface, address) for address in own)
    return network_parts.aliases(config)


def hook_commands(config: JailConfig, hooks: Sequence[str]) -> Iterator[Argv]:
    """The simple commands in the hooks that run on the host."""
    for hook in hooks:
        for line in config.params.get(hook, ()):
            yield from simple_commands(line)


def simple_commands(line: str) -> Iterator[Argv]:
    """The commands of a line for sh(1), including those in `sh -c '…'`."""
    words: list[str] = []
    for token in (*_tokens(line), ";"):
        if not token.strip(_BETWEEN):
            yield from _command(words)
            words = []
        else:
            words.append(token)


@lru_cache(maxsize=256)  # most jails have the same hooks
def _tokens(line: str) -> tuple[str, ...]:
    lexer = shlex.shlex(line.replace("\n", ";"), posix=True, punctuation_chars=_BETWEEN)
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return tuple(lexer)
    except ValueError:  # a quote without its end
        return tuple(line.split())


def _command(words: list[str]) -> Iterator[Argv]:
    while words and (words[0] in _SKIPPED or _VARIABLE.match(words[0])):
        words = words[1:]
    words = [word for word in words if ">" not in word and "<" not in word]
    if not words:
        return
    program = words[0].rpartition("/")[2]
    if program in _SHELLS:
        at = next((place for place, word in enumerate(words) if word in ("-c", "-ec")), 0)
        if at and at + 1 < len(words):
            yield from simple_commands(words[at + 1])
        return
    yield tuple(words)


PARAMETER = "zfs.dataset"
_ATTACH = re.compile(r"\bzfs\s+jail\s+\S+\s+([^\s\"';&|]+)")
"""`zfs jail JAIL DATASET` in a command."""

Pairs = tuple[tuple[str, str], ...]


def delegated(config: JailConfig) -> tuple[str, ...]:
    """The datasets that a jail's start attaches."""
    listed = list(config.params.get(PARAMETER, ()))
    for _, line in commands(config.params):
        listed += _ATTACH.findall(line)
    return tuple(dict.fromkeys(listed))


def overlap(name: str, other: str) -> bool:
    """Whether two datasets are the same, or one is below the other."""
    return f"{name}/".startswith(f"{other}/") or f"{other}/".startswith(f"{name}/")


def delegated_mounts(inventory: Inventory, config: JailConfig) -> tuple[Mount, ...]:
    """Mounts of a jail's datasets, in the order in which they were made."""
    datasets = delegated(config)
    return tuple(
        mount
        for mount in (inventory.mounts or () if datasets else ())
        if mount.fstype == "zfs"
        and any(f"{mount.device}/".startswith(f"{dataset}/") for dataset in datasets)
    )


def in_no_other(inventory: Inventory, name: str, config: JailConfig) -> None:
    """Raises Refused if a dataset of the jail is in another running jail."""
    for other, datasets in _attached(inventory):
        for dataset in datasets if other.name != name else ():
            if any(overlap(dataset, mine) for mine in delegated(config)):
                raise Refused(
                    f"{sanitize(other.name)} is running and has the dataset {sanitize(dataset)}",
                    f"Stop {sanitize(other.name)}, or take the dataset away from it (dataset "
                    "take).",
                )


@of_latest
def _attached(inventory: Inventory) -> list[tuple[Jail, tuple[str, ...]]]:
    """The running jails that have datasets, and which."""
    return [
        (jail, datasets)
        for jail in inventory.jails
        if jail.running and jail.config is not None and (datasets := delegated(jail.config))
    ]


def moved_delegation(config: JailConfig, old: str, new: str) -> Pairs:
    """The datasets below a jail's own: their current names, and those after a rename."""
    return tuple(
        (dataset, new + dataset[len(old) :])
        for dataset in delegated(config)
        if old and new and dataset.startswith(f"{old}/")
    )


def renamed_delegation(text: str, pairs: Pairs) -> str:
    """The text of a configuration with the datasets renamed."""
    for old, new in sorted(pairs, key=lambda pair: -len(pair[0])):
        word = re.compile(rf"(?<![\w./:-]){re.escape(old)}(?![\w./:-])")
        text = word.sub(lambda _match, new=new: new, text)  # type: ignore[misc]
    return text
