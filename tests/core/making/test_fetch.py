"""Fetching images: progress, and every way in which it can fail."""

from __future__ import annotations

import pytest

from jailer_core.operations.images.requests import ImageFetch, ImageUse
from jailer_core.operations.jails.requests import Create
from jailer_core.plan import Event, Outcome, OutcomeStatus, Progress
from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.persist import dump, same
from jailer_core.simulator.scenarios.base import OFFICIAL
from jailer_core.simulator.tools import archives
from tests.core.making.hosts import bare, carry_out, read, run

ARCHIVE = "/usr/local/jails/image/dist-files/base-15.1-RELEASE.txz"


def failed(machine: Machine) -> Outcome:
    before = dump(machine)
    outcome = carry_out(machine, ImageFetch())
    assert outcome.status is OutcomeStatus.FAILED
    assert outcome.undone, outcome.leftovers
    assert outcome.hint
    assert list(same(before, dump(machine))) == []
    return outcome


def test_an_image_is_fetched_checked_and_extracted() -> None:
    machine, events = bare(), list[Event]()
    outcome = carry_out(machine, ImageFetch(), events.append)
    assert outcome.ok, outcome
    (image,) = read(machine).images
    assert (image.version, image.dataset) == ("15.1-RELEASE", "zroot/jails/image/15.1-RELEASE")
    assert run(machine, "zfs", "list", "-H", "-o", "name", "-t", "snapshot").split() == [
        "zroot/jails/image/15.1-RELEASE@base"
    ]
    told = [event for event in events if isinstance(event, Progress)]
    assert Progress(0, 20664460, 20664460) in told
    extracted = [event for event in told if event.index == 6]
    assert extracted[-1].done == extracted[-1].total > 50
    assert outcome.notes == ()


def test_a_wrong_sum() -> None:
    machine = bare()
    machine.state.mirror[f"{OFFICIAL}15.1-RELEASE/base.txz"] = archives.archive(
        "base 15.1-RELEASE -p9", 20664460
    )
    said = failed(machine).message
    assert said == "the archive's checksum is wrong: it is damaged, or not what it should be"


@pytest.mark.parametrize("kind", ["fail", "late", "die"])
def test_a_mirror_that_stops_in_the_middle(kind: str) -> None:
    machine = bare()
    url = f"{OFFICIAL}15.1-RELEASE/base.txz"
    machine.faults.append(
        Fault(kind, lambda argv: argv[0] == "fetch" and argv[-1] == url and "-o" in argv)
    )
    assert failed(machine).message.startswith("the download was interrupted")


@pytest.mark.parametrize(
    ("quota", "means"),
    [
        ("22M", "the archive could not be moved into place: "),
        ("42M", "the archive could not be extracted: "),
    ],
)
def test_no_room_for_it(quota: str, means: str) -> None:
    machine = bare()
    run(machine, "zfs", "set", f"quota={quota}", "zroot/jails")
    said = failed(machine).message
    assert said.startswith(means)
    assert "quota exceeded" in said


def test_the_archive_stays_after_it_was_used_and_saves_a_download() -> None:
    machine = bare()
    assert carry_out(machine, ImageFetch()).ok
    run(machine, "zfs", "destroy", "-r", "zroot/jails/image/15.1-RELEASE")
    outcome = carry_out(machine, ImageFetch())
    assert outcome.ok
    assert not any("Download" in step.title for step in outcome.plan.steps)


def test_from_nothing_to_a_jail_of_the_default_image() -> None:
    machine = bare()
    assert carry_out(machine, ImageFetch("14.3")).ok
    assert carry_out(machine, ImageUse("14.3")).ok
    assert machine.files.read("/usr/local/jails/image/.default") == b"14.3-RELEASE\n"
    assert carry_out(machine, Create("web01", network="inherit")).ok
    inventory = read(machine)
    jail = inventory.jail("web01")
    assert jail is not None
    assert jail.running
    dataset = inventory.dataset(jail.dataset)
    assert dataset is not None
    assert dataset.origin == "zroot/jails/image/14.3-RELEASE@base"
