"""Details of one jail, read only when it is opened and never on the refresh path.

All of this raises HostError, and ParseError where a command prints what cannot be read.
"""

from __future__ import annotations

from jailer_core.facts.on_demand import PROCESSES, SNAPSHOTS
from jailer_core.facts.probes import TIMEOUT
from jailer_core.host import Host
from jailer_core.model import Jail, Process, Snapshot
from jailer_core.parse import ps, zfs
from jailer_core.text import decoded


async def all_processes(host: Host) -> tuple[Process, ...]:
    """Processes of the host and of all jails."""
    return ps.processes((await host.run(PROCESSES, timeout=TIMEOUT)).output()).value


async def processes(host: Host, jail: Jail) -> tuple[Process, ...]:
    """Processes of a jail, none when it does not run.

    By jid: ps takes a name with a space or comma for a list of jails.
    """
    if jail.jid is None:
        return ()
    argv = ("ps", "-J", str(jail.jid), "-o", ps.COLUMNS, "--libxo=json")
    result = await host.run(argv, timeout=TIMEOUT)
    if result.status == 1 and not result.stderr.strip():
        return ()  # not recorded: ps says so when nothing is to be listed
    return ps.processes(result.output()).value


async def snapshots(host: Host, dataset: str) -> tuple[Snapshot, ...]:
    """Snapshots of a dataset and those below it."""
    result = await host.run((*SNAPSHOTS, "-r", dataset), timeout=TIMEOUT)
    return zfs.snapshots(result.output()).value


async def note(host: Host, jail: Jail) -> str:
    """The note of a jail, "" for none."""
    from jailer_core.operations.shared.dataset_copies import NOTE  # noqa: PLC0415 - when asked
    from jailer_core.operations.snapshots.dataset_properties import value_ask  # noqa: PLC0415

    if not jail.dataset:
        return ""
    result = await host.run(value_ask(jail.dataset, NOTE), timeout=TIMEOUT)
    text = result.output().removesuffix("\n")
    return "" if text == "-" else text


async def log(host: Host, jail: Jail, size: int = 65536) -> str:
    """The end of its console log, "" when it has none configured."""
    path = jail.config.first("exec.consolelog") if jail.config is not None else ""
    return await end_of(host, path, size) if path else ""


async def end_of(host: Host, path: str, size: int) -> str:
    """The last lines of a console log."""
    from jailer_core.logs import folder_of  # noqa: PLC0415 - with the first log

    window = await host.window(path, -size, size, beneath=folder_of(path))
    data = window.data if window.offset == 0 else window.data.partition(b"\n")[2]
    return decoded(data)


async def config_text(host: Host, jail: Jail) -> str:
    """The file that its block is in, "" when it has none."""
    return await host.read(jail.config.source) if jail.config is not None else ""
