"""Play the commands that the pages show: `python -m tests.documentation` writes what they print.

A block of a page whose first line is "```console" is played on a simulated host. All blocks of a
page belong to one session; a block that begins "```console fresh" starts a new one on the
simulated host of that name. A line "$ COMMAND" is a command, and the lines below it are what it
prints, errors too; a line "[...]" stands for any lines. A command that shows no output must
succeed. Commands of other programs run on the simulated host, as `simulate` runs them.
"""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from jailer_core.simulator.host import SimulatedHost
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.scenarios import build
from jailer_tui import host_selection
from jailer_tui.cli.main import main as program

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
BLOCK = re.compile(r"^```console(?: (\w+))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ANY = "[...]"


@dataclass(frozen=True, slots=True)
class Shown:
    """One command of a page, with what the page says that it prints."""

    scenario: str  # "" in the session of the block before
    command: str
    output: str


def pages() -> list[Path]:
    """The pages that show commands."""
    return [page for page in PAGES if BLOCK.search(page.read_text(encoding="utf-8"))]


def commands(block: re.Match[str]) -> Iterator[Shown]:
    """The commands of a block."""
    scenario = block[1] or ""
    for part in re.split(r"^\$ ", block[2], flags=re.MULTILINE)[1:]:
        while re.match(r".*\\\n", part):
            part = part.replace("\\\n", "", 1)  # noqa: PLW2901
        command, _, output = part.partition("\n")
        yield Shown(scenario, command, output)
        scenario = ""


class Session:
    """A simulated host that keeps its state from command to command."""

    def __init__(self) -> None:
        self._machine = build("small")

    def run(self, shown: Shown) -> tuple[int, str]:
        """Exit status and output of a command."""
        if shown.scenario:
            self._machine = build(shown.scenario)
        words = shlex.split(shown.command)
        words = words[1:] if words[0] == "jailer-tui" else ["simulate", "--", *words]
        if "--demo" in words:
            return run(build(words[words.index("--demo") + 1]), words)
        return run(self._machine, words)


def run(machine: Machine, words: list[str]) -> tuple[int, str]:
    """Exit status and output of the program on a simulated host."""
    output = io.StringIO()

    def open_host(choice: host_selection.Choice, **_options: object) -> SimulatedHost:
        named = "--host" in words  # then each has a host of its own
        return SimulatedHost(build(choice.scenario) if named else machine)

    with (
        mock.patch.object(host_selection, "open_host", open_host),
        contextlib.redirect_stdout(output),
        contextlib.redirect_stderr(output),
    ):
        return program(words), output.getvalue()


def matches(shown: str, printed: str) -> bool:
    """Whether that is what is printed."""
    pattern = r"(?s:.*)".join(re.escape(part) for part in shown.split(f"{ANY}\n"))
    return re.fullmatch(pattern, printed) is not None


def wrong(page: Path) -> list[str]:
    """What does not hold of the commands of a page."""
    session, problems = Session(), []
    for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
        for shown in commands(block):
            status, printed = session.run(shown)
            refused = shown.output.startswith("jailer-tui: ")
            if refused == (status == 0):
                problems.append(f"{shown.command}: status {status}: {printed}")
            elif shown.output and not matches(shown.output, printed):
                problems.append(f"{shown.command}: prints\n{printed}")
    return problems


def renewed(page: Path) -> str:
    """The text of a page with what its commands print now, where it shows all of it."""
    session = Session()

    def block(match: re.Match[str]) -> str:
        fence = match[0][: match.start(2) - match.start()]
        for shown in commands(match):
            _, printed = session.run(shown)
            output = printed if shown.output and ANY not in shown.output else shown.output
            fence += f"$ {shown.command}\n{output}"
        return f"{fence}```"

    return BLOCK.sub(block, page.read_text(encoding="utf-8"))


def main() -> int:
    """Renew all pages; 0."""
    for page in pages():
        text = renewed(page)
        if text != page.read_text(encoding="utf-8"):
            page.write_text(text, encoding="utf-8")
            sys.stdout.write(f"{page.relative_to(ROOT)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
