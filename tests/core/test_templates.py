"""Templates: what they make is held by the plan cases; a value is never more than its line."""

from pathlib import Path

import pytest

from jailer_core import templates


def test_a_value_does_not_become_further_lines() -> None:
    assert templates.render("start_if.j2", card="epair0b", mac="02:00") == (
        "ifconfig epair0b ether 02:00\n"
    )
    with pytest.raises(ValueError, match="not one line"):
        templates.render("start_if.j2", card="epair0b", mac="02:00\nrm")


def test_every_template_is_used() -> None:
    package = Path(templates.__file__).parent
    code = "".join(
        path.read_text(encoding="utf-8") for path in package.parent.glob("operations/**/*.py")
    )
    for path in package.glob("*.j2"):
        assert f'"{path.name}"' in code
