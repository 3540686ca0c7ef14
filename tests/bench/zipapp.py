"""The start-up cost of the one-file program, compared to the one installed by pip."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.figures import Figure, starts

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
            commands = {
                "one file": (sys.executable, archive, *words),
                "installed": (sys.executable, program, *words),
            }
            took = starts(commands, ROUNDS, environment)
            ratio = took["one file"] / took["installed"]
            note = f"{took['one file']:.0f} ms of CPU beside {took['installed']:.0f} ms"
            yield Figure(f"start as one file: {' '.join(words)}", ratio, "times", 1.15, note)
