"""Jails of a FreeBSD host: read them, decide a change, show it, do it.

The public API is the modules in `__all__`, each imported when it is first used:

    facts       Reader(host).gather()                    -> Inventory: what the host holds
    operations  registry.decide(inventory, request)      -> Plan: what would change
    plan        preview.preview(plan)                    -> lines: the plan, for people
    execution   prepare(reader, request)                 -> Plan, with all that it needs read first
                execute(reader, plan, emit, abort)       -> Outcome: done, or undone again
    host        Host: what runs commands; local.LocalHost is this machine
    model       the values of an Inventory; None is unknown
    errors      JailerError and its kinds, each with a message and a hint

    reader = Reader(LocalHost())
    plan = await prepare(reader, Stop("web01"))
    outcome = await execute(reader, plan, emit=print, abort=asyncio.Event())

Other modules may change without notice. Nothing here knows a screen: the command line and the
screen are in jailer_tui.
"""

__all__ = ["errors", "execution", "facts", "host", "model", "operations", "plan"]


def __getattr__(name: str) -> object:
    """A module of the API, imported when it is wanted."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib  # noqa: PLC0415 - most programs import the modules themselves

    return importlib.import_module(f"{__name__}.{name}")
