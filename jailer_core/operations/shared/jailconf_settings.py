"""One setting of a jail's configuration, changed by the smallest edit, in its place.

    text = set_value(text, "web", "children.max", ("3",))
    text = add_line(text, "web", "exec.created", "rctl -a jail:${name}:maxproc:deny=9 || true")
    must_read(inventory, config, text, {"children.max": ("3",)})

The functions that change a text know only its shape; each gives "" where the jail's block is not
plain to see. What the new text means, jail(8) says in the context that the jail is started in:
`needs` asks it, and `must_read` refuses a text that it reads otherwise than intended.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from jailer_core.errors import Refused
from jailer_core.model import Inventory, JailConfig
from jailer_core.operations.guards import source, word
from jailer_core.operations.shared import config_check, starting_context
from jailer_core.parse.jailconf import affirmed, plain
from jailer_core.parse.statements import Block, Statement, block
from jailer_core.plan import Needs
from jailer_core.text import ended, sanitize

Values = tuple[str, ...]
Wanted = Mapping[str, Values | None]
"""What jail(8) must read by parameter: () is a parameter without a value, None is not set."""

_WORD = re.compile(r"[A-Za-z0-9_.:/|@%-]+", re.ASCII)
_INDENT = "  "


# --- names and values --------------------------------------------------------------------------


def negated(param: str) -> str:
    """`allow.raw_sockets` -> `allow.noraw_sockets`."""
    head, dot, last = param.rpartition(".")
    return f"{head}{dot}no{last}"


def written(value: str) -> str:
    """A value as written in the file, so that no variable in it is expanded."""
    if _WORD.fullmatch(value):
        return value
    quote = "'" if "$" in value else '"'
    body = value.replace("\\", "\\\\").replace(quote, f"\\{quote}")
    return f"{quote}{body}{quote}"


# --- texts -------------------------------------------------------------------------------------


def of(text: str, name: str, param: str) -> list[Statement] | None:
    """The statements about a parameter in a jail's block; None: no editable block."""
    own_block = block(text, name)
    return None if own_block is None else _about(own_block, param)


def set_value(text: str, name: str, param: str, values: Values) -> str:
    """The text in which the jail's block sets a parameter to exactly these values."""
    own_block = block(text, name)
    if own_block is None:
        return ""
    listed = ", ".join(map(written, values))
    statement = f"{param} = {listed};" if values else f"{param};"
    first, *others = _about(own_block, param) or (None,)
    for other in reversed(others):
        if other is not None:
            text = _without(text, other)
    if first is None:
        return _appended(text, own_block, statement)
    if values and first.values and first.name == param:
        text = text[: first.values[0][0]] + listed + text[first.values[-1][1] :]
        return _assigned(text, first)
    return text[: first.start] + statement + text[first.end :]


def unset(text: str, name: str, param: str) -> str:
    """The text in which the jail's block does not mention a parameter."""
    own_block = block(text, name)
    if own_block is None:
        return ""
    for statement in reversed(_about(own_block, param)):
        text = _without(text, statement)
    return text


def add_line(text: str, name: str, param: str, line: str) -> str:
    """The text in which the jail's block adds a value to a parameter.

    `line` is put between double quotes unchanged: `${name}` in it is a variable.
    """
    own_block = block(text, name)
    if own_block is None:
        return ""
    return _appended(text, own_block, f'{param} += "{line}";')


def drop_lines(text: str, name: str, param: str, which: Callable[[str], bool]) -> str:
    """The text without those values of a parameter in the jail's block."""
    own_block = block(text, name)
    if own_block is None:
        return ""
    statements = _about(own_block, param)
    opens = [statement for statement in statements if statement.operator != "+="]
    for statement in reversed(statements):
        keep = [place for place in statement.values if not which(text[slice(*place)])]
        if len(keep) == len(statement.values):
            continue
        if keep:
            listed = ", ".join(text[slice(*place)] for place in keep)
            text = text[: statement.values[0][0]] + listed + text[statement.values[-1][1] :]
            continue
        if statement in opens and statement is not statements[-1]:
            text = _taken_over(text, name, statement, param)
        else:
            text = _without(text, statement)
    return text


def _taken_over(text: str, name: str, opening: Statement, param: str) -> str:
    """Without the statement that opens a list: the next one of the block opens it then."""
    text = _without(text, opening)
    rest = [
        statement for statement in of(text, name, param) or () if statement.start >= opening.start
    ]
    return _assigned(text, rest[0]) if rest else text


def _about(own_block: Block, param: str) -> list[Statement]:
    return [
        statement
        for statement in own_block.statements
        if affirmed(statement.name) == affirmed(param)
    ]


def _assigned(text: str, statement: Statement) -> str:
    """The text with `=` in the place of `+=`."""
    if statement.operator != "+=":
        return text
    return text[: statement.operator_at] + "=" + text[statement.operator_at + 2 :]


def _without(text: str, statement: Statement) -> str:
    """The text without a statement, and without its line where nothing else is on it."""
    start, end = statement.start, statement.end
    line = text.rfind("\n", 0, start) + 1
    if not text[line:start].strip() and text[end : end + 1] == "\n":
        return text[:line] + text[end + 1 :]
    while text[end : end + 1] == " ":
        end += 1
    return text[:start] + text[end:]


def _appended(text: str, own_block: Block, statement: str) -> str:
    """The text with a statement at the end of a block: a later one counts."""
    kept, after = text[: own_block.end].rstrip(" \t"), text[own_block.end :]
    if "\n" not in text[own_block.start : own_block.end]:
        return f"{kept} {statement} {after}"
    return f"{ended(kept)}{_indent(text, own_block)}{statement}\n{after}"


def _indent(text: str, own_block: Block) -> str:
    """What is in front of the block's statements."""
    for statement in own_block.statements:
        line = text.rfind("\n", 0, statement.start) + 1
        if line > own_block.start and not text[line : statement.start].strip():
            return text[line : statement.start]
    return _INDENT


# --- what jail(8) reads ------------------------------------------------------------------------


def elsewhere(inventory: Inventory, config: JailConfig, param: str) -> bool:
    """Whether a file from which the jail starts mentions a parameter outside its block."""
    path = source(config)
    start = starting_context.starts_from(inventory.files, config.name, path)
    plain = re.compile(rf"(?<![\w.]){re.escape(affirmed(param))}(?![\w.])")
    negative = re.compile(rf"(?<![\w.]){re.escape(negated(affirmed(param)))}(?![\w.])")
    for other in starting_context.reached(inventory.files, start):
        text = inventory.files.texts.get(other, "")
        if other == path:
            own_block = block(text, config.name)
            text = text if own_block is None else text[: own_block.start] + text[own_block.end :]
        if plain.search(text) or negative.search(text):
            return True
    return False


def needs(inventory: Inventory, config: JailConfig, text: str) -> Needs:
    """What jail(8) must read before the new text can be judged."""
    if not text:
        return Needs(jails=(config.name,))
    confs = starting_context.confs(inventory, {source(config): text})
    return Needs(jails=(config.name,), jail_confs=confs)


def must_read(  # noqa: PLR0913 - both texts, and how they may differ
    inventory: Inventory,
    config: JailConfig,
    text: str,
    settings: Wanted,
    by_hand: str = "",
    *,
    free: Collection[str] = (),
) -> JailConfig:
    """What jail(8) reads in the new text. Raises Refused unless it is the old one and `wanted`.

    Parameters of `free` may have any value.
    """
    path = sanitize(source(config))
    hint = by_hand or f"Change it by hand: edit {word(config.name)}"
    if not text:
        raise Refused(
            f"the block for {sanitize(config.name)} in {path} cannot be edited automatically", hint
        )
    reading = starting_context.read(inventory, {source(config): text})
    fresh = reading.find(config.name, source(config))
    if fresh is None:
        raise Refused(f"{path} would no longer define {sanitize(config.name)}", hint)
    intended = dict(plain(config.params))
    for param, values in settings.items():
        intended.pop(affirmed(param), None)
        if values is not None:
            intended |= plain({param: values})
    wrong = config_check.meaning_differences(intended, plain(fresh.params), but=tuple(free))
    if wrong:
        raise Refused(
            f"jail(8) reads the new text of {path} differently than intended: {wrong[0]}",
            f"Another place sets it too: {hint[:1].lower()}{hint[1:]}",
        )
    return fresh
