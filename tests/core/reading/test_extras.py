"""What a request needs besides: snapshots, holders, own properties, texts."""

from __future__ import annotations

from jailer_core.facts import Reader, on_demand
from jailer_core.facts.on_demand import OWN, PROCESSES, SNAPSHOTS
from jailer_core.plan import Needs
from tests.core.reading.busy import busy, entry, named

ROW = "zroot/jails/db01@prod\t7\t0\t2\t3\t465\tzroot/jails/db02\t1\n"


async def test_nothing_is_asked_that_is_not_needed() -> None:
    host = busy()
    found = await Reader(host).gather(Needs())
    assert (found.snapshots, found.holders, found.properties, found.processes) == (
        *(None, None, None, None),
    )
    assert not found.file_texts


async def test_snapshots() -> None:
    host = busy()
    host.says(SNAPSHOTS, ROW)
    found = await Reader(host).gather(Needs(snapshots=True))
    (one,) = found.snapshots or ()
    assert (one.full_name, one.clones, one.holds) == (
        *("zroot/jails/db01@prod", ("zroot/jails/db02",), 1),
    )
    assert found.images[0].has_base is False
    host.says((*SNAPSHOTS, "-r", "zroot/jails/db01"), ROW)
    assert await on_demand.snapshots(host, "zroot/jails/db01") == (one,)


async def test_holders_with_the_jails_that_they_live_in() -> None:
    host = busy()
    full = entry("08", 20)
    host.says(PROCESSES, full["stdout"])
    path = "/usr/local/jails/app0"
    host.files[path] = ""
    line = entry("09", 36)["stdout"] + (
        "root     syslogd    22240   wd /usr/local/jails/app0     57 drwxr-x---       4  r\n"
    )
    host.says(("fstat", "-f", path), line)
    found = await Reader(host).gather(Needs(holders=(path,)))
    assert [(one.command, one.jid) for one in found.holders or ()] == [
        ("sleep", None),
        ("syslogd", 74),
    ]
    assert len(found.processes or ()) > 40


async def test_holders_that_cannot_be_told_are_unknown() -> None:
    host = busy()
    host.says(PROCESSES, entry("08", 20)["stdout"])
    host.files["/x"] = ""
    found = await Reader(host).gather(Needs(holders=("/x",)))
    assert found.holders is None
    assert [one.source for one in found.problems] == ["fstat"]


async def test_nobody_holds_what_is_not_there() -> None:
    host = busy()
    host.says(PROCESSES, entry("08", 20)["stdout"])
    found = await Reader(host).gather(Needs(holders=("/none",)))
    assert found.holders == ()
    assert found.problems == ()


async def test_properties_of_several_datasets_in_one_go() -> None:
    host = busy()
    host.says((*OWN, "zroot/a", "zroot/b"), "zroot/a\tquota\t1\tlocal\nzroot/b\tx:y\tz\treceived\n")
    found = await Reader(host).gather(Needs(properties=("zroot/a", "zroot/b")))
    assert [(one.dataset, one.name, one.source) for one in found.properties or ()] == [
        ("zroot/a", "quota", "local"),
        ("zroot/b", "x:y", "received"),
    ]


async def test_texts_of_configurations_and_other_files() -> None:
    host = busy()
    host.files["/etc/devfs.rules"] = "[x=10]\n"
    host.files["/etc/secret"] = "x"
    host.denied.add("/etc/secret")
    needs = Needs(jails=("app0",), files=("/etc/devfs.rules", "/etc/none", "/etc/secret"))
    found = await Reader(host).gather(needs)
    config = named(found, "app0").config
    assert config is not None
    assert config.text == host.files["/etc/jail.conf.d/app0.conf"]
    assert config in found.configs
    other = named(found, "app1").config
    assert other is not None
    assert other.text is None
    assert found.file_texts == {"/etc/devfs.rules": "[x=10]\n"}
    assert [one.source for one in found.problems] == ["/etc/secret"]


async def test_the_next_refresh_needs_nothing_again() -> None:
    host = busy()
    host.says(SNAPSHOTS, ROW)
    reader = Reader(host)
    await reader.gather(Needs(snapshots=True, jails=("app0",)))
    found = await reader.gather()
    assert found.snapshots is None
    config = named(found, "app0").config
    assert config is not None
    assert config.text is None
