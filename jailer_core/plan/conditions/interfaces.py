"""Conditions on the interfaces of the host."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from jailer_core.model import CommandResult, Interface, Inventory
from jailer_core.needs import Needs
from jailer_core.plan.conditions.base import JAIL_PROGRAMS, Condition, existence, program
from jailer_core.plan.conditions.effects import keeps_interface


class _InterfaceCondition(Condition):
    __slots__ = ()

    PROGRAMS: ClassVar[frozenset[str]] = JAIL_PROGRAMS | {"ifconfig"}
    UNKNOWN: ClassVar[str] = "the interfaces could not be read"

    def needs(self) -> Needs:
        return Needs()

    def holds(self, inventory: Inventory) -> bool | None:
        return None if inventory.interfaces is None else self.holds_among(inventory.interfaces)

    def holds_among(self, interfaces: tuple[Interface, ...]) -> bool:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class InterfaceExists(_InterfaceCondition):
    """The host has an interface of that name; `exists` False: it does not."""

    ANSWER: ClassVar[str] = "exists"

    name: str
    exists: bool = True

    def query(self) -> tuple[str, ...]:
        return ("ifconfig", "-l")

    def answer_of(self, stdout: str) -> bool:
        return (self.name in stdout.split()) is self.exists

    def holds_among(self, interfaces: tuple[Interface, ...]) -> bool:
        return any(interface.name == self.name for interface in interfaces) is self.exists

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        return program(argv) in self.PROGRAMS and not keeps_interface(argv, self.name)

    def _failure(self) -> str:
        return f"{self.name} {existence(self.exists)}"


@dataclass(frozen=True, slots=True)
class InterfaceHasAddress(_InterfaceCondition):
    """The interface of the host has that address; `present` False: it does not."""

    ANSWER: ClassVar[str] = "present"

    interface: str
    address: str
    present: bool = True

    def query(self) -> tuple[str, ...]:
        return ("ifconfig", self.interface)

    def answer(self, result: CommandResult) -> bool | None:
        if result.status != 0:
            return not self.present
        addresses = re.findall(r"^\s+inet6?\s+([^\s/%]+)", result.stdout, re.MULTILINE)
        return (_plain(self.address) in map(_plain, addresses)) is self.present

    def holds_among(self, interfaces: tuple[Interface, ...]) -> bool:
        addresses = [
            _plain(address.address)
            for interface in interfaces
            if interface.name == self.interface
            for address in interface.addresses
        ]
        return (_plain(self.address) in addresses) is self.present

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        kept = keeps_interface(argv, self.interface, _plain(self.address))
        return program(argv) in self.PROGRAMS and not kept

    def _failure(self) -> str:
        return f"{self.interface} has {'not ' if self.present else ''}{self.address}"


@dataclass(frozen=True, slots=True)
class InterfaceDescribed(_InterfaceCondition):
    """The interface of the host has that description; "" for none."""

    ANSWER: ClassVar[str] = "text"
    FAILURE: ClassVar[str] = "the description of {0.interface} was changed"

    interface: str
    text: str

    def query(self) -> tuple[str, ...]:
        return ("ifconfig", self.interface)

    def answer(self, result: CommandResult) -> bool | None:
        if result.status != 0:
            return False
        described = re.search(r"^\s+description: (.*)$", result.stdout, re.MULTILINE)
        return (described[1] if described else "") == self.text

    def holds_among(self, interfaces: tuple[Interface, ...]) -> bool:
        return any(
            interface.name == self.interface and interface.description == self.text
            for interface in interfaces
        )

    def affected_by_command(self, argv: tuple[str, ...]) -> bool:
        describes = any(word.lstrip("-").startswith("descr") for word in argv)
        if program(argv) == "ifconfig" and self.interface in argv and describes:
            return True
        return program(argv) in self.PROGRAMS and not keeps_interface(argv, self.interface)


@dataclass(frozen=True, slots=True)
class BridgeHasMember(_InterfaceCondition):
    """The interface is a member of that bridge of the host; `present` False: it is not."""

    ANSWER: ClassVar[str] = "present"

    bridge: str
    member: str
    present: bool = True

    def query(self) -> tuple[str, ...]:
        return ("ifconfig", self.bridge)

    def answer(self, result: CommandResult) -> bool | None:
        members = re.findall(r"^\s+member: (\S+)", result.stdout, re.MULTILINE)
        return (result.status == 0 and self.member in members) is self.present

    def holds_among(self, interfaces: tuple[Interface, ...]) -> bool:
        bridges = [interface for interface in interfaces if interface.name == self.bridge]
        return any(self.member in interface.members for interface in bridges) is self.present

    def _failure(self) -> str:
        return f"{self.member} is {'not ' if self.present else ''}a member of {self.bridge}"


def _plain(address: str) -> str:
    """An address without its zone, in lower case."""
    return address.partition("%")[0].lower()
