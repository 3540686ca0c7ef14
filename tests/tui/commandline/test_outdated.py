"""`outdated`: userlands that are behind, counts of packages with their age."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jailer_core.simulator.kernel.machine import Fault, Machine
from jailer_core.simulator.scenarios import busy
from jailer_core.simulator.tools import pkg
from tests.tui.commandline.conftest import Ran

On = Callable[..., Ran]
ROOT = "/usr/local/jails"


@pytest.fixture
def machine() -> Machine:
    """app0 has an old package, and a vulnerable one."""
    machine = busy.build()
    pkg.repository(machine, nginx="1.28", curl="8.1")
    folder = f"{ROOT}/app0/var/db/pkg"
    machine.files.mkdir(folder, parents=True)
    machine.files.write(f"{folder}/local.sqlite", b"nginx 1.26\ncurl 8.1\n")
    machine.files.write(f"{folder}/vuln.xml", b"curl 8.1\n")
    return machine


def found(ran: Ran) -> dict[str, dict[str, object]]:
    assert ran.status == 0, ran.err
    return {one["name"]: one for one in ran.json}


def test_packages_are_counted_on_demand_and_kept_with_their_age(machine: Machine, on: On) -> None:
    assert found(on(machine, "outdated", "-j"))["app0"]["packages"] is None
    counted = found(on(machine, "outdated", "-j", "--packages"))
    asked = int(machine.state.now)
    assert counted["app0"]["packages"] == {"outdated": 1, "vulnerable": 1, "asked": asked}
    assert counted["app1"]["packages"] == {"outdated": 0, "vulnerable": 0, "asked": asked}
    machine.state.now += 7200
    assert found(on(machine, "outdated", "-j"))["app0"]["packages"] == counted["app0"]["packages"]
    assert "1 old, 1 vulnerable (2h" in on(machine, "outdated", "app0").out


def test_without_the_list_of_vulnerabilities_it_says_how_to_fetch_it(
    machine: Machine, on: On
) -> None:
    machine.files.remove(f"{ROOT}/app0/var/db/pkg/vuln.xml")
    ran = on(machine, "outdated", "--packages", "app0", "app1")
    assert "1 old, ? vulnerable" in ran.out
    assert "vulnerable packages of app0 are unknown" in ran.err
    assert "pkg app0 -- audit -F" in ran.err


def test_nothing_is_kept_by_an_ordinary_user(machine: Machine, on: On) -> None:
    on(machine, "outdated", "--packages", user="guest1")
    assert not [path for path in machine.state.root if path.endswith("packages.json")]


def test_the_kind_of_base(machine: Machine, on: On) -> None:
    machine.files.write(
        f"{ROOT}/app0/var/db/pkg/local.sqlite", b"FreeBSD-runtime 15.1\nnginx 1.28\n"
    )
    kinds = {name: one["base"] for name, one in found(on(machine, "outdated", "-j")).items()}
    assert (kinds["app0"], kinds["app1"], kinds["armbsd15"]) == ("packages", "sets", None)


def test_only_what_is_behind(machine: Machine, on: On) -> None:
    text = b'USERLAND_VERSION="15.1-RELEASE-p5"\n'
    machine.files.write(f"{ROOT}/app1/bin/freebsd-version", text)
    behind = found(on(machine, "outdated", "-j", "--behind"))
    assert "app1" not in behind
    assert behind["app0"]["newest"] == "15.1-RELEASE-p5"
    assert behind["app0"]["reasons"] == ["patches"]


def test_names(machine: Machine, on: On) -> None:
    assert list(found(on(machine, "outdated", "-j", "app1"))) == ["app1"]
    ran = on(machine, "outdated", "nosuch")
    assert (ran.status, "nosuch" in ran.err) == (1, True)
    on(machine, "tag", "app1", "+web")
    assert list(found(on(machine, "outdated", "-j", "@web"))) == ["app1"]
    assert list(found(on(machine, "outdated", "-j", "app*", "www0"))) == ["app0", "app1", "www0"]
    assert on(machine, "outdated", "-j", "nothing*").json == []


def test_what_an_upgrade_would_do_is_shown_by_a_dry_run(machine: Machine, on: On) -> None:
    ran = on(machine, "pkg", "-D", "app0", "--", "upgrade")
    assert "app0: \tnginx: 1.26 -> 1.28" in ran.out.replace("^I", "\t")
    text = machine.files.read(f"{ROOT}/app0/var/db/pkg/local.sqlite")
    assert text == b"nginx 1.26\ncurl 8.1\n"


def test_a_snapshot_is_taken_before(machine: Machine, on: On) -> None:
    ran = on(machine, "pkg", "app0", "--snapshot", "--", "upgrade")
    assert ran.status == 0, ran.err
    names = [one.name for one in machine.state.datasets["zroot/jails/app0"].snapshots]
    assert [name.startswith("before-pkg-") for name in names].count(True) == 1


def test_a_failed_upgrade_tells_the_way_back(machine: Machine, on: On) -> None:
    machine.faults.append(Fault("fail", lambda argv: argv[:1] == ("pkg",) and "upgrade" in argv))
    ran = on(machine, "pkg", "app0", "--snapshot", "--", "upgrade")
    snapshot = machine.state.datasets["zroot/jails/app0"].snapshots[-1].name
    assert ran.status != 0
    assert f"Roll back app0: rollback app0@{snapshot}" in ran.err
    assert on(machine, "rollback", f"app0@{snapshot}", "-y").status == 0
