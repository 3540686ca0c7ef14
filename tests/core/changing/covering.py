"""A choice of steps from plan cases in which every shape of step occurs.

How a step fails, is cut short or is undone depends on its shape: what it runs, where in the plan
it stands, how it is guarded and undone. The tests of these things run on the steps chosen here,
or on all of them with `--exhaustive`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache

from tests.core.changing.plancases import Case, with_steps

ONLY = "only if it is needed"
"""What the preview says of a step that may be skipped."""
_GUARD = re.compile(r"(\d+) (needs|makes|undo|status) ")


@dataclass
class _Step:
    """What the lines of a plan case say about one step."""

    verb: str = ""
    marks: set[str] = field(default_factory=set)


def shapes(case: Case) -> tuple[tuple[str, ...], ...]:
    """The shape of each step of a case: what it runs, where it stands, and which guards it has."""
    if case.id not in _shapes:
        _shapes[case.id] = _shapes_of(case)
    return _shapes[case.id]


_shapes: dict[str, tuple[tuple[str, ...], ...]] = {}


def _shapes_of(case: Case) -> tuple[tuple[str, ...], ...]:
    steps: list[_Step] = []
    for line in case.data["plan"]:
        kind, _, text = line.partition(": ")
        guard = _GUARD.match(line)
        if guard is not None:
            steps[int(guard[1]) - 1].marks.add(guard[2])
        elif kind == "title" and re.match(rf"{len(steps) + 1}\. ", text):
            steps.append(_Step())
        elif kind in ("command", "file"):
            steps[-1].verb = _verb(text)
        elif kind == "undo":
            steps[-1].marks.add("undo" if text.startswith("undo: ") else "trace")
        elif kind == "lasting":
            steps[-1].marks.add(kind)
        elif kind == "note" and text == ONLY:
            steps[-1].marks.add("skip")
    return tuple(
        (step.verb, place, *sorted(step.marks))
        for step, place in zip(steps, _places(len(steps)), strict=True)
    )


def _verb(text: str) -> str:
    """A command without what it is about."""
    return " | ".join(" ".join(_words(command)) for command in text.split(" | "))


def _words(command: str) -> Iterator[str]:
    program, *words = command.split()
    yield program.rpartition("/")[2]
    yield from (word for word in words[:2] if re.fullmatch(r"[a-z]+", word))
    yield from sorted({word for word in words if re.fullmatch(r"-[A-Za-z]+", word)})


def _places(count: int) -> list[str]:
    if count == 1:
        return ["only"]
    return ["first", *["middle"] * (count - 2), "last"]


@dataclass(frozen=True)
class Covered:
    """A case, and those of its steps (from 0) that are tested; some of them in every way."""

    case: Case
    steps: frozenset[int]
    """Of every shape one."""
    fully: frozenset[int]
    """Of every shape one, wherever in the plan it stands."""
    once: frozenset[int]
    """Of every program one: what does not depend on what else a step has."""


def covered(*, exhaustive: bool) -> tuple[Covered, ...]:
    """All cases with all their steps, or only as many as it takes."""
    if exhaustive:
        steps = {case.id: frozenset(range(len(shapes(case)))) for case in with_steps()}
        return tuple(Covered(case, *[steps[case.id]] * 3) for case in with_steps())
    chosen = covering()
    fully = _first(chosen, lambda shape: (shape[0], *shape[2:]))
    once = _first(fully, lambda shape: (shape[0].partition(" ")[0],))
    return tuple(
        Covered(
            case, chosen[case.id], fully.get(case.id, frozenset()), once.get(case.id, frozenset())
        )
        for case in with_steps()
        if case.id in chosen
    )


def _first(
    chosen: dict[str, frozenset[int]], key: Callable[[tuple[str, ...]], tuple[str, ...]]
) -> dict[str, frozenset[int]]:
    """One of the chosen steps for each key of their shapes, of the shortest plan."""
    found: dict[tuple[str, ...], tuple[str, int]] = {}
    for case in sorted(with_steps(), key=lambda case: (len(shapes(case)), case.id)):
        for index in sorted(chosen.get(case.id, ())):
            found.setdefault(key(shapes(case)[index]), (case.id, index))
    steps: dict[str, set[int]] = {}
    for name, index in found.values():
        steps.setdefault(name, set()).add(index)
    return {name: frozenset(indices) for name, indices in steps.items()}


@cache
def covering() -> dict[str, frozenset[int]]:
    """The steps to test, by case: every shape and every kind of request occurs.

    The rarest shapes come first; the others are taken from cases that are chosen anyway, or from
    those with the fewest steps.
    """
    places: dict[tuple[str, ...], list[tuple[Case, int]]] = {}
    for case in with_steps():
        for index, shape in enumerate(shapes(case)):
            places.setdefault(shape, []).append((case, index))
            places.setdefault((case.path.parent.name,), []).append((case, index))
    chosen: dict[str, set[int]] = {}
    for found in sorted(places.values(), key=len):
        case, index = min(found, key=lambda place: _cost(chosen, *place))
        chosen.setdefault(case.id, set()).add(index)
    return {name: frozenset(steps) for name, steps in chosen.items()}


def _cost(chosen: dict[str, set[int]], case: Case, index: int) -> tuple[int, int, str]:
    """What is tested already costs nothing, another step of the same case little."""
    if case.id not in chosen:
        return 2, len(shapes(case)), case.id
    return int(index not in chosen[case.id]), index, case.id
