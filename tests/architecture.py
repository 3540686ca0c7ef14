"""The picture of imports in docs/architecture.md: `python -m tests.architecture` writes it."""

from __future__ import annotations

import re
from pathlib import Path

import grimp

PAGE = Path(__file__).parents[1] / "docs" / "architecture.md"
ROOTS = ("jailer_core", "jailer_tui")


def graph() -> grimp.ImportGraph:
    """All imports of both packages, those for types too."""
    return grimp.build_graph(*ROOTS, exclude_type_checking_imports=False, cache_dir=None)


def package(module: str) -> str:
    """The room that a module belongs to: two levels of its name."""
    return ".".join(module.split(".")[:2])


def edges() -> list[tuple[str, str]]:
    """Which package imports which."""
    imports = graph()
    pairs = {
        (package(importer), package(imported))
        for importer in imports.modules
        for imported in imports.find_modules_directly_imported_by(importer)
    }
    return sorted(
        (left, right)
        for left, right in pairs
        if left != right and right not in ROOTS and left not in ROOTS
    )


def reduced(pairs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Without arrows that a longer way says already: what is left can be looked at."""
    after: dict[str, set[str]] = {}
    for left, right in pairs:
        after.setdefault(left, set()).add(right)

    def reaches(start: str, end: str) -> bool:
        seen, todo = {start}, [one for one in after.get(start, ()) if one != end]
        while todo:
            name = todo.pop()
            if name == end:
                return True
            if name not in seen:
                seen.add(name)
                todo += after.get(name, ())
        return False

    return [(left, right) for left, right in pairs if not reaches(left, right)]


def picture() -> str:
    """As Mermaid, with the packages of each root side by side."""
    pairs = reduced(edges())
    names = sorted({name for pair in edges() for name in pair})
    lines = ["```mermaid", "flowchart TD"]
    for root in ROOTS:
        lines.append(f"    subgraph {root}")
        lines += [
            f"        {name.replace('.', '_')}[{name.partition('.')[2]}]"
            for name in names
            if name.startswith(f"{root}.")
        ]
        lines.append("    end")
    lines += [
        f"    {left.replace('.', '_')} --> {right.replace('.', '_')}" for left, right in pairs
    ]
    return "\n".join([*lines, "```", ""])


def made(text: str) -> str:
    """The page with its picture as it should be."""
    return re.sub(
        r"(<!-- imports -->\n).*?(<!-- /imports -->)",
        lambda match: match[1] + picture() + match[2],
        text,
        flags=re.DOTALL,
    )


if __name__ == "__main__":
    PAGE.write_text(made(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
