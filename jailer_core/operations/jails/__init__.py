"""Jails: create, change, start, stop, destroy, restore."""
