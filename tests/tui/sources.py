"""The sources that tests of wording check, each read once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.comprehension)


@dataclass
class Source:
    """A file of the product, by its path from the root."""

    path: str
    opening: str = ""
    """The first line of its docstring."""
    docstrings: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    """All other strings."""
    pairs: list[tuple[int, object, object]] = field(default_factory=list)
    """Tuples of two, by line: their values where they are constants, else None."""
    names: set[str] = field(default_factory=set)
    """Parameters and locals."""


@cache
def sources() -> list[Source]:
    """All of both packages."""
    return [
        _read(path)
        for package in ("jailer_core", "jailer_tui")
        for path in sorted((ROOT / package).rglob("*.py"))
    ]


def _read(path: Path) -> Source:
    source = Source(path.relative_to(ROOT).as_posix())
    documentation: set[int] = set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    source.opening = (ast.get_docstring(tree, clean=False) or "").partition("\n")[0]
    for node, local in _nodes(tree):
        if isinstance(node, ast.Expr):
            documentation.add(id(node.value))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            (source.docstrings if id(node) in documentation else source.texts).append(node.value)
        elif isinstance(node, ast.Tuple) and len(node.elts) == 2:
            first, second = (getattr(part, "value", None) for part in node.elts)
            source.pairs.append((node.lineno, first, second))
        elif isinstance(node, ast.arg) and local:
            source.names.add(node.arg)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and local:
            source.names.add(node.id)
    return source


def _nodes(tree: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """Each node before those below it, and whether it lies in a function."""
    stack = [(tree, False)]
    while stack:
        node, local = stack.pop()
        yield node, local
        local = local or isinstance(node, SCOPES)
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, ast.AST):
                stack.append((value, local))
            elif isinstance(value, list):
                stack += [(below, local) for below in value if isinstance(below, ast.AST)]
