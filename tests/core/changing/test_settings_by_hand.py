"""Any configuration written by hand: a limit is set so that its start sets it, or it is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from jailer_core.errors import JailerError
from jailer_core.operations.jails.requests import Restart
from jailer_core.operations.settings.requests import SetLimits, SetParameters
from jailer_core.plan import Outcome, OutcomeStatus, Request
from tests.core.changing.workbench import Bench

FILE = "/etc/jail.conf.d/www0.conf"
STATEMENTS = (
    'exec.created = "rctl -a jail:${name}:memoryuse:deny=1G || true";',
    'exec.created += "rctl -a jail:www0:memoryuse:deny=1G";',
    "exec.created += 'rctl -a jail:www0:maxproc:deny=9 || true', \"true\";",
    'exec.created = "true", "rctl -a jail:$name:pcpu:deny=50";',
    'exec.created = "true";',
    'exec.created += "cpuset -l 0 -j ${name} || true";',
    'exec.created += "rctl -a jail:other:memoryuse:deny=7G";',
    "exec.poststart += \"sh -c 'rctl -a jail:www0:maxproc:deny=3 && true'\";",
    'exec.poststop += "rctl -r jail:${name}";',
    '/* exec.created = "rctl -a jail:www0:memoryuse:deny=1G"; */',
    '# web { "unclosed',
    "allow.mlock = 1;",
    "allow.nomlock;",
    '"children.max" = "4"; // x',
)
GLOBALS = (
    "",
    'exec.created = "true";\n',
    'exec.created += "rctl -a jail:${name}:memoryuse:deny=4G || true";\n',
    "allow.mlock;\n",
    "* { children.max = 2; }\n",
)
RULES = {"memory=2G": "memoryuse:deny=2147483648", "processes=5": "maxproc:deny=5"}
VALUES = {"allow.mlock=yes": ("allow.mlock", "true"), "children.max=5": ("children.max", "5")}


@given(
    body=st.lists(st.sampled_from(STATEMENTS), max_size=5),
    before=st.sampled_from(GLOBALS),
    behind=st.sampled_from(GLOBALS),
    word=st.sampled_from((*RULES, *VALUES)),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_set_is_there_after_a_restart(**drawn: Any) -> None:
    asyncio.run(_set_and_restart(**drawn))


async def _set_and_restart(body: list[str], before: str, behind: str, word: str) -> None:
    bench = Bench(scenario="busy")
    lines = "".join(f"  {line}\n" for line in body)
    head = 'www0 {\n  path = "/usr/local/jails/www0";\n  ip4 = inherit; persist;\n'
    bench.write(FILE, f"{head}{lines}}}\n")
    bench.write("/etc/jail.conf", f'{before}.include "/etc/jail.conf.d/*.conf";\n{behind}')
    text = bench.text(FILE)
    request = SetLimits("www0", (word,)) if word in RULES else SetParameters("www0", (word,))
    outcome = await _done(bench, request)
    if outcome is None:
        assert bench.text(FILE) == text
        return
    assert outcome.status in (OutcomeStatus.DONE, OutcomeStatus.NOTHING), outcome
    assert (await bench.do(request)).status is OutcomeStatus.NOTHING
    assert (await bench.do(Restart("www0"))).ok
    if word in RULES:
        assert f"jail:www0:{RULES[word]}" in bench.machine.state.rctl
    else:
        jail = bench.machine.jail_named("www0")
        name, value = VALUES[word]
        assert jail is not None
        assert jail.params[name] == [value]


async def _done(bench: Bench, request: Request) -> Outcome | None:
    """The result; None when it was refused, which says what to do instead."""
    try:
        return await bench.do(request)
    except JailerError as error:
        return None if error.hint else pytest.fail(f"no hint: {error.message}")
