"""A real OpenSSH server on loopback, with keys and a port of its own, for tests."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jailer_core.host.ssh.definitions import HostEntry

PROGRAMS = ("ssh", "/usr/sbin/sshd", "ssh-keygen")
ROOT = Path(__file__).parents[3]
AGENT = (
    *("env", f"PYTHONPATH={ROOT}", sys.executable),
    *("-m", "jailer_tui", "agent"),
)


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is, and where its files are."""

    folder: Path
    port: int

    def entry(self, name: str = "web1", *, demo: str = "small", port: int = 0) -> HostEntry:
        """A host that it leads to: a simulated one, or with "" this machine."""
        agent = (*AGENT, f"--demo={demo}") if demo else ()
        config = str(self.folder / "config")
        there = HostEntry(name, ssh="127.0.0.1", user=getpass.getuser(), port=port or self.port)
        return replace(there, config=config, agent=agent)

    @property
    def cache(self) -> Path:
        """Where it keeps what was sent to it."""
        return self.folder / "cache" / "jailer-tui"


def why_not() -> str:
    """Why no server can be started here."""
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    return f"{', '.join(missing)} is not installed" if missing else ""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    if reason := why_not():
        pytest.skip(f"no OpenSSH server: {reason}")
    with tempfile.TemporaryDirectory(prefix="jt-") as made:
        there = Server(Path(made), free_port())
        _configure(there)
        with subprocess.Popen(
            ("/usr/sbin/sshd", "-D", "-e", "-f", str(there.folder / "sshd_config")),
            stderr=subprocess.DEVNULL,
        ) as daemon:
            _wait_for(there.port, daemon)
            yield there
            daemon.terminate()


def _configure(there: Server) -> None:
    folder = there.folder
    for name in ("host_key", "user_key"):
        key = ("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name))
        subprocess.run(key, check=True)
    if not Path("/run/sshd").exists():  # Debian's sshd wants it
        Path("/run/sshd").mkdir(mode=0o755)
    (folder / "authorized_keys").write_text((folder / "user_key.pub").read_text())
    (folder / "sshd_config").write_text(
        f"ListenAddress 127.0.0.1\nPort {there.port}\nHostKey {folder}/host_key\n"
        f"AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nPidFile none\n"
        "PermitRootLogin prohibit-password\nPasswordAuthentication no\nUsePAM no\n"
        f"KbdInteractiveAuthentication no\nSetEnv XDG_CACHE_HOME={folder}/cache\n"
    )
    host_key = (folder / "host_key.pub").read_text()
    (folder / "known_hosts").write_text(f"* {host_key}")
    (folder / "config").write_text(
        f"Host *\n IdentityFile {folder}/user_key\n IdentitiesOnly yes\n IdentityAgent none\n"
        f" UserKnownHostsFile {folder}/known_hosts\n GlobalKnownHostsFile none\n"
        " StrictHostKeyChecking yes\n"
    )


def _wait_for(port: int, daemon: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        if daemon.poll() is not None:
            pytest.skip("the OpenSSH server does not start here")
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    pytest.skip("the OpenSSH server does not answer")
