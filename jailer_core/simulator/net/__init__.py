"""Interfaces, addresses, routes and sockets of the simulated host."""
