"""Texts of configuration files, made by jinja2, which is imported when the first one is wanted."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2 import Environment


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - heavy

    return Environment(
        loader=PackageLoader("jailer_core", "templates"),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - these files are no HTML; values are checked before
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_one_line,
    )


def _one_line(value: object) -> object:
    """Values are checked before they come here: one that would be further lines is a fault."""
    if "\n" in str(value):
        raise ValueError(f"not one line: {value!r}")
    return value


def render(template: str, **values: Any) -> str:
    """The text of one template of this folder. Raises jinja2.UndefinedError for a missing value."""
    return _environment().get_template(template).render(**values)
