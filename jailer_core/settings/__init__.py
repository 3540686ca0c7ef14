"""Settings: the user's own TOML file over the host's, one schema, every mistake named.

    ~/.config/jailer-tui/settings.toml     the user's own (below $XDG_CONFIG_HOME when it is set)
    /usr/local/etc/jailer-tui.toml         for all users of the host

A setting of the user's file goes before that of the host's; tables are merged entry by entry.
Options of the command line and the environment go before both. A mistake costs the setting that
it is in, the rest still holds. What root would run is only taken from a file that no other user
can write: under sudo and doas `$HOME` may still be another user's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jailer_core.errors import UsageError
from jailer_core.settings import files, schema
from jailer_core.settings.schema import OwnCommand, Setting

if TYPE_CHECKING:
    from jailer_core.settings.toml_lines import Document

MIRROR = "FreeBSD_mirror"
"""The environment's name for the mirror, as `jailer` calls it."""

UNTRUSTED = "is ignored: another user can write to this file"
ELSEWHERE = f"Set it in {files.HOST}, which only root can write."
FIELD_OF = {"host": "hosts"}


WHOLE_FILE = ""
"""`Mistake.setting` of a mistake that may concern every setting of the file."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake. `line` is 0 where it has no line of its own.

    `ignored`: the setting itself is right, but this file is not trusted with it.
    """

    path: str
    line: int
    message: str
    hint: str = ""
    setting: str = WHOLE_FILE
    ignored: bool = False

    @property
    def place(self) -> str:
        """`FILE:LINE`, or the file alone."""
        return f"{self.path}:{self.line}" if self.line else self.path

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting; what is not set has its default. schema.py says what each one means.

    `places` has file and line of what was set, by setting and entry.
    """

    mirror: str = ""
    trash_days: int = 30
    journal_days: int = 365
    theme: str = "auto"
    refresh: float = 2.0
    mouse: bool = True
    bell: bool = True
    notices: bool = True
    quiet_hours: str = ""
    notify: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)
    commands: tuple[OwnCommand, ...] = ()
    hosts: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    mistakes: tuple[Mistake, ...] = ()
    places: Mapping[tuple[str, ...], tuple[str, int]] = field(default_factory=dict)

    def mistake(self, setting: str, entry: str, message: str, hint: str = "") -> Mistake:
        """A mistake that only the use of the setting reveals, with its place in the file."""
        path, line = self.places.get((setting, entry), self.places.get((setting,), ("", 0)))
        return Mistake(path, line, message, hint, setting)


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of this user, with every mistake in their files. Never raises."""
    loaded = Settings()
    for path in places(environ):
        try:
            file = files.read(path)
        except (OSError, UnicodeDecodeError) as error:
            mistake = _unread(str(path), error)
            loaded = replace(loaded, mistakes=(*loaded.mistakes, mistake))
            continue
        if file is not None:
            if path != Path(files.HOST) and not files.is_of_user(path.parents[1]):
                file = replace(file, trusted=False)
            loaded = _over(loaded, file)
    return loaded


def _unread(path: str, error: OSError | UnicodeDecodeError) -> Mistake:
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return Mistake(path, line, "cannot be read: it is not UTF-8 text")
    return Mistake(path, 0, f"cannot be read: {error.strerror or error}")


def require(environ: Mapping[str, str], *names: str) -> Settings:
    """The settings for a command that relies on those named.

    Raises UsageError with the first mistake that may concern one of them.
    """
    loaded = load(environ)
    for mistake in loaded.mistakes:
        if not mistake.ignored and mistake.setting in (WHOLE_FILE, *names):
            raise UsageError(str(mistake), mistake.hint)
    return loaded


def places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files of settings; a later one takes precedence."""
    folder = files.own_folder(environ)
    return (Path(files.HOST), *(() if folder is None else (folder / "settings.toml",)))


def mirror(environ: Mapping[str, str], asked: str = "") -> str:
    """The mirror: as asked for, else of the environment, else as set, else "" for FreeBSD's own.

    Raises UsageError when the settings cannot be read.
    """
    return asked or environ.get(MIRROR, "") or require(environ, "mirror").mirror


def _over(base: Settings, file: files.SettingsFile) -> Settings:
    """Those settings with what a file sets."""
    from jailer_core.settings.toml_lines import parse  # noqa: PLC0415 - most hosts have no file

    document = parse(file.text)
    reading = _Reading(file, document)
    for name, value in document.values.items():
        reading.setting(name, value)
    values = dict(reading.values)
    for name in ("keys", "columns", "sort", "filters", "colours", "hosts"):
        values[name] = getattr(base, name) | values.get(name, {})
    own = (*base.commands, *values.get("commands", ()))  # of two with the same key the later one
    values["commands"] = tuple({command.key: command for command in own}.values())
    values["places"] = {**base.places, **reading.places}
    values["mistakes"] = (*base.mistakes, *reading.mistakes)
    return replace(base, **values)


class _Reading:
    """What one file sets, and what is wrong with it."""

    def __init__(self, file: files.SettingsFile, document: Document) -> None:
        self._file = file
        self._document = document
        self.values: dict[str, Any] = {}
        self.places: dict[tuple[str, ...], tuple[str, int]] = {}
        self.mistakes = [
            Mistake(file.path, line, message, 'Lines look like this: theme = "dark"')
            for line, message in document.errors
        ]

    def setting(self, name: str, value: object) -> None:
        """One setting, or one table of them."""
        if name == "command":
            self._own_commands(value)
            return
        setting = schema.BY_NAME.get(name)
        if setting is None:
            known = ", ".join((*schema.BY_NAME, "command"))
            self._wrong((name,), f"there is no setting {name}", f"Known settings: {known}.")
        elif setting.risky and not self._file.trusted:
            self._ignored(name)
        elif setting.entries:
            self._table(setting, value)
        else:
            self._take((name,), setting, value, lambda read: self.values.update({name: read}))

    def _table(self, setting: Setting, value: object) -> None:
        if not isinstance(value, dict):
            self._wrong((setting.name,), f"{setting.name} must be a table: [{setting.name}]")
            return
        table: dict[str, object] = {}
        for entry, part in value.items():
            self._take((setting.name, entry), setting, part, partial(table.__setitem__, entry))
        self.values[FIELD_OF.get(setting.name, setting.name)] = table

    def _own_commands(self, value: object) -> None:
        """All `[[command]]`."""
        if not self._file.trusted:
            self._ignored("command")
            return
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            self._wrong(("command",), "command must be written as [[command]]")
            return
        commands = []
        for index, part in enumerate(value):
            try:
                commands.append(schema.command(part))
            except ValueError as error:
                self._wrong(("command", index), f"command {error}")
            else:
                self._note(("command", index), ("command", part["key"]))
        self.values["commands"] = tuple(commands)

    def _take(
        self,
        path: tuple[str, ...],
        setting: Setting,
        value: object,
        keep: Callable[[object], None],
    ) -> None:
        try:
            keep(setting.read(value))
        except ValueError as error:
            self._wrong(path, f"{'.'.join(path)} {error}")
        else:
            self._note(path, path)

    def _note(self, path: tuple[str | int, ...], name: tuple[str, ...]) -> None:
        self.places[name] = (self._file.path, self._document.line(path))

    def _ignored(self, name: str) -> None:
        line = self._document.line((name,))
        message = f"{name} {UNTRUSTED}"
        self.mistakes.append(Mistake(self._file.path, line, message, ELSEWHERE, name, ignored=True))

    def _wrong(self, path: tuple[str | int, ...], message: str, hint: str = "") -> None:
        line = self._document.line(path)
        self.mistakes.append(Mistake(self._file.path, line, message, hint, str(path[0])))
