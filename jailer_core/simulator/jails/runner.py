"""jail(8) at work: its messages, and how it runs the commands of a jail (03, 04, 09, 10, 12)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from jailer_core.simulator.jails import kernel
from jailer_core.simulator.jails.jailconf import ConfJail
from jailer_core.simulator.jails.steps import Kind, Step
from jailer_core.simulator.kernel.files import SimOSError
from jailer_core.simulator.kernel.machine import Call, Machine, Running, Say
from jailer_core.simulator.kernel.state import SimJail
from jailer_core.simulator.shell import programs
from jailer_core.simulator.shell.programs import LeftBehind


@dataclass(slots=True)
class Hands:
    """One jail in the hands of jail(8).

    `verbose`: 1 with -v, -1 with -q. `named`: whether messages begin with the jail's name; on the
    command line (`jail -c name=…`) they do not.
    """

    machine: Machine
    call: Call
    conf: ConfJail
    verbose: int = 0
    named: bool = True

    @property
    def jail(self) -> SimJail | None:
        """The running jail: by jid when one is given, else by name."""
        return kernel.find(
            self.machine, self.call, self.conf.value("jid") or self.conf.value("name")
        )

    # --- words -------------------------------------------------------------------------------

    def warn(self, text: str) -> Say:
        """A complaint on standard error."""
        prefix = f"{self.conf.name}: " if self.named else ""
        return Say(f"jail: {prefix}{text}\n", error=True)

    def note(self, text: str) -> Say:
        """A line on standard output."""
        prefix = f"{self.conf.name}: " if self.named else ""
        return Say(f"{prefix}{text}\n")

    def quoted_warn(self, text: str) -> Say:
        """A complaint about the jail as such."""
        return Say(f'jail: "{self.conf.name}" {text}\n', error=True)

    # --- commands ----------------------------------------------------------------------------

    def run(self, step: Step) -> Running:
        """Run the command of a step; status 1 when it failed, which is told."""
        wrong = self._bad_path(step)
        if wrong:
            yield self.warn(wrong)
            return 1
        jail = self.jail
        argv = tuple(
            str(jail.jid) if word == "JID" and jail is not None else word for word in step.argv
        )
        injail = step.kind is Kind.INJAIL
        line = " ".join(argv)
        if self.verbose > 0:
            yield self.note(f"run command{' in jail' if injail else ''}: {line}")
        if not self.call.root:
            yield self.warn(f"initgroups {self.call.user}: Operation not permitted")
            status = 1
        else:
            status = yield from self._spawn(argv, jail if injail else None)
        if status:
            yield self.warn(f"{line}: failed")
        return 1 if status else 0

    def _bad_path(self, step: Step) -> str:
        if not step.check:
            return ""
        files = self.machine.files
        try:
            files.get(step.check)
        except SimOSError as error:
            return f"{step.param}: {step.check}: {error.reason}"
        if step.argv[0] == "/sbin/umount":
            mount = files.mounted(files.resolve(step.check))
            if mount is None or mount.fstype != step.fstype:
                # not recorded
                return f"{step.param}: {step.check}: not a {step.fstype} mount"
        return ""

    def _spawn(self, argv: tuple[str, ...], jail: SimJail | None) -> Running:
        background = argv[-1:] == ("&",)
        call = Call(argv[:-1] if background else argv, cwd="/", background=background)
        call = replace(call, jid=self.call.jid if jail is None else jail.jid)
        running = programs.execute(self.machine, call, self._missing)
        if jail is not None:
            self.machine.notify("attached", jail.jid)
            log = self.conf.value("exec.consolelog")
            running = self._logged(running, log) if log else running
        try:
            return (yield from running)
        except LeftBehind:
            return 0

    def _missing(self, argv: tuple[str, ...]) -> Running:
        yield self.warn(f"exec {argv[0]}: No such file or directory")  # not recorded
        return 1

    def _logged(self, running: Running, log: str) -> Running:
        """Run with all output at the end of a file."""
        files = self.machine.files
        try:
            if not files.exists(log):
                files.write(log, b"", mode=0o644)
        except SimOSError as error:
            yield self.warn(f"open {log}: {error.reason}")
            return 1
        while True:
            try:
                chunk = next(running)
            except StopIteration as end:
                return end.value or 0
            if isinstance(chunk, Say):
                data = chunk.text.encode(errors="surrogateescape")
                files.write(log, files.read(log) + data)
            else:
                yield chunk
