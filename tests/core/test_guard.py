"""The guard of conftest.py itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from jailer_core.host.local import LocalHost


def test_no_command_runs(request: pytest.FixtureRequest) -> None:
    request.node.expects_refusal = True
    with pytest.raises(BaseException, match="true") as caught:
        subprocess.run(["true"], check=False)
    assert not isinstance(caught.value, Exception)
    with pytest.raises(BaseException, match="true"):
        os.system("true")  # noqa: S605


async def test_not_even_through_the_local_host(request: pytest.FixtureRequest) -> None:
    request.node.expects_refusal = True
    with pytest.raises(BaseException, match="jls") as caught:
        await LocalHost().run(["jls"])
    assert not isinstance(caught.value, Exception)


@pytest.mark.processes
def test_marked_tests_may_run_this_python() -> None:
    done = subprocess.run([sys.executable, "-c", "print(1)"], check=True, capture_output=True)
    assert done.stdout == b"1\n"


@pytest.mark.processes
def test_and_nothing_else(request: pytest.FixtureRequest) -> None:
    request.node.expects_refusal = True
    with pytest.raises(BaseException, match="id"):
        subprocess.run(["id"], check=False)
