"""Play stories: `python -m tests.scenarios [--host simulated|local] [STORY...]`."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import NoReturn

from tests.scenarios import local, story
from tests.scenarios.corner import corner
from tests.scenarios.network import SavedNetwork
from tests.scenarios.player import ExpectationError, play
from tests.scenarios.saved import SavedFiles
from tests.scenarios.simulated import Simulated
from tests.scenarios.stage import Stage, StageError, lines
from tests.scenarios.story import Story, StoryError

ROOMY = "/var/tmp"  # noqa: S108 - a file of 2 GB, which tmpfs may not have room for


@dataclass(slots=True)
class Summary:
    """How the stories ended, by their names."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        counts = (
            (len(self.passed), "passed"),
            (len(self.failed), "failed"),
            (len(self.skipped), "skipped"),
        )
        return ", ".join(f"{number} {word}" for number, word in counts if number)


def main(argv: Sequence[str] | None = None) -> int:
    """0: no story failed; 1: some did; 2: none may be played here."""
    options = _options(argv)
    try:
        stories = [story.load(name) for name in options.story or story.names()]
        if options.list:
            for scenario in stories:
                needs = f" (needs: {', '.join(scenario.needs)})" if scenario.needs else ""
                _say(f"{scenario.name:<10} {scenario.title}{needs}")
            return 0
        if options.host == "simulated":
            summary = _simulated(stories)
        else:
            summary = _local(stories, allow_network=options.allow_network)
    except (StoryError, StageError) as error:
        _say(f"scenarios: {error}")
        return 2
    _say(str(summary))
    return 1 if summary.failed else 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.scenarios", description=__doc__)
    parser.add_argument("--host", choices=("simulated", "local"), default="simulated")
    parser.add_argument(
        "--allow-network",
        action="store_true",
        help="also play stories that change bridges, forwarding and the packet filter of this host",
    )
    parser.add_argument("--list", action="store_true", help="list the stories")
    parser.add_argument("story", nargs="*", metavar="STORY")
    return parser.parse_args(argv)


def _simulated(stories: Sequence[Story]) -> Summary:
    """Each on a new machine."""
    summary = Summary()
    with tempfile.TemporaryDirectory() as folder:
        for scenario in stories:
            one(scenario, Simulated(folder), None, summary)
    return summary


def _local(stories: Sequence[Story], *, allow_network: bool) -> Summary:
    """Raises StageError where stories may not be played."""
    why = local.refusal(local.Local(Path(ROOMY), allow_network=allow_network))
    if why:
        raise StageError(why)
    folder = Path(tempfile.mkdtemp(prefix="story.", dir=ROOMY))
    stage = local.Local(folder / "work", allow_network=allow_network)
    summary = Summary()
    with _ended_by_signals(), _removed(folder, stage):
        stage.prepare()
        (folder / "work").mkdir()
        with local.mirror(folder / "mirror", stage) as mirror:
            stage.variables = {**stage.variables, "mirror": mirror}
            for scenario in stories:
                one(scenario, stage, SavedFiles(), summary)
    return summary


@contextmanager
def _removed(folder: Path, stage: Stage) -> Iterator[None]:
    """Remove the folder, unless something is still mounted in it: that may be the host's own."""
    try:
        yield
    finally:
        mounted = [line for line in lines(stage, "mount", "-p") if f"{folder}/" in line]
        if mounted:
            _say(f"{folder} stays, since something is mounted in it")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def one(scenario: Story, stage: Stage, files: SavedFiles | None, summary: Summary) -> None:
    """Play one story, if the host has what it needs, and say how it ended."""
    needs = [need for part in story.with_earlier(scenario) for need in part.needs]
    why = next(filter(None, map(stage.missing, needs)), "")
    if why:
        summary.skipped.append(scenario.name)
        _say(f"skipped  {scenario.name}: {why}")
        return
    try:
        with corner(stage, files, SavedNetwork(stage)):
            play(scenario, stage)
    except (ExpectationError, StageError, StoryError) as error:
        summary.failed.append(scenario.name)
        _say(f"failed   {scenario.name}: {scenario.title}\n{error}")
        return
    summary.passed.append(scenario.name)
    _say(f"passed   {scenario.name}: {scenario.title}")


@contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM and the loss of the terminal end it as ctrl-c does: everything is tidied up."""

    def end(_number: int, _frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - what it is for


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        _say("interrupted: everything was tidied up")
        sys.exit(130)
