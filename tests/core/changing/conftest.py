from __future__ import annotations

import pytest

from tests.core.changing.covering import covered


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `covered` runs for steps of every shape, twice; `closely` has them once.

    With `--exhaustive` both have every step of every case.
    """
    for name in {"covered", "closely"}.intersection(metafunc.fixturenames):
        found = covered(exhaustive=metafunc.config.getoption("exhaustive"))
        chosen = [one for one in found if name == "covered" or one.closely]
        metafunc.parametrize(name, chosen, ids=[one.case.id for one in chosen])
