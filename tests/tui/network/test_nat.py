"""NAT and redirections by keys alone: added by the form, seen in the list, taken away."""

from __future__ import annotations

from jailer_core.model.network import file_of
from jailer_core.simulator.kernel.machine import Machine
from jailer_core.simulator.persist import dump
from tests.tui.harness import HOME, WIDE, Stage, opened

NAT = "/etc/jail.conf.d/.pf.nat.jailer.conf"


async def hand_in(it: Stage) -> None:
    """Preview and run what the form says, then back to where it was opened."""
    await it.press("f10")
    await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
    await run(it)


async def run(it: Stage) -> None:
    await it.press("y")
    await it.at_rest()
    it.sees("Done")
    await it.press("escape")
    await it.refresh()


def said(it: Stage, text: str) -> bool:
    return any(text in one.message for one in it.app._notifications)


async def to_the_list(it: Stage) -> None:
    await it.press("4", "right", "right", "right")
    await it.refresh()


async def test_from_the_first_rule_to_none_by_keys_alone() -> None:
    async with opened("small", HOME) as it:
        await it.go_to("fd1dafdc")
        await it.press("F")
        await it.until(lambda: "tcp port 8080 on vtnet0 -> 10.0.0.10" in it.text, "the form")
        it.compare("nat-form-80")
        await it.press("down", "down", "down")
        await it.type("80")
        it.sees("tcp port 8080 on vtnet0 -> 10.0.0.10 port 80")
        await hand_in(it)
        await it.press("F")
        await it.until(lambda: "tcp port 8081" in it.text, "the next free port")
        await it.press("right")
        it.sees("from 10.0.0.10 out on vtnet0, as the interface's address", "tcp port 8080")
        await hand_in(it)
        await to_the_list(it)
        it.compare("nat-list-80")
        shown = it.machine.now_run(("pfctl", "-a", "jailer/fd1dafdc", "-s", "nat")).stdout
        assert shown == (
            "nat on vtnet0 inet from 10.0.0.10 to any -> (vtnet0:0)\n"
            "rdr pass on vtnet0 inet proto tcp from any to (vtnet0:0) port = http-alt "
            "-> 10.0.0.10 port 80\n"
        )
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        it.sees("Remove the NAT of fd1dafdc")
        await run(it)
        assert "nat   vtnet0" not in it.text
        await it.press("d")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await run(it)
        it.sees("No jail has NAT or redirect rules.")
        assert not it.machine.files.exists(file_of("fd1dafdc"))


async def test_what_is_wrong_stands_beside_its_field() -> None:
    async with opened("small", HOME) as it:
        await it.go_to("www0")
        await it.press("F")
        await it.until(lambda: "port 8080 on vtnet0" in it.text, "the form")
        await it.press("down", "down")
        await it.type("22")
        it.sees("tcp port 22 is used by the host's sshd", "tcp port 8080 is free.")
        before = dump(it.machine)
        await it.press("f10")
        assert it.dialog == "FormDialog"
        assert dump(it.machine) == before


async def test_a_jail_is_chosen_where_none_is_under_the_cursor() -> None:
    async with opened("small", WIDE) as it:
        await to_the_list(it)
        await it.press("d")
        assert said(it, "this row is neither a bridge nor a rule")
        await it.press("F")
        await it.until(lambda: it.dialog == "ChoiceDialog", "the jails")
        it.sees("app0", "fd1dafdc", "www0")
        assert "99d6c13c" not in it.text.partition("NAT and redirects of")[2]
        await it.press("end", "enter")
        await it.until(lambda: it.dialog == "FormDialog", "the form")
        await it.until(lambda: "-> 10.0.2.21 port 8080" in it.text, "what was read for it")
        await hand_in(it)
        it.sees("BYTES  CONNS    #  STATE", "rdr pass on vtnet0 inet proto tcp from any to")


def with_the_original_s(machine: Machine) -> None:
    line = b"nat on vtnet0 inet from 10.0.0.10 to any -> (vtnet0:0) #fd1dafdc\n"
    machine.files.write(NAT, line)
    machine.files.write("/etc/pf.conf", f'include "{NAT}"\n'.encode())
    machine.now_run(("service", "pf", "onestart"))


async def test_rules_of_the_original_are_taken_over() -> None:
    async with opened("small", HOME, change=with_the_original_s) as it:
        await to_the_list(it)
        it.sees("original's")
        await it.press("d")
        assert said(it, "it is in jailer's file; I imports it")
        await it.press("I")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await run(it)
        it.sees("loaded")
        assert it.machine.files.read(NAT) == b""


async def test_what_is_stored_is_loaded_again() -> None:
    async with opened("small", HOME) as it:
        await it.go_to("www0")
        await it.press("F")
        await it.until(lambda: "port 8080 on vtnet0" in it.text, "the form")
        await hand_in(it)
        it.machine.now_run(("pfctl", "-a", "jailer/www0", "-F", "nat"))
        await to_the_list(it)
        it.sees("stored")
        await it.press("equals_sign")
        await it.until(lambda: it.dialog == "PreviewDialog", "the preview")
        await run(it)
        it.sees("loaded")
        await it.press("equals_sign")
        assert said(it, "it is already loaded")


async def test_a_broken_pf_conf_is_refused_and_the_old_rules_stay() -> None:
    def broken(machine: Machine) -> None:
        machine.files.write("/etc/pf.conf", b"pass all\n")
        machine.now_run(("service", "pf", "onestart"))
        machine.files.write("/etc/pf.conf", b"pass all\nbroken here\n")

    async with opened("small", HOME, change=broken) as it:
        await it.go_to("www0")
        await it.press("F")
        await it.until(lambda: "port 8080 on vtnet0" in it.text, "the form")
        before = dump(it.machine)
        await it.press("f10")
        await it.until(lambda: "it does not load" in it.text, "why not")
        it.sees("/etc/pf.conf:2: syntax error", "Repair /etc/pf.conf first.")
        assert dump(it.machine) == before
        assert it.machine.state.pf.rules[""] == ["pass all flags S/SA keep state"]


async def test_a_filter_leaves_what_matches() -> None:
    def furnished(machine: Machine) -> None:
        for jail, text in (
            ("www0", "nat on vtnet0 inet from 10.0.2.21 to any -> (vtnet0:0)"),
            ("odd\x1b[31m", "rdr on \x1b[31m nonsense"),
        ):
            machine.files.mkdir("/usr/local/etc/jailer-tui/pf", parents=True)
            machine.files.write(file_of(jail), f"{text}\n".encode())

    async with opened("small", HOME, change=furnished) as it:
        await to_the_list(it)
        it.sees("www0", "odd", "rdr")
        assert "\x1b" not in it.text
        await it.press("slash")
        await it.type("nat")
        await it.press("enter")
        it.sees("www0", "1 of 2")
        assert "odd" not in it.text
        await it.press("escape", "up")
        await it.press("d")
        assert said(it, "it has an unknown form")


async def test_a_rule_for_another_address_than_the_jail_s_is_told() -> None:
    def moved(machine: Machine) -> None:
        machine.files.mkdir("/usr/local/etc/jailer-tui/pf", parents=True)
        text = "nat on vtnet0 inet from 10.0.2.99 to any -> (vtnet0:0)\n"
        machine.files.write(file_of("www0"), text.encode())

    async with opened("small", HOME, change=moved) as it:
        await to_the_list(it)
        await it.press("enter")
        it.sees("The jail does not have this address")
