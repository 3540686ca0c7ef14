"""Start, stop and change one jail as jail(8) does, step by step.

What fails in the middle: recordings 03, 04, 10 and 12. A generator that is closed at a Wait leaves
what it made so far, as an interrupted jail(8) does.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, replace

from jailer_core.simulator.jails import kernel, parameters
from jailer_core.simulator.jails.jailconf import plain, quoted
from jailer_core.simulator.jails.kernel import JailRefused
from jailer_core.simulator.jails.runner import Hands
from jailer_core.simulator.jails.steps import Kind, Step, StepFailed, start_steps, stop_steps
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Running, Say, Wait

STOP_TIMEOUT = 10.0
"""Seconds until what ignores SIGTERM is killed (jail(8), stop.timeout)."""


@dataclass(slots=True)
class Life(Hands):
    """One jail from its first step to its last."""

    note_removed: bool = True
    print_jid: bool = False

    # --- checks ------------------------------------------------------------------------------

    def problem(self) -> str:
        """What jail(8) finds wrong before it does anything; "" when nothing."""
        for param in self.conf.params:
            values = param.values or []
            key = plain(param.name)
            for value in values if key in parameters.LISTS else ():
                wrong = _address_problem(key, value)
                if wrong:
                    return wrong
            known = key in parameters.KERNEL or key in parameters.OWN
            if not known and param.name not in parameters.OWN and not param.name.startswith("$"):
                return f"unknown parameter: {param.name}"
            if key in parameters.NUMBERS and values and not _is_number(values[-1]):
                return f'{key}: not a number "{values[-1]}"'  # not recorded
        return ""

    def given(self) -> list[tuple[str, list[str]]]:
        """What jail_set(2) gets: the kernel's parameters in their order."""
        found: list[tuple[str, list[str]]] = []
        for param in self.conf.params:
            key = plain(param.name)
            if key not in parameters.KERNEL or param.name.startswith("$"):
                continue
            values = list(param.values or ())
            if key in parameters.LISTS:
                values = [one.rpartition("|")[2].partition("/")[0] for one in values]
            elif key in parameters.WHETHER and not values:
                values = ["new" if key == param.name else "inherit"]
            found.append((key if key in parameters.WHETHER else param.name, values))
        return found

    # --- starting ----------------------------------------------------------------------------

    def start(self) -> Running:
        """Start it. Status 1 when a step fails: what has a way back is taken back."""
        try:
            steps = start_steps(self.machine, self.conf)
        except StepFailed as failure:
            yield self.warn(str(failure))
            return 1
        for index, step in enumerate(steps):
            status = yield from self._do(step)
            if status:
                yield from self._take_back(steps[:index])
                return 1
        jail = self.jail
        if jail is not None and not self.conf.true("persist"):
            jail.params["persist"] = ["false"]
            kernel.end_if_empty(self.machine, jail)
        return 0

    def _take_back(self, done: Sequence[Step]) -> Running:
        for step in reversed(done):
            if step.kind is Kind.MAKE:
                yield from self._remove(noted=self.named)
            elif step.back:
                back = replace(step, argv=step.back, back=())
                yield from self._do(back)
        return 0

    def _do(self, step: Step) -> Running:
        if step.kind is Kind.MAKE:
            return (yield from self._create())
        if step.kind is Kind.TERM:
            return (yield from self._terminate())
        return (yield from self.run(step))

    def _create(self) -> Running:
        path = self.conf.value("path", "/")
        root = self.machine.state.jails.get(self.call.jid)
        try:
            node = self.machine.files.get((root.path.rstrip("/") if root else "") + path)
        except SimOSError as error:
            yield self.warn(f"path {path}: {error.reason}")
            return 1
        if node.kind != "dir":
            yield self.warn(f"path {path}: Not a directory")  # not recorded
            return 1
        given = self.given()
        if not self.conf.true("persist") and self._has_commands():
            # it must live until its commands have run
            given = [("persist", []), *(one for one in given if plain(one[0]) != "persist")]
        if self.verbose > 0:
            text = "".join(f" {name}{_value(values)}" for name, values in given)
            yield self.note(f"jail_set(JAIL_CREATE){text}")
        try:
            jail = kernel.create(self.machine, given, inside=self.call.jid, user=self.call.user)
        except JailRefused as refused:
            yield self.warn(str(refused))
            return 1
        if self.print_jid:
            yield Say(f"{jail.jid}\n")
        if self.verbose > 0 or (self.verbose == 0 and self.named):
            yield self.note("created")
        return 0

    def _has_commands(self) -> bool:
        return any(self.conf.values(one) for one in ("exec.start", "command", "exec.poststart"))

    # --- stopping ----------------------------------------------------------------------------

    def stop(self) -> Running:
        """Stop it. A hook that fails while it runs leaves it running; later ones do not."""
        try:
            steps = stop_steps(self.machine, self.conf)
        except StepFailed as failure:
            yield self.warn(str(failure))
            return 1
        result = 0
        gone = False
        for step in steps:
            if step.kind is Kind.MAKE:
                status = yield from self._remove(noted=self.note_removed)
                gone = not status
            else:
                status = yield from self._do(step)
            result = result or status
            if status and not gone:
                return 1
        return result

    def _terminate(self) -> Running:
        jail = self.jail
        processes = self.machine.processes_of([jail.jid]) if jail is not None else []
        limit = float(self.conf.value("stop.timeout", str(STOP_TIMEOUT)))
        if jail is None or not processes or not limit or not self.call.root:
            return 0
        if self.verbose > 0:
            yield self.note(f"sent SIGTERM to: {' '.join(str(one.pid) for one in processes)}")
        # the jail itself stays until jail(8) removes it
        kept = jail.params.get("persist")
        jail.params["persist"] = ["true"]
        try:
            for process in processes:
                kernel.signal(self.machine, process, 15)
            yield Wait(0.2)
            if self.machine.processes_of([jail.jid]):
                yield Wait(limit)
        finally:
            jail.params["persist"] = kept or ["false"]
        return 0

    def _remove(self, *, noted: bool) -> Running:
        jail = self.jail
        if jail is None:
            return 0
        try:
            kernel.remove(self.machine, jail, user=self.call.user)
        except JailRefused as refused:
            yield self.warn(str(refused))
            return 1
        if self.verbose > 0 or (self.verbose == 0 and noted):
            yield self.note("removed")
        return 0

    def remove_only(self) -> Running:
        """`jail -R`: end it, none of its file's steps."""
        return (yield from self._remove(noted=self.note_removed))

    # --- changing ----------------------------------------------------------------------------

    def modify(self) -> Running:
        """`jail -m`: change what can be changed while it runs."""
        jail = self.jail
        if jail is None:
            yield self.quoted_warn("not found")
            return 1
        now = parameters.parameters(self.machine.state, jail)
        for name, values in self.given():
            wanted = values[-1] if values else "true"
            if name in parameters.FIXED and wanted.rstrip("/") != str(now[name]).rstrip("/"):
                yield self.warn(f"{name} cannot be changed after creation")
                return 1
        try:
            kernel.modify(self.machine, jail, self.given(), user=self.call.user)
        except JailRefused as refused:
            yield self.warn(str(refused))
            return 1
        if self.verbose > 0 or (self.verbose == 0 and self.named):
            yield self.note("updated")  # not recorded
        return 0


def _value(values: list[str]) -> str:
    return "=" + quoted(",".join(values)) if values else ""


def _is_number(text: str) -> bool:
    return text.removeprefix("-").isdigit()


def _address_problem(param: str, text: str) -> str:
    bare, slash, mask = text.rpartition("|")[2].partition("/")
    version = 4 if param == "ip4.addr" else 6
    try:
        good = ipaddress.ip_address(bare).version == version
    except ValueError:
        good = False
    if not good:
        return f"{param}: not an IPv{version} address: {bare}"
    limit = 32 if version == 4 else 128
    if slash and not ("." in mask or (mask.isdigit() and int(mask) <= limit)):
        return (
            f'{param}: bad {"netmask" if version == 4 else "prefixlen"} "/{mask}"'  # not recorded
        )
    return ""
