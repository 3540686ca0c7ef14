"""Style sheets name widgets by their class: a name that no class has would style nothing."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

from textual.dom import DOMNode

import jailer_tui
from jailer_tui import theme


def _classes(base: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for subclass in base.__subclasses__():
        yield subclass
        yield from _classes(subclass)


def test_every_type_in_a_style_sheet_is_a_class() -> None:
    for module in pkgutil.walk_packages(jailer_tui.__path__, "jailer_tui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    classes = set(_classes(DOMNode))
    known = {css_class.__name__ for css_class in classes}
    sheets = {"theme": theme.CSS} | {
        css_class.__name__: css_class.DEFAULT_CSS
        for css_class in classes
        if css_class.__module__.startswith("jailer_tui") and "DEFAULT_CSS" in vars(css_class)
    }
    assert len(sheets) > 20
    for owner, sheet in sheets.items():
        selectors = re.sub(r"\{[^}]*\}", "\n", sheet)
        types = set(re.findall(r"(?<![\w.#$:-])[A-Z]\w*", selectors))
        assert types <= known, f"{owner}: {types - known}"
