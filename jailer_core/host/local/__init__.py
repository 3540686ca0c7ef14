"""This very machine: real commands, real files.

processes   commands by argument list: own session, time limit, output cap, nothing left behind
files       whole files at once, links not followed where a jail could have placed them
watch       jail events through kqueue, where the kernel has them
lock        one change at a time on this host
host        `LocalHost`, which is all of these
"""

from jailer_core.host.local.host import LocalHost

__all__ = ["LocalHost"]
