"""Commands of a simulated host by name; their output as it comes; users, faults, jail events."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field

from jailer_core.simulator.kernel.files import Files
from jailer_core.simulator.kernel.options import BadOption
from jailer_core.simulator.kernel.state import SimJail, SimProcess, State


@dataclass(frozen=True, slots=True)
class Say:
    """A piece of output, with its line feeds."""

    text: str
    error: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """The command takes that long here, in the host's own seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Listen:
    """The command waits for someone to type, at most that long; it is sent the bytes (or b"").

    `passes`: time passes here even where nothing else advances it (see SimulatedHost.pace).
    Only a command that was called with a terminal may yield it.
    """

    seconds: float = math.inf
    passes: bool = False


@dataclass(slots=True)
class Tty:
    """The terminal that a command was called on: its size now, and its kind."""

    columns: int = 80
    rows: int = 24
    term: str = "xterm"
    name: str = "pts/0"


Chunk = Say | Wait | Listen
Running = Generator[Chunk, bytes | None, int]
"""A running command: it yields what it prints and how long it waits, and returns its status."""


@dataclass(frozen=True, slots=True)
class Call:
    """How a command was called: arguments, standard input, by whom, in which jail, where.

    `background`: a shell started it with `&`; what would wait stays behind as a process.
    `env`: what differs from a plain login's environment. `terminal`: what its output goes to,
    when that is a terminal on which someone types.
    """

    argv: tuple[str, ...]
    stdin: bytes = b""
    user: str = "root"
    jid: int = 0
    cwd: str = "/root"
    background: bool = False
    env: tuple[tuple[str, str], ...] = ()
    terminal: Tty | None = None

    @property
    def args(self) -> tuple[str, ...]:
        """The arguments after the name."""
        return self.argv[1:]

    @property
    def root(self) -> bool:
        """Whether root called it."""
        return self.user == "root"


Command = Callable[["Machine", Call], Running]
COMMANDS: dict[str, Command] = {}


def command(*names: str) -> Callable[[Command], Command]:
    """Make a generator function answer to those program names."""

    def register(function: Command) -> Command:
        for name in names:
            COMMANDS[name] = function
        return function

    return register


def fail(program: str, message: str, status: int = 1) -> Running:
    """Say one line on standard error and give a status.

    Used as `return (yield from fail("zfs", "cannot …"))`.
    """
    prefix = f"{program}: " if program else ""
    yield Say(f"{prefix}{message}\n", error=True)
    return status


@dataclass(slots=True)
class Fault:
    """Something that goes wrong, `times` times, with commands (or file calls) that match.

    `kind`: `fail` (nothing happens, status 1), `late` (it happens, then status 1), `hang` (never
    starts), `stuck` (it happens, but the command never ends), `die` (killed after its first
    sign of life), `slow` (takes `seconds` more), `flood` (says `message` without end). File calls
    match as ("<write>", path), ("<remove>", path), ("<append>", path).
    """

    kind: str
    match: Callable[[tuple[str, ...]], bool]
    times: int = 1
    seconds: float = 0.0
    message: str = "injected fault"
    skip: int = 0


_ELSEWHERE = frozenset({"gstat", "iostat", "killall", "ndp", "procstat"})
"""Programs of FreeBSD that recordings show and this program does not run."""


@dataclass(slots=True)
class Machine:
    """A running host: its state, and the code that runs its commands.

    `live` makes its loads and counters move with its clock (demo/activity.py). `locked`: a client
    changes it now; `staging`: names of other locks that are held. `detached` and `sleepers`: see
    background.py.
    """

    state: State
    live: bool = False
    faults: list[Fault] = field(default_factory=list)
    listeners: list[Callable[[str, int], None]] = field(default_factory=list)
    locked: bool = False
    staging: set[str] = field(default_factory=set)
    detached: set[int] = field(default_factory=set)
    sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    files: Files = field(init=False)
    _reaped: float = field(default=-1.0, init=False)

    def __post_init__(self) -> None:
        self.files = Files(self.state)

    # --- running -----------------------------------------------------------------------------

    def run(self, call: Call) -> Running:
        """Run a command, with whatever fault is waiting for it."""
        fault = self.take_fault(call.argv)
        if fault is None:
            return (yield from self.exec(call))
        return (yield from self._faulty(fault, call))

    def exec(self, call: Call) -> Running:
        """Run a command as it is: hooks and shells inside the host use this too."""
        self.reap()
        name = call.argv[0].rpartition("/")[2]
        command = COMMANDS.get(name)
        if command is None and name in _ELSEWHERE:
            return (yield from fail(name, "not simulated"))
        if command is None:
            return (yield from fail("sh", f"{call.argv[0]}: not found", 127))
        try:
            return (yield from command(self, call))
        except (BadOption, IndexError, ValueError):  # options and operands that it does not know
            return (yield from fail(name, "this form is not simulated"))

    def _faulty(self, fault: Fault, call: Call) -> Running:
        if fault.kind == "fail":
            return (yield from fail(call.argv[0], fault.message))
        if fault.kind == "hang":
            yield Wait(math.inf)
        while fault.kind == "flood":
            yield Say(f"{fault.message}\n" * 64)
        if fault.kind == "slow":
            yield Wait(fault.seconds)
        if fault.kind == "die":
            for chunk in self.exec(call):
                yield chunk
                return -9
            return -9
        status = yield from self.exec(call)
        if fault.kind == "stuck":
            yield Wait(math.inf)
        if fault.kind == "late":
            return (yield from fail(call.argv[0], fault.message))
        return status

    def take_fault(self, argv: tuple[str, ...]) -> Fault | None:
        """The fault that waits for this call, counted down."""
        for fault in self.faults:
            if fault.times > 0 and fault.match(argv):
                if fault.skip > 0:
                    fault.skip -= 1
                    return None
                fault.times -= 1
                return fault
        return None

    def now_run(self, argv: Sequence[str], call: Call | None = None, stdin: bytes = b"") -> Done:
        """Run a command at once, waits included; for seeds, hooks and tests."""
        base = call or Call(())
        inner = Call(tuple(argv), stdin, base.user, base.jid, base.cwd)
        return collect(self.exec(inner), self.state)

    # --- who is there ------------------------------------------------------------------------

    def jail_named(self, name: str, *, dying: bool = False) -> SimJail | None:
        """The jail of that name or jid."""
        number = int(name) if name.isdecimal() else 0
        for jail in self.state.jails.values():
            if (jail.jid == number or jail.name == name) and (dying or not jail.dying):
                return jail
        return None

    def spawn(self, process: SimProcess) -> SimProcess:
        """Add a process."""
        self.state.processes[process.pid] = process
        return process

    def processes_of(self, jids: Iterable[int]) -> list[SimProcess]:
        """Processes of these jails, oldest first."""
        wanted = set(jids)
        return [process for process in self.state.processes.values() if process.jid in wanted]

    def reap(self) -> None:
        """Remove what has ended: processes whose time is up, jails that were dying."""
        state = self.state
        moment = float(int(state.now)) if self.live else state.now
        if moment == self._reaped:
            return
        self._reaped = moment
        for process in [one for one in state.processes.values() if 0 < one.ends <= state.now]:
            del state.processes[process.pid]
            self._carry_out(process)
        for jail in [one for one in state.jails.values() if 0 < one.ends <= state.now]:
            del state.jails[jail.jid]

    def _carry_out(self, process: SimProcess) -> None:
        data = process.given.encode(errors="surrogateescape")
        for argv in process.then:
            data = self.now_run(argv, stdin=data).stdout.encode(errors="surrogateescape")

    def notify(self, what: str, jid: int) -> None:
        """Tell who watches that a jail came, went or changed."""
        for listener in list(self.listeners):
            listener(what, jid)


@dataclass(frozen=True, slots=True)
class Done:
    """A command that ended."""

    status: int
    stdout: str
    stderr: str


def collect(running: Running, state: State | None = None) -> Done:
    """Run to the end without really waiting; the host's clock moves instead."""
    out: list[str] = []
    err: list[str] = []
    while True:
        try:
            chunk = next(running)
        except StopIteration as end:
            return Done(end.value or 0, "".join(out), "".join(err))
        if isinstance(chunk, Say):
            (err if chunk.error else out).append(chunk.text)
        elif state is not None and math.isfinite(chunk.seconds):
            state.now += chunk.seconds
