"""A user property is put back from where its value came."""

import pytest

from jailer_core.operations.shared import user_property
from jailer_core.plan import Run
from tests.core.changing.hosts import dataset

NAME = "jailer:note"


@pytest.mark.parametrize("new", ["the shop", ""])
@pytest.mark.parametrize(
    ("old", "back"),
    [
        (("all jails", "local"), ("zfs", "set", f"{NAME}=all jails")),
        (("all jails", "received"), ("zfs", "inherit", "-S", NAME)),
        (("all jails", "inherited from zroot/jails"), ("zfs", "inherit", NAME)),
        (("-", "-"), ("zfs", "inherit", NAME)),
    ],
    ids=["its own", "came with zfs recv", "of a dataset above", "none"],
)
def test_its_undo(old: tuple[str, str], back: tuple[str, ...], new: str) -> None:
    step = user_property.change(
        dataset("zroot/jails/web"),
        NAME,
        old=old,
        new=new,
        title="Change it",
        undo_title="Put it back",
        jail="web",
    )
    (undo,) = step.undo
    assert undo.action == Run((*back, "zroot/jails/web"))
