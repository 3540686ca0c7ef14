"""What a user sets once: one small TOML file, the user's own before the host's.

    mirror = "https://mirror.example.org"      where images come from
    trash_days = 30                            what lies longer in the trash is called old
    journal_days = 365                         likewise the records of changes

Nothing is removed by itself because it is old: it is marked, and offered. 0 is for ever.
Read from `$XDG_CONFIG_HOME/jailer-tui/settings.toml` (~/.config without it), else from
/usr/local/etc/jailer-tui.toml. Command line and environment go before it. Under sudo or doas
`$HOME` may still be another user's: what is not owned by the user that runs this is not read.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from jailer_core.errors import UsageError

HOST = "/usr/local/etc/jailer-tui.toml"
MIRROR = "FreeBSD_mirror"
"""The environment's name for the mirror, as the original writes it."""


MOST_DAYS = 36500


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, "" or a usual value where none is made."""

    mirror: str = ""
    trash_days: int = 30
    journal_days: int = 365


def places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where settings may stand, the first that exists counts."""
    home = environ.get("XDG_CONFIG_HOME") or (
        f"{environ['HOME']}/.config" if environ.get("HOME") else ""
    )
    own = (Path(home) / "jailer-tui" / "settings.toml",) if home and _owned(home) else ()
    return (*own, Path(HOST))


def _owned(folder: str) -> bool:
    """Whether it belongs to the user that runs this."""
    try:
        return Path(folder).stat().st_uid == os.geteuid()
    except OSError:
        return False


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of this user; those that are made when there is no file.

    Raises UsageError naming the file and what is wrong in it.
    """
    for path in places(environ):
        try:
            text = _read(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"{path} cannot be read: {error}") from None
        if text is not None:
            return _of(path, text)
    return Settings()


def _read(path: Path) -> str | None:
    """The text of a regular file; None when others could have written it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, encoding="utf-8") as file:
        status = os.fstat(descriptor)
        group = stat.S_IWGRP if status.st_gid != os.getegid() else 0
        shared = status.st_mode & (stat.S_IWOTH | group)
        ours = status.st_uid in (0, os.geteuid()) and not shared
        return file.read() if ours and stat.S_ISREG(status.st_mode) else None


def _of(path: Path, text: str) -> Settings:
    known = {field.name for field in fields(Settings)}
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: {error}", 'Lines look like this: mirror = "https://…"') from None
    for name, value in found.items():
        if name not in known:
            raise UsageError(
                f"{path}: there is no setting {name}", f"Known settings: {', '.join(known)}."
            )
        if isinstance(getattr(Settings(), name), str):
            if not isinstance(value, str):
                raise UsageError(f"{path}: {name} must be text in quotes")
        elif type(value) is not int or not 0 <= value <= MOST_DAYS:
            raise UsageError(f"{path}: {name} must be a number of days, 0 for no limit")
    return Settings(**found)


def mirror(environ: Mapping[str, str], asked: str = "") -> str:
    """The mirror: as asked for, else of the environment, else as set, else "" for FreeBSD's own.

    Raises UsageError when the settings cannot be read.
    """
    return asked or environ.get(MIRROR, "") or load(environ).mirror
