"""Hints at the fields of a form that depend on the host, besides what the operation declares."""

from __future__ import annotations

from dataclasses import dataclass

Choice = tuple[str, str]
"""A value, and what explains it in a line."""


@dataclass(frozen=True, slots=True)
class FieldHint:
    """What the host adds to a field of a form; "" and None leave what is declared.

    With `choices` the value is one of them; `none` names the empty one. `words` complete what is
    typed. `suggestion` is what an empty field becomes, `empty` the word that means it in the
    request. `beside` is shown beside the field, `off` tells why it cannot be filled in now.
    """

    choices: tuple[Choice, ...] | None = None
    suggestion: str = ""
    empty: str = ""
    beside: str = ""
    off: str = ""
    help: str = ""
    label: str = ""
    none: str = "none"
    words: tuple[str, ...] | None = None
