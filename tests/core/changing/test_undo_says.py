"""Undos that lack conditions on what they remove are found.

`test_cases.py` looks at every undo of every plan case.
"""

from __future__ import annotations

import pytest

from jailer_core.plan import Action, RemoveFile, Run, Step, Undo
from tests.core.changing.lacking import lacking


def action(*argv: str) -> Action:
    return Run(argv)


@pytest.mark.parametrize(
    "bare",
    [
        action("devfs", "rule", "-s", "10", "delset"),
        action("sysrc", "-x", "jail_enable"),
        action("sysctl", "net.inet.ip.forwarding=0"),
        action("kldunload", "zfs"),
        action("ifconfig", "bridge0", "destroy"),
        action("zfs", "destroy", "zroot/jails"),
        action("rm", "-r", "/usr/local/jails"),
        RemoveFile("/etc/pf.conf"),
    ],
    ids=str,
)
def test_one_without_conditions_is_found(bare: Action) -> None:
    assert lacking(Step(action("true"), "Do it"), Undo(bare, "Take it back"))
