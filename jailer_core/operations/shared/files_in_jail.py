"""Files of a jail that are replaced whole: no link below its root is followed."""

from __future__ import annotations

from jailer_core.errors import Refused
from jailer_core.model import Inventory, Jail
from jailer_core.model.paths import normal
from jailer_core.operations import guards
from jailer_core.operations.shared import file_steps
from jailer_core.plan import Needs, Step
from jailer_core.text import sanitize


def refusal(jail: Jail) -> None:
    """Raises Refused for a jail whose files are not ours to change."""
    guards.require_owned(jail)
    guards.require_own_root(jail, "Change the host's own file.")


def path_of(jail: Jail, place: str) -> str:
    """A file of a jail by its path of the host."""
    return f"{normal(jail.path)}/{place}"


def needs(jail: Jail, *places: str) -> Needs:
    """The texts of files below a jail's root, and whether they exist."""
    root = normal(jail.path)
    paths = tuple(path_of(jail, place) for place in places)
    return Needs(files_in_jails=tuple((root, path) for path in paths), paths=(root, *paths))


def require_root(inventory: Inventory, jail: Jail) -> None:
    """Raises Refused when the root directory of a jail does not exist."""
    if normal(jail.path) not in inventory.file_stats:
        raise Refused(
            f"the directory of {sanitize(jail.name)} does not exist: {sanitize(jail.path)}",
            "Mount its dataset first: zfs mount.",
        )


def present(inventory: Inventory, jail: Jail, place: str) -> str | None:
    """The text of a file of a jail, None where there is none. Raises Refused."""
    path = path_of(jail, place)
    require_root(inventory, jail)
    stamp = inventory.file_stats.get(path)
    if stamp is None:
        return None
    if stamp.is_link:
        raise Refused(
            f"{sanitize(path)} is a symbolic link, which the jail can change",
            f"Change it from inside: exec {guards.word(jail.name)}",
        )
    text = inventory.file_texts.get(path)
    if text is None:
        raise Refused(f"{sanitize(path)} could not be read")
    return text


def write(jail: Jail, place: str, old: str | None, new: str, title: str) -> Step:
    """Replace a file of a jail, with the undo that puts the old one back."""
    path, root = path_of(jail, place), normal(jail.path)
    return file_steps.change_below(path, root, old, new, title, jail.name)
