"""The manual page jailer-tui(8) in mdoc(7), from the same declarations as `help`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from jailer_core.text import sentence
from jailer_tui.cli.commands import ANYWHERE, COMMANDS, PROGRAM, SCREEN, Command, Option

DATE = "November 30, 2026"

FILES = (
    ("/usr/local/etc/jailer-tui.toml", "settings of the host"),
    ("~/.config/jailer-tui/settings.toml", "settings of the user"),
    ("/etc/jail.conf.d/NAME.conf", "configuration of a jail"),
    ("/etc/cron.d/jailer-tui", "schedule of automatic snapshots"),
    ("POOL/jails/.jailer-tui", "journal, trash records and packet filter rules"),
)

ENVIRONMENT = (
    ("VISUAL", "the editor for edit; without it EDITOR, else vi"),
    ("FreeBSD_mirror", "where images are fetched from, unless --mirror is given"),
    ("NO_COLOR", "if it is set, the screen has no colours"),
    ("XDG_CONFIG_HOME", "the directory of the user's settings, instead of ~/.config"),
)
EXAMPLES = (
    (
        "Set the host up, and create a jail on a bridge:",
        ("init", "init bridge", "create -t eb web"),
    ),
    ("Show what destroying a jail would do, and do nothing:", ("destroy -D web",)),
    (
        "Take a snapshot before an upgrade, and go back to it:",
        ("snap web@before", "pkg web -- upgrade", "rollback web@before"),
    ),
    ("List the names of running jails, for a script:", ("list --running -q",)),
)

SEE_ALSO = ("jail.conf 5", "pf.conf 5", "rc.conf 5", "jail 8", "jexec 8", "jls 8", "zfs 8")


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from (f".Dd {DATE}", f".Dt {PROGRAM.upper()} 8", ".Os")
    yield from (".Sh NAME", f".Nm {PROGRAM}", ".Nd manage FreeBSD jails on a screen or by command")
    yield ".Sh SYNOPSIS"
    yield from (f".Nm {PROGRAM}", ".Op Ar options")
    yield from (f".Nm {PROGRAM}", ".Ar command", ".Op Ar options", ".Op Ar operands")
    yield ".Sh DESCRIPTION"
    yield from _text(
        "Without a command, a full screen opens that shows every jail of the host, live. "
        "Every change is shown in full before it is made, is undone if it fails, and can be undone "
        "afterwards. With a command, only that command runs, without the screen."
    )
    yield ".Pp"
    yield from _text(
        "Any unambiguous prefix of a command works. Put names that begin with - after --. "
        "Screen readers are best served by the commands, which print plain lines or JSON."
    )
    yield from (".Sh OPTIONS", "These options go with every command:", *_options(ANYWHERE))
    yield from (".Pp", "These options are for the screen:", *_options(SCREEN))
    yield from (".Sh COMMANDS", ".Bl -tag -width Ds")
    for command in COMMANDS:
        yield from _command(command)
    yield ".El"
    yield from _ending()


def _ending() -> Iterator[str]:
    yield ".Sh ENVIRONMENT"
    yield ".Bl -tag -width Ds"
    for variable, purpose in ENVIRONMENT:
        yield from (f".It Ev {variable}", *_text(purpose))
    yield ".El"
    yield ".Sh FILES"
    yield ".Bl -tag -width Ds"
    for path, purpose in FILES:
        yield from (f".It Pa {_escaped(path)}", *_text(purpose))
    yield ".El"
    yield ".Sh EXIT STATUS"
    yield from _text(
        "0 on success, even if nothing had to be changed (1 with --strict); 1 if it failed or was "
        "refused; 2 for wrong usage. exec in a single jail passes on the status of its command."
    )
    yield ".Sh EXAMPLES"
    for number, (about, commands) in enumerate(EXAMPLES):
        yield from (*([".Pp"] if number else []), about, ".Bd -literal -offset indent")
        yield from (f"{PROGRAM} {command}".replace("-", "\\-") for command in commands)
        yield ".Ed"
    yield ".Sh SEE ALSO"
    yield from (f".Xr {page} {',' if page != SEE_ALSO[-1] else ''}".rstrip() for page in SEE_ALSO)


def _command(command: Command) -> Iterator[str]:
    if command.run:
        yield _heading(command)
        yield from _text(sentence(command.summary))
        for number, paragraph in enumerate(command.text.split("\n\n")):
            if number:
                yield ".Pp"
            yield from _text(" ".join(paragraph.split()))
        if command.options:
            yield from _options(command.options)
    for below in command.below:
        yield from _command(below)


def _heading(command: Command) -> str:
    words = " ".join(f"Ic {word}" for word in command.name.split())
    operands = f" Ar {_escaped(command.operands)}" if command.operands else ""
    return f".It {words}{operands}"


def _options(options: Iterable[Option]) -> Iterator[str]:
    yield ".Bl -tag -width Ds -compact"
    for option in options:
        names = [flag for flag in (option.short, option.long) if flag]
        flags = " , ".join(f"Fl {_escaped(name[1:])}" for name in names)
        takes = f" Ar {_escaped(option.takes)}" if option.takes else ""
        yield f".It {flags}{takes}"
        yield from _text(f"{option.help[0].upper()}{option.help[1:]}.")
    yield ".El"


def _text(text: str) -> Iterator[str]:
    """Text as lines of mdoc: one sentence a line, nothing in it read as a macro."""
    for part in text.replace(". ", ".\n").splitlines():
        line = _escaped(part.strip())
        yield f"\\&{line}" if line[:1] in (".", "'") else line


def _escaped(text: str) -> str:
    return text.replace("\\", "\\e").replace("-", "\\-").replace("…", "...")
