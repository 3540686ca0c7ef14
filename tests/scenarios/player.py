"""Plays a story on a stage; the first expectation that fails ends it, with all that is known."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any

from tests.scenarios.stage import Ran, Stage
from tests.scenarios.story import PROGRAM, Step, Story, StoryError, with_earlier

LINES = 40
"""Lines of output that a failure shows."""


class ExpectationError(AssertionError):
    """An expectation that failed: its command, what was expected, what came."""


def play(story: Story, stage: Stage) -> list[tuple[Step, Ran]]:
    """Play it with the stories before it. Raises ExpectationError, StoryError."""
    played = []
    variables = dict(stage.variables)
    for part in with_earlier(story):
        for number, step in enumerate(part.steps, 1):
            if not step.run:
                _write(step, stage, variables)
                continue
            ran = stage.run(_argv(step, variables), filled(story.ssh, variables))
            complaints = list(check(step, ran, variables))
            if complaints:
                raise ExpectationError(_failure(f"{part.name}, step {number}", ran, complaints))
            played.append((step, ran))
    return played


def _write(step: Step, stage: Stage, variables: Mapping[str, str]) -> None:
    text = filled(step.text, variables)
    if step.host_file:
        stage.write(filled(step.host_file, variables), text)
    else:
        Path(filled(step.file, variables)).write_text(text, encoding="utf-8")


def _argv(step: Step, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Variables are filled in word by word: a value with a space stays one word."""
    return tuple(filled(word, variables) for word in step.argv)


def filled(text: str, variables: Mapping[str, str]) -> str:
    """Raises StoryError for a variable that has no value."""
    try:
        return Template(text).substitute(variables)
    except (KeyError, ValueError) as error:
        raise StoryError(f"{text}: no such variable: {error}") from None


# --- expectations ----------------------------------------------------------------------------


def check(step: Step, ran: Ran, variables: dict[str, str]) -> Iterator[str]:
    """What is not as the step expects. Sets the variables that it saves."""
    if ran.status != step.status:
        yield f"exit status {step.status}, not {ran.status}"
    for name, output in (("stdout", ran.stdout), ("stderr", ran.stderr)):
        for text in getattr(step, name):
            if filled(text, variables) not in output:
                yield f"{name} with: {filled(text, variables)}"
        for expression in getattr(step, f"{name}_re"):
            match = re.search(filled(expression, variables), output, re.MULTILINE)
            if match is None:
                yield f"{name} that matches: {filled(expression, variables)}"
            else:
                variables |= {key: value or "" for key, value in match.groupdict().items()}
    for text in step.stdout_not:
        if filled(text, variables) in ran.stdout:
            yield f"stdout without: {filled(text, variables)}"
    if ran.argv[0] == PROGRAM and "Traceback" in ran.stderr:
        yield "no traceback"
    yield from _check_json(step, ran, variables)


def _check_json(step: Step, ran: Ran, variables: dict[str, str]) -> Iterator[str]:
    if not step.json and not step.save:
        return
    try:
        data = json.loads(ran.stdout)
    except ValueError:
        yield "JSON on stdout"
        return
    for path, expected in step.json.items():
        wanted = filled(expected, variables) if isinstance(expected, str) else expected
        try:
            value = at(data, filled(path, variables))
        except LookupError as error:
            yield f"JSON with {path}: {error}"
            continue
        if value != wanted:
            yield f"JSON with {path} = {wanted!r}, not {value!r}"
    for name, path in step.save.items():
        try:
            variables[name] = str(at(data, filled(path, variables)))
        except LookupError as error:
            yield f"JSON with {path}: {error}"


def at(data: Any, path: str) -> Any:
    """The value at a path; `#` is the number of items. Raises LookupError."""
    for word in path.split("."):
        if word == "#":
            data = len(data)
        elif isinstance(data, list):
            data = _item(data, word)
        elif isinstance(data, dict) and word in data:
            data = data[word]
        else:
            raise LookupError(f"there is no {word}")
    return data


def _item(items: list[Any], word: str) -> Any:
    name, equals, value = word.partition("=")
    if not equals:
        return items[int(word)]
    for item in items:
        if isinstance(item, dict) and str(item.get(name)) == value:
            return item
    raise LookupError(f"no item has {word}")


def _failure(where: str, ran: Ran, complaints: list[str]) -> str:
    parts = [f"{where}: {shlex.join(ran.argv)}", *(f"  expected: {one}" for one in complaints)]
    parts.append(f"  exit status: {ran.status}")
    for name, output in (("stdout", ran.stdout), ("stderr", ran.stderr)):
        shown = output.splitlines()
        parts.append(f"  {name}:{'' if shown else ' nothing'}")
        parts += [f"    {line}" for line in shown[:LINES]]
        if len(shown) > LINES:
            parts.append(f"    ... and {len(shown) - LINES} more lines")
    return "\n".join(parts)
