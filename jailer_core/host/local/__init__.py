"""This machine: real commands, real files."""

from jailer_core.host.local.host import LocalHost

__all__ = ["LocalHost"]
