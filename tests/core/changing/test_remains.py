"""What may be taken away after an interrupted start or stop, and what never."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jailer_core.errors import Refused
from jailer_core.model import JailState, Mount
from jailer_core.operations.jails.requests import Destroy, Stop
from jailer_core.operations.registry import decide
from jailer_core.operations.shared import jail_mounts, paths
from jailer_core.operations.shared.leftovers import Leftovers, of_running, of_start
from jailer_core.plan import JailStopped, MountedAt, Run, Step
from tests.core.changing.hosts import ROOT, card, config, dataset, inventory, jail, pair

UP = JailState.RUNNING
WEB = config(
    "web",
    interface=("vtnet0",),
    ip4_addr=("10.0.0.5",),
    mount_devfs=(),
    mount_procfs=(),
    mount=(f"/data {ROOT}/web/data nullfs rw 0 0", "/data /mnt nullfs rw 0 0"),
    exec_prestart=("ifconfig epair3 create up",),
)
DEV = Mount("devfs", f"{ROOT}/web/dev", "devfs", "rw")


def test_everything_that_a_running_jail_made() -> None:
    found = of_running(inventory(jail("web", UP, config=WEB)), WEB)
    assert found.ends == ("epair3a",)
    assert [one.address for one in found.aliases] == ["10.0.0.5"]
    assert found.points == (f"{ROOT}/web/proc", f"{ROOT}/web/dev", f"{ROOT}/web/data")


@pytest.mark.parametrize("path", [f"{ROOT}/web", f"{ROOT}/web/inner"])
def test_no_mount_of_a_path_that_another_running_jail_has(path: str) -> None:
    other = jail("other", UP, path=path, jid=9)
    host = inventory(jail("web", UP, config=WEB), other)
    assert of_running(host, WEB).points == ()
    assert of_start(host, WEB, []).points == ()


def test_nothing_that_was_there_before_a_start_and_is_not_cleaned() -> None:
    host = inventory(jail("web", config=WEB), mounts=(DEV,), interfaces=pair(3))
    assert of_start(host, WEB, []).points == (f"{ROOT}/web/proc", f"{ROOT}/web/data")
    assert of_start(host, WEB, []).ends == ()
    cleaning = [
        Step(Run(("/sbin/umount", DEV.path)), "x"),
        Step(Run(("ifconfig", "epair3a", "destroy")), "x"),
    ]
    made = of_start(host, WEB, cleaning)
    assert DEV.path in made.points
    assert made.ends == ("epair3a",)


def test_nothing_when_it_is_not_known_what_was_there() -> None:
    host = inventory(jail("web", config=WEB))
    assert of_start(replace(host, interfaces=None), WEB, []) == Leftovers()
    assert of_start(replace(host, mounts=None), WEB, []) == Leftovers()


def test_no_address_that_rc_conf_gives_to_the_host() -> None:
    host = inventory(
        jail("web", UP, config=WEB),
        interfaces=(card(("10.0.0.5", 24)),),
        rc={"ifconfig_vtnet0": "inet 10.0.0.5/24"},
    )
    assert of_running(host, WEB).aliases == ()


@pytest.mark.parametrize("path", ["/", "", "//"])
def test_never_the_hosts_own_dev(path: str) -> None:
    odd = config("odd", mount_devfs=(), mount_procfs=())
    odd = replace(odd, params={**odd.params, "path": (path,)})
    own = (Mount("devfs", "/dev", "devfs", "rw"), Mount("proc", "/proc", "procfs", "rw"))
    host = inventory(jail("odd", config=odd, path=path, dataset=""), mounts=own)
    assert jail_mounts.by_parameter(odd) == {}
    assert jail_mounts.left_over(host, odd) == ()
    assert of_running(host, odd).points == ()


def test_it_is_only_taken_away_once_the_jail_is_gone() -> None:
    for undo in Leftovers(("epair3a",), (), ("/x/dev",)).undo("web"):
        assert undo.preconditions[0] == JailStopped("web")
    assert undo.done_when == (MountedAt("/x/dev", mounted=False),)


def test_a_jail_that_was_edited_while_it_ran_was_made_by_other_words() -> None:
    one = jail("web", UP, config=WEB)
    host = inventory(one)
    path = paths.running_files(host.layout, one)[0]
    kept = {path: paths.with_header(host, one, "web { persist; }\n")}
    assert len(decide(host, Stop("web")).steps[0].undo) > 1
    assert len(decide(replace(host, file_texts=kept), Stop("web")).steps[0].undo) == 1


@pytest.mark.parametrize("point", ["/", "/home", "/usr/local", "/var/db", "/usr/local/jails"])
def test_no_dataset_of_the_host_is_destroyed(point: str) -> None:
    odd = replace(config("odd"), params={"path": (point,)})
    host = inventory(jail("odd", config=odd, path=point, dataset="zroot/host"))
    host = replace(
        host,
        datasets=(
            dataset("zroot"),
            dataset("zroot/jails"),
            dataset("zroot/host", mountpoint=point),
        ),
    )
    with pytest.raises(Refused, match="holds more than odd"):
        decide(host, Destroy("odd", "S"))
