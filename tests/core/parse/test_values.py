"""What the readers make of recorded output, and of hostile names in the same shapes."""

from __future__ import annotations

import json

import pytest

from jailer_core.errors import ParseError
from jailer_core.model import Address, Dataset, Interface, Mount, Snapshot
from jailer_core.model.network import Neighbour, Traffic
from jailer_core.operations.images import mirror
from jailer_core.parse import (
    jail_settings,
    jailconf,
    mount_tables,
    network_tables,
    pf,
    process_tables,
    rcconf,
    sysctl,
    zfs,
)
from tests.core.parse.commands import commands, files, named, printed

HOSTILE = [
    "has space",
    "-rf",
    "$(id)",
    "a;b",
    "[bold]",
    "it's",
    'q"q',
    "größe",
    "\udcff",
    "x" * 255,
]


def test_jls_three_forms_agree() -> None:
    named, every = (
        process_tables.jails(printed("08:9")).value,
        process_tables.jails(printed("08:7")).value,
    )
    assert named == every
    short = process_tables.jails(printed("08:8")).value
    assert [(one.jid, one.path, one.hostname) for one in short] == [
        (one.jid, one.path, one.hostname) for one in named
    ]
    long = process_tables.jails(printed("08:10")).value
    assert [(one.name, one.addresses) for one in long] == [
        (one.name, one.addresses) for one in named
    ]


def test_jls_values() -> None:
    thick1, _, www0, app0, _, byhand, child = process_tables.jails(printed("08:9")).value
    assert (thick1.jid, thick1.name, thick1.parent, thick1.dying) == (72, "thick1", 0, False)
    assert www0.addresses == ("10.0.2.21", "fd00::21")
    assert (www0.ip4, www0.vnet) == ("disable", False)
    assert (app0.ip4, app0.vnet, app0.addresses) == ("inherit", True, ())
    assert (byhand.ip4, byhand.path) == ("inherit", "/")
    assert (child.name, child.parent, child.hostname) == ("byhand.child", 78, "")
    assert app0.release == "15.1-RELEASE-p1"


@pytest.mark.parametrize("dying", [True, "true"])
@pytest.mark.parametrize("jid", [9, "9"])
@pytest.mark.parametrize("name", HOSTILE)
def test_jls_numbers_strings_and_names(dying: object, jid: object, name: str) -> None:
    one = {"jid": jid, "name": name, "dying": dying, "ip4.addr": ["10.0.0.1"]}
    text = json.dumps({"jail-information": {"jail": [one]}}, ensure_ascii=False)
    (found,) = process_tables.jails(text).value
    assert (found.jid, found.name, found.dying) == (9, name, True)


def test_ps_totals_and_processes() -> None:
    usage = process_tables.usage(printed("08:21")).value
    assert usage[72] == process_tables.Usage(0.0, (3088 + 2980 + 2956 + 2692) * 1024, 4)
    assert usage[77].processes == 4
    assert usage[77].cpu == pytest.approx(9.8)
    assert 78 not in usage
    full = process_tables.processes(printed("04:37")).value
    assert [one.pid for one in full] == [9121, 9124, 9125, 9207]
    assert full[0].command == "/usr/sbin/syslogd -ss"
    assert (full[0].jid, full[0].cpu, full[0].memory) == (63, 2.8, 3100 * 1024)
    assert (full[0].age, full[0].user, full[0].state, full[0].parent) == (4, "root", "SCsJ", 1)


def test_the_oldest_process_counts() -> None:
    rows = [{"jail-id": "5", "elapsed-times": age} for age in ("10", "90", "30")]
    text = json.dumps({"process-information": {"process": rows}})
    assert process_tables.ages(text).value == {5: 90}


def test_zfs_list() -> None:
    row = (
        "zroot/jails/a b\t123\t10\t20\t30\tzroot/i@base\t99\tyes\toff\t/usr/local/jails/a b"
        "\tfilesystem\t-\n"
    )
    none = "zroot/jails/.trash\t124\t1\t2\t3\t-\t99\tno\t-\tnone\tfilesystem\t-\n"
    assert zfs.datasets(row + none).value == (
        Dataset(
            *("zroot/jails/a b", "123", 10, 20, 30, "/usr/local/jails/a b", "zroot/i@base", 99),
            mounted=True,
        ),
        Dataset("zroot/jails/.trash", "124", 1, 2, 3, "", "", 99, mounted=False),
    )


def test_a_mount_point_may_hold_anything() -> None:
    odd = "zroot/odd\t5\t1\t2\t3\t-\t99\tyes\ton\t/a\tb\nc\td\tfilesystem\t-\n"
    next_one = "zroot/z\t6\t1\t2\t3\t-\t99\tyes\toff\t/z\tfilesystem\t-\n"
    first, second = zfs.datasets(odd + next_one).value
    assert (first.mountpoint, first.jailed) == ("/a\tb\nc\td", True)
    assert second.mountpoint == "/z"


def test_the_tags_of_a_dataset() -> None:
    row = "z/a\t5\t1\t2\t3\t-\t99\tyes\toff\t/a\tfilesystem\t"
    assert zfs.datasets(f"{row}web,db\n").value[0].tags == ("db", "web")
    assert zfs.datasets(f"{row}-\n").value[0].tags == ()
    assert zfs.datasets(f"{row}\n").value[0].tags == ()
    after = row.replace("z/a", "z/b") + "db\n"
    for strange in ("a b", "a,,b", "-x", "a\tb", "a b\nc\td", "x y\nz/c\t1"):
        found = zfs.datasets(f"{row}{strange}\n{after}")
        assert [(dataset.name, dataset.tags) for dataset in found.value] == [
            ("z/a", None),
            ("z/b", ("db",)),
        ]


def test_a_line_behind_tags_is_none_of_them() -> None:
    row = "z/a\t5\t1\t2\t3\t-\t99\tyes\toff\t/a\tfilesystem\t"
    found = zfs.datasets(f"{row}web\nmore\n")
    assert (found.value[0].tags, len(found.unread)) == (("web",), 1)


def test_tags_that_pretend_to_be_another_dataset() -> None:
    row = "z/a\t5\t1\t2\t3\t-\t99\tyes\toff\t/a\tfilesystem\t"
    forged = f"{row.replace('z/a', 'z/b')}-\n{row}web\n"
    found = zfs.datasets(f"{row}-\n{forged}")
    assert [dataset.name for dataset in found.value] == ["z/b"]


def test_zfs_snapshots() -> None:
    row = "zroot/d@bad name\t7\t1\t2\t3\t465\tzroot/x,zroot/y\t2\n"
    assert zfs.snapshots(row).value == (
        Snapshot("zroot/d", "bad name", "7", 1, 2, 3, 465, ("zroot/x", "zroot/y"), 2),
    )
    assert zfs.snapshots("zroot/d@s\t7\t1\t2\t3\t465\t-\t0\n").value[0].clones == ()


def test_zfs_properties() -> None:
    found = zfs.properties(printed("11:18")).value
    assert found[0].source == "inherited from zroot/jails/.trash"
    assert (found[2].name, found[2].value, found[2].source) == ("jailer:note", "-", "-")
    (tabs,) = zfs.properties("zroot\tmy:note\ta\tb\tlocal\n").value
    assert (tabs.value, tabs.source) == ("a\tb", "local")


def test_a_mount_point_that_pretends_to_be_another_dataset() -> None:
    real = "z/a\t5\t1\t2\t3\t-\t99\tyes\toff\t/a\tfilesystem\t-\n"
    forged = "z/b\t6\t1\t2\t3\t-\t99\tyes\ton\t/b\tfilesystem\t-\n" + real.replace("\t/a", "\t/etc")
    found = zfs.datasets(real + forged)
    assert [row.name for row in found.value] == ["z/b"]
    assert "two rows for one dataset" in found.unread[0]


def test_a_value_that_pretends_to_be_another_row() -> None:
    real = "z/a\tcanmount\toff\tlocal\nz/a\tmountpoint\t/a\tdefault\n"
    assert [one.name for one in zfs.own_properties(real).value] == ["canmount"]
    forged = "z/a/b\tmountpoint\t/x\tlocal\nz/a\tmountpoint\t/etc\tlocal\n"
    with pytest.raises(ParseError, match="two rows"):
        zfs.own_properties(real + forged)
    with pytest.raises(ParseError):
        zfs.own_properties(real + "z/a/b\tmountpoint\t/x\nc\tlocal\n")


def test_zpool() -> None:
    (pool,) = zfs.pools(printed("01:8")).value
    assert (pool.name, pool.size, pool.health) == ("zroot", 12348030976, "ONLINE")
    assert zfs.pools("gone\t-\t-\t-\tUNAVAIL\n").value[0].size == 0


def test_mounts() -> None:
    found = mount_tables.mounts(printed("08:25")).value
    assert len(found) == 34
    assert found[0] == Mount("/dev/vtbd0p2", "/", "ufs", "rw")
    assert found[6].path == "/usr/local/jails/image/15.1-RELEASE"
    assert found[6].options == "rw,nfsv4acls"
    nullfs = next(one for one in found if one.fstype == "nullfs")
    assert nullfs.device == "/usr/local/bastille/releases/15.1-RELEASE"
    assert nullfs.path == "/usr/local/bastille/jails/shop/root/.bastille"


@pytest.mark.parametrize(
    "device", ["zroot", "zroot/bad name", "zroot/jails/very /long name/x", "/a /b"]
)
@pytest.mark.parametrize(
    "path", ["/", "/usr/local/a b", "/usr/local/jails/with  spaces /x", "/m", "/a\nb c"]
)
def test_mounts_with_spaces(device: str, path: str) -> None:
    def column(text: str) -> str:
        return text + ("\t" * (3 - len(text) // 8) if len(text) < 24 else " ")

    line = f"{column(device)}{column(path)}zfs\trw,nfsv4acls \t0 0\n"
    assert mount_tables.mounts(line).value == (Mount(device, path, "zfs", "rw,nfsv4acls"),)


def test_interfaces() -> None:
    vtnet0, lo0, bridge0, epair1a, _ = network_tables.interfaces(printed("08:16")).value
    assert vtnet0.addresses[0] == Address("10.0.2.15", 24, "vtnet0")
    assert vtnet0.addresses[4] == Address("fe80::5054:ff:fe12:3456", 64, "vtnet0")
    assert (vtnet0.mac, vtnet0.mtu, vtnet0.status) == ("52:54:00:12:34:56", 1500, "active")
    assert lo0.groups == ("lo",)
    assert bridge0.members == ("epair2a", "epair1a")
    assert bridge0.is_bridge
    assert (epair1a.description, epair1a.up) == ("vnet-app0", True)


def test_the_forms_of_addresses_agree() -> None:
    forms = [
        network_tables.interfaces(printed(where)).value for where in ("04:7", "04:11", "04:12")
    ]
    assert forms[0] == forms[1] == forms[2]
    assert (
        network_tables.interfaces(printed("08:15")).value
        == network_tables.interfaces(printed("08:16")).value
    )


def test_interface_that_is_down() -> None:
    text = (
        "epair9a: flags=8842<BROADCAST,RUNNING,SIMPLEX> metric 0 mtu 1500\n\tdescription: a b: c\n"
    )
    (one,) = network_tables.interfaces(text).value
    assert (one.up, one.description) == (False, "a b: c")


def test_an_interface_without_flags() -> None:
    every = network_tables.interfaces(printed("13:3"))
    assert not every.unread
    pflog = next(one for one in every.value if one.name == "pflog0")
    assert (pflog.up, pflog.mtu, pflog.groups) == (False, 33152, ("pflog",))


def test_vlans_of_a_real_host() -> None:
    cards = {one.name: one for one in network_tables.interfaces(printed("13:20")).value}
    assert (cards["vtnet0.20"].vlan, cards["vtnet0.20"].parent) == (20, "vtnet0")
    assert cards["bridge1"].description == "two words: lan"
    assert cards["bridge1"].members == ("vlan0", "tap0")


def test_what_is_below_an_odd_interface_is_not_given_to_another() -> None:
    text = printed("13:20")
    odd = network_tables.interfaces(text.replace("\nlo0: flags=1008049", "\nlo0: marks=1008049"))
    plain = network_tables.interfaces(text).value
    assert odd.value == tuple(one for one in plain if one.name != "lo0")
    (message,) = odd.unread
    assert message.startswith("ifconfig printed no interface: lo0: marks=1008049<UP,LOOPBACK")


@pytest.mark.parametrize("line", ["inet 10.0.0.1 netmask 0x", "inet nonsense", "inet", "ether x"])
def test_an_odd_line_of_an_interface_costs_that_line(line: str) -> None:
    found = network_tables.interfaces(f"a: flags=0<UP>\n\t{line}\n\tinet 10.0.0.1/24\n")
    assert len(found.unread) == 1
    assert found.value == (Interface("a", up=True, addresses=(Address("10.0.0.1", 24, "a"),)),)


def test_jail_configuration() -> None:
    ((name, params),) = jailconf.jails(printed("08:67")).value
    assert name == "app1"
    assert params["exec.prestart"] == (
        "ifconfig epair2 create up",
        "ifconfig epair2a up descr vnet-app1",
        "ifconfig bridge0 addm epair2a up",
    )
    assert params["vnet"] == params["persist"] == ()
    assert params["exec.consolelog"] == ("/var/log/jail/app1.log",)
    assert list(params)[:3] == ["host.hostname", "path", "vnet"]
    found = jailconf.jails(printed("07:34"), "|").value
    assert [one for one, _ in found] == ["old", "app0", "app1", "www0"]
    assert found[0][1]["depend"] == ("www0",)
    assert jailconf.jails("").value == ()


def test_jail_configuration_quotes() -> None:
    ((_, params),) = jailconf.jails(printed("03:113"), "|").value
    assert params["exec.prestart"] == ("/bin/sh -c 'echo no bridge >&2; exit 1'",)
    text = 'name="has space"\x1fa="x, y","say \\"hi\\""\x1fb=\'it"s\'\x1fc=""\x1fd=1,2\n'
    assert jailconf.jails(text).value == (
        ("has space", {"a": ("x, y", 'say "hi"'), "b": ('it"s',), "c": ("",), "d": ("1", "2")}),
    )


def test_jail_configuration_of_names_that_are_numbers_or_hold_commas() -> None:
    text = "name=a,b\x1fpath=/a\njid=123456\x1fpath=/b\nname=c\n"
    assert jailconf.jails(text).value == (
        ("a,b", {"path": ("/a",)}),
        ("123456", {"path": ("/b",)}),
        ("c", {}),
    )


def test_routes() -> None:
    assert network_tables.gateway(network_tables.routes(printed("04:32")).value) == "10.0.0.1"
    assert network_tables.gateway(network_tables.routes(printed("08:40")).value) == ""
    found = network_tables.routes(printed("01:33")).value
    assert {one.family for one in found} == {4}


def test_traffic() -> None:
    found = network_tables.traffic(printed("08:19")).value
    assert found["vtnet0"] == Traffic(115917903, 2842983, 0, 84114, 44797, 0)
    assert set(found) == {"vtnet0", "lo0", "bridge0", "epair1a", "epair2a"}
    faulty = printed("08:19").replace('"received-errors":0', '"received-errors":3')
    faulty = faulty.replace('"send-errors":0', '"send-errors":4')
    faulty = faulty.replace('"dropped-packets":0', '"dropped-packets":5')
    vtnet = network_tables.traffic(faulty).value["vtnet0"]
    assert (vtnet.errors, vtnet.dropped) == (7, 5)


def test_facts() -> None:
    command = next(one for one in commands() if one.where == "01:5")
    names = command.argv[2:]
    facts = sysctl.facts(sysctl.values(named(names, command.stdout), names).value, 0).value
    assert (facts.hostname, facts.release, facts.arch, facts.cpus) == (
        *("armbsd15", "15.1-RELEASE-p1", "amd64", 2),
    )
    assert facts.load == (0.28, 0.41, 0.25)
    assert facts.boot_time == 1795478039
    assert (facts.racct, facts.vimage, facts.jailed, facts.root) == (True, True, False, True)
    assert facts.memory_free is None
    assert (
        sysctl.facts({"vm.stats.vm.v_free_count": "3", "hw.pagesize": "4096"}).value.memory_free
        == 12288
    )
    assert sysctl.missing("sysctl: unknown oid 'kern.racct.enable'\n") == ("kern.racct.enable",)


def test_an_odd_line_or_value_of_sysctl_costs_that_one() -> None:
    values = sysctl.values("hw.ncpu: many\n?? x\nhw.machine: amd64\n", ["hw.ncpu", "hw.machine"])
    assert values.value == {"hw.ncpu": "many", "hw.machine": "amd64"}
    assert values.unread == ("sysctl printed no value that was asked for: ?? x",)
    facts = sysctl.facts(values.value)
    assert (facts.value.cpus, facts.value.arch) == (None, "amd64")
    assert facts.unread == ("sysctl printed no number: many",)


def test_sysrc_values_are_raw() -> None:
    found = rcconf.variables(printed("15:24")).value
    assert found["jail_list"] == "\n    teb\n    web01"
    assert found["esc"] == 'a"b$c'
    assert len(found) == 24


def test_sysrc() -> None:
    found = rcconf.variables(printed("08:26")).value
    assert found["jailer_dir"] == "zfs:zroot/jails"
    assert rcconf.variables('a="say "hi" $x"\n').value == {"a": 'say "hi" $x'}


def test_plain_rc_files() -> None:
    text = '# x\n\na="1"\nb=\'two words\' # why\n  c=3;\nd=\na="4"\n'
    assert rcconf.settings(text) == {"a": "4", "b": "two words", "c": "3", "d": ""}


def test_values_of_rc_files_over_several_lines_and_with_escapes() -> None:
    _, text = next(pair for pair in files() if "unquoted=yes" in pair[1])
    found = rcconf.settings(text.partition("spaces = ")[0])
    shown = rcconf.variables(printed("15:24")).value
    # sysrc takes the line feeds at the end off
    assert found is not None
    assert {name: value.rstrip("\n") for name, value in found.items()} == shown
    assert rcconf.settings('a="b"c\n') == {"a": "bc"}
    assert rcconf.settings("a=b#c\n") is None


def test_a_value_over_several_lines_is_replaced_as_a_whole() -> None:
    text = 'a="\n  x\n  y\n" # why\nb="$c"\n'
    assert rcconf.with_settings(text, {"a": "z"}) == 'a="z"\nb="$c"\n'
    assert rcconf.with_settings(text, {}, ("a",)) == 'b="$c"\n'


@pytest.mark.parametrize(
    "line",
    [
        'a="$b"',
        "a=`id`",
        'a="two',
        "if true; then",
        ". /etc/other",
        "bad-name=1",
        'a="b" c="d"',
        "a=$(id)",
        "a=~root",
        "export a=1",
        "a=1; id",
        "a=b*",
    ],
)
def test_what_needs_a_shell_is_refused(line: str) -> None:
    assert rcconf.settings(f'x="1"\n{line}\n') is None
    assert rcconf.plain_settings(f'x="1"\n{line}\n') == {"x": "1"}


def test_holders() -> None:
    (one,) = process_tables.holders(printed("09:36")).value
    assert (one.pid, one.user, one.command, one.what, one.mount) == (
        *(29889, "root", "sleep", "wd", "/usr/local/jails/app0"),
    )
    many = process_tables.holders(printed("08:36")).value
    shop = "/usr/local/bastille/jails/shop/root"
    assert {one.command for one in many if one.mount == shop} >= {"syslogd", "cron"}
    assert {one.what for one in many if one.mount == shop} >= {"wd", "root", "jail"}
    head = "USER     CMD          PID   FD MOUNT      INUM MODE         SZ|DV R/W\n"
    spaced = "www      my prog    29889    3 /usr/a b/c     57 -rw-r--r--       4  rw\n"
    (found,) = process_tables.holders(head + spaced).value
    assert (found.command, found.mount, found.what) == ("my prog", "/usr/a b/c", "3")
    assert process_tables.holders("").value == ()


def test_limits() -> None:
    assert jail_settings.usage(printed("03:22")).value["memoryuse"] == 9220096
    assert jail_settings.limits(printed("03:26")).value[1] == jail_settings.Limit(
        *("jail:web01", "memoryuse", "deny", "536870912"),
    )
    assert jail_settings.limits("jail:a:b=c:pcpu:deny=50\n").value[0].subject == "jail:a:b=c"


def test_small_ones() -> None:
    assert jail_settings.rulesets(printed("04:16")).value == (1, 2, 3, 4, 5, 61)
    assert jail_settings.ruleset_rules(printed("04:17")).value[3] == (400, "path bpf* unhide")
    assert jail_settings.ruleset_rules(printed("04:14")).value == ()
    assert pf.anchors(printed("06:24")).value == ("jailer", "jailer/app0")
    assert [one.kind for one in pf.rules(printed("06:26")).value] == ["nat", "rdr"]
    assert [pf.running(printed(where)).value for where in ("01:47", "06:14")] == [False, True]
    (base,) = mirror.manifest(printed("02:28")).value
    assert (base.file, base.files) == ("base.txz", 2623)
    assert mount_tables.available(printed("01:63")).value == (11681651 * 1024,)
    full = printed("01:63").splitlines()[0] + "\nzroot 100 108 -8 108% /zroot\n"
    assert mount_tables.available(full).value == (0,)


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (process_tables.jails, ""),
        (process_tables.jails, "{}"),
        (process_tables.jails, '{"jail-information": {"jail": [1]}}'),
        (process_tables.jails, '{"jail-information": {"jail": [{"jid": -1}]}}'),
        (process_tables.jails, '{"jail-information": {"jail": [{"jid": 1, "dying": "perhaps"}]}}'),
        (process_tables.usage, "[" * 100_000),
        (process_tables.usage, '{"process-information": {"process": [{"jail-id": "1"}]}}'),
        (zfs.datasets, "zroot\n"),
        (zfs.snapshots, "zroot\t7\t1\t2\t3\t465\t-\t0\n"),
        (zfs.properties, "a\tb\n"),
        (mount_tables.mounts, "garbage\n"),
        (mount_tables.mounts, "\n"),
        (mount_tables.mounts, "garbage of some length\n" * 50_000),
        (network_tables.interfaces, "\tinet 10.0.0.1\n"),
        (jailconf.jails, "path=/\n"),
        (jailconf.jails, 'name="x\n'),
        (network_tables.routes, '{"statistics": {}}'),
        (process_tables.holders, "garbage"),
        (jail_settings.usage, "x"),
        (jail_settings.limits, "x"),
        (pf.running, "x"),
        (mirror.manifest, "a\tb\t1\tc\td\ton\n"),
        (rcconf.variables, "x"),
    ],
)
def test_wrong_shapes_are_parse_errors(read: object, text: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(text)  # type: ignore[operator]
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 200


def test_neighbours() -> None:
    found = network_tables.neighbours(printed("04:34")).value
    assert found["10.0.0.11"] == Neighbour("10.0.0.11", "58:9c:fc:10:46:ca", "bridge0")
    assert found["10.0.0.1"].own
    assert len(found) == 5
    silent = '{"arp": {"arp-cache": [{"ip-address": "10.0.0.9", "interface": "bridge0"}]}}'
    assert network_tables.neighbours(silent).value == {}


VLAN_AND_LAGG = """\
lagg0: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
\tether 02:11:22:33:44:55
\tlaggproto failover lagghash l2,l3,l4
\tlaggport: em0 flags=5<MASTER,ACTIVE>
\tlaggport: em1 flags=0<>
\tgroups: lagg
\tstatus: active
vlan5: flags=8843<UP,BROADCAST,RUNNING,SIMPLEX,MULTICAST> metric 0 mtu 1500
\tether 02:11:22:33:44:55
\tgroups: vlan
\tvlan: 5 vlanproto: 802.1q vlanpcp: 0 parent interface: lagg0
vlan6: flags=8002<BROADCAST,MULTICAST> metric 0 mtu 1500
\tgroups: vlan
\tvlan: 0 vlanproto: 0x0000 vlanpcp: 0 parent interface: <none>
"""
"""Not recorded: as FreeBSD 13 and 14 print them elsewhere."""


def test_vlans_and_laggs() -> None:
    lagg, five, six = network_tables.interfaces(VLAN_AND_LAGG).value
    assert lagg.members == ("em0", "em1")
    assert (five.vlan, five.parent) == (5, "lagg0")
    assert (six.vlan, six.parent, six.up) == (None, "", False)
    older = VLAN_AND_LAGG.replace(" vlanproto: 802.1q", "")
    assert network_tables.interfaces(older).value[1].vlan == 5


@pytest.mark.parametrize("line", ["vlan: x parent interface: em0", "vlan: 5", "vlan:"])
def test_a_vlan_that_reads_otherwise_is_an_interface_all_the_same(line: str) -> None:
    head = "vlan5: flags=8843<UP> metric 0 mtu 1500\n"
    found = network_tables.interfaces(f"{head}\t{line}\n\tether 02:11:22:33:44:55\n")
    (one,) = found.value
    assert found.unread
    assert (one.vlan, one.parent, one.mac) == (None, "", "02:11:22:33:44:55")
