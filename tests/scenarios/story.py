"""A story of real use, loaded from a file: what is typed, and what it must show.

A story is a TOML file. Its `steps` are commands as one would type them, without a shell; a step
with expectations is a table:

    title = "A jail starts and stops"
    after = "image"                  # plays that story first
    needs = ["network"]              # see Stage.missing
    steps = [
      "jailer-tui create -t inherit storyweb",
      { run = "jls -j storyweb name", stdout = "storyweb" },
      { run = "jailer-tui start --strict storyweb", status = 1, stderr = "already running" },
      { run = "jailer-tui info -j storyweb", json = { state = "Active" } },
    ]

`stdout` and `stderr` are texts that must occur, `stdout_re` and `stderr_re` regular expressions,
`stdout_not` texts that must not. Named groups of an expression, and `save`, set variables for
later steps. `json` and `save` use paths: `name=storyweb.state` is the `state` of the item of a
list whose `name` is storyweb. `{ file = "PATH", text = "…" }` writes a file for the program,
`host_file` one of the host. Variables: see Stage in stage.py.
"""

from __future__ import annotations

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

STORIES = Path(__file__).parent / "stories"
PROGRAM = "jailer-tui"

_LISTS = ("stdout", "stdout_re", "stdout_not", "stderr", "stderr_re")


class StoryError(Exception):
    """A story that cannot be played: a mistake in its file."""


@dataclass(frozen=True, slots=True)
class Step:
    """One command with what it must show, or a file to be written with a text."""

    run: str = ""
    file: str = ""
    host_file: str = ""
    text: str = ""
    status: int = 0
    stdout: tuple[str, ...] = ()
    stdout_re: tuple[str, ...] = ()
    stdout_not: tuple[str, ...] = ()
    stderr: tuple[str, ...] = ()
    stderr_re: tuple[str, ...] = ()
    json: Mapping[str, Any] = field(default_factory=dict)
    save: Mapping[str, str] = field(default_factory=dict)

    @property
    def argv(self) -> tuple[str, ...]:
        return tuple(shlex.split(self.run))


@dataclass(frozen=True, slots=True)
class Story:
    """`ssh` is the connection over which the program is used, as in SSH_CONNECTION."""

    name: str
    title: str
    steps: tuple[Step, ...]
    after: str = ""
    needs: tuple[str, ...] = ()
    ssh: str = ""


def names() -> tuple[str, ...]:
    """All stories, in the order of their names."""
    return tuple(sorted(path.stem for path in STORIES.glob("*.toml")))


def load(name: str, folder: Path = STORIES) -> Story:
    """Raises StoryError."""
    path = folder / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise StoryError(f"{path}: {error}") from None
    _known(path, data, {one.name for one in fields(Story)} - {"name"})
    steps = tuple(_step(path, entry) for entry in data.pop("steps", ()))
    needs = tuple(data.pop("needs", ()))
    if "title" not in data or not steps:
        raise StoryError(f"{path}: a story has a title and steps")
    return Story(name=name, steps=steps, needs=needs, **data)


def with_earlier(story: Story, folder: Path = STORIES) -> tuple[Story, ...]:
    """The stories to be played, this one last. Raises StoryError when they go in a circle."""
    chain = [story]
    while chain[0].after:
        earlier = load(chain[0].after, folder)
        if any(other.name == earlier.name for other in chain):
            raise StoryError(f"{story.name}: {earlier.name} comes after itself")
        chain.insert(0, earlier)
    return tuple(chain)


def _step(path: Path, entry: str | dict[str, Any]) -> Step:
    values: dict[str, Any] = {"run": entry} if isinstance(entry, str) else dict(entry)
    _known(path, values, {one.name for one in fields(Step)})
    if sum(bool(values.get(key)) for key in ("run", "file", "host_file")) != 1:
        raise StoryError(f"{path}: a step has one of run, file and host_file: {entry}")
    for key in _LISTS:
        if isinstance(values.get(key), str):
            values[key] = (values[key],)
        elif key in values:
            values[key] = tuple(values[key])
    return Step(**values)


def _known(path: Path, values: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(values.keys() - known)
    if unknown:
        raise StoryError(f"{path}: unknown key {', '.join(unknown)}")
