"""The parts of README.md that are made of the program: `python -m tests.tui.readme` writes them."""

from __future__ import annotations

import re
from pathlib import Path

from jailer_tui.actions import readme_table
from jailer_tui.cli.help_text import overview

README = Path(__file__).parents[2] / "README.md"


def made(text: str) -> str:
    """The text with its made parts as they should be."""
    parts = {"keys": readme_table(), "commands": f"```text\n{overview()}\n```\n"}
    for name, part in parts.items():
        begin = re.search(rf"<!-- {name}: .*-->\n", text)
        end = text.index(f"<!-- /{name} -->")
        if begin is None:
            raise ValueError(name)
        text = text[: begin.end()] + part + text[end:]
    return text


if __name__ == "__main__":
    README.write_text(made(README.read_text(encoding="utf-8")), encoding="utf-8")
