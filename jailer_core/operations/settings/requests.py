"""Operations on the settings of a jail: what each can be asked for."""

from __future__ import annotations

from jailer_core.operations.spec import Kind, Scope, operand, operation, option, switch
from jailer_core.request import Request


@operation(
    "limits",
    command="limits set",
    summary="set limits of jails, or remove them",
    label="Limits",
    help="Limits: memory, vmemory, swap, cpu, processes, threads, files, read, write, readops,\n"
    "writeops; cpuset; quota, reservation and compression of its dataset.\n"
    "Sizes are 512M or 2G, cpu is percent of one core, read and write are bytes per second.\n"
    "LIMIT=none removes a limit. A limit takes effect at once, and at every start.",
    scope=Scope.JAILS,
    plan="settings.limits:change",
    configures=True,
)
class SetLimits(Request):
    """Set or remove limits of a jail: `settings` are words like memory=512M or cpu=none."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    settings: tuple[str, ...] = operand(
        "Limits", "Limits with their values.", metavar="LIMIT=VALUE", many=True
    )


@operation(
    "set",
    command="set",
    summary="set parameters of jails",
    label="Parameters",
    help="Parameters are those of jail(8): allow.raw_sockets=yes, children.max=5. PARAMETER=\n"
    "or PARAMETER=default removes it from the jail's block. The configuration is changed and,\n"
    "where the kernel allows it, the running jail. `get` lists all parameters.",
    scope=Scope.JAILS,
    plan="settings.parameters:change",
    configures=True,
)
class SetParameters(Request):
    """Set parameters of a jail: `settings` are words like allow.mlock=yes."""

    name: str = operand("Jail", kind=Kind.JAIL, each=True)
    settings: tuple[str, ...] = operand(
        "Parameters",
        "Parameters with their values.",
        metavar="PARAMETER=VALUE",
        many=True,
        default=(),
    )
    presets: tuple[str, ...] = option(
        "Preset",
        "Set what is needed for ping, postgresql, mlock, nested, tmpfs, nullfs, fuse, zfs, linux "
        "or dhcp.",
        "--preset",
        metavar="PRESET",
        many=True,
        default=(),
    )
    restart: bool = switch(
        "Restart",
        "Restart the jail if a parameter needs it.",
        "--restart",
        default=False,
    )
