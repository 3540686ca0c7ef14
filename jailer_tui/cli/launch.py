"""Open the screen: everything that has to be decided before textual is imported."""

from __future__ import annotations

import gc
import locale
import os
import sys
from dataclasses import replace

from jailer_core import settings
from jailer_core.errors import Refused
from jailer_core.settings import choices
from jailer_tui import chosen_keys, host_selection, terminal_background, terminal_options
from jailer_tui.cli.commands import PROGRAM, Flags


def launch(flags: Flags) -> int:
    """Open the host and run the screen until it is left. Raises Refused where none can be."""
    why = terminal_options.unfit(
        os.environ, stdin_tty=sys.stdin.isatty(), stdout_tty=sys.stdout.isatty()
    )
    if not why and not sys.stderr.isatty():
        why = "the screen is drawn on standard error, which is not a terminal"
    if why:
        raise Refused(why, f"The command line works without one: {PROGRAM} list, {PROGRAM} help.")
    own = settings.load(os.environ)
    fitting = _fitting(flags, own)
    chosen_keys.use(choices.apply(own, os.environ))
    gc.disable()  # until the first table is on the screen: see shutdown.tidy
    if flags.hosts:
        return _on_hosts(flags, fitting, own)
    scenario, banner = where(flags.demo)
    choice = host_selection.Choice(scenario, flags.state)
    host = host_selection.open_host(choice, live=True)
    terminal_options.prepare(fitting)
    from jailer_tui.app import JailerApp  # noqa: PLC0415 - reads the settings when imported
    from jailer_tui.shutdown import run_and_end  # noqa: PLC0415
    from jailer_tui.stores.preferences import Preferences  # noqa: PLC0415

    app = JailerApp(
        host,
        banner=banner,
        read_only=flags.read_only,
        options=fitting,
        preferences=Preferences(own, os.environ),
    )
    try:
        return run_and_end(app)
    finally:
        host_selection.keep(host, choice)


def _fitting(flags: Flags, own: settings.Settings) -> terminal_options.Options:
    """What the terminal can show, subject to the options and the settings."""
    fitting = terminal_options.detect(
        os.environ,
        encoding(),
        mouse=flags.mouse and own.mouse,
        low_bandwidth=flags.low_bandwidth,
        interval=own.refresh,
    )
    if flags.ascii:
        fitting = replace(fitting, ascii=True)
    if own.theme == "auto" and fitting.colour == terminal_options.FULL:
        background = terminal_background.ask(os.environ)
        fitting = replace(fitting, light=background.light, typed=background.typed)
    return fitting


def _on_hosts(flags: Flags, fitting: terminal_options.Options, own: settings.Settings) -> int:
    terminal_options.prepare(fitting)
    from jailer_tui.cli import launch_hosts  # noqa: PLC0415 - imports the whole program
    from jailer_tui.stores.preferences import Preferences  # noqa: PLC0415

    return launch_hosts.run(flags, fitting, Preferences(own, os.environ))


def where(demo: str) -> tuple[str, str]:
    """The scenario ("" for this machine) and the banner that says so."""
    if demo:
        return demo, demo_banner(demo)
    if host_selection.is_freebsd():
        return "", ""
    return host_selection.DEFAULT, (
        f"This is {host_selection.system()}, not FreeBSD: you see a simulated host. "
        "Nothing here is real."
    )


def demo_banner(scenario: str) -> str:
    """The line that says that a host is simulated."""
    return f"Demo: a simulated host ({scenario}). Nothing here is real."


def encoding() -> str:
    """The encoding of the user's locale.

    In the C locale Python switches itself to UTF-8 (PEP 540), which says nothing of the terminal.
    """
    if sys.flags.utf8_mode and os.environ.get("PYTHONUTF8") != "1":
        return "ascii"
    return locale.getpreferredencoding(do_setlocale=False)
