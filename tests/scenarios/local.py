"""The stage that is a real FreeBSD host. None of this has been run on one yet."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.scenarios import base_archive
from tests.scenarios.corner import BRIDGE, POOL, SPARE
from tests.scenarios.stage import PREFIX, Ran, StageError, lines
from tests.scenarios.story import PROGRAM

REPOSITORY = Path(__file__).resolve().parents[2]
TIMEOUT = 900.0
"""Seconds after which a command is ended."""


class Local:
    """This very host."""

    def __init__(self, folder: Path, mirror: str = "", *, allow_network: bool = False) -> None:
        self._allow_network = allow_network
        self._folder = folder
        self.variables: Mapping[str, str] = {
            "dir": str(folder),
            "files": str(folder),
            "mirror": mirror,
        }

    def prepare(self) -> None:
        """Look up what is this host's own. Raises StageError."""
        address = _address()
        card = card_of(address, lines(self, "ifconfig", "-a"))
        release = self.run(("freebsd-version", "-u")).stdout
        version = f"{release.partition('-')[0]}-RELEASE"
        if not card or not re.match(r"\d+\.\d+-", release):
            raise StageError("the host's own address or release cannot be found out")
        self.variables = {**self.variables, "version": version, "card": card, "address": address}

    def run(self, argv: Sequence[str], ssh: str = "") -> Ran:
        """See Stage. Nothing can be asked: standard input is empty."""
        words = list(argv)
        if words[0] == PROGRAM:
            words[:1] = [sys.executable, "-m", "jailer_tui"]
        try:
            done = subprocess.run(
                words,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                env=self._environment(ssh),
                timeout=TIMEOUT,
                check=False,
                encoding="utf-8",
                errors="surrogateescape",
            )
        except OSError as error:
            return Ran(tuple(argv), 127, "", f"{words[0]}: {error.strerror}\n")
        except subprocess.TimeoutExpired:
            return Ran(tuple(argv), 124, "", f"{words[0]}: ended after {TIMEOUT:g} s\n")
        return Ran(tuple(argv), done.returncode, done.stdout, done.stderr)

    def write(self, path: str, text: str) -> None:
        """See Stage."""
        Path(path).write_text(text, encoding="utf-8")

    def _environment(self, ssh: str) -> dict[str, str]:
        """That of the player, without the user's own settings and connection."""
        own = {
            "PYTHONPATH": str(REPOSITORY),
            "XDG_CONFIG_HOME": str(self._folder),
            "LC_ALL": "C.UTF-8",
            **({"SSH_CONNECTION": ssh} if ssh else {}),
        }
        hidden = ("SSH_CONNECTION", "FreeBSD_mirror")
        return {key: value for key, value in os.environ.items() if key not in hidden} | own

    def missing(self, need: str) -> str:
        """See Stage."""
        match need:
            case "network":
                return "" if self._allow_network else "it changes the network: --allow-network"
            case "packages":
                return "it would download packages"
            case "alone":
                return "the host has jails of its own" if self._has_jails() else ""
            case "limits":
                counts = self.run(("sysctl", "-n", "kern.racct.enable")).stdout.strip() == "1"
                return "" if counts else "kern.racct.enable is not 1"
        return f"nothing is known about the need {need}"

    def _has_jails(self) -> bool:
        """Whether other jails run or are configured: some stories change all jails at once."""
        configured = Path("/etc/jail.conf").exists() or any(Path("/etc").glob("jail.conf.d/*"))
        return configured or bool(lines(self, "jls", "name"))


def refusal(stage: Local) -> str:
    """Why no story may be played here, "" when they may."""
    if not sys.platform.startswith("freebsd"):
        return "this is not FreeBSD"
    if os.geteuid() != 0:
        return "only root can play stories on a real host"
    if stage.run(("sysrc", "-n", "jailer_dir")).status == 0:
        return "this host is set up already (jailer_dir in rc.conf): use another one"
    pools = set(lines(stage, "zpool", "list", "-H", "-o", "name")) & {POOL, SPARE}
    jails = {name for name in lines(stage, "jls", "name") if name.startswith(PREFIX)}
    bridges = {BRIDGE} & set(stage.run(("ifconfig", "-l")).stdout.split())
    taken = sorted(pools | jails | bridges)
    return f"these names are taken: {', '.join(taken)}" if taken else ""


def _address() -> str:
    """The address that the host has towards outside. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError as error:
            raise StageError(f"the host has no way outside: {error.strerror}") from None
        return str(probe.getsockname()[0])


def card_of(address: str, ifconfig: Sequence[str]) -> str:
    """The interface with that address, "" when there is none."""
    name = ""
    for line in ifconfig:
        if line and not line[0].isspace():
            name = line.partition(":")[0]
        elif line.split()[:2] == ["inet", address]:
            return name
    return ""


@contextmanager
def mirror(folder: Path, stage: Local) -> Iterator[str]:
    """Serve a small base system over HTTP on the loopback interface; its address."""
    machine = stage.run(("sysctl", "-n", "hw.machine")).stdout.strip()
    version = stage.variables["version"]
    base_archive.make(folder / "releases" / machine / version, lambda *argv: lines(stage, *argv))
    handler = partial(_Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""
