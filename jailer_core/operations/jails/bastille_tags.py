"""Tags of Bastille's jails through its own program, which keeps them in a file of the jail.

`bastille tags NAME add a,b` sorts the file, one tag a line; `… delete a` takes out every line that
the word matches as a regular expression, and removes an empty file (tags.sh of Bastille's
repository; # not recorded).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail, JailConfig
from jailer_core.operations import guards
from jailer_core.operations.steps.reversible import reversible
from jailer_core.plan import Condition, FileHasText, Needs, Run, Step
from jailer_core.text import sanitize


def file_of(config: JailConfig) -> str:
    """The file of a jail's tags."""
    return f"{config.path.removesuffix('jail.conf')}tags"


def needs(jail: Jail) -> Needs:
    """The file, and whether it exists."""
    path = file_of(guards.require_configured(jail))
    return Needs(files=(path,), paths=(path,))


def present(inventory: Inventory, jail: Jail) -> tuple[str, ...]:
    """The tags as the file has them. Raises Refused when it cannot be read, or is not sorted."""
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


def steps(jail: Jail, old: Collection[str], new: Collection[str]) -> list[Step]:
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
        tags.append(_step(jail, old, between, add=True))
    if removed:
        tags.append(_step(jail, between, new, add=False))
    return tags


def _step(jail: Jail, before: Iterable[str], after: Iterable[str], *, add: bool) -> Step:
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
