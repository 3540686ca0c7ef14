"""The SSH connection over which this program is used.

    SSH_CONNECTION="192.0.2.7 51022 10.0.2.15 22"     sshd(8): client, its port, server, its port

A host that is not reached over a network has none (None).
"""

from __future__ import annotations

import ipaddress
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "SSH_CONNECTION"
REVERTER = "jailer_core.watchdog"
"""The module that reverts a change on the host itself unless it is confirmed."""
PYTHON = ("/usr/local/bin/python3.11", "-P", "-m", REVERTER)
"""How it is started where nothing else is known. -P: what lies in the working directory is not
imported."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Addresses of both ends, without zones; `port` is the server's. `reverter` starts what takes
    back, on the host that is being changed.
    """  # noqa: D205 - one sentence

    client: str
    server: str
    port: int = 22
    reverter: tuple[str, ...] = PYTHON


def of(environ: Mapping[str, str], *, local: bool = False) -> Connection | None:
    """The connection that the environment tells of, None when it tells of none.

    `local` makes the reverter this very program's: the host is the machine that it runs on.
    """
    words = environ.get(VARIABLE, "").split()
    if len(words) != 4 or not words[3].isdigit():
        return None
    try:
        client, server = (str(_plain(words[number])) for number in (0, 2))
    except ValueError:
        return None
    return Connection(client, server, int(words[3]), _own(environ) if local else PYTHON)


def _plain(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Without its zone; an IPv4 address that is written as one of IPv6 is one of IPv4."""
    address = ipaddress.ip_address(text.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _own(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Started in / with -P: what Python found in the directory it was started in, or in one file
    with all of it, it would not find again.
    """  # noqa: D205 - one sentence
    home = str(Path(__file__).resolve().parents[1])
    begun_there = sys.path[:1] in ([""], [home])
    paths = [home] if begun_there else []
    paths += filter(None, [environ.get("PYTHONPATH", "")])
    before = ("env", f"PYTHONPATH={':'.join(paths)}") if paths else ()
    return (*before, sys.executable, "-P", "-m", REVERTER)
