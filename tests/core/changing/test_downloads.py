"""A download that never ends is stopped; what is destroyed with a dataset is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.execution import prepare
from jailer_core.model import CommandResult
from jailer_core.operations.images import fetch, mirror
from jailer_core.operations.images.requests import ImageFetch
from jailer_core.operations.jails.requests import Destroy, TrashPurge
from jailer_core.operations.shared import clones
from jailer_core.plan import OutcomeStatus
from tests.core.changing.hosts import inventory
from tests.core.changing.workbench import Bench


async def test_a_server_that_sends_for_ever_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Bench(scenario="small")
    known = await prepare(made.reader, ImageFetch("14.3-RELEASE"))
    size = next(step.total for step in known.steps if step.limit)
    monkeypatch.setattr(fetch, "MARGIN", -size)
    done = await made.do(ImageFetch("14.3-RELEASE"))
    assert done.status is OutcomeStatus.FAILED
    assert done.message.startswith("the download was interrupted: more than ")
    assert done.undone
    assert not done.leftovers


async def test_every_download_has_a_limit_above_its_size() -> None:
    plan = await prepare(Bench(scenario="small").reader, ImageFetch("14.3-RELEASE"))
    (download,) = [step for step in plan.steps if step.growing_file]
    assert download.total < download.limit < download.total * 1.2
    assert not download.warning


@pytest.mark.parametrize(
    ("address", "warns"),
    [
        ("", False),
        ("https://mirror.example.org", False),
        ("http://mirror.example.org", True),
        ("ftp://mirror.example.org", True),
        ("file:///usr/local/mirror", True),
    ],
)
def test_which_mirrors_are_warned_of(address: str, *, warns: bool) -> None:
    assert bool(mirror.warning(address)) is warns


def test_volumes_are_named() -> None:
    ask = clones.volumes_ask("zroot/jails/www0")
    unknown = inventory()
    known = replace(
        unknown,
        command_results={ask: CommandResult(0, "zroot/jails/www0/a\nzroot/jails/www0/b\n", "")},
    )
    assert clones.volume_notes(known, "zroot/jails/www0", clones.DESTROYED) == [
        "Destroys the volume zroot/jails/www0/a with its snapshots.",
        "Destroys the volume zroot/jails/www0/b with its snapshots.",
    ]
    (note,) = clones.volume_notes(unknown, "zroot/jails/www0", clones.DESTROYED)
    assert note.endswith("could not be read; they are destroyed as well.")
    (note,) = clones.volume_notes(unknown, "zroot/jails/www0", clones.MOVED)
    assert note.endswith("they are moved as well.")


async def test_they_are_asked_for_whenever_a_dataset_goes() -> None:
    made = Bench()
    ran: list[tuple[str, ...]] = []
    run = made.host.run

    async def listening(argv: tuple[str, ...], **options: object) -> object:
        ran.append(tuple(argv))
        return await run(argv, **options)  # type: ignore[arg-type]

    made.host.run = listening  # type: ignore[method-assign, assignment]
    await prepare(made.reader, Destroy("www0", "S", purge=True))
    assert clones.volumes_ask("zroot/jails/www0") in ran
    assert (await made.do(Destroy("www0", "S"))).ok
    await prepare(made.reader, TrashPurge("www0-S"))
    assert clones.volumes_ask("zroot/jails/.trash/www0-S") in ran
