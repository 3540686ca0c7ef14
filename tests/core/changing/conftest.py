from __future__ import annotations

import pytest

from tests.core.changing.covering import covered


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that takes `covered` runs for steps of every shape, or all with `--exhaustive`."""
    if "covered" in metafunc.fixturenames:
        found = covered(exhaustive=metafunc.config.getoption("exhaustive"))
        metafunc.parametrize("covered", found, ids=[chosen.case.id for chosen in found])
