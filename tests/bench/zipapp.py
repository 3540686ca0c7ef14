"""What the one-file program costs at its start, beside the one that pip installed."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure

PROJECT = Path(__file__).resolve().parents[2]
ROUNDS = 15


def zipapp() -> Iterator[Figure]:
    """Start of both, in turns, so that a busy machine slows both."""
    with tempfile.TemporaryDirectory() as directory:
        archive = str(Path(directory, "jailer-tui.pyz"))
        build = [sys.executable, str(PROJECT / "packaging/zipapp/build.py"), archive]
        site = sysconfig.get_paths()["purelib"]
        subprocess.run([*build, "--site", site], check=True, capture_output=True)
        environment = {**os.environ, "XDG_CACHE_HOME": directory}
        program = str(Path(sys.executable).with_name("jailer-tui"))
        for words in (("--version",), ("--demo", "small", "list")):
            took: dict[str, list[float]] = {archive: [], program: []}
            for _ in range(ROUNDS + 1):
                for start, times in took.items():
                    argv = [sys.executable, start, *words]
                    began = time.perf_counter()
                    subprocess.run(argv, check=True, capture_output=True, env=environment)
                    times.append(time.perf_counter() - began)
            one_file, installed = (statistics.median(times[1:]) for times in took.values())
            note = f"{one_file * 1000:.0f} ms beside {installed * 1000:.0f} ms"
            yield Figure(
                f"start as one file: {' '.join(words)}", one_file / installed, "times", 1.15, note
            )
