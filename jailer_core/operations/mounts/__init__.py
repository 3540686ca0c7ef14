"""Mounts inside jails: show, add, remove."""
