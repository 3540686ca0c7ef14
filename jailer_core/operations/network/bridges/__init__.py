"""Bridges, their members, and addresses of jails."""
