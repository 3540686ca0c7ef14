"""Terminals inside jails: their programs, the emulator, and the list of open consoles."""
