"""Limits in a jail's own block: commands of its hooks that set them at every start.

    exec.created  += "rctl -a jail:${name}:memoryuse:deny=512M || true";
    exec.poststop += "rctl -r jail:${name} || true";

Rules of rctl(8) outlast the jail, so its stop takes them away (recording 03). No line may fail:
a hook that fails makes the start fail. Rules in other commands of the block, written by hand,
are changed where they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from jailer_core.errors import Refused
from jailer_core.model import JailConfig
from jailer_core.operations.guards import source
from jailer_core.operations.jails.limits import DROP_LINE, set_lines
from jailer_core.operations.settings.limit_catalog import BY_RULE, BY_WORD, Limit
from jailer_core.operations.shared import jailconf_settings as settings
from jailer_core.parse.statements import Block, Statement, block
from jailer_core.text import sanitize

CREATED, POSTSTOP = "exec.created", "exec.poststop"
HOOKS = ("exec.prepare", "exec.prestart", CREATED, "exec.start", "exec.poststart")
_RULE = re.compile(
    r"jail:(?P<who>[^:\s\"'|&;]+):(?P<resource>[a-z]+):(?P<action>[a-z]+)="
    r"(?P<amount>\$\{[^}]*\}|[^\s\"'|&;/]+)(?P<per>/[a-z]+)?"
)
_CPUSET = re.compile(
    r"(?P<before>\bcpuset\s+(?:-c\s+)?-l\s+)(?P<cpus>[^\s\"'|&;]+)(?P<after>\s+-j\s+)"
)
_ONE_COMMAND = re.compile(
    r"[\"']?\s*(?:/usr/bin/)?(?:rctl\s+-a|cpuset\s+-l\s+\S+\s+-j)\s+[^\s|&;]+\s*(?:\|\|\s*true\s*)?[\"']?"
)


def _line(limit: Limit, amount: str) -> str:
    """A line for exec.created."""
    if limit.resource:
        return set_lines((limit.rule(amount),))[0]
    return f"cpuset -l {amount} -j ${{name}} || true"


# --- what a configuration says -------------------------------------------------------------------


def configured(config: JailConfig) -> dict[Limit, str]:
    """The limits that the jail's start sets, as written; the last one counts."""
    amounts: dict[Limit, str] = {}
    for line in _lines(config):
        for rule in _rules(line):
            limit = BY_RULE.get((rule["resource"], rule["action"]))
            if limit is not None and rule["who"] == config.name and not _other(rule):
                amounts[limit] = rule["amount"]
        cpus = _CPUSET.search(line)
        if cpus is not None:
            amounts[BY_WORD["cpuset"]] = cpus["cpus"]
    return amounts


def _lines(config: JailConfig) -> Iterator[str]:
    for hook in HOOKS:
        yield from config.params.get(hook, ())


def _rules(line: str) -> Iterator[re.Match[str]]:
    if "rctl" in line and "-a" in line:
        yield from _RULE.finditer(line)


def _other(rule: re.Match[str]) -> bool:
    """A limit of each process is another one."""
    return rule["per"] not in (None, "/jail")


# --- changing a text -----------------------------------------------------------------------------


def changed(config: JailConfig, text: str, limits: Mapping[Limit, str]) -> str:
    """The text with these limits in the jail's block; "" lifts one.

    "" when the block is not plain to see. Raises Refused for a limit that is part of a longer
    command, or is set outside of the block.
    """
    before = configured(config)
    for limit, amount in limits.items():
        if amount:
            text = _set(config, text, limit, amount)
        elif limit in before:
            text = _lifted(config, text, limit)
    return _with_stop(config, text, limits)


def _set(config: JailConfig, text: str, limit: Limit, amount: str) -> str:
    fresh = _amended(config, text, limit, amount)
    if fresh != text or not text:
        return fresh
    if configured(config).get(limit) == amount:
        return text
    if limit.action == "throttle" and limit in configured(config):
        raise _elsewhere(config, limit)
    return settings.add_line(text, config.name, CREATED, _line(limit, amount))


def _elsewhere(config: JailConfig, limit: Limit) -> Refused:
    return Refused(
        f"the limit {limit.word} of {sanitize(config.name)} is not set in its own block",
        f"Change it by hand where it is set; {sanitize(source(config))} is read first: edit.",
    )


def _amended(config: JailConfig, text: str, limit: Limit, amount: str) -> str:
    """The text with another amount in the commands of the block that set this limit."""
    own_block = block(text, config.name)
    if own_block is None:
        return ""
    for statement in reversed(_counting(own_block)):
        for start, end in reversed(statement.values):
            value = text[start:end]
            text = text[:start] + _with_amount(config, value, limit, amount) + text[end:]
    return text


def _counting(own_block: Block) -> list[Statement]:
    """The statements of hooks that count: `=` throws away what comes before it."""
    opened = {
        statement.name: statement.start
        for statement in own_block.statements
        if statement.operator != "+="
    }
    return [
        statement
        for statement in own_block.statements
        if statement.name in HOOKS and statement.start >= opened.get(statement.name, 0)
    ]


def _with_amount(config: JailConfig, value: str, limit: Limit, amount: str) -> str:
    if not limit.resource:
        return _CPUSET.sub(lambda match: f"{match['before']}{amount}{match['after']}", value)
    if "rctl" not in value:
        return value

    def rule(match: re.Match[str]) -> str:
        own = match["who"] in (config.name, "${name}", "$name")
        same = (match["resource"], match["action"]) == (limit.resource, limit.action)
        if not (own and same) or _other(match):
            return match[0]
        head = f"jail:{match['who']}:{limit.resource}:{limit.action}="
        return f"{head}{amount}{match['per'] or ''}"

    return _RULE.sub(rule, value)


def _lifted(config: JailConfig, text: str, limit: Limit) -> str:
    """The text without the commands of the block that set this limit."""
    if not text:
        return ""
    touched = False

    def sets(value: str) -> bool:
        nonlocal touched
        if _with_amount(config, value, limit, "\0") == value:
            return False
        if not _ONE_COMMAND.fullmatch(value):
            raise Refused(
                f"a longer command of {sanitize(config.name)} sets the limit {limit.word}",
                f"Change it by hand: edit. It is: {sanitize(value)}",
            )
        touched = True
        return True

    for hook in HOOKS:
        text = settings.drop_lines(text, config.name, hook, sets)
    if text and not touched:
        raise _elsewhere(config, limit)
    return text


def meant(config: JailConfig, text: str, limits: Mapping[Limit, str]) -> dict[str, settings.Values]:
    """What jail(8) must read in the changed text, by parameter; `text` is the old one."""
    hooks = {hook: list(config.params.get(hook, ())) for hook in (*HOOKS, POSTSTOP)}
    for limit, amount in limits.items():
        in_block = _amended(config, text, limit, "\0") != text
        if amount and configured(config).get(limit) != amount and not in_block:
            hooks[CREATED].append(_expanded(config, _line(limit, amount)))
            continue
        for hook in HOOKS:
            lines = [(line, _with_amount(config, line, limit, amount)) for line in hooks[hook]]
            hooks[hook] = [new for line, new in lines if amount or new == line]
    stop = _stop(config, limits)
    if stop is not None:
        line = _expanded(config, DROP_LINE)
        rest = [command for command in hooks[POSTSTOP] if command != line]
        hooks[POSTSTOP] = [*rest, line] if stop else rest
    return {hook: tuple(lines) for hook, lines in hooks.items() if lines}


def _expanded(config: JailConfig, line: str) -> str:
    return line.replace("${name}", config.name)


def _with_stop(config: JailConfig, text: str, limits: Mapping[Limit, str]) -> str:
    """With the line that takes the rules away at the stop, while there are rules."""
    stop = _stop(config, limits)
    if stop is None or not text:
        return text
    if stop:
        return settings.add_line(text, config.name, POSTSTOP, DROP_LINE)
    return settings.drop_lines(
        text, config.name, POSTSTOP, lambda value: value.strip("\"'") == DROP_LINE
    )


def _stop(config: JailConfig, limits: Mapping[Limit, str]) -> bool | None:
    """Whether the stop must come to take rules away (True), or no longer; None: as it is."""
    if not any(limit.resource for limit in limits):
        return None
    before = {limit for limit in configured(config) if limit.resource}
    lifted = {limit for limit, amount in limits.items() if not amount}
    rules = {limit for limit in before | set(limits) if limit.resource} - lifted
    drops = any(
        "rctl" in line and "-r" in line and f"jail:{config.name}" in line
        for line in config.params.get(POSTSTOP, ())
    )
    if rules:
        sets = any(amount for limit, amount in limits.items() if limit.resource)
        return True if sets and not drops else None
    ours = _expanded(config, DROP_LINE) in config.params.get(POSTSTOP, ())
    return False if before and ours and not _other_rules(config) else None


def _other_rules(config: JailConfig) -> bool:
    """Whether its hooks set rules that are no limits of the catalogue."""
    return any(
        (rule["resource"], rule["action"]) not in BY_RULE or _other(rule)
        for line in _lines(config)
        for rule in _rules(line)
    )
