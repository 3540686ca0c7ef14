"""Read many files with one jail(8) call, where each holds one plain block and nothing else.

The blocks go to one `jail -f - -e` on its standard input (recording 17 line 5). What it prints is
only believed when it is one jail a block, in the same order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from jailer_core.errors import ParseError
from jailer_core.facts.probes import TIMEOUT
from jailer_core.host import Host, Result
from jailer_core.needs import PARSE_JAIL_CONF
from jailer_core.parse.jailconf import Params, jails

_WARNING = re.compile(r"jail: ([A-Za-z0-9_-]+): .*", re.ASCII)


BlockRead = tuple[Params, str]
"""The parameters of a block, and what jail(8) complained about ("" for nothing)."""


async def read_blocks(host: Host, texts: Mapping[str, str]) -> dict[str, BlockRead]:
    """What jail(8) reads in blocks, by their names; `texts` are the whole files. Raises HostError.

    When it refuses them, both halves are tried: the blocks that it refuses alone are left out.
    """
    if len(texts) < 2:
        return {}
    text = "\n".join(texts.values()) + "\n"
    result = await host.run(PARSE_JAIL_CONF, stdin=text, timeout=TIMEOUT)
    block_reads = _one_each(result, list(texts))
    if block_reads is not None:
        return block_reads
    blocks, half = list(texts.items()), len(texts) // 2
    first, second = dict(blocks[:half]), dict(blocks[half:])
    return await read_blocks(host, first) | await read_blocks(host, second)


def _one_each(result: Result, names: Sequence[str]) -> dict[str, BlockRead] | None:
    """One jail a name, in that order; None when anything else was printed."""
    warnings: dict[str, str] = {}
    for line in result.stderr.splitlines():
        warning = _WARNING.fullmatch(line)
        if warning is None:
            return None
        warnings.setdefault(warning[1], line)
    if not result.ok or not warnings.keys() <= set(names):
        return None
    try:
        blocks = jails(result.stdout).entire()
    except ParseError:
        return None
    if [name for name, _ in blocks] != list(names):
        return None
    return {name: (params, warnings.get(name, "")) for name, params in blocks}
